"""The place of a bar in the session of the exchange."""

from datetime import date

from msgspec import Struct

from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import NewYorkClock
from catalog.sessions import RegularSessions
from catalog.sessions import new_york_date
from catalog.sessions import trade_day


class SessionTime(Struct, frozen=True, kw_only=True):
    """
    Represents the place of a bar in the session.

    Parameters
    ----------
    anchor : int
        Where sums of the session begin (ns UTC): at its open, and before it in the day at the
        begin of the trade date, 18:00 in New York.
    since_open, to_close : int
        The whole minutes of its end since the open of its day in New York, and until the close;
        never negative, and 0 on a day without a session.
    is_regular : bool
        If the bar lies within the session.

    """

    anchor: int
    since_open: int
    to_close: int
    is_regular: bool


class SessionClock:
    """
    Reads times on the clock of the exchange: sessions from 09:30 in New York to the day's close.

    Parameters
    ----------
    calendar : str
        The calendar of `exchange_calendars` that has the days and the early closes.

    Raises
    ------
    AuctionError
        If there is no such calendar.

    """

    def __init__(self, calendar: str) -> None:
        self._sessions = RegularSessions(calendar)
        self._clock = NewYorkClock()
        self._day: date | None = None
        self._hours: tuple[int, int] | None = None

    def place(self, start: int, end: int) -> SessionTime:
        """
        Return the place of a bar.

        Parameters
        ----------
        start, end : int
            Its first nanosecond and the first after it (ns UTC).

        """
        day = new_york_date(start)
        if day != self._day:
            self._day, self._hours = day, self._sessions.hours(day)
        begins = trade_day(self._clock.trade_date(start))[0]
        if self._hours is None:
            return SessionTime(anchor=begins, since_open=0, to_close=0, is_regular=False)
        opens, closes = self._hours
        minute = end - end % NANOS_PER_MINUTE
        return SessionTime(
            # After 18:00 the trade date is that of the next day, whose session is still to come.
            anchor=max(begins, opens) if opens <= start else begins,
            since_open=max(0, minute - opens) // NANOS_PER_MINUTE,
            to_close=max(0, closes - minute) // NANOS_PER_MINUTE,
            is_regular=opens <= start and end <= closes,
        )

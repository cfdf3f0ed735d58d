"""Sessions of the day in New York: Asian, London, New York, after hours."""

from collections.abc import Iterator
from datetime import date
from datetime import timedelta

from catalog.market_hours import STOCK_VENUES
from catalog.sessions import GLOBEX_VENUES
from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import NewYorkClock
from catalog.sessions import at_minute
from catalog.sessions import new_york_date
from errors import AuctionError


CALENDARS = ("auto", "equity", "futures", "crypto")
LONDON_OPEN, NEW_YORK_OPEN, NEW_YORK_CLOSE = 3 * 60, 9 * 60 + 30, 16 * 60
FUTURES_CLOSE, ASIAN_OPEN = 17 * 60, 18 * 60
# A change of session, of any calendar, is at one of these minutes of a day.
CHANGES = (0, LONDON_OPEN, NEW_YORK_OPEN, NEW_YORK_CLOSE, FUTURES_CLOSE, ASIAN_OPEN)
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
# Longer than any row of holidays.
SEARCH_DAYS = 40


def calendar_of(calendar: str, venue: str) -> str:
    """Return a calendar, the one that suits a venue where it is `auto`."""
    if calendar != "auto":
        return calendar
    if venue in GLOBEX_VENUES:
        return "futures"
    return "equity" if venue in STOCK_VENUES else "crypto"


class MarketSessions:
    """
    The market session in force at a time, by the clock of New York.

    NEW_YORK 09:30 to 16:00, LONDON 03:00 to 09:30, ASIAN 18:00 to 03:00, AFTER_HOURS 16:00 to
    18:00: half-open, daylight saving included. They label the time of day and are no opening
    hours. CLOSED are, by calendar: `equity` Saturday and Sunday, `futures` Friday 17:00 to Sunday
    18:00 and 17:00 to 18:00 of each day, both on holidays as well, `crypto` nothing.

    Parameters
    ----------
    calendar : {'equity', 'futures', 'crypto'}
        The calendar.
    holidays : frozenset[date], default frozenset()
        The days in New York on which equities and futures are closed.

    """

    def __init__(self, calendar: str, holidays: frozenset[date] = frozenset()) -> None:
        self._calendar = calendar
        self._holidays = holidays
        self._clock = NewYorkClock()

    def __call__(self, ts: int) -> tuple[str, str, int, int]:
        """
        Return the session in force at a time, the next one, and when both begin.

        Parameters
        ----------
        ts : int
            The time (ns UTC).

        Returns
        -------
        tuple[str, str, int, int]
            The session, the next one, since when the first is in force, and when the next begins
            (ns UTC).

        """
        day, minute = new_york_date(ts), self._clock.minute_of_day(ts)
        label = self._label(day, minute)
        for start, following in self._changes(day, 1):
            if start > ts and following != label:
                break
        else:
            raise AuctionError(f"no market session begins within {SEARCH_DAYS} days of {day}")
        since = ts - ts % NANOS_PER_MINUTE
        for earlier, before in self._changes(day, -1):
            if earlier > ts:
                continue
            if before != label:
                break
            since = earlier
        return label, following, since, start

    def _changes(self, day: date, step: int) -> Iterator[tuple[int, str]]:
        for days in range(SEARCH_DAYS):
            other = day + timedelta(days=step * days)
            for minute in CHANGES[::step]:
                yield at_minute(other, minute), self._label(other, minute)

    def _label(self, day: date, minute: int) -> str:
        if self._is_closed(day, minute):
            return "CLOSED"
        if LONDON_OPEN <= minute < NEW_YORK_OPEN:
            return "LONDON"
        if NEW_YORK_OPEN <= minute < NEW_YORK_CLOSE:
            return "NEW_YORK"
        return "AFTER_HOURS" if NEW_YORK_CLOSE <= minute < ASIAN_OPEN else "ASIAN"

    def _is_closed(self, day: date, minute: int) -> bool:
        if self._calendar == "crypto":
            return False
        weekday = day.weekday()
        if day in self._holidays:
            return True
        if self._calendar == "equity":
            return weekday in (SATURDAY, SUNDAY)
        if weekday == SATURDAY or (weekday == FRIDAY and minute >= FUTURES_CLOSE):
            return True
        return minute < ASIAN_OPEN if weekday == SUNDAY else FUTURES_CLOSE <= minute < ASIAN_OPEN

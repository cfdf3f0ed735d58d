"""The regular session: 09:30 to 16:00 in New York on the days of the stock exchange."""

from datetime import date
from datetime import timedelta
from functools import cache

from catalog.sessions.clock import at_minute
from catalog.sessions.clock import new_york_date
from catalog.sessions.exchange_calendar import FIRST_YEAR
from catalog.sessions.exchange_calendar import LAST_YEAR
from catalog.sessions.exchange_calendar import closes_of
from errors import AuctionError


STOCK_EXCHANGE = "XNYS"
REGULAR_OPEN = 9 * 60 + 30
REGULAR_CLOSE = 16 * 60
SATURDAY = 5


class RegularSessions:
    """
    The hours of the regular session of each day.

    It lasts from 09:30 to 16:00 in New York on every day of the exchange calendar, or to its early
    close. The calendar is that of the stock exchange (XNYS): futures on stock indices trade for
    some hours on its holidays and for a quarter of an hour after its early closes, but those
    hours are not a regular session, and a position must be closed before them. `globex_hours` has
    the hours of the futures exchange itself.

    Outages are not in the calendar: a session without trades has no figures.

    Parameters
    ----------
    calendar : str, default 'XNYS'
        The name of the calendar in `exchange_calendars`.

    Raises
    ------
    AuctionError
        If there is no such calendar, or a date lies outside of it.

    """

    def __init__(self, calendar: str = STOCK_EXCHANGE) -> None:
        self.calendar = calendar
        self._closes = closes_of(calendar)

    def hours(self, day: date) -> tuple[int, int] | None:
        """Return opening and close (UNIX nanoseconds); None on a day without a session."""
        close = self._close_minute(day)
        if close is None or close <= REGULAR_OPEN:
            return None
        return at_minute(day, REGULAR_OPEN), at_minute(day, min(close, REGULAR_CLOSE))

    def before(self, day: date) -> date:
        """Return the last day with a session before a day."""
        day -= timedelta(days=1)
        while self._close_minute(day) is None:
            day -= timedelta(days=1)
        return day

    def _close_minute(self, day: date) -> int | None:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise AuctionError(
                f"calendar {self.calendar}: {day} is not within {FIRST_YEAR} to {LAST_YEAR}"
            )
        return self._closes.get(day)


def is_regular(ts: int) -> bool:
    """
    Return whether a time (UNIX nanoseconds) lies in the regular session of the stock exchange.

    Beyond the years of the calendar, 2000 to 2050, every weekday counts whole.
    """
    hours = stock_hours(new_york_date(ts))
    return hours is not None and hours[0] <= ts < hours[1]


@cache
def stock_hours(day: date) -> tuple[int, int] | None:
    """Return the regular session of a day (UNIX nanoseconds), or None, as `is_regular` counts."""
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return RegularSessions().hours(day)
    if day.weekday() >= SATURDAY:
        return None
    return at_minute(day, REGULAR_OPEN), at_minute(day, REGULAR_CLOSE)

"""New York clock, trade dates, and the hours of the regular session from the exchange calendar."""

import warnings
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from errors import AuctionError


NEW_YORK = ZoneInfo("America/New_York")
NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MINUTE = 60 * NANOS_PER_SECOND
NANOS_PER_HOUR = 60 * NANOS_PER_MINUTE
MINUTES_PER_DAY = 24 * 60

ROLL = 18 * 60
REGULAR_OPEN = 9 * 60 + 30
REGULAR_CLOSE = 16 * 60

FIRST_YEAR, LAST_YEAR = 2000, 2050


def at_minute(day: date, minute: int) -> int:
    """
    Return the time of a minute of a day in New York.

    Parameters
    ----------
    day : date
        The day.
    minute : int
        The minute of the day.

    Returns
    -------
    int
        UNIX nanoseconds.

    """
    local = datetime.combine(day, time(minute // 60, minute % 60), NEW_YORK)
    return int(local.timestamp()) * NANOS_PER_SECOND


def new_york_time(ts: int) -> str:
    """Return a time (UNIX nanoseconds) as people in New York write it, to the second."""
    local = datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC).astimezone(NEW_YORK)
    return f"{local:%Y-%m-%d %H:%M:%S} New York"


def iso_time(ts: int) -> str:
    """Return a time (UNIX nanoseconds) as a configuration takes it: ISO 8601 in UTC."""
    return f"{datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC):%Y-%m-%dT%H:%M}Z"


def trade_day(day: date) -> tuple[int, int]:
    """
    Return when a trade date begins and ends: 18:00 in New York of the day before, and of the day.

    Parameters
    ----------
    day : date
        The trade date.

    Returns
    -------
    tuple[int, int]
        UNIX nanoseconds; the end is outside.

    """
    return at_minute(day - timedelta(days=1), ROLL), at_minute(day, ROLL)


class NewYorkClock:
    """Reads times (UNIX nanoseconds) on the clock of New York, daylight saving included."""

    def __init__(self) -> None:
        self._hour: int | None = None
        self._minute = 0
        self._trade_date = date.min

    def minute_of_day(self, ts: int) -> int:
        """Return the minute of the day, 0 to 1439."""
        self._read(ts)
        return self._minute + ts % NANOS_PER_HOUR // NANOS_PER_MINUTE

    def trade_date(self, ts: int) -> date:
        """Return the date of the trading day: from 18:00 on that of the next day."""
        self._read(ts)
        return self._trade_date

    def _read(self, ts: int) -> None:
        # The offset from UTC is a whole number of hours.
        hour = ts // NANOS_PER_HOUR
        if hour == self._hour:
            return
        local = datetime.fromtimestamp(hour * 3600, UTC).astimezone(NEW_YORK)
        self._hour = hour
        self._minute = 60 * local.hour
        self._trade_date = local.date() + timedelta(days=self._minute >= ROLL)


class RegularSessions:
    """
    Tells when the regular session trades.

    It lasts from 09:30 to 16:00 in New York on every day of the exchange calendar, or to its early
    close. The calendar is that of the stock exchange (XNYS): futures on stock indices trade for
    some hours on its holidays and for a quarter of an hour after its early closes, but those
    hours are no regular session, and a position must be closed before them. `exchange_calendars`
    knows the futures exchange as well (CMES), without some of its early closes.

    Outages are in no calendar: a session without trades has no figures.

    Parameters
    ----------
    calendar : str, default 'XNYS'
        The name of the calendar in `exchange_calendars`.

    Raises
    ------
    AuctionError
        If there is no such calendar, or a date lies outside of it.

    """

    def __init__(self, calendar: str = "XNYS") -> None:
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


@cache
def closes_of(calendar: str) -> dict[date, int]:
    """
    Return the minute of the day in New York at which each session of a calendar closes.

    Parameters
    ----------
    calendar : str
        The name of the calendar in `exchange_calendars`.

    Raises
    ------
    AuctionError
        If there is no such calendar.

    """
    # Imported here: it takes a second, and most commands need no calendar.
    import exchange_calendars
    from exchange_calendars.errors import InvalidCalendarName

    try:
        with warnings.catch_warnings():
            # Of its use of pandas; nothing a user could mend.
            warnings.simplefilter("ignore")
            table = exchange_calendars.get_calendar(
                calendar,
                start=f"{FIRST_YEAR - 1}-12-01",
                end=f"{LAST_YEAR}-12-31",
            )
    except InvalidCalendarName as e:
        raise AuctionError(
            f"calendar: {calendar!r} is unknown to exchange_calendars; use XNYS for stock indices"
        ) from e
    closes = table.closes.dt.tz_convert(NEW_YORK)
    return {
        day.date(): 60 * close.hour + close.minute
        for day, close in zip(closes.index, closes, strict=True)
    }

"""Trade dates: from 18:00 in New York on, trading belongs to the next day."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta

from catalog.sessions.clock import NANOS_PER_HOUR
from catalog.sessions.clock import NANOS_PER_MINUTE
from catalog.sessions.clock import NEW_YORK
from catalog.sessions.clock import at_minute


ROLL = 18 * 60


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

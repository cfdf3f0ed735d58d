"""The clock of New York: times of day to UNIX nanoseconds and back."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from zoneinfo import ZoneInfo


NEW_YORK = ZoneInfo("America/New_York")
NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MINUTE = 60 * NANOS_PER_SECOND
NANOS_PER_HOUR = 60 * NANOS_PER_MINUTE
MINUTES_PER_DAY = 24 * 60


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


def new_york_date(ts: int) -> date:
    """Return the date in New York of a time (UNIX nanoseconds)."""
    return _local(ts).date()


def new_york_time(ts: int) -> str:
    """Return a time (UNIX nanoseconds) as text in New York time, to the second."""
    return f"{_local(ts):%Y-%m-%d %H:%M:%S} New York"


def iso_time(ts: int) -> str:
    """Return a time (UNIX nanoseconds) in the format of configurations: ISO 8601 in UTC."""
    return f"{datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC):%Y-%m-%dT%H:%M}Z"


def _local(ts: int) -> datetime:
    return datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC).astimezone(NEW_YORK)

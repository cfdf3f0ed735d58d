"""When a venue is closed by its timetable, so that its silence is none."""

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import partial

from catalog.sessions import FIRST_YEAR
from catalog.sessions import LAST_YEAR
from catalog.sessions import NANOS_PER_SECOND
from catalog.sessions import NEW_YORK
from catalog.sessions import at_minute
from catalog.sessions import closes_of
from catalog.sessions import trade_day


# The futures exchanges on Globex. Others never close.
CLOSING = frozenset({"XCME", "XCBT", "XNYM", "XCEC"})
CALENDAR = "CMES"
CLOSES = 17 * 60
# Index futures stood still for a quarter of an hour on every afternoon until 25 June 2021.
PAUSE = 16 * 60 + 15, 16 * 60 + 30
PAUSED_UNTIL = date(2021, 6, 28)
SATURDAY = 5


def closed_time(venue: str) -> Callable[[int, int], int] | None:
    """Return `closed_ns` of a venue; None where it never closes."""
    return partial(closed_ns, venue) if venue in CLOSING else None


def closed_ns(venue: str, start_ns: int, end_ns: int) -> int:
    """
    Return how long (ns) a venue was closed by its timetable between two times.

    Globex closes from 17:00 to 18:00 in New York and from 17:00 on Friday to 18:00 on Sunday, and
    on the holidays and after the early closes of the calendar CMES of `exchange_calendars`. Until
    25 June 2021 its index futures paused from 16:15 to 16:30.

    Outages are in no timetable, nor are early closes of single products and what is new since the
    release of `exchange_calendars`: a silence there is one of an open market.

    Parameters
    ----------
    venue : str
        The venue.
    start_ns, end_ns : int
        The times (ns UTC).

    """
    if venue not in CLOSING or end_ns <= start_ns:
        return 0
    # The trading day of an evening is the next one.
    day, last = _new_york_date(start_ns), _new_york_date(end_ns) + timedelta(days=1)
    open_ns = 0
    while day <= last:
        for opens, closes in _hours(venue, day):
            open_ns += max(0, min(closes, end_ns) - max(opens, start_ns))
        day += timedelta(days=1)
    return end_ns - start_ns - open_ns


def _hours(venue: str, day: date) -> list[tuple[int, int]]:
    if day.weekday() >= SATURDAY:
        return []
    minute: int | None = CLOSES
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        minute = closes_of(CALENDAR).get(day)
    if minute is None:
        return []
    opens, closes = trade_day(day)[0], at_minute(day, min(minute, CLOSES))
    if venue != "XCME" or day >= PAUSED_UNTIL or minute < CLOSES:
        return [(opens, closes)]
    pause, ends = (at_minute(day, at) for at in PAUSE)
    return [(opens, pause), (ends, closes)]


def _new_york_date(ts: int) -> date:
    return datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC).astimezone(NEW_YORK).date()

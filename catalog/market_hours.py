"""Closed hours of venues, in which silence is not a gap."""

from collections.abc import Callable
from collections.abc import Iterable
from datetime import date
from datetime import timedelta
from functools import partial

from catalog.sessions.clock import new_york_date
from catalog.sessions.globex import GLOBEX_VENUES
from catalog.sessions.globex import globex_hours
from catalog.sessions.regular import stock_hours


STOCK_VENUES = frozenset({"XNAS", "XNYS"})
# Other venues never close.
CLOSING = STOCK_VENUES | GLOBEX_VENUES.keys()


def closed_time(venue: str) -> Callable[[int, int], int] | None:
    """Return `closed_ns` of a venue, None if it never closes."""
    return partial(closed_ns, venue) if venue in CLOSING else None


def closed_ns(venue: str, start_ns: int, end_ns: int) -> int:
    """
    Return the time (ns) for which a venue was closed by its timetable between two times.

    The futures exchanges on Globex have the hours of `globex_hours`, the stock exchanges those of
    their regular session: silence before 09:30 and after 16:00 in New York is not a gap.

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
    day, last = new_york_date(start_ns), new_york_date(end_ns) + timedelta(days=1)
    open_ns = 0
    while day <= last:
        for opens, closes in _hours(venue, day):
            open_ns += max(0, min(closes, end_ns) - max(opens, start_ns))
        day += timedelta(days=1)
    return end_ns - start_ns - open_ns


def _hours(venue: str, day: date) -> Iterable[tuple[int, int]]:
    if venue in GLOBEX_VENUES:
        return globex_hours(venue, day)
    hours = stock_hours(day)
    return () if hours is None else (hours,)

"""Closed hours of venues, in which silence is not a gap."""

from collections.abc import Callable
from collections.abc import Sequence
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
FRIDAY = 4


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


def week_close(venue: str, day: date) -> int | None:
    """
    Return when a venue closes for the weekend (ns UTC): the close of the week's last trading day.

    That is a Friday, a Thursday before a holiday, and earlier in the day where it is shortened.

    Parameters
    ----------
    venue : str
        The venue.
    day : date
        A trade date of the week, Monday to Sunday.

    Returns
    -------
    int or None
        None if the venue never closes, or does not trade in that week.

    """
    if venue not in CLOSING:
        return None
    friday = day + timedelta(days=FRIDAY - day.weekday())
    closes = (_hours(venue, friday - timedelta(days=back)) for back in range(FRIDAY + 1))
    return next((max(close for _, close in hours) for hours in closes if hours), None)


def _hours(venue: str, day: date) -> Sequence[tuple[int, int]]:
    if venue in GLOBEX_VENUES:
        return globex_hours(venue, day)
    hours = stock_hours(day)
    return () if hours is None else (hours,)

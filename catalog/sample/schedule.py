"""Trading hours of the sample: stretches without a halt, in blocks of two days."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from itertools import batched
from itertools import islice

from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import NANOS_PER_SECOND
from catalog.sessions import RegularSessions
from catalog.sessions import globex_hours


FIRST_DAY = date(2026, 1, 5)
BLOCK_DAYS = 2
# From Monday 5 January 2026 on: until 6 March every contract of the sample is listed.
MAX_DAYS = 45
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    One stretch of trading without a halt.

    Attributes
    ----------
    start_ns : int
        The first moment (ns UTC, a whole minute).
    minutes : int
        The length.
    days : int
        The number of the market's days in it.
    regular : tuple[int, int], optional
        Where the regular session begins and ends (seconds from the start); None without one.

    """

    start_ns: int
    minutes: int
    days: int = 1
    regular: tuple[int, int] | None = None


type Schedule = Callable[[], Iterator[tuple[Stretch, ...]]]


def utc_days() -> Iterator[tuple[Stretch, ...]]:
    """Yield the blocks of a market that never closes: one stretch of two UTC days each."""
    start_ns = _midnight_ns(FIRST_DAY)
    while True:
        yield (Stretch(start_ns, BLOCK_DAYS * DAY_MINUTES, BLOCK_DAYS),)
        start_ns += BLOCK_DAYS * DAY_MINUTES * NANOS_PER_MINUTE


def globex_sessions(venue: str) -> Schedule:
    """
    Return the schedule of a future on Globex: blocks of two trade dates, from evening to close.

    Parameters
    ----------
    venue : str
        The venue, one of `catalog.sessions.GLOBEX_VENUES`.

    """

    def stretches() -> Iterator[Stretch]:
        regular = RegularSessions()
        for day in _days():
            for opens, closes in globex_hours(venue, day):
                yield _stretch(opens, closes, regular.hours(day))

    return lambda: batched(stretches(), BLOCK_DAYS)


def stock_sessions() -> Iterator[tuple[Stretch, ...]]:
    """Yield the blocks of a stock: two regular sessions each."""
    regular = RegularSessions()
    hours = filter(None, map(regular.hours, _days()))
    stretches = (_stretch(opens, closes, (opens, closes)) for opens, closes in hours)
    yield from batched(stretches, BLOCK_DAYS)


def blocks_of(schedule: Schedule, days: int) -> Iterator[tuple[Stretch, ...]]:
    """Yield the blocks that hold a number of days; the last one may hold a day more."""
    yield from islice(schedule(), -(-days // BLOCK_DAYS))


def _stretch(opens: int, closes: int, regular: tuple[int, int] | None) -> Stretch:
    inside = None
    if regular is not None:
        begin, end = (max(opens, min(closes, ts)) for ts in regular)
        inside = (begin - opens) // NANOS_PER_SECOND, (end - opens) // NANOS_PER_SECOND
    return Stretch(opens, (closes - opens) // NANOS_PER_MINUTE, regular=inside)


def _days() -> Iterator[date]:
    day = FIRST_DAY
    while True:
        yield day
        day += timedelta(days=1)


def _midnight_ns(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * NANOS_PER_SECOND

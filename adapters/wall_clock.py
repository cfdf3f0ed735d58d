"""Detects exchange wall clock times labelled UTC, by the daily break of Globex."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.layout import NS_PER_SECOND
from errors import UsageError


MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
# Minute 0 of UNIX time was on a Thursday, weeks count from Monday.
_EPOCH_MINUTE = 3 * MINUTES_PER_DAY
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
# The least number of days with a break, and of rows around it, that rules out chance.
LEAST_DAYS = 3
LEAST_ROWS = 30


class DailyBreak(NamedTuple):
    """
    Represents the daily break of Globex on a wall clock.

    Attributes
    ----------
    zone : str
        The time zone of the clock.
    begin, end : int
        The minutes of the day between which nothing trades, the end excluded.

    """

    zone: str
    begin: int
    end: int


# On the UTC clock the break is from 21:00 or 22:00 on. Until September 2015 it began at 17:15.
BREAKS = (
    DailyBreak("America/New_York", 17 * 60, 18 * 60),
    DailyBreak("America/New_York", 17 * 60 + 15, 18 * 60),
    DailyBreak("America/Chicago", 16 * 60, 17 * 60),
    DailyBreak("America/Chicago", 16 * 60 + 15, 17 * 60),
)


class WallClock:
    """
    Detects the wall clock of the times of a Globex market.

    A clock is detected if its break is empty on every weekday, on at least three of them between
    hours that traded, and if weeks begin after it on Sunday and end before it on Friday. Data
    without a weekend, or with little trading around the break, cannot be classified.
    """

    def __init__(self) -> None:
        self._rows = np.zeros(MINUTES_PER_WEEK, dtype=np.int64)
        self._before = {one: Counter[int]() for one in BREAKS}
        self._after = {one: Counter[int]() for one in BREAKS}

    def add(self, ts: NDArray[np.int64]) -> None:
        """Add times (ns), for bars those of their open."""
        minutes = ts // (60 * NS_PER_SECOND)
        of_week = (minutes + _EPOCH_MINUTE) % MINUTES_PER_WEEK
        self._rows += np.bincount(of_week, minlength=MINUTES_PER_WEEK)
        days, of_day = np.divmod(minutes, MINUTES_PER_DAY)
        for one in BREAKS:
            length = one.end - one.begin
            for begin, counts in (
                (one.begin - length, self._before[one]),
                (one.end, self._after[one]),
            ):
                around = days[(of_day >= begin) & (of_day < begin + length)]
                found, rows = np.unique(around, return_counts=True)
                counts.update(dict(zip(found.tolist(), rows.tolist(), strict=True)))

    def find(self) -> tuple[DailyBreak, int] | None:
        """Return the break of the detected wall clock and its days, None if undetected."""
        week = self._rows.reshape(7, MINUTES_PER_DAY)
        for one in BREAKS:
            quiet = (
                week[:_SATURDAY, one.begin : one.end],
                week[_FRIDAY, one.begin :],
                week[_SATURDAY],
                week[_SUNDAY, : one.end],
            )
            has_weekend = week[_SUNDAY].any() and week[_FRIDAY].any()
            before, after = self._before[one], self._after[one]
            rows = [min(before[day], after[day]) for day in before.keys() & after.keys()]
            is_enough = len(rows) >= LEAST_DAYS and sum(rows) >= LEAST_ROWS
            if has_weekend and is_enough and not any(part.any() for part in quiet):
                return one, len(rows)
        return None


def utc_checked[B: (TradeBatch, QuoteBatch, BarBatch)](
    batches: Iterator[B], path: Path, step_ns: int = 0
) -> Iterator[B]:
    """
    Pass the batches of a Globex market on, and refuse times of a wall clock labelled UTC.

    A catalog writer that consumes the iterator writes nothing when it raises.

    Parameters
    ----------
    batches : Iterator[TradeBatch | QuoteBatch | BarBatch]
        The batches, which may be of several files.
    path : Path
        The first file, for the message.
    step_ns : int, default 0
        The length of bars, which are stamped at their close (ns).

    Raises
    ------
    UsageError
        If the times are those of New York or Chicago; the message names the option to pass.

    """
    clock = WallClock()
    for batch in batches:
        clock.add(batch.ts_event - step_ns)
        yield batch
    refuse_wall_clock(clock, path)


def refuse_wall_clock(clock: WallClock, path: Path) -> None:
    """
    Refuse wall clock times labelled UTC.

    Raises
    ------
    UsageError
        See `utc_checked`.

    """
    found = clock.find()
    if found is None:
        return
    rest, days = found
    begin, end = (f"{minute // 60}:{minute % 60:02d}" for minute in (rest.begin, rest.end))
    raise UsageError(
        f"{path}: the times are the wall clock of {rest.zone}, not UTC (empty from {begin} to "
        f"{end} on each of {days} weekdays, weeks from Sunday {end} to Friday {begin}): pass "
        f"--time-zone {rest.zone} (or --time-zone UTC if they are UTC)"
    )

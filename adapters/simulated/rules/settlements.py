"""Announced funding settlements, and the check for missing ones."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple


NANOS_PER_MINUTE = 60_000_000_000
# Some feeds stamp a settlement at its booking, some milliseconds late.
SLACK = NANOS_PER_MINUTE


class RateUpdate(NamedTuple):
    """
    Represents an announcement of a rate.

    Attributes
    ----------
    ts_init : int
        The time of the announcement (ns UTC).
    next_funding_ns : int or None
        The time of the settlement (ns UTC).
    rate : Decimal
        The rate as a fraction of the notional value; positive when longs pay.
    interval_minutes : int or None
        The time between two settlements.

    """

    ts_init: int
    next_funding_ns: int | None
    rate: Decimal
    interval_minutes: int | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """
    Represents one settlement of an instrument.

    Attributes
    ----------
    ts : int
        The due time (ns UTC).
    rate : Decimal
        The rate as a fraction of the notional value; positive when longs pay.
    interval : int
        The time since the previous settlement (ns).

    """

    ts: int
    rate: Decimal
    interval: int


def settlements_of(updates: Iterable[RateUpdate]) -> list[Settlement]:
    """
    Return the announced settlements, by time.

    The last of several updates before one settlement counts. Without an interval, the time since
    the previous settlement is used.
    """
    due: dict[int, RateUpdate] = {}
    for update in sorted(updates, key=lambda update: update.ts_init):
        if update.next_funding_ns and update.ts_init <= update.next_funding_ns:
            due[update.next_funding_ns] = update
    times = sorted(due)
    settlements = []
    for i, ts in enumerate(times):
        before = times[i - 1] if i else times[min(1, len(times) - 1)]
        interval = (due[ts].interval_minutes or 0) * NANOS_PER_MINUTE or abs(ts - before)
        settlements.append(Settlement(ts, due[ts].rate, interval))
    return settlements


def covers(settlements: Sequence[Settlement], start: int, end: int) -> bool:
    """Return True if settlements cover a window from start to end (ns UTC, excluded)."""
    first, last = settlements[0], settlements[-1]
    return first.ts - first.interval <= start + SLACK and last.ts + last.interval >= end - SLACK


def first_gap(
    settlements: Sequence[Settlement],
    start: int,
    end: int,
) -> tuple[Settlement, Settlement] | None:
    """Return the first two settlements of a window (ns UTC) with one missing between, or None."""
    for before, after in pairwise(settlements):
        first_missing = before.ts + after.interval + SLACK
        last_missing = after.ts - after.interval - SLACK
        if first_missing < min(after.ts, end) and last_missing > max(before.ts, start):
            return before, after
    return None

"""What the rolling value area costs without the kernel: two plain ways to the same rows."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from benchmarks.tapes import Tape


NANOS_PER_MINUTE = 60_000_000_000
FRACTION = (7, 10)
MIN_BINS = 20
VALID, EMPTY, MIN_BINS_MISSED = 0, 1, 3

AreaRow = tuple[int, int, int, int, int, int, int]


def dict_value_area(tape: Tape, minutes: int = 240) -> list[AreaRow]:
    """
    Return the value area at every minute's end by a dictionary of levels and a queue of trades.

    Parameters
    ----------
    tape : Tape
        The trades.
    minutes : int, default 240
        The window.

    Returns
    -------
    list[AreaRow]
        The columns of `rolling_value_area`.

    """
    levels: dict[int, int] = {}
    queue: deque[tuple[int, int, int]] = deque()
    rows = []
    trades = zip(tape.ts_event.tolist(), tape.price.tolist(), tape.size.tolist(), strict=True)
    trade = next(trades, None)
    for start in _minute_starts(tape):
        boundary = start + NANOS_PER_MINUTE
        while trade is not None and trade[0] < boundary:
            queue.append(trade)
            levels[trade[1]] = levels.get(trade[1], 0) + trade[2]
            trade = next(trades, None)
        oldest = boundary - minutes * NANOS_PER_MINUTE
        while queue and queue[0][0] < oldest:
            _, price, size = queue.popleft()
            left = levels[price] - size
            if left:
                levels[price] = left
            else:
                del levels[price]
        low, high = (min(levels), max(levels)) if levels else (0, -1)
        rows.append((start, *_area([levels.get(p, 0) for p in range(low, high + 1)], low)))
    return rows


def numpy_value_area(tape: Tape, minutes: int = 240) -> list[AreaRow]:
    """
    Return the value area at every minute's end by counting the whole window anew with NumPy.

    Parameters
    ----------
    tape : Tape
        The trades.
    minutes : int, default 240
        The window.

    Returns
    -------
    list[AreaRow]
        The columns of `rolling_value_area`.

    """
    rows = []
    for start in _minute_starts(tape):
        boundary = start + NANOS_PER_MINUTE
        oldest = boundary - minutes * NANOS_PER_MINUTE
        first, last = np.searchsorted(tape.ts_event, (oldest, boundary))
        prices = tape.price[first:last]
        low = int(prices.min()) if len(prices) else 0
        # Sums of doubles are exact here: they stay far below 2**53.
        volumes = np.bincount(prices - low, weights=tape.size[first:last])
        rows.append((start, *_area(volumes.astype(np.int64).tolist(), low)))
    return rows


def _minute_starts(tape: Tape) -> range:
    first = int(tape.ts_event[0]) // NANOS_PER_MINUTE
    last = int(tape.ts_event[-1]) // NANOS_PER_MINUTE
    return range(first * NANOS_PER_MINUTE, (last + 1) * NANOS_PER_MINUTE, NANOS_PER_MINUTE)


def _area(volumes: Sequence[int], first: int) -> tuple[int, int, int, int, int, int]:
    total = sum(volumes)
    if total == 0:
        return EMPTY, 0, 0, 0, 0, 0
    held = max(volumes)
    poc = low = high = volumes.index(held)
    needed = -(-FRACTION[0] * total // FRACTION[1])
    while held < needed:
        below = volumes[low - 1] if low > 0 else -1
        above = volumes[high + 1] if high + 1 < len(volumes) else -1
        if below >= above:
            low -= 1
            held += below
        else:
            high += 1
            held += above
    populated = len(volumes) - volumes.count(0)
    reason = VALID if populated >= MIN_BINS else MIN_BINS_MISSED
    return reason, first + poc, first + low, first + high, held, total

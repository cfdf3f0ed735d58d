"""What chance makes of the results: drawn with replacement, and in other orders."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


EQUITY = (0, 5, 25, 50, 75, 95, 100)
DRAWDOWN = (0, 5, 50, 95, 100)
# The results of one block of paths, so that many trades and paths fit in memory.
BLOCK = 2_000_000


def monte_carlo(
    nets: Sequence[float], iterations: int = 1_000, seed: int = 7, ruin: float = 5_000.0
) -> dict[str, Any]:
    """
    Return the distributions of the net result and of the deepest drawdown.

    The net result is that of as many trades, drawn with replacement: an order alone cannot change a
    sum. The drawdown is that of the same trades in another order. A percentile p is the value at
    the place n * p / 100, rounded down, of the sorted ones.

    Parameters
    ----------
    nets : Sequence[float]
        The results of the trades.
    iterations : int, default 1,000
        The paths.
    seed : int, default 7
        The seed of both generators.
    ruin : float, default 5,000
        The loss from the start that ruins a path, drawn with replacement.

    """
    values = np.asarray(nets, dtype=np.float64)
    result: dict[str, Any] = {"iterations": iterations, "seed": seed, "ruin_loss": ruin}
    if not len(values):
        return {**result, "net": {}, "drawdown": {}, "ruin": None}
    ends, lowest, deepest = [], [], []
    draw, order = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    rows = max(1, BLOCK // len(values))
    for first in range(0, iterations, rows):
        count = min(rows, iterations - first)
        drawn = draw.choice(values, size=(count, len(values))).cumsum(axis=1)
        ends.append(drawn[:, -1])
        lowest.append(drawn.min(axis=1))
        paths = order.permuted(np.tile(values, (count, 1)), axis=1).cumsum(axis=1)
        deepest.append(_deepest(paths))
    worst = np.concatenate(lowest)
    return {
        **result,
        "net": _percentiles(np.concatenate(ends), EQUITY),
        "drawdown": _percentiles(np.concatenate(deepest), DRAWDOWN),
        "ruin": float((worst < -ruin).mean()),
    }


def _deepest(paths: NDArray[np.float64]) -> NDArray[np.float64]:
    # The start is a peak as well.
    peaks = np.maximum(np.maximum.accumulate(paths, axis=1), 0.0)
    found: NDArray[np.float64] = (peaks - paths).max(axis=1)
    return found


def _percentiles(values: NDArray[np.float64], wanted: Sequence[int]) -> dict[str, float]:
    ordered = np.sort(values)
    last = len(ordered) - 1
    return {str(p): float(ordered[min(last, len(ordered) * p // 100)]) for p in wanted}

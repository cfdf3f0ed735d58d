"""
The probability of backtest overfitting, by combinatorially symmetric cross-validation.

Source: D. H. Bailey, J. M. Borwein, M. Lopez de Prado and Q. J. Zhu, "The Probability of Backtest
Overfitting" (2017).
"""

from itertools import combinations
from itertools import islice

import numpy as np
from numpy.typing import NDArray


BLOCKS = 16
LEAST_ROWS = 20
LEAST_TRIALS = 2
_AT_ONCE = 500


def probability_of_overfitting(returns: NDArray[np.float64], blocks: int = BLOCKS) -> float | str:
    """
    Return how often the best trial of one half of the time lies in the lower half of the other.

    Parameters
    ----------
    returns : NDArray[np.float64]
        The returns, shape (periods, trials).
    blocks : int, default 16
        The blocks of time, an even number; each half of them is once the sample.

    Returns
    -------
    float or str
        The share of the splits; or why there are too few data to say.

    """
    periods, trials = returns.shape
    if trials < LEAST_TRIALS:
        return f"{trials} trial: two at least"
    if periods < blocks * LEAST_ROWS:
        return f"{periods} hours: {blocks * LEAST_ROWS} at least"
    rows = periods // blocks
    parts = returns[: rows * blocks].reshape(blocks, rows, trials)
    sums, squares = parts.sum(axis=1), (parts**2).sum(axis=1)
    half = blocks // 2
    overfit = splits = 0
    chosen = combinations(range(blocks), half)
    while batch := list(islice(chosen, _AT_ONCE)):
        inside = np.zeros((len(batch), blocks))
        np.put_along_axis(inside, np.array(batch), 1.0, axis=1)
        count = float(rows * half)
        best = _ratios(inside @ sums, inside @ squares, count).argmax(axis=1)
        out = _ratios((1 - inside) @ sums, (1 - inside) @ squares, count)
        own = out[np.arange(len(batch)), best]
        # A rank in the middle of its equals.
        below = (out < own[:, None]).sum(axis=1)
        equal = (out == own[:, None]).sum(axis=1)
        rank = (below + (equal + 1) / 2) / (trials + 1)
        overfit += int((rank <= 0.5).sum())
        splits += len(batch)
    return overfit / splits


def _ratios(
    sums: NDArray[np.float64], squares: NDArray[np.float64], count: float
) -> NDArray[np.float64]:
    mean = sums / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    found: NDArray[np.float64] = np.divide(
        mean, deviation, out=np.zeros_like(mean), where=deviation > 0
    )
    return found

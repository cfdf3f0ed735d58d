"""
Intervals of figures by the stationary block bootstrap.

Source: D. N. Politis and J. P. Romano, "The Stationary Bootstrap" (1994): blocks of random length
begin anywhere and go round the end, so that what follows each other stays together.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


DRAWS = 2_000
MEAN_BLOCK = 24
LEAST_PERIODS = 240


def bootstrap_interval(
    returns: NDArray[np.float64],
    figure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    seed: int,
    confidence: float = 0.95,
) -> tuple[float, float] | None:
    """
    Return the interval of a figure; None of fewer than 240 returns.

    Parameters
    ----------
    returns : NDArray[np.float64]
        The returns, hourly ones.
    figure : Callable[[NDArray[np.float64]], NDArray[np.float64]]
        Returns the figure of each row of samples (shape (draws, periods)).
    seed : int
        The seed of the draws.
    confidence : float, default 0.95
        The share of the draws within the interval.

    """
    count = len(returns)
    if count < LEAST_PERIODS:
        return None
    random = np.random.default_rng(seed)
    places = np.empty((DRAWS, count), dtype=np.int64)
    places[:, 0] = random.integers(0, count, DRAWS)
    begins = random.random((DRAWS, count)) < 1 / MEAN_BLOCK
    starts = random.integers(0, count, (DRAWS, count))
    for period in range(1, count):
        after = (places[:, period - 1] + 1) % count
        places[:, period] = np.where(begins[:, period], starts[:, period], after)
    values = figure(returns[places])
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def sharpe_of_rows(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Sharpe ratio of each row; 0 where a row does not vary."""
    mean, deviation = samples.mean(axis=1), samples.std(axis=1, ddof=1)
    found: NDArray[np.float64] = np.divide(
        mean, deviation, out=np.zeros_like(mean), where=deviation > 0
    )
    return found


def total_of_rows(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of each row."""
    found: NDArray[np.float64] = samples.sum(axis=1)
    return found

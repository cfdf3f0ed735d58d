"""
The Sharpe ratio of a sample, and what chance and selection make of it.

Sources: D. H. Bailey and M. Lopez de Prado, "The Sharpe Ratio Efficient Frontier" (2012) for the
probabilistic ratio and the minimum track record, and "The Deflated Sharpe Ratio" (2014) for the
expected maximum of independent trials. All ratios are of one period, not of a year.
"""

from dataclasses import dataclass
from math import e
from math import isfinite
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray


NORMAL = NormalDist()
EULER = 0.5772156649015329
# Of fewer periods the moments say nothing.
LEAST_PERIODS = 30


@dataclass(frozen=True, slots=True)
class Moments:
    """
    Represents what the ratios need of a sample of returns.

    Attributes
    ----------
    periods : int
        The number of returns.
    sharpe : float
        Their mean over their standard deviation (with n - 1).
    skew, kurtosis : float
        The third and the fourth standardised moment; 0 and 3 of a normal distribution.

    """

    periods: int
    sharpe: float
    skew: float
    kurtosis: float


def moments(returns: NDArray[np.float64]) -> Moments | None:
    """Return the moments of returns; None of fewer than 30, or where they do not vary."""
    count = len(returns)
    if count < LEAST_PERIODS:
        return None
    centred = returns - returns.mean()
    deviation = float(np.sqrt(np.mean(centred**2)))
    if deviation <= 0 or not isfinite(deviation):
        return None
    return Moments(
        periods=count,
        sharpe=float(returns.mean() / returns.std(ddof=1)),
        skew=float(np.mean(centred**3) / deviation**3),
        kurtosis=float(np.mean(centred**4) / deviation**4),
    )


def _spread(found: Moments) -> float:
    value = 1 - found.skew * found.sharpe + (found.kurtosis - 1) / 4 * found.sharpe**2
    return sqrt(max(value, 0.0))


def probabilistic_sharpe(found: Moments, benchmark: float = 0.0) -> float:
    """Return the probability that the true ratio exceeds a benchmark."""
    spread = _spread(found)
    if spread == 0:
        return float(found.sharpe > benchmark)
    return NORMAL.cdf((found.sharpe - benchmark) * sqrt(found.periods - 1) / spread)


def expected_maximum_sharpe(trials: int, variance: float) -> float:
    """
    Return the best ratio to expect of trials without any edge.

    Parameters
    ----------
    trials : int
        The number of trials, independent ones.
    variance : float
        The variance of their ratios.

    """
    if trials < 2:
        return 0.0
    first = NORMAL.inv_cdf(1 - 1 / trials)
    second = NORMAL.inv_cdf(1 - 1 / (trials * e))
    return sqrt(variance) * ((1 - EULER) * first + EULER * second)


def deflated_sharpe(found: Moments, trials: int, variance: float) -> float:
    """Return the probability that the true ratio exceeds the best of that many without an edge."""
    return probabilistic_sharpe(found, expected_maximum_sharpe(trials, variance))


def minimum_track_record(
    found: Moments, benchmark: float = 0.0, confidence: float = 0.95
) -> float | None:
    """Return how many periods prove a ratio above a benchmark; None where it lies below."""
    if found.sharpe <= benchmark:
        return None
    wanted = NORMAL.inv_cdf(confidence) / (found.sharpe - benchmark)
    return 1 + _spread(found) ** 2 * wanted**2

"""The best of several trials, and whether selection alone explains it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.statistics.sharpe import deflated_sharpe
from research.statistics.sharpe import moments


# The deflated Sharpe ratio above which the best trial counts as an edge.
NEEDED = 0.95


@dataclass(frozen=True, slots=True)
class Selected:
    """
    Represents the best of several trials over one market.

    Attributes
    ----------
    column : int
        Its column.
    sharpe : float
        Its Sharpe ratio of one period.
    deflated : float
        The probability that its true ratio exceeds the best of as many trials without an edge.

    """

    column: int
    sharpe: float
    deflated: float

    @property
    def is_edge(self) -> bool:
        """Return True if the trial counts as an edge."""
        return self.deflated > NEEDED


def select_best(returns: NDArray[np.float64]) -> Selected | None:
    """
    Return the trial with the best Sharpe ratio, deflated by their number and their variance.

    Parameters
    ----------
    returns : NDArray[np.float64], shape (periods, trials)
        The returns.

    Returns
    -------
    Selected or None
        None where no trial has 30 returns that vary.

    """
    found = {
        column: ratio
        for column in range(returns.shape[1])
        if (ratio := moments(returns[:, column])) is not None
    }
    if not found:
        return None
    best = max(found, key=lambda column: found[column].sharpe)
    ratios = [each.sharpe for each in found.values()]
    variance = float(np.var(ratios, ddof=1)) if len(ratios) > 1 else 0.0
    # A trial without a trade was tried as well.
    deflated = deflated_sharpe(found[best], returns.shape[1], variance)
    return Selected(best, found[best].sharpe, deflated)


def share_of_chance(winner: float, driftless: Sequence[float]) -> float:
    """
    Return the share of driftless markets whose best Sharpe ratio is at least that of a winner.

    The winner counts as one of them, so that the share is never zero: of 19 markets it is 0.05 at
    least.

    Parameters
    ----------
    winner : float
        The best Sharpe ratio of the sweep.
    driftless : Sequence[float]
        The best one of the same sweep over each driftless market.

    """
    return (1 + sum(best >= winner for best in driftless)) / (1 + len(driftless))

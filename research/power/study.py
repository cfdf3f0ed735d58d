"""How often the deflated Sharpe ratio finds an edge that is there, and one that is not."""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from research.statistics.selection import select_best
from research.statistics.sharpe import NORMAL


# Makes the returns (periods, trials) of one market from its seed.
type MarketReturns = Callable[[int], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """
    Represents what was concluded over several markets.

    Attributes
    ----------
    markets, edges : int
        The markets, and those whose best trial counts as an edge.
    best_sharpes : tuple[float, ...]
        The best Sharpe ratio of one period of each market; 0 where no trial has one.

    """

    markets: int
    edges: int
    best_sharpes: tuple[float, ...]

    @property
    def share(self) -> float:
        """Return the share of markets with an edge."""
        return self.edges / self.markets

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of the share (Wilson 1927)."""
        z, n, p = NORMAL.inv_cdf((1 + confidence) / 2), self.markets, self.share
        middle, width = p + z**2 / (2 * n), z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        return (middle - width) / (1 + z**2 / n), (middle + width) / (1 + z**2 / n)


def verdicts(market: MarketReturns, seeds: Iterable[int]) -> Verdicts:
    """
    Select the best trial on each market, and count those that pass as an edge.

    Parameters
    ----------
    market : MarketReturns
        Makes the returns of a market: synthetic ones (`research.power.synthetic`), or those of a
        system's points over a generated catalog (`research.power.random_markets`).
    seeds : Iterable[int]
        The seeds of the markets.

    Raises
    ------
    ValueError
        If there is no seed.

    """
    found = [select_best(market(seed)) for seed in seeds]
    if not found:
        raise ValueError("no seeds")
    return Verdicts(
        len(found),
        sum(best is not None and best.is_edge for best in found),
        tuple(0.0 if best is None else best.sharpe for best in found),
    )

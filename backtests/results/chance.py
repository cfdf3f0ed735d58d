"""Results of a system on markets without drift, beside those of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from backtests.results.metrics import NANOS_PER_DAY


DRAWS = 10_000
# An interval drawn from fewer days is narrower than it says.
LEAST_DAYS = 10


@dataclass(frozen=True, slots=True)
class MarketTrades:
    """
    Represents the closed trades of one market, or of several together.

    Attributes
    ----------
    name : str
        The name of the market.
    net, gross : NDArray[np.float64]
        The results of each trade, after and before fees and funding.
    days : NDArray[np.int64]
        The UTC day of its close, and of which market: trades of one value happened together.

    """

    name: str
    net: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    gross: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    days: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def count(self) -> int:
        return len(self.net)

    @property
    def win_rate(self) -> float | None:
        return float(np.mean(self.net > 0)) if self.count else None

    @property
    def profit_factor(self) -> float | None:
        lost = -float(self.net[self.net <= 0].sum())
        return float(self.net[self.net > 0].sum()) / lost if lost else None


def trades_of_market(
    name: str, net: Sequence[float], gross: Sequence[float], closed_ns: Sequence[int]
) -> MarketTrades:
    """Return the trades of a market from their results and the times (ns UTC) of their closes."""
    return MarketTrades(
        name,
        np.asarray(net, dtype=np.float64),
        np.asarray(gross, dtype=np.float64),
        np.asarray(closed_ns, dtype=np.int64) // NANOS_PER_DAY,
    )


def together(name: str, markets: Sequence[MarketTrades]) -> MarketTrades:
    """Return the trades of several markets as those of one; a day of each remains its own."""
    if not markets:
        return MarketTrades(name)
    span = 1 + max((int(market.days.max()) for market in markets if market.count), default=0)
    return MarketTrades(
        name,
        np.concatenate([market.net for market in markets]),
        np.concatenate([market.gross for market in markets]),
        np.concatenate([market.days + span * n for n, market in enumerate(markets)]),
    )


def mean_interval(
    values: NDArray[np.float64], days: NDArray[np.int64]
) -> tuple[float, float] | None:
    """
    Return the 95 % interval of a mean per trade; None with trades on fewer than ten days.

    Whole days are drawn with replacement (10,000 times, seeded), for the trades of a day share its
    moves: several at nearby prices win or lose together, and counted one by one they would promise
    more than there is.

    Parameters
    ----------
    values : NDArray[np.float64], shape (n,)
        The results of the trades.
    days : NDArray[np.int64], shape (n,)
        The day of each.

    """
    _, place = np.unique(days, return_inverse=True)
    counts = np.bincount(place)
    if len(counts) < LEAST_DAYS:
        return None
    sums = np.bincount(place, weights=values)
    drawn = np.random.default_rng(0).integers(len(counts), size=(DRAWS, len(counts)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975)).tolist()
    return low, high

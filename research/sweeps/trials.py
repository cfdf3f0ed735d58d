"""Trials: what one point has brought, in the whole window and in the parts of walk-forward."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.evaluation import Evaluation


FIGURES = (
    "sharpe",
    "net",
    "trades",
    "win_rate",
    "profit_factor",
    "drawdown",
    "average",
)
# The larger the better, for all but these.
SMALLER = frozenset({"drawdown"})
HOURS_A_YEAR = 24 * 365.25


@dataclass(frozen=True, slots=True)
class Measured:
    """
    Represents an evaluation in figures.

    Attributes
    ----------
    figures : dict[str, float]
        Those of `FIGURES`; not a number where there are too few trades for one.
    hours : NDArray[np.float64]
        The returns by the hour.

    """

    figures: dict[str, float]
    hours: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """
    Represents one point and its results.

    Attributes
    ----------
    number : int
        Its number in the sweep, from 1 on.
    point : dict[str, Any]
        The values of its parameters by their full keys.
    results : dict[str, Measured]
        Its results by `market` or `market fold sample`.
    error : str
        Why it has none; empty if it has.
    seconds : float
        The CPU time it took.

    """

    number: int
    point: dict[str, Any]
    results: dict[str, Measured] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0

    def figure(self, name: str, where: str) -> float:
        """Return a figure, not a number where it has none."""
        found = self.results.get(where)
        return float("nan") if found is None else found.figures[name]


def measure(evaluation: Evaluation) -> Measured:
    """
    Return the figures of an evaluation.

    The Sharpe ratio is that of hourly results, times the root of the hours of a year.
    """
    nets = [float(trade.net) for trade in evaluation.trades]
    hours = evaluation.hourly_returns()
    won, lost = sum(n for n in nets if n > 0), -sum(n for n in nets if n <= 0)
    curve = np.cumsum([0.0, *nets])
    deviation = float(hours.std(ddof=1)) if len(hours) > 1 else 0.0
    sharpe = float(hours.mean()) / deviation * sqrt(HOURS_A_YEAR) if deviation > 0 else 0.0
    figures = {
        "sharpe": sharpe,
        "net": sum(nets),
        "trades": float(len(nets)),
        "win_rate": sum(n > 0 for n in nets) / len(nets) if nets else float("nan"),
        "profit_factor": won / lost if lost > 0 else float("nan"),
        "drawdown": float(np.max(np.maximum.accumulate(curve) - curve)),
        "average": sum(nets) / len(nets) if nets else float("nan"),
    }
    return Measured(figures, hours)


def better(name: str, value: float) -> float:
    """Return a figure so that more is better; the worst where it is not a number."""
    if value != value:
        return float("-inf")
    return -value if name in SMALLER else value


def as_text(point: Mapping[str, Any]) -> str:
    """Return a point as a person reads it: the last parts of its keys."""
    return " ".join(f"{key.rpartition('.')[2]}={value}" for key, value in point.items())

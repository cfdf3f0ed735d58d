"""What a sweep shows beyond its best figure: chance, selection, neighbours, later data."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

import numpy as np

from research.statistics.bootstrap import bootstrap_interval
from research.statistics.bootstrap import sharpe_of_rows
from research.statistics.bootstrap import total_of_rows
from research.statistics.overfitting import probability_of_overfitting
from research.statistics.selection import NEEDED
from research.statistics.sharpe import deflated_sharpe
from research.statistics.sharpe import expected_maximum_sharpe
from research.statistics.sharpe import minimum_track_record
from research.statistics.sharpe import moments
from research.statistics.sharpe import probabilistic_sharpe
from research.sweeps.folds import Fold
from research.sweeps.registry import Tried
from research.sweeps.space import Parameter
from research.sweeps.trials import HOURS_A_YEAR
from research.sweeps.trials import Trial
from research.sweeps.trials import better


YEAR = sqrt(HOURS_A_YEAR)
# Fewer trades show nothing, whatever the figures are.
LEAST_TRADES = 30


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    Represents what chance and selection make of the best trial.

    Attributes
    ----------
    hours, trades : int
        The hourly returns and the trades behind it.
    tried : Tried
        The points that were ever tried on these data, in any sweep.
    expected_best : float
        The best Sharpe ratio (a year) to expect of so many without an edge.
    probabilistic, deflated : float or None
        The probability that its ratio exceeds zero, and that it exceeds the expected best.
    needed_hours : float or None
        The hours that prove it above zero at 95 %.
    overfitting : float or str
        The probability of overfitting, or why it is not known.
    sharpe_interval, total_interval : tuple[float, float] or None
        The intervals (95 %) of its ratio (a year) and of its whole return.

    """

    hours: int
    trades: int
    tried: Tried
    expected_best: float
    probabilistic: float | None
    deflated: float | None
    needed_hours: float | None
    overfitting: float | str
    sharpe_interval: tuple[float, float] | None
    total_interval: tuple[float, float] | None

    @property
    def verdict(self) -> str:
        """Return in a sentence whether the best trial shows an edge."""
        if self.trades < LEAST_TRADES:
            return f"No judgement: {self.trades} trades, {LEAST_TRADES} at least."
        if self.deflated is None:
            return "No judgement: too few hours."
        if self.deflated > NEEDED:
            return f"The best point is beyond what {self.tried.count:,} trials bring by chance."
        return (
            f"Noise: {self.tried.count:,} trials without an edge bring such a best point by "
            f"chance (deflated Sharpe {self.deflated:.2f}, more than {NEEDED} asked)."
        )


def judge(best: Trial, trials: Sequence[Trial], tried: Tried, seed: int) -> Judgement:
    """
    Return what chance and selection make of the best trial.

    Parameters
    ----------
    best : Trial
        The best trial.
    trials : Sequence[Trial]
        All trials of the sweep.
    tried : Tried
        What was tried in all sweeps.
    seed : int
        The seed of the intervals.

    """
    hours = best.results["default"].hours
    found = moments(hours)
    count = max(tried.count, len(trials))
    valid = [trial.results["default"].hours for trial in trials if "default" in trial.results]
    overfitting = probability_of_overfitting(np.column_stack(valid))
    sharpe = bootstrap_interval(hours, sharpe_of_rows, seed)
    enough = int(best.figure("trades", "default"))
    return Judgement(
        hours=len(hours),
        trades=enough,
        tried=Tried(count, tried.variance),
        expected_best=expected_maximum_sharpe(count, tried.variance) * YEAR,
        probabilistic=None if found is None else probabilistic_sharpe(found),
        deflated=None if found is None else deflated_sharpe(found, count, tried.variance),
        needed_hours=None if found is None else minimum_track_record(found),
        overfitting=overfitting,
        sharpe_interval=None if sharpe is None else (sharpe[0] * YEAR, sharpe[1] * YEAR),
        total_interval=bootstrap_interval(hours, total_of_rows, seed),
    )


@dataclass(frozen=True, slots=True)
class Plateau:
    """
    Represents the neighbours of a point: one parameter a step away.

    Attributes
    ----------
    neighbours : int
        How many were tried.
    sharpe : float
        The median of their Sharpe ratios; not a number without any.
    profitable : float
        The share of them with a profit; not a number without any.

    """

    neighbours: int
    sharpe: float
    profitable: float


def plateau_of(trial: Trial, trials: Sequence[Trial], parameters: Sequence[Parameter]) -> Plateau:
    """Return the neighbours of a trial."""
    places = {p.key: {repr(v): i for i, v in enumerate(p.values)} for p in parameters}

    def distance(other: Trial) -> int:
        return sum(
            abs(places[key][repr(other.point[key])] - places[key][repr(value)])
            for key, value in trial.point.items()
        )

    near = [t for t in trials if "default" in t.results and distance(t) == 1]
    if not near:
        return Plateau(0, float("nan"), float("nan"))
    return Plateau(
        len(near),
        median(t.figure("sharpe", "default") for t in near),
        sum(t.figure("net", "default") > 0 for t in near) / len(near),
    )


@dataclass(frozen=True, slots=True)
class FoldChoice:
    """
    Represents the best point of a fold.

    Attributes
    ----------
    fold : Fold
        The fold.
    trial : Trial
        The point that was best on its first part.

    """

    fold: Fold
    trial: Trial


def walk_forward(
    trials: Sequence[Trial], folds: Sequence[Fold], objective: str
) -> list[FoldChoice]:
    """Return the best point of the first part of each fold."""
    found = []
    for fold in folds:
        where = f"default {fold.number} chosen"
        valid = [trial for trial in trials if where in trial.results]
        if valid:
            best = max(valid, key=lambda trial: better(objective, trial.figure(objective, where)))
            found.append(FoldChoice(fold, best))
    return found

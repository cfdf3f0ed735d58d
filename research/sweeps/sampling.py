"""Which points a sweep tries, batch by batch."""

from collections.abc import Iterator
from collections.abc import Sequence
from itertools import islice
from typing import Any
from typing import Protocol

import optuna
from optuna.study import StudyDirection

from errors import UsageError
from research.sweeps.space import Parameter
from research.sweeps.space import Point
from research.sweeps.space import grid
from research.sweeps.space import grid_size
from research.sweeps.space import random_points
from research.sweeps.trials import SMALLER
from research.sweeps.trials import Trial


# The same whatever the number of workers, so that a seed always gives the same points.
BATCH = 16
METHODS = ("grid", "random", "tpe")


class Sampler(Protocol):
    """Proposes points, and learns from their trials."""

    def batches(self) -> Iterator[list[Point]]:
        """Yield batches of points; `learn` is called with the trials of each before the next."""

    def learn(self, trials: Sequence[Trial]) -> None:
        """Learn from the trials of the last batch, in its order."""


class ListSampler:
    """
    Proposes points that are known from the start.

    Parameters
    ----------
    points : Iterator[Point]
        The points.

    """

    def __init__(self, points: Iterator[Point]) -> None:
        self._points = points

    def batches(self) -> Iterator[list[Point]]:
        """Yield batches of points."""
        while batch := list(islice(self._points, BATCH)):
            yield batch

    def learn(self, trials: Sequence[Trial]) -> None:
        """Learn nothing."""


class TreeSampler:
    """
    Proposes points by Optuna's tree-structured Parzen estimator, several objectives included.

    Parameters
    ----------
    parameters : Sequence[Parameter]
        The parameters.
    budget : int
        How many points.
    objectives : Sequence[str]
        The figures.
    seed : int
        The seed.

    """

    def __init__(
        self, parameters: Sequence[Parameter], budget: int, objectives: Sequence[str], seed: int
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._parameters = parameters
        self._objectives = objectives
        self._left = budget
        directions = [
            StudyDirection.MINIMIZE if name in SMALLER else StudyDirection.MAXIMIZE
            for name in objectives
        ]
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=min(BATCH, budget))
        self._study = optuna.create_study(directions=directions, sampler=sampler)
        self._asked: list[optuna.Trial] = []

    def batches(self) -> Iterator[list[Point]]:
        """Yield batches of points."""
        while self._left > 0:
            count = min(BATCH, self._left)
            self._left -= count
            self._asked = [self._study.ask() for _ in range(count)]
            yield [self._point(trial) for trial in self._asked]

    def learn(self, trials: Sequence[Trial]) -> None:
        """Report the figures of the last batch to the study, in its order."""
        for asked, trial in zip(self._asked, trials, strict=True):
            values = [trial.figure(name, "default") for name in self._objectives]
            if any(value != value for value in values):
                self._study.tell(asked, state=optuna.trial.TrialState.FAIL)
            else:
                self._study.tell(asked, values)

    def _point(self, trial: optuna.Trial) -> Point:
        # By their places: optuna takes neither every type of value nor a mix of them.
        return {
            parameter.key: parameter.values[
                trial.suggest_int(parameter.key, 0, len(parameter.values) - 1)
            ]
            for parameter in self._parameters
        }


def make_sampler(
    method: str,
    parameters: Sequence[Parameter],
    budget: int | None,
    objectives: Sequence[str],
    seed: int,
) -> tuple[Any, int]:
    """
    Return a sampler and the number of its points.

    Raises
    ------
    UsageError
        If the method is unknown, or needs a budget.

    """
    size = grid_size(parameters)
    if method == "grid":
        count = size if budget is None else min(size, budget)
        return ListSampler(islice(grid(parameters), count)), count
    if method not in METHODS:
        raise UsageError(f"--method {method}: choose one of {', '.join(METHODS)}")
    if budget is None:
        raise UsageError(f"--method {method}: give --budget, the number of points")
    if method == "random":
        points = random_points(parameters, budget, seed)
        return ListSampler(iter(points)), len(points)
    return TreeSampler(parameters, budget, objectives, seed), budget

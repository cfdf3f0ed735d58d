"""Synthetic hourly returns of a sweep's trials, with or without a planted edge."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray


HOURS_A_DAY = 24
HOURS_A_YEAR = 24 * 365.25


@dataclass(frozen=True, slots=True)
class SyntheticMarket:
    """
    Represents the returns of a row of trials whose neighbours trade alike.

    In an hour each trial closes a trade with a given probability; its result is heavy-tailed
    (Student's t). Trials share a part of their results, and neighbours share a further one.

    Attributes
    ----------
    days, trials : int
        The length, and the number of trials.
    edge : float
        The Sharpe ratio (a year) of the trials with the edge; 0 for none.
    plateau : int, default 5
        How many neighbouring trials have the edge.
    trades_a_day : float, default 5
        The trades a trial closes a day on average.
    freedom : float, default 5
        The degrees of freedom of the results, above 2.
    shared, local : float, default 0.3 and 0.4
        The share of the variance that all trials have in common, and that a trial has in common
        with its neighbours.

    """

    days: int
    trials: int
    edge: float = 0.0
    plateau: int = 5
    trades_a_day: float = 5.0
    freedom: float = 5.0
    shared: float = 0.3
    local: float = 0.4

    def __call__(self, seed: int) -> NDArray[np.float64]:
        """Return the returns of a market, shape (hours, trials)."""
        random = np.random.default_rng(seed)
        hours = self.days * HOURS_A_DAY

        def results(columns: int) -> NDArray[np.float64]:
            return random.standard_t(self.freedom, (hours, columns))

        moving = results(self.trials + 2)
        local = (moving[:, :-2] + moving[:, 1:-1] + moving[:, 2:]) / sqrt(3)
        own = 1 - self.shared - self.local
        returns = (
            sqrt(self.shared) * results(1)
            + sqrt(self.local) * local
            + sqrt(own) * results(self.trials)
        )
        traded = random.random((hours, self.trials)) < self.trades_a_day / HOURS_A_DAY
        returns = np.where(traded, returns, 0.0)
        chance = self.trades_a_day / HOURS_A_DAY
        # The deviation of an hour: a trade in some hours, of the variance of Student's t.
        deviation = sqrt(chance * self.freedom / (self.freedom - 2))
        first = int(random.integers(0, self.trials - self.plateau + 1))
        mean = self.edge / sqrt(HOURS_A_YEAR) * deviation / chance
        columns = slice(first, first + self.plateau)
        returns[:, columns] += np.where(traded[:, columns], mean, 0.0)
        return returns

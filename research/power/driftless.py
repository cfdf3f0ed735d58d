"""The same points over seeded driftless markets: the best Sharpe ratio that chance brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.sample import write_sample
from research.evaluator.evaluator import FastEvaluator
from research.points import PointConfig


@dataclass(frozen=True, slots=True)
class DriftlessMarket:
    """
    Represents the hourly returns of a system's points over driftless random walks.

    Attributes
    ----------
    base : PointConfig
        The system, and what holds for all points.
    points : tuple[Mapping[str, Any], ...]
        The points: values by their full keys.
    instrument_ids : tuple[str, ...]
        Its instruments; the sample must have them.
    days : int
        The trading days from 5 January 2026 on.

    """

    base: PointConfig
    points: tuple[Mapping[str, Any], ...]
    instrument_ids: tuple[str, ...]
    days: int

    def __call__(self, seed: int) -> NDArray[np.float64]:
        """
        Return the returns of one market, shape (hours, points).

        Raises
        ------
        UsageError
            If the sample has no such instrument, or a point is none of the configuration.
        AuctionError
            If the evaluator does not reproduce the system.

        """
        with TemporaryDirectory() as name:
            catalog = Path(name) / "catalog"
            write_sample(catalog, seed, self.days, self.instrument_ids, is_random_walk=True)
            overrides = {**self.base.overrides, "catalog": str(catalog)}
            base = PointConfig(self.base.system, self.base.environment, overrides)
            evaluator = FastEvaluator(base, Path(name) / "cache")
            found = [evaluator.evaluate(point).hourly_returns() for point in self.points]
        return np.column_stack(found)

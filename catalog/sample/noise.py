"""Slowly changing chance: volatility, activity and the tilt of the book."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


Knots = Sequence[tuple[float, float]]


def slow_noise(rng: np.random.Generator, count: int, window: int) -> NDArray[np.float64]:
    """Return standard normal noise that forgets over a window (integer sums: exact anywhere)."""
    draws = np.rint(rng.standard_normal(count + window) * 1e6).astype(np.int64)
    total = np.cumsum(draws)
    return (total[window:] - total[:-window]) / (1e6 * math.sqrt(window))


def by_minute(
    rng: np.random.Generator,
    knots: Knots,
    minutes: int,
    spread: float,
) -> NDArray[np.float64]:
    """
    Return a factor per second that follows the clock and drifts slowly around it.

    Parameters
    ----------
    rng : np.random.Generator
        The source of all chance.
    knots : Knots
        Hours from the start and factor, straight lines between.
    minutes : int
        The length of the stretch.
    spread : float
        The standard deviation of the logarithm of the drift.

    Returns
    -------
    NDArray[np.float64], shape (60 * minutes,)

    """
    clock = np.interp(np.arange(minutes) / 60.0, [k[0] for k in knots], [k[1] for k in knots])
    return np.repeat(clock * np.exp(spread * slow_noise(rng, minutes, 25)), 60)

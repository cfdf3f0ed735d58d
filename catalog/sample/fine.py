"""The mid price of a sample market within its seconds."""

import numpy as np
from numpy.typing import NDArray

from catalog.sample.walk import PricePath


SECOND = 1_000_000_000
STEPS = 20  # of a second
STEP = SECOND // STEPS


class FinePrice:
    """
    The mid price in steps of 50 ms, each held to its end.

    Within a second it is a Brownian bridge with the deviation of that second's noise, so where the
    seconds are a martingale the steps are one as well: no quote or print within a second predicts
    its end.

    Parameters
    ----------
    path : PricePath
        The prices at full seconds.
    rng : np.random.Generator
        The source of all chance.

    """

    def __init__(self, path: PricePath, rng: np.random.Generator) -> None:
        self._sigma = path.sigma
        scale = path.sigma[:, None] * (1000.0 / STEPS**0.5)
        steps = np.rint(rng.standard_normal((len(path.sigma), STEPS)) * scale).astype(np.int64)
        noise = np.cumsum(steps, axis=1)
        part = np.arange(1, STEPS + 1, dtype=np.int64)
        noise += (np.diff(path.price) - noise[:, -1])[:, None] * part // STEPS
        noise += path.price[:-1, None]
        self._price = np.concatenate((path.price[:1], noise.ravel()))

    def at(self, time: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the price (thousandths of a tick) at some times (ns from the path's start)."""
        return self._price[time // STEP]

    def times(self, deviation: int, resolution: int) -> NDArray[np.int64]:
        """
        Return moments between which the price moves equally far on average.

        They follow from the deviation of each second, which is known before it, and not from the
        moves: the occurrence of one does not predict the price.

        Parameters
        ----------
        deviation : int
            The standard deviation of the move between two moments (ticks).
        resolution : int
            The step of the venue's clock (ns).

        Returns
        -------
        NDArray[np.int64]
            The times (ns from the path's start, ascending).

        """
        clock = np.concatenate(([0.0], np.cumsum((self._sigma / deviation) ** 2)))
        seconds = np.interp(np.arange(1.0, clock[-1]), clock, np.arange(len(clock)))
        return (seconds * (SECOND // resolution)).astype(np.int64) * resolution

from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

class EmaTrend:
    """
    Averages closes exponentially at two speeds.

    An average begins with the first close, without a warm-up; the weight of a new close is
    `2 / (bars + 1)`. Gaps between bars do not count. The trend is up while the fast average is
    above the slow one, down while it is below, and none where they are equal, as at the first bar.

    Parameters
    ----------
    tick_size : str, float, Decimal or Fraction
        The size of a tick.
    fast_bars, slow_bars : int, default 9 and 20
        The spans (bars).

    Attributes
    ----------
    fast, slow : float
        The averages, in units of price; NaN before the first close.
    trend : int
        +1, -1 or 0.
    count : int
        The closes so far.

    Raises
    ------
    ParameterError
        If `tick_size` or a span is not positive, or the slow span is not the longer one.

    """

    fast_bars: int
    slow_bars: int
    count: int
    fast: float
    slow: float
    trend: int

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        fast_bars: int = 9,
        slow_bars: int = 20,
    ) -> None: ...
    def update(self, close: int) -> int:
        """
        Take the close of a bar (ticks) and return the trend.

        Parameters
        ----------
        close : int
            The close (ticks).

        Returns
        -------
        int
            +1, -1 or 0.

        """

    def reset(self) -> None:
        """Forget all closes."""

def ema_trend(
    close: NDArray[np.int64],
    tick_size: str | float | Decimal | Fraction,
    fast_bars: int = 9,
    slow_bars: int = 20,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]:
    """
    Return the averages and the trend after each close of an array, those of `EmaTrend`.

    Parameters
    ----------
    close : NDArray[np.int64]
        The closes (ticks, contiguous, shape `n`).
    tick_size, fast_bars, slow_bars
        As in `EmaTrend`.

    Returns
    -------
    tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]
        The fast average, the slow one, and the trend, each of shape `n`.

    Raises
    ------
    ParameterError
        As in `EmaTrend`.

    """

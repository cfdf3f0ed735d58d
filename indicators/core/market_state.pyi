from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

COLUMNS: tuple[str, ...]

class MarketState:
    """
    Determines whether the market of the last bars is imbalanced.

    It is imbalanced if the range of the window is at least a multiple of the average true range, or
    the sum of its deltas is larger than a limit on either side. The window is the current bar and
    the `lookback` before it; the true range leaves out its first bar, whose previous close lies
    outside, and is the range of the bar if there is only one. A range over many bars is nearly
    always a multiple of that of one bar, so with the defaults few bars count as balanced.

    Parameters
    ----------
    lookback : int, default 60
        The bars before the current one in the window.
    range_multiple : str, float, Decimal or Fraction, default '2'
        The multiple of the average true range, up to six decimals.
    delta_limit : int, default 200
        The sum of deltas (lots) that must be exceeded.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    lookback: int
    """The bars before the current one in the window."""
    delta_limit: int
    """The sum of deltas that must be exceeded (lots)."""
    delta_sum: int
    """The sum of the window's deltas (lots)."""

    def __init__(
        self,
        lookback: int = 60,
        range_multiple: str | float | Decimal | Fraction = "2",
        delta_limit: int = 200,
    ) -> None: ...
    def reset(self) -> None:
        """Forget all bars."""

    def update(self, open: int, high: int, low: int, close: int, volume: int, delta: int) -> None:
        """
        Add a bar.

        Parameters
        ----------
        open, high, low, close : int
            The prices in ticks.
        volume, delta : int
            The volume and the buy minus sell volume in lots.

        """

    @property
    def count(self) -> int:
        """The bars seen."""

    @property
    def imbalanced(self) -> bool:
        """Whether the market is imbalanced; False before the first bar."""

    @property
    def vwap(self) -> float | None:
        """The average typical price weighted with volume (ticks); without volume the middle of
        the first open and the last close; None before the first bar."""

    @property
    def atr(self) -> float | None:
        """The average true range (ticks); None before the first bar."""

    @property
    def crossings(self) -> int:
        """How often the closes changed their side of the VWAP of the whole window."""

    @property
    def ratio(self) -> float | None:
        """The range of the window as a multiple of the average true range, 0 where that is 0;
        None before the first bar."""

    @property
    def trend(self) -> int:
        """+1 where the sum of deltas is above 100 lots, -1 where it is below -100, else 0."""

def market_states(
    bars: NDArray[np.int64],
    lookback: int = 60,
    range_multiple: str | float | Decimal | Fraction = "2",
    delta_limit: int = 200,
) -> NDArray[np.float64]:
    """
    Return the market state after each bar.

    Parameters
    ----------
    bars : NDArray[np.int64]
        Bars with the columns of `trade_bars` in ticks and lots, shape `n` by 9.
    lookback, range_multiple, delta_limit
        As in `MarketState`.

    Returns
    -------
    NDArray[np.float64]
        One row a bar with the values of `COLUMNS`, the same as those of `MarketState`.

    Raises
    ------
    ValueError, ParameterError
        If columns are missing or a parameter is out of its range.

    """

from decimal import Decimal
from fractions import Fraction
from typing import Any
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST_PCT: float
"""The smallest reversal (per cent)."""
STRUCTURES: tuple[str, str, str, str]
"""The meaning of the numbers in the column `structure`."""
PIVOT_DTYPE: np.dtype[np.void]

class Pivot(NamedTuple):
    """A pivot of the zigzag: an extreme from which the price has turned."""

    bar: int
    """The bar that it belongs to, counted from 0."""
    ts: int
    """The time of that bar (ns UTC)."""
    tick: int
    """Its price (ticks): the high of that bar, or its low."""
    is_high: bool
    """If it is a high."""
    structure: str
    """HH or LH for a high, HL or LL for a low, by the last pivot of the same kind; an equal one
    counts as lower."""
    confirmed_bar: int | None
    """The bar at whose close it is known; None for the tail, which may still move."""
    confirmed_ts: int | None
    """The time of that bar (ns UTC)."""
    bars: int
    """The bars since the pivot before it."""
    duration_ns: int
    """The time between the two bars (ns)."""
    is_seed: bool
    """If it is the low of the first bar, which is a pivot by definition alone."""
    return_pct: float | None
    """The change since the pivot before it (per cent of the magnitude of its price, so that a rise
    is positive at negative prices as well); None where that is 0."""

class Zigzag:
    """
    Finds the pivots of bars as the bars close.

    The low of the first bar is a pivot, the seed. From then on the running extreme becomes a pivot
    with the bar whose opposite end lies `reversal_pct` of it away, an exact match included. Wicks
    count, closes do not, and within a bar the extreme comes first. Of equal extremes the later bar
    has the pivot. A bar confirms one pivot at most. Comparisons are of doubles in a fixed order of
    operations, where a price is the double nearest to its decimal.

    The reversal is a share of the magnitude of the extreme, so that it works at negative prices;
    from an extreme of 0 every move away is large enough.

    Parameters
    ----------
    tick_size : str, float, Decimal or Fraction
        The size of a tick.
    reversal_pct : float, default 0.12
        The reversal that confirms a pivot (per cent).
    keep_opposite : bool, default False
        If the opposite end of the bar that confirms a pivot stays in force as the next running
        extreme until a bar reaches as far, and two pivots may share a bar. By default a pivot that
        its own bar confirms loses that end with the next bar, however far that lies from it: an
        oddity of the rule that this one has to agree with.

    Attributes
    ----------
    count : int
        The bars so far.

    Raises
    ------
    ParameterError
        If `tick_size` is not positive, or `reversal_pct` not within `LEAST_PCT` to 100.

    """

    reversal_pct: float
    keep_opposite: bool
    count: int

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        reversal_pct: float = 0.12,
        keep_opposite: bool = False,
    ) -> None: ...
    def update(self, ts: int, high: int, low: int) -> Pivot | None:
        """
        Take a closed bar.

        Parameters
        ----------
        ts : int
            Its time (ns UTC).
        high, low : int
            Its ends (ticks).

        Returns
        -------
        Pivot or None
            The pivot that it confirms.

        Raises
        ------
        ValueError
            If the low is above the high.

        """

    def reset(self) -> None:
        """Forget all bars."""

    def start_again(self) -> None:
        """Begin with a new seed at the next bar, and continue counting the bars."""

    @property
    def pivot(self) -> Pivot | None:
        """The last pivot; None before the first bar."""

    @property
    def tail(self) -> Pivot | None:
        """The running extreme as a pivot that is not confirmed; None where the last bar has one."""

def zigzag_pivots(
    ts: NDArray[np.int64],
    high: NDArray[np.int64],
    low: NDArray[np.int64],
    tick_size: str | float | Decimal | Fraction,
    reversal_pct: float = 0.12,
    keep_opposite: bool = False,
    *,
    with_tail: bool = False,
) -> NDArray[Any]:
    """
    Return the pivots of an array of bars: those of `Zigzag`.

    Parameters
    ----------
    ts : NDArray[np.int64]
        The times of the bars (ns UTC, contiguous, shape `n`).
    high, low : NDArray[np.int64]
        Their ends (ticks, contiguous, shape `n`).
    tick_size, reversal_pct, keep_opposite
        As in `Zigzag`.
    with_tail : bool, default False
        If the running extreme is the last row, with -1 as `confirmed_bar`: for exports, it may
        still move.

    Returns
    -------
    NDArray
        One row a pivot, of `PIVOT_DTYPE`: `return_pct` is NaN where there is none, `structure` a
        place in `STRUCTURES`.

    Raises
    ------
    ValueError, ParameterError
        As in `Zigzag`, or if the columns differ in length.

    """

def auto_reversal_pct(
    high: NDArray[np.int64],
    low: NDArray[np.int64],
    close: NDArray[np.int64],
    tick_size: str | float | Decimal | Fraction,
    ceiling: float = 0.12,
    factor: float = 1.8,
    floor: float = 0.04,
) -> float:
    """
    Return the reversal that an array of bars suggests: a multiple of their median range.

    It needs the whole array, so it looks ahead at each bar but the last: for exports and
    comparisons, never for trading. The range of a bar is a share of its close; bars with a close of
    0 or below are left out, and without any other the result is the ceiling.

    Parameters
    ----------
    high, low, close : NDArray[np.int64]
        The bars (ticks, contiguous, shape `n`).
    tick_size : str, float, Decimal or Fraction
        The size of a tick.
    ceiling : float, default 0.12
        The largest result (per cent).
    factor : float, default 1.8
        How many times the median range.
    floor : float, default 0.04
        The smallest result (per cent) below the ceiling.

    Returns
    -------
    float
        Per cent, as `reversal_pct` of `Zigzag`.

    Raises
    ------
    ValueError
        If the columns differ in length.
    ParameterError
        If a parameter is not positive.

    """

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

RANGE_BARS: int
"""The bars at the end of a leg whose median range makes the bin."""
BINS_PER_RANGE: int
"""The bins in that range."""
LEAST_BIN: float
"""The smallest bin (units of price) of bars."""
MAX_BINS: int
"""A leg with more bins has an empty profile, and counts as `oversized`."""
BIN_DTYPE: np.dtype[np.void]

class LegProfile:
    """
    Computes the volume at price of a leg.

    The bin is the median range of the leg's last `RANGE_BARS` bars over `BINS_PER_RANGE`.

    Of bars the profile is an estimate: the volume of each is spread evenly over its range. The bin
    does not depend on the tick and is at least `LEAST_BIN`; bins begin at the lowest low; a bar of
    a single price counts for nothing; bins without volume are removed, so that those on both sides
    of a void are neighbours. All of it in doubles in a fixed order of operations, since the rule
    has to agree with an older one.

    Of prints the profile is exact: a bin is as many whole ticks as fit into the one above, at least
    one, from the lowest print on.

    With `clean` bars of a single price count in the bin that contains it, a bin is at least a tenth
    of a tick, and the empty bins between others stay.

    Parameters
    ----------
    tick_size : str, float, Decimal or Fraction
        The size of a tick.
    clean : bool, default False
        If the profile is without the oddities of the older rule.

    Attributes
    ----------
    bin_size : float
        The bin of the last profile (units of price).
    oversized : int
        The profiles that were left empty for their many bins.

    Raises
    ------
    ParameterError
        If `tick_size` is not a positive number.

    """

    clean: bool
    bin_size: float
    oversized: int

    def __init__(
        self, tick_size: str | float | Decimal | Fraction, clean: bool = False
    ) -> None: ...
    def of_bars(
        self,
        high: NDArray[np.int64],
        low: NDArray[np.int64],
        volume: NDArray[np.int64],
    ) -> NDArray[Any]:
        """
        Return the estimated profile of bars.

        Parameters
        ----------
        high, low : NDArray[np.int64]
            The ends of the bars (ticks, contiguous, shape `n`).
        volume : NDArray[np.int64]
            Their volume (lots, contiguous, shape `n`).

        Returns
        -------
        NDArray
            One row a bin, by rising price, of `BIN_DTYPE`: its edges and its middle in units of
            price, and its volume in lots. None where all bars are at one price.

        Raises
        ------
        ValueError
            If the columns differ in length, or a low is above its high.

        """

    def of_prints(
        self,
        high: NDArray[np.int64],
        low: NDArray[np.int64],
        ticks: NDArray[np.int64],
        volumes: NDArray[np.int64],
    ) -> NDArray[Any]:
        """
        Return the exact profile of prints.

        Parameters
        ----------
        high, low : NDArray[np.int64]
            The ends of the leg's bars (ticks, contiguous, shape `n`), for the bin.
        ticks, volumes : NDArray[np.int64]
            Prices (ticks) and volumes (lots) of the prints in any order, contiguous, shape `m`.

        Returns
        -------
        NDArray
            As `of_bars`; the edges of a bin lie half a tick outside its prices.

        Raises
        ------
        ValueError
            If columns differ in length, or a low is above its high.

        """

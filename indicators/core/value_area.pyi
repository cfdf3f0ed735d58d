from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indicators.core.volume_profile import VolumeProfile

REASONS: tuple[None, str, str, str, str]
METHODS: tuple[str, str]
POC_TIES: tuple[str, str]

class Levels(NamedTuple):
    """
    A value area in bins.

    A bin is a whole multiple of `bin_ticks` anchored at price 0: its lower edge in ticks is
    `bin * bin_ticks`. With `bin_ticks` 1 the bins are ticks.
    """

    valid: bool
    """If there is volume in at least `min_bins` bins."""
    reason: str | None
    """Why the area is not valid: `EMPTY` (no volume) or `MIN_BINS`; None where it is."""
    poc: int | None
    """The point of control: the bin of the greatest volume; None where empty."""
    val: int | None
    """The lowest bin of the value area; None where empty."""
    vah: int | None
    """The highest bin of the value area; None where empty."""
    volume: int
    """The volume between VAL and VAH (lots)."""
    total: int
    """The volume of the histogram (lots)."""
    coverage: float | None
    """`volume / total`; None where empty."""
    populated: int
    """The bins with volume in the whole histogram."""
    bins: int
    """The bins from VAL to VAH, those without volume included."""

class ValueArea:
    """
    Point of control and value area of a volume histogram.

    The area starts at the point of control and takes in neighbours until it holds at least the
    fraction of the volume:

    - The point of control is the bin of the greatest volume; of equal ones the lowest, or with the
      tie `middle` that nearest the middle of the populated bins, then the lower.
    - `one_row` compares the one bin below with the one above, and adds the greater.
    - `two_row` compares the sum of the two bins below with the sum of the two above, and adds the
      greater pair whole; one bin where only one is left on a side.
    - Equal volumes go to the lower side.
    - A bin without volume between populated ones counts 0; beyond the lowest and the highest
      populated bin there is nothing to add, and the area grows on the other side.
    - The comparisons are of exact integers: 0.7 is 7/10.

    Other tools break ties upwards or to the middle, or skip bins without volume.

    Parameters
    ----------
    fraction : str, float, Decimal or Fraction, default '0.7'
        The share of volume that the area must hold, above 0 and at most 1, up to six decimals.
    min_bins : int, default 20
        The populated bins in the whole histogram below which the levels are not valid.
    method : {'one_row', 'two_row'}, default 'one_row'
        How the area grows.
    poc_tie : {'lowest', 'middle'}, default 'lowest'
        Which of equal bins is the point of control.

    Attributes
    ----------
    min_bins : int
        The populated bins needed.
    method, poc_tie : str
        How the area grows, and which of equal bins it grows from.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    References
    ----------
    `two_row`: Dalton, Jones, Dalton, *Mind Over Markets*, appendix 1. `one_row`: the exchanges'
    market profile handouts.

    """

    min_bins: int
    method: str
    poc_tie: str

    def __init__(
        self,
        fraction: str | float | Decimal | Fraction = "0.7",
        min_bins: int = 20,
        method: str = "one_row",
        poc_tie: str = "lowest",
    ) -> None: ...
    def of_volumes(
        self,
        volumes: NDArray[np.int64],
        first_tick: int = 0,
        bin_ticks: int = 1,
    ) -> Levels:
        """
        Return the value area of a dense histogram.

        Parameters
        ----------
        volumes : NDArray[np.int64]
            The volume of each tick (lots, contiguous, shape `n`); empty ends do not count.
        first_tick : int, default 0
            The tick of the first volume.
        bin_ticks : int, default 1
            The width of a bin (ticks).

        Returns
        -------
        Levels

        Raises
        ------
        ValueError, ParameterError
            If a volume is negative or `bin_ticks` is not positive.

        """

    def of_profile(self, profile: VolumeProfile, bin_ticks: int = 1) -> Levels:
        """
        Return the value area of a volume profile.

        Parameters
        ----------
        profile : VolumeProfile
            The volume at price.
        bin_ticks : int, default 1
            The width of a bin (ticks).

        Returns
        -------
        Levels

        Raises
        ------
        ParameterError
            If `bin_ticks` is not positive.

        """

    @property
    def order(self) -> tuple[int, ...]:
        """The bins of the last area computed, in the order they were added."""

def rolling_value_area(
    ts_event: NDArray[np.int64],
    ticks: NDArray[np.int64],
    sizes: NDArray[np.int64],
    area: ValueArea,
    minutes: int = 240,
    bin_ticks: int = 1,
) -> NDArray[np.int64]:
    """
    Return the value area of the rolling window at the close of every minute.

    The rows are those of a `RollingProfile` fed print by print, with one bin width throughout.

    Parameters
    ----------
    ts_event : NDArray[np.int64]
        The event times (ns UTC), ascending, contiguous, shape `n`.
    ticks, sizes : NDArray[np.int64]
        The prices (ticks) and sizes (lots), contiguous, shape `n`.
    area : ValueArea
        The rules. Its `order` is afterwards that of the last row.
    minutes : int, default 240
        The length of the window (minutes), the closed one included.
    bin_ticks : int, default 1
        The width of a bin (ticks).

    Returns
    -------
    NDArray[np.int64]
        A row for each minute from the first print's to the last print's, without a gap (shape
        `(m, 7)`): start of the minute (ns UTC), index into `REASONS`, POC, VAL, VAH (bins, 0 where
        empty), volume of the area, volume of the window (lots).

    Raises
    ------
    ValueError, ParameterError
        If the lengths differ, `ts_event` is not ascending, a size is not positive, the ticks span
        more than a profile can, or `minutes` or `bin_ticks` is not positive.

    """

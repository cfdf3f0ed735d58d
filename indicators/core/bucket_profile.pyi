from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

class ThinBucket(NamedTuple):
    """A traded bucket with little volume."""

    price: int
    """The centre of the bucket (ticks)."""
    volume: int
    """The volume (lots)."""
    average: float
    """The average volume of the traded buckets (lots)."""
    ratio: float
    """The volume as a share of the average."""

class BucketArea(NamedTuple):
    """Point of control and value area, as centres of buckets (ticks)."""

    poc: int
    """The bucket with the most volume; of equal ones the lowest."""
    val: int
    """The lowest bucket of the value area."""
    vah: int
    """The highest bucket of the value area."""

class BucketProfile:
    """
    Represents volume in buckets around the multiples of a width.

    Unlike the bins of `ValueArea`, which begin at a multiple of their width, a bucket is centred
    on it: a price belongs to the nearest one, and a half goes away from zero.

    Parameters
    ----------
    bucket_ticks : int, default 1
        The width of a bucket (ticks).

    Raises
    ------
    ParameterError
        If the width is not positive.

    """

    bucket_ticks: int
    """The width of a bucket (ticks)."""
    total_volume: int
    """The volume of all buckets (lots)."""
    buckets: int
    """The number of traded buckets, those with empty prints alone included."""

    def __init__(self, bucket_ticks: int = 1) -> None: ...
    def clear(self) -> None:
        """Forget all volume."""

    def add(self, tick: int, size: int) -> None:
        """
        Add a print.

        Parameters
        ----------
        tick : int
            The price in ticks.
        size : int
            The size in lots, 0 or more.

        Raises
        ------
        ValueError
            If the size is negative.

        """

    def add_prints(self, ticks: Sequence[int], volumes: Sequence[int]) -> None:
        """
        Add the volume at several prices.

        Parameters
        ----------
        ticks : Sequence[int]
            The prices in ticks.
        volumes : Sequence[int]
            The volume at each price in lots.

        Raises
        ------
        ValueError
            If the lengths differ or a volume is negative.

        """

    def thin_buckets(
        self,
        ratio: str | float | Decimal | Fraction = "0.15",
    ) -> list[ThinBucket]:
        """
        Return the traded buckets strictly below a share of the average volume.

        The average is that of the traded buckets. Neighbours are not merged, and the outermost
        buckets count like any other (`find_nodes` merges runs and leaves out tails).

        Parameters
        ----------
        ratio : str, float, Decimal or Fraction, default '0.15'
            The share of the average, up to six decimals.

        Returns
        -------
        list[ThinBucket]
            By rising price; empty without volume.

        Raises
        ------
        ParameterError
            If the ratio is out of its range.

        """

    def value_area(
        self,
        fraction: str | float | Decimal | Fraction = "0.7",
    ) -> BucketArea | None:
        """
        Return point of control and value area, or None without volume.

        From the point of control the next traded bucket below or above with more volume is taken
        until the fraction of the total, rounded down to whole lots, is reached; of equal ones the
        lower. Buckets without a trade are skipped (`ValueArea` takes them one by one, and needs
        the fraction rounded up).

        Parameters
        ----------
        fraction : str, float, Decimal or Fraction, default '0.7'
            The share of the volume, above 0 and at most 1, up to six decimals.

        Raises
        ------
        ParameterError
            If the fraction is out of its range.

        """

def thin_buckets(
    ts_event: NDArray[np.int64],
    ticks: NDArray[np.int64],
    sizes: NDArray[np.int64],
    start: int,
    end: int,
    bucket_ticks: int = 2,
    ratio: str | float | Decimal | Fraction = "0.15",
) -> list[ThinBucket]:
    """
    Return the thin buckets of the trades within a time window.

    Parameters
    ----------
    ts_event : NDArray[np.int64]
        The UNIX timestamps (nanoseconds), in any order, shape `n`.
    ticks, sizes : NDArray[np.int64]
        Prices in ticks and sizes in lots, shape `n`.
    start, end : int
        The window (nanoseconds), both ends inside.
    bucket_ticks : int, default 2
        The width of a bucket (ticks).
    ratio : str, float, Decimal or Fraction, default '0.15'
        The share of the average volume of the traded buckets.

    Returns
    -------
    list[ThinBucket]
        By rising price.

    Raises
    ------
    ValueError, ParameterError
        If the columns differ in length, a size is negative or a parameter is out of its range.

    """

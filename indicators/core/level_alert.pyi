from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

UNITS: tuple[str, ...]
DIRECTIONS: dict[int, str]

class NearestLevel(NamedTuple):
    """What is known of the level nearest to a price."""

    level: int
    """The level (ticks); of two at one distance the lower."""
    distance: Fraction | None
    """The distance in the unit of the alert; None where it has no value."""
    near: bool
    """If the distance is below `near`."""
    fire: bool
    """If the alert of the level fires."""
    direction: str
    """UP where the price lies below the level, DOWN above it, AT on it."""
    approaching: bool | None
    """If the price before lay farther from this level; None at the first price."""

class LevelAlert:
    """
    An alert that fires once when the price comes near a level, and is armed again far from it.

    It fires for the nearest level below a distance of `near`. That level fires again after the
    price has been at `rearm` or farther, or the level was missing among others; no levels at all
    change nothing.

    Parameters
    ----------
    unit : {'percent', 'ticks', 'atr'}, default 'percent'
        What a distance is measured in: percent of the level, ticks, or multiples of the average
        true range. A level of 0 is never near in percent, nor is any without a true range in `atr`.
    near, rearm : str, float, Decimal or Fraction, default '0.5' and '0.75'
        The distances.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or `rearm` is below `near`.

    """

    unit: str

    def __init__(
        self,
        unit: str = "percent",
        near: str | float | Decimal | Fraction = "0.5",
        rearm: str | float | Decimal | Fraction = "0.75",
    ) -> None: ...
    def update(
        self,
        price: int,
        levels: Sequence[int],
        atr: Fraction | None = None,
    ) -> NearestLevel | None:
        """
        Take in a price.

        Parameters
        ----------
        price : int
            The price (ticks).
        levels : Sequence[int]
            The levels (ticks).
        atr : Fraction, optional
            The average true range (ticks).

        Returns
        -------
        NearestLevel or None
            None without levels.

        """

    def clear(self) -> None:
        """Forget prices and alerts."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from indicators.core.volume_profile import VolumeProfile

class VolumeZone(NamedTuple):
    """A zone of low or high volume, in ticks."""

    kind: str
    """LVN or HVN."""
    low: int
    """The lowest tick of the zone."""
    high: int
    """The highest tick of the zone."""
    price: int
    """The tick in the middle between them, rounded down."""
    volume: int
    """The volume of the zone (lots)."""

class VolumeZones:
    """
    Finds the low and high volume nodes of a profile.

    The rules are those of `find_nodes` with the method `mean_ratio`: this class keeps its memory
    and serves an evaluation at each close.

    Parameters
    ----------
    lvn_ratio : str, float, Decimal or Fraction, default '0.3'
        Low volume nodes lie below this multiple of the mean of the populated bins.
    hvn_ratio : str, float, Decimal or Fraction, default '1.5'
        High volume nodes lie above this multiple of it.

    Raises
    ------
    ParameterError
        If a ratio is not positive or has more than six decimals.

    """

    def __init__(
        self,
        lvn_ratio: str | float | Decimal | Fraction = "0.3",
        hvn_ratio: str | float | Decimal | Fraction = "1.5",
    ) -> None: ...
    def of_profile(self, profile: VolumeProfile, bin_ticks: int = 1) -> list[VolumeZone]:
        """
        Return the low volume nodes by rising price, and after them the high ones.

        Parameters
        ----------
        profile : VolumeProfile
            The volume at price.
        bin_ticks : int, default 1
            The width of a bin (ticks), bins anchored at price 0.

        Raises
        ------
        ParameterError
            If the width is not positive.

        """

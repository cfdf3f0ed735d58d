from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indicators.core.volume_profile import VolumeProfile

KINDS: tuple[str, str]
METHODS: tuple[str, str]
DEFAULT_RATIOS: dict[str, str]

class Node(NamedTuple):
    """A zone of low or high volume, in bins."""

    first: int
    """The lowest bin of the zone."""
    last: int
    """The highest bin of the zone."""
    price: int
    """The bin of the least (LVN) or greatest (HVN) volume; of equal ones the lowest."""
    volume: int
    """The volume of the zone (lots)."""
    depth: float
    """LVN: by how much its minimum falls short of the greatest volume, as a share of that (1 for
    an empty bin). HVN: its maximum as a share of the greatest volume. With `prominence` both
    volumes are smoothed."""
    prominence: float | None
    """The topographic prominence as a share of the greatest smoothed volume; None with
    `mean_ratio`."""

    @property
    def middle(self) -> int:
        """The middle bin of the zone, rounded down."""

    def in_ticks(self, bin_ticks: int) -> tuple[int, int, int]:
        """
        Return the zone in ticks.

        Parameters
        ----------
        bin_ticks : int
            The width of a bin (ticks).

        Returns
        -------
        tuple[int, int, int]
            The lowest and the highest tick of the zone, both inside, and the tick in the middle
            between them, rounded down.

        """

def find_nodes(
    volumes: NDArray[np.int64],
    first_bin: int = 0,
    *,
    kind: str = "lvn",
    method: str = "mean_ratio",
    ratio: str | float | Decimal | Fraction | None = None,
    smooth: int = 3,
    prominence: str | float | Decimal | Fraction = "0.15",
) -> list[Node]:
    """
    Return the low or high volume nodes of a dense histogram.

    No authority fixes what a node is; both rules here return zones. Every comparison is of exact
    integers or fractions, so no rounding decides. Empty bins outside the populated ones change
    nothing.

    `mean_ratio`: the mean is that of the populated bins. An LVN is a maximal run of bins, empty
    ones included, strictly below `ratio` times the mean with a bin at or above that on both sides
    (a run at either end is a tail, no node). An HVN is a maximal run strictly above it.

    `prominence`: the volumes are smoothed by a centred moving mean, of fewer bins at the ends. A
    plateau is one extremum. An HVN's prominence is its height above the highest saddle on the way
    to a higher maximum, or above 0 where there is none; an LVN's is the lower of the two rims that
    part it from a lower minimum or from the end of the profile, less its minimum. Of equal
    extrema the one at the lower price dominates. Those of at least `prominence` times the greatest
    smoothed volume are nodes, and the zone reaches up to half the prominence. Zones may lie within
    one another. A minimum at either end is a tail, no node.

    Parameters
    ----------
    volumes : NDArray[np.int64]
        The volume of each bin (lots, contiguous, shape `n`).
    first_bin : int, default 0
        The number of the first bin.
    kind : {'lvn', 'hvn'}, default 'lvn'
        Low or high volume nodes.
    method : {'mean_ratio', 'prominence'}, default 'mean_ratio'
        The rule.
    ratio : str, float, Decimal or Fraction, optional
        For `mean_ratio`: the threshold as a multiple of the mean, up to six decimals; by default
        0.3 for low and 1.5 for high nodes.
    smooth : int, default 3
        For `prominence`: the bins in the moving mean, an odd number from 1 to 999.
    prominence : str, float, Decimal or Fraction, default '0.15'
        For `prominence`: the least share of the greatest smoothed volume, above 0 and at most 1,
        up to six decimals.

    Returns
    -------
    list[Node]
        By rising price.

    Raises
    ------
    ValueError, ParameterError
        If a parameter is out of its range or a volume is negative.

    """

def find_profile_nodes(
    profile: VolumeProfile,
    bin_ticks: int = 1,
    *,
    kind: str = "lvn",
    method: str = "mean_ratio",
    ratio: str | float | Decimal | Fraction | None = None,
    smooth: int = 3,
    prominence: str | float | Decimal | Fraction = "0.15",
) -> list[Node]:
    """
    Return the low or high volume nodes of a volume profile.

    Parameters
    ----------
    profile : VolumeProfile
        The volume at price.
    bin_ticks : int, default 1
        The width of a bin (ticks), bins anchored at price 0.
    kind, method, ratio, smooth, prominence
        As in `find_nodes`.

    Returns
    -------
    list[Node]
        By rising price, in bins: `Node.in_ticks` gives ticks.

    Raises
    ------
    ParameterError
        If a parameter is out of its range or `bin_ticks` is not positive.

    """

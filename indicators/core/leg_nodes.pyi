from typing import Any
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PRESETS: dict[str, dict[str, Any]]
"""The parameters of `LegNodes` by name: `legacy`, the default; `head`, a later version of it that
finds seven to seventeen times as many; `clean`, without the oddities of the two."""
MAX_SMOOTH: int
NODE_DTYPE: np.dtype[np.void]

class LegNode(NamedTuple):
    """A low volume node of a leg. Prices are in units of price, finer than the tick."""

    rank: int
    """1 for the deepest of its leg."""
    price: float
    """The middle of its bin; with `clean` of its run of equal bins."""
    low: float
    """The lower edge."""
    high: float
    """The upper edge."""
    volume: float
    """The smoothed volume (lots)."""
    raw_volume: float
    """The volume before smoothing (lots)."""
    pct_of_max: float
    """The smoothed volume as a share of that at the point of control."""
    depth_pct: float
    """1 less that share."""
    pct_of_total: float
    """The smoothed volume as a share of the sum of all."""
    distance_to_poc: float
    """The distance to the price of the point of control."""
    poc_price: float
    """The middle of the bin of the point of control."""
    value_area_low: float
    """The middle of the lowest bin of the value area."""
    value_area_high: float
    """The middle of its highest bin."""

class LegNodes:
    """
    Finds the low volume nodes of a leg's profile.

    In the order of the rule, on volumes smoothed by a centred moving mean:

    - The point of control is the bin of the largest volume; of equal ones the lowest price.
    - The value area grows from there by the larger neighbour, of equal ones the lower, until it
      holds `value_area` of the volume.
    - A minimum is not above either neighbour and below one of them. A maximum is its mirror image,
      and the point of control is always one. The first and the last bin are neither.
    - A minimum is dropped within `edge` of the bins from either end (one bin at least), below
      `min_share` of the volume, outside the value area, or above `prominence` times the nearest
      maximum (counted in bins, of equally near ones the one at the lower price).
    - The `top` deepest remain, by their volume as a share of the largest; of equal ones first the
      one farther from the point of control, then the one at the lower price.

    With `clean` equal neighbours (within a billionth of the largest) are one run, which is a
    minimum only between two higher ones, and one node in its middle. Without it, a step of a slope
    is a minimum, and a flat valley has two.

    Parameters
    ----------
    edge : float, default 0.15
        The share of the bins at either end without nodes.
    prominence : float, default 0.5
        The largest volume of a node as a share of the nearest maximum.
    min_share : float, default 0.005
        The least volume of a node as a share of the whole.
    value_area : float, default 0.7
        The share of the volume in the value area.
    top : int, default 3
        The most nodes of a leg.
    smooth : int, default 3
        The bins in the moving mean, an odd number; fewer count at the ends.
    min_bars : int, default 10
        The least length of a leg (bars); `LegStructure` applies it.
    clean : bool, default False
        If equal neighbours are one run; `LegStructure` makes a clean profile as well.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    edge: float
    prominence: float
    min_share: float
    value_area: float
    top: int
    smooth: int
    min_bars: int
    clean: bool

    def __init__(
        self,
        *,
        edge: float = 0.15,
        prominence: float = 0.5,
        min_share: float = 0.005,
        value_area: float = 0.7,
        top: int = 3,
        smooth: int = 3,
        min_bars: int = 10,
        clean: bool = False,
    ) -> None: ...
    def scan(self, bins: NDArray[Any]) -> list[LegNode]:
        """
        Return the nodes of a profile.

        Parameters
        ----------
        bins : NDArray
            A profile of `LegProfile`.

        Returns
        -------
        list[LegNode]
            By rank.

        Raises
        ------
        ValueError
            If the rows are not of `BIN_DTYPE`.

        """

    def smoothed(self, bins: NDArray[Any]) -> NDArray[np.float64]:
        """
        Return the smoothed volumes of a profile.

        Parameters
        ----------
        bins : NDArray
            A profile of `LegProfile`.

        Returns
        -------
        NDArray[np.float64]
            The means (lots), shape `n`.

        Raises
        ------
        ValueError
            If the rows are not of `BIN_DTYPE`.

        """

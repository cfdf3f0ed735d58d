from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indicators.core.leg_nodes import LegNode
from indicators.core.leg_nodes import LegNodes
from indicators.core.leg_profile import LegProfile
from indicators.core.zigzag import Pivot
from indicators.core.zigzag import Zigzag

PATTERNS: dict[int, str]
"""The labels of the two pivots of a leg, by its direction."""
DIRECTIONS: dict[int, str]
"""What a direction is called: `uptrend` or `downtrend`."""
LEG_DTYPE: np.dtype[np.void]
LEG_NODE_DTYPE: np.dtype[np.void]

class Leg(NamedTuple):
    """A leg: the way from one pivot to the next where it makes a trend."""

    leg_id: int
    """Its number, counted from 0."""
    direction: int
    """+1 from a higher low to a higher high, -1 from a lower high to a lower low."""
    start_bar: int
    """The bar of its first pivot."""
    end_bar: int
    """The bar of its last pivot."""
    confirmed_bar: int | None
    """The bar at whose close it is known; None where it ends with the tail."""
    start_ts: int
    """The time of the bar of its first pivot (ns UTC)."""
    end_ts: int
    """The time of the bar of its last pivot (ns UTC)."""
    confirmed_ts: int | None
    """The time of the bar at whose close it is known (ns UTC)."""
    start_tick: int
    """The price of its first pivot (ticks)."""
    end_tick: int
    """The price of its last pivot (ticks)."""
    bars: int
    """The bars between the two."""
    duration_ns: int
    """The time between the two bars (ns)."""
    is_seeded: bool
    """If it begins at the seed, so that its first label is arbitrary."""
    return_pct: float | None
    """The change of price (per cent), as that of its last pivot."""
    bin_size: float | None
    """The bin of its profile (units of price); None where it is too short for one."""

    @property
    def pattern(self) -> str:
        """The labels of its pivots, such as `HL->HH`."""

class Confirmation(NamedTuple):
    """What the close of one bar has made known."""

    pivot: Pivot
    """The pivot that it confirms."""
    leg: Leg | None
    """The leg that ends there; None where the two pivots make none."""
    nodes: tuple[LegNode, ...]
    """The low volume nodes of that leg, by rank."""

class Structures(NamedTuple):
    """What an array of bars has made known."""

    pivots: NDArray[Any]
    """One row a pivot, of `PIVOT_DTYPE`."""
    legs: NDArray[Any]
    """One row a leg, of `LEG_DTYPE`: the fields of `Leg`, with the number of its nodes; NaN as
    `return_pct` where there is none, 0 as `bin_size` where there is no profile, -1 as
    `confirmed_bar` and `confirmed_ts` of the tail."""
    nodes: NDArray[Any]
    """One row a node, of `LEG_NODE_DTYPE`: the leg, and the fields of `LegNode`."""

class LegStructure:
    """
    Follows the legs of a market bar by bar, with the low volume nodes of each.

    A leg joins two consecutive pivots of a `Zigzag`: a higher low and a higher high, or a lower
    high and a lower low. It is known when its last pivot is confirmed. Its profile (`LegProfile`)
    is that of the bars from that of the first pivot to that of the last, both included, and
    `LegNodes` finds the nodes; legs of fewer than `min_bars` have none.

    Parameters
    ----------
    tick_size : str, float, Decimal or Fraction
        The size of a tick.
    nodes : LegNodes, optional
        The rule for nodes; by default that of the preset `legacy`.
    reversal_pct, keep_opposite
        As in `Zigzag`.
    exact : bool, default False
        If profiles are those of the prints of the bars, not estimated from their ranges.

    Attributes
    ----------
    zigzag : Zigzag
        The pivots; `zigzag.count` bars have closed.
    leg_count : int
        The legs so far.
    profile : LegProfile
        Makes the profiles; `profile.oversized` of them were left empty.

    Raises
    ------
    ParameterError
        As in `Zigzag`.

    """

    zigzag: Zigzag
    nodes: LegNodes
    profile: LegProfile
    leg_count: int
    exact: bool

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        nodes: LegNodes | None = None,
        reversal_pct: float = 0.12,
        keep_opposite: bool = False,
        exact: bool = False,
    ) -> None: ...
    def update(
        self,
        ts: int,
        high: int,
        low: int,
        volume: int,
        ticks: Sequence[int] | None = None,
        volumes: Sequence[int] | None = None,
    ) -> Confirmation | None:
        """
        Take a closed bar.

        Parameters
        ----------
        ts : int
            Its time (ns UTC).
        high, low : int
            Its ends (ticks).
        volume : int
            Its volume (lots).
        ticks, volumes : Sequence[int], optional
            The traded prices (ticks) and the volume at each of them (lots), for exact profiles.

        Returns
        -------
        Confirmation or None
            What it makes known: one pivot at most.

        Raises
        ------
        ValueError
            If the low is above the high, the volume is negative, or an exact profile lacks prints.

        """

    def update_many(
        self,
        ts: NDArray[np.int64],
        high: NDArray[np.int64],
        low: NDArray[np.int64],
        volume: NDArray[np.int64],
    ) -> None:
        """
        Add closed bars; `take` returns the results.

        Parameters
        ----------
        ts : NDArray[np.int64]
            Their times (ns UTC, contiguous, shape `n`).
        high, low : NDArray[np.int64]
            Their ends (ticks, contiguous, shape `n`).
        volume : NDArray[np.int64]
            Their volume (lots, contiguous, shape `n`).

        Raises
        ------
        ValueError
            As in `update`, if the columns differ in length, or if profiles are exact.

        """

    def take(self) -> Structures:
        """Return the results of `update_many` since the last call."""

    def reset(self) -> None:
        """Forget all bars."""

    def start_again(self) -> None:
        """Begin with a new seed at the next bar, and continue counting bars and legs."""

def leg_structures(
    ts: NDArray[np.int64],
    high: NDArray[np.int64],
    low: NDArray[np.int64],
    volume: NDArray[np.int64],
    tick_size: str | float | Decimal | Fraction,
    nodes: LegNodes | None = None,
    reversal_pct: float = 0.12,
    keep_opposite: bool = False,
    *,
    with_tail: bool = False,
) -> Structures:
    """
    Return the pivots, legs and nodes of an array of bars: those of `LegStructure`.

    Parameters
    ----------
    ts, high, low, volume
        As in `LegStructure.update_many`.
    tick_size, nodes, reversal_pct, keep_opposite
        As in `LegStructure`.
    with_tail : bool, default False
        If the running extreme counts as the last pivot, with -1 as `confirmed_bar`, and may end a
        leg: for exports, it may still move.

    Returns
    -------
    Structures
        Pivots, legs and nodes.

    Raises
    ------
    ParameterError
        As in `LegStructure`.

    """

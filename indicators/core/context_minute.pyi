from typing import Any
from typing import NamedTuple

from indicators.core.auction_state import AuctionState
from indicators.core.context_clock import ContextClock
from indicators.core.volume_zones import VolumeZone

class MinuteDetails(NamedTuple):
    """What a closed minute has beside its values."""

    footprint: tuple[list[int], list[int], list[int], list[int]]
    """The traded prices (ticks, rising), and the volume at each of them of buyers, of sellers and
    without a side (lots)."""
    nodes_gone: list[VolumeZone]
    """The low and the high volume nodes of the minute before that are none now, with the volume
    they had."""
    nodes_found: list[VolumeZone]
    """The low and the high volume nodes of the session that were none in the minute before."""

class ContextMinute(ContextClock):
    """Row of a closed minute of `MarketContext`, for other cores."""

    state: AuctionState
    """The rules of the state."""
    closed: list[tuple[tuple[Any, ...], MinuteDetails]]
    """The minutes closed by single events."""

"""The message of a pattern as the router has decided about it."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class RoutedPattern(Message):
    """
    Represents one pattern of a closed bar, and what the router has made of it.

    Attributes
    ----------
    strategy_id : str
        The strategy.
    ts_start, ts_end : int
        The start of the bar, and the first nanosecond after it (ns UTC).
    pattern, direction : str
        The pattern, and LONG or SHORT.
    strength : float
        Between 0 and 1.
    price : int
        Its price (ticks), which the market has left.
    regime : str
        The regime in force at the end of the bar.
    confidence : float
        How sure it was.
    route : str
        APPROVED, or the first reason against it.
    is_chosen : bool
        If the bar is traded by it; hours, limits and the gate may still refuse that.
    stack : int
        The distinct patterns of the bar in its direction.
    tick_size : float
        The unit of the price.

    """

    TABLE = Table("routed_patterns")
    PARITY = (
        Parity(
            "routes",
            "patterns",
            ("ts_start", "strategy_id", "pattern", "price"),
            ("direction", "strength", "regime", "confidence", "route", "is_chosen", "stack"),
        ),
    )

    strategy_id: Text
    ts_start: Time
    ts_end: Time
    pattern: Text
    direction: Text
    strength: Ratio
    price: Ticks
    regime: Text
    confidence: Ratio
    route: Text
    is_chosen: Flag
    stack: Count
    tick_size: Price

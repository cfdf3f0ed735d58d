"""The message of an event in the life of a zone that a pattern has left."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class FootprintZone(Message):
    """
    Represents one event in the life of the zone of a pattern.

    A zone is CREATED at the close of the bar with its pattern. One of a long pattern is support:
    TOUCHED by the first later bar that trades at its highest tick or below, BROKEN by a trade below
    its lowest; one of a short pattern is resistance, mirrored. An unfinished extreme is neither: it
    lasts until a later bar trades there (REVISITED). All end after a number of bars, unfinished
    ones when there are too many, and all with a gap in the data (EXPIRED).

    Attributes
    ----------
    event : str
        CREATED, TOUCHED, BROKEN, REVISITED or EXPIRED.
    ts_start : int
        The start of the bar of the event (ns UTC); with a gap the last one before it.
    pattern, direction : str
        The pattern, and LONG or SHORT.
    low, high : int
        The lowest and the highest tick.
    price : int
        The price of the pattern (ticks).
    strength : float
        Its strength.
    created_ts : int
        The start of its bar (ns UTC).
    bars : int
        The bars since then; 0 for CREATED.
    tick_size : float
        The unit of the prices.

    """

    TABLE = Table("footprint_zones")
    PARITY = (
        Parity(
            "zones",
            "events",
            ("ts_start", "event", "created_ts", "pattern", "price"),
            ("low", "high", "bars"),
        ),
    )

    event: Text
    ts_start: Time
    pattern: Text
    direction: Text
    low: Ticks
    high: Ticks
    price: Ticks
    strength: Ratio
    created_ts: Time
    bars: Count
    tick_size: Price

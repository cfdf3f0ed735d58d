"""Messages about impulses and their low volume nodes."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class ImpulseTransition(Message):
    """
    Represents one change of the impulse's state machine, with the marks of the impulse.

    Attributes
    ----------
    source : str
        MARKET for the machine that never trades, else the strategy whose machine it is.
    event, state : str
        What happened, and the state after it.
    ts_second : int
        The second it happened in (ns UTC).
    impulse_id : int
        The impulse.
    direction, level : str
        Its direction, and the level whose breakout started it.
    start : int
        The start of its first second (ns UTC).
    bars, volume : int
        Its bars and its volume so far (lots).
    tick_size : float
        The unit of the prices.
    start_price, extreme, price : int
        Its first open, its extreme, and the close of the second (ticks).
    score : int
        How many of the five marks are true.
    broke_swing, fast, uniform, volume_mark, size : bool
        The marks.
    nodes : int
        The low volume nodes found.

    """

    TABLE = Table("impulses")
    PARITY = (Parity("impulses", "steps", ("ts_second", "source", "event", "impulse_id")),)

    source: Text
    event: Text
    state: Text
    ts_second: Time
    impulse_id: Count
    direction: Text
    level: Text
    start: Time
    bars: Count
    volume: Lots
    tick_size: Price
    start_price: Ticks
    extreme: Ticks
    price: Ticks
    score: Count
    broke_swing: Flag
    fast: Flag
    uniform: Flag
    volume_mark: Flag
    size: Flag
    nodes: Count


@register
class LvnVisit(Message):
    """
    Represents one step in the life of a low volume node.

    Attributes
    ----------
    source : str
        MARKET for the machine that never trades, else the strategy that tracks the node.
    event : str
        FOUND, TOUCHED, ARMED, RETESTING, SIGNAL or DROPPED.
    ts_second : int
        The second it happened in (ns UTC).
    impulse_id : int
        The impulse it belongs to.
    direction : str
        The direction of the impulse.
    tick_size : float
        The unit of the price.
    price : int
        The centre of its bucket (ticks).
    volume : int
        The volume in it (lots).
    ratio : float
        That volume as a share of the average bucket.
    start, end : int
        The first and the last second of the impulse (ns UTC).

    """

    TABLE = Table("lvn_visits")
    PARITY = (Parity("visits", "steps", ("ts_second", "source", "event", "impulse_id", "price")),)

    source: Text
    event: Text
    ts_second: Time
    impulse_id: Count
    direction: Text
    tick_size: Price
    price: Ticks
    volume: Lots
    ratio: Ratio
    start: Time
    end: Time

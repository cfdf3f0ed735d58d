"""What the playbook strategy publishes beside its decisions: attempts, nodes, signals."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class BreakoutAttempt(Message):
    """
    Represents one event of a breakout attempt, with what is known of it at the minute's close.

    Attributes
    ----------
    strategy_id : str
        The strategy that follows it.
    ts_min : int
        The minute of the event (ns UTC).
    started : int
        The minute of its first close outside (ns UTC), by which it is known.
    event : str
        ATTEMPT_UP or ATTEMPT_DOWN begin it; LEG_READY, LEG_EXTENDS, RECLAIM, RLEG_READY,
        RLEG_EXTENDS and NODE_BROKEN are on its way; RETURN, NO_NODE, OUTSIDE_AGAIN, POC_REACHED,
        EXPIRED and SIGNAL end it.
    phase : str or None
        What it waits for then: LEG, READY, RLEG or RREADY; null once it has ended.
    side : str
        UP above the balance, DOWN below it.
    edge, poc : int
        The boundary that was left, and the point of control of the balance (ticks).
    origin, extreme : int
        Begin and end of its leg (ticks).
    latched : bool
        If the market was in imbalance in its direction, and not in the opposite one after that.
    nodes : int
        The low volume nodes that a pullback may touch.
    tick_size : float
        The unit of the prices.

    """

    TABLE = Table("attempts")
    PARITY = (
        Parity(
            "attempts", "steps", ("ts_min", "strategy_id", "started", "event"), is_complete=False
        ),
    )

    strategy_id: Text
    ts_min: Time
    started: Time
    event: Text
    phase: Text | None
    side: Text
    edge: Ticks
    poc: Ticks
    origin: Ticks
    extreme: Ticks
    latched: Flag
    nodes: Count
    tick_size: Price


@register
class LegNodeEvent(Message):
    """
    Represents one event of a low volume node of a leg.

    Attributes
    ----------
    strategy_id : str
        The strategy that waits at it.
    ts_min : int
        The minute of the event (ns UTC).
    started : int
        The start of its attempt (ns UTC).
    event : str
        FOUND; TOUCHED by a minute that was refused; SIGNAL, BROKEN by a close beyond it, or
        DROPPED with its leg.
    side : str
        BUY or SELL: the side of the trade at it.
    low, high, price : int
        Its lowest, its highest and its middle tick.
    volume : int
        What traded in it (lots).
    tick_size, lot_size : float
        The units.

    """

    TABLE = Table("leg_nodes")
    PARITY = (
        Parity(
            "leg nodes",
            "steps",
            ("ts_min", "strategy_id", "started", "event", "low", "high"),
            is_complete=False,
        ),
    )

    strategy_id: Text
    ts_min: Time
    started: Time
    event: Text
    side: Text
    low: Ticks
    high: Ticks
    price: Ticks
    volume: Lots
    tick_size: Price
    lot_size: Size


@register
class SetupSignal(Message):
    """
    Represents a setup at a touched node: a signal, or the reason why there is none.

    What gate and trade manager make of a signal stands in the decision of the same minute.

    Attributes
    ----------
    strategy_id : str
        The strategy.
    ts_min : int
        The minute (ns UTC).
    started : int
        The start of its attempt (ns UTC).
    outcome : str
        SIGNAL, or a code of `SetupRefusal`.
    missing : str
        What it lacks, in words; empty for a signal.
    setup : str
        TREND_MODEL or MEAN_REVERSION.
    side : str
        BUY or SELL.
    entry, stop, target : float
        Its prices.
    target_basis : str
        PRIOR_POC, FALLBACK_RR or BALANCE_POC: where the target comes from.
    rr : float
        The way to the target by the way to the stop.
    confidence : int
        0.4 times the confidence of the state plus 0.6 times the score, rounded down (0 to 100).
    score : int
        The score of the aggressive flow (0 to 100).
    flow_direction, state : str
        The side of the flow (BUY, SELL or NEUTRAL), and the state of the market.
    node, node_low, node_high : float
        The middle and the ends of the node.
    node_volume : float
        What traded in it.
    node_distance : float
        The distance of the close from the middle of the node, positive on the side of the trade.
    print_price, print_size : float or None
        The aggressive print; null where none was large enough.

    """

    TABLE = Table("setup_signals", ts="close")
    PARITY = (Parity("setups", "setups", ("ts_min", "strategy_id"), is_complete=False),)

    strategy_id: Text
    ts_min: Time
    started: Time
    outcome: Text
    missing: Text
    setup: Text
    side: Text
    entry: Price
    stop: Price
    target: Price
    target_basis: Text
    rr: Ratio
    confidence: Count
    score: Count
    flow_direction: Text
    state: Text
    node: Price
    node_low: Price
    node_high: Price
    node_volume: Size
    node_distance: Price
    print_price: Price | None
    print_size: Size | None

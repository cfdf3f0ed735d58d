"""Messages of strategies about decisions and trades, and of venues about funding."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import Money
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import PriceList
from actors.messages.schema import Ratio
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Time


_DECIDED = ("ts_min", "strategy_id")


@register
class Decision(Message):
    """
    Represents the decision of a strategy at one close.

    A strategy that decides once a minute publishes every decision, also those without an action;
    one that decides once a second publishes only those with content.

    Attributes
    ----------
    strategy_id : str
        The strategy.
    ts_min : int
        The start of the minute, or of the second, decided in (ns UTC).
    reason : str
        The decision machine's reason code.
    flags : str
        The setups seen, separated by commas.
    events : str
        What the decision machine's trackers did, separated by commas.
    setup : str or None
        The setup of the candidate that won.
    side : str or None
        BUY or SELL.
    entry, stop, tp1, tp2 : float or None
        The candidate's prices; `tp2` is the last target.
    targets : list[float] or None
        All its targets, nearest first, where there are more than two.
    regime : str or None
        The state of the market that the system decided in.
    pattern : str or None
        The order-flow patterns that the candidate rests on, separated by commas.
    node : float or None
        The price of the low volume node it is traded at.
    print_price : float or None
        The price of the aggressive print behind its stop.
    score, confidence : float or None
        Its strength by the system's own scale, and how sure the system is (0 to 1).
    tier : str or None
        The capital tier that its size follows.
    quantity : float or None
        The size of the entry sent; null where none is sent at once.
    action : str
        ENTER, FLIP, EXIT, REFUSE or HOLD.
    why : str or None
        The code of the refusal, or the reason of an exit.

    """

    TABLE = Table("signals", ts="close")
    JOURNAL = "decisions"
    # What the system wants, what the gate made of it, and what the money in the account allows.
    PARITY = (
        Parity(
            "decisions",
            "",
            _DECIDED,
            (
                *("reason", "flags", "events", "setup", "side", "entry", "stop", "tp1", "tp2"),
                *("targets", "regime", "pattern", "node", "print_price", "score", "confidence"),
                "tier",
            ),
            is_complete=None,
        ),
        Parity("actions", "", _DECIDED, ("action", "why"), is_complete=False, of_fills=True),
        Parity("sizes", "", _DECIDED, ("quantity",), is_complete=False, of_fills=True),
    )

    strategy_id: Text
    ts_min: Time
    reason: Text
    flags: Text
    events: Text
    setup: Text | None
    side: Text | None
    entry: Price | None
    stop: Price | None
    tp1: Price | None
    tp2: Price | None
    quantity: Size | None
    action: Text
    why: Text | None
    targets: PriceList | None
    regime: Text | None
    pattern: Text | None
    node: Price | None
    print_price: Price | None
    score: Ratio | None
    confidence: Ratio | None
    tier: Text | None


@register
class TradeEvent(Message):
    """
    Represents one step in the life of a trade, for journals and dashboards.

    Attributes
    ----------
    strategy_id : str
        The strategy.
    kind : str
        ENTRY_SUBMITTED, ENTRY_FILLED, ENTRY_CANCELED, ENTRY_REFUSED, EXIT_FILLED, FUNDING_PAID or
        TRADE_CLOSED.
    setup : str or None
        The setup of the trade; null for funding without one.
    side : str or None
        LONG or SHORT.
    reason : str or None
        How an entry was filled, why it was canceled, why lots left; of a closed trade the reason of
        the last exit.
    quantity : float or None
        The size of the step; of a closed trade all that was opened.
    price : float or None
        The fill price; of a submitted entry its limit, of a closed trade the average entry.
    gross, fees, funding, net : float or None
        The money of the step in the settlement currency; fees and funding are positive when paid.
    trade_id : int or None
        The trade, counted within its strategy over all runs that go on from one state; null for
        what is of no trade, like an entry that was to follow a flip.

    """

    TABLE = Table("trade_events")
    JOURNAL = "trade_events"
    # Fills and their money, to the nanosecond. A node counts on from the trades of its last run.
    PARITY = (
        Parity(
            "money",
            "trade events",
            ("ts", "strategy_id", "kind"),
            ("setup", "side", "reason", "quantity", "price", "gross", "fees", "funding", "net"),
            of_fills=True,
        ),
    )

    strategy_id: Text
    kind: Text
    setup: Text | None
    side: Text | None
    reason: Text | None
    quantity: Size | None
    price: Price | None
    gross: Money | None
    fees: Money | None
    funding: Money | None
    net: Money | None
    trade_id: Count | None


@register
class Alert(Message):
    """
    Represents an event that an operator should know about.

    Attributes
    ----------
    strategy_id : str
        The strategy that raises it.
    kind : str
        What it is, such as KILL_SWITCH or POSITION_MISMATCH.
    text : str
        One line for a human.
    value : float or None
        The figure that belongs to it: a day's result, a quantity.

    """

    TABLE = Table("alerts")
    JOURNAL = "alerts"

    strategy_id: Text
    kind: Text
    text: Text
    value: Ratio | None


@register
class FundingPayment(Message):
    """
    Represents the settlement of funding on one open position of a perpetual.

    Attributes
    ----------
    strategy_id : str
        The strategy whose position it is.
    rate : float
        The rate of the interval as a fraction of notional; positive when longs pay.
    price : float
        The price the notional was computed at.
    quantity : float
        The signed size, positive for a long position.
    paid : float
        What the position paid in the settlement currency, negative where it received.

    """

    JOURNAL = "funding"

    strategy_id: Text
    rate: Ratio
    price: Price
    quantity: Size
    paid: Money


@register
class TradingStatus(Message):
    """
    Represents the state of a strategy after one decision.

    Attributes
    ----------
    strategy_id : str
        The strategy.
    active : bool
        If an operator lets it enter; an open trade is managed in any case.
    halted : bool
        If position and orders are in doubt, so that nothing is entered.
    killed : bool
        If the day's loss has reached its limit.
    quantity : float
        The signed size of its open position, positive for a long one.
    entry, stop : float or None
        The average entry price and the protective stop of the open position.
    day_pnl : float
        The realised result of the UTC day, net of fees and funding.
    open_risk : float
        What the open position loses at its stop before costs, in the settlement currency; 0 from
        break-even on.
    heat : float or None
        That per available margin; null where the position binds all of it, as it does at the
        largest leverage.
    cooling : bool
        If the last full exit is too recent for an entry.
    trades : str or None
        The running trades, oldest first, as a JSON list of objects; null for a strategy that holds
        one trade at the most.

    """

    TABLE = Table("status", of_nodes=True)
    JOURNAL = "statuses"

    strategy_id: Text
    active: Flag
    halted: Flag
    killed: Flag
    quantity: Size
    entry: Price | None
    stop: Price | None
    day_pnl: Money
    open_risk: Money
    heat: Ratio | None
    cooling: Flag
    trades: Text | None


@register
class StateSnapshot(Message):
    """
    Represents the whole state of a strategy, from which it goes on after a restart.

    Attributes
    ----------
    strategy_id : str
        The strategy.
    cause : str
        What it follows: COMMANDS, ORDER, FUNDING, STATE, PERIODIC, RECOVERED or STOP.
    state : str
        The state as a JSON object with its schema version.

    """

    JOURNAL = "snapshots"

    strategy_id: Text
    cause: Text
    state: Text

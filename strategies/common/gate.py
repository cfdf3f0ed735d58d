"""The gate between a signal and an order: one reason for each refusal."""

from msgspec import Struct

from actors.codes import Code


class Refusal(Code):
    """Represents why an intent is not acted on."""

    WARMUP = (
        "WARMUP",
        "Too little history (warmup_minutes) since start or gap, or no levels: start earlier or "
        "ingest what is missing.",
    )
    OBSERVATION = (
        "OBSERVATION",
        "The node only observed: `auction control activate` lets it enter.",
    )
    STALE = "STALE", "The market was silent for too long to enter: check the connection."
    KILL_SWITCH = (
        "KILL_SWITCH",
        "The loss of the day had reached max_daily_loss: no entries until the next UTC day.",
    )
    PROFIT_TARGET = (
        "PROFIT_TARGET",
        "The profit of the day had reached daily_profit_target: no entries until the next UTC day.",
    )
    HALTED = (
        "HALTED",
        "Halted, by an operator or with position and orders in doubt: `auction control resume`.",
    )
    ENTRY_PENDING = "ENTRY_PENDING", "The entry before it was still waiting for its fill."
    EXIT_PENDING = "EXIT_PENDING", "The trade before it was still being closed."
    COOLDOWN = "COOLDOWN", "The last full exit was less than cooldown_minutes ago."
    SAME_SIDE = "SAME_SIDE", "A trade on the same side was open: nothing is added to it."
    FLIP_DISABLED = (
        "FLIP_DISABLED",
        "A trade on the other side was open, and enable_flip_on_signal is off.",
    )
    SAME_SETUP = (
        "SAME_SETUP",
        "A trade of the same setup was open, and one_trade_per_setup is on.",
    )
    MAX_TRADES = "MAX_TRADES", "As many trades were open as max_trades allows."
    TOTAL_LOSS = (
        "TOTAL_LOSS",
        "All strategies together had lost max_daily_loss_all: no entries until the next UTC day.",
    )
    CURRENCIES = (
        "CURRENCIES",
        "Results in several currencies cannot be added up: leave max_daily_loss_all null.",
    )
    ALL_TRADES = (
        "ALL_TRADES",
        "All strategies together had as many trades as max_trades_all allows.",
    )
    OTHER_CONTRACT = "OTHER_CONTRACT", "The capital tier in force trades another contract."
    CAPITAL_GONE = (
        "CAPITAL_GONE",
        "The balance of the capital tiers is below zero: no entries until it is not.",
    )
    DAY_LOSS = (
        "DAY_LOSS",
        "The day had lost the limit of its capital tier, or max_daily_loss, open loss included.",
    )
    DAY_TARGET = (
        "DAY_TARGET",
        "The day had earned daily_profit_target, less the open loss: no entries until the next.",
    )
    MARGIN_HIGH = "MARGIN_HIGH", "A contract needs more margin than the margin protection allows."
    MARGIN_UNKNOWN = (
        "MARGIN_UNKNOWN",
        "The margin of a contract is not known, and the margin protection is fail-safe.",
    )
    STOP_IN_SPREAD = (
        "STOP_IN_SPREAD",
        "The stop was nearer than min_stop_spreads spreads: costs would eat the trade.",
    )
    STOP_IN_FEES = (
        "STOP_IN_FEES",
        "The stop was nearer than min_stop_fee_ratio times the fees of the round trip.",
    )
    LOW_REWARD = (
        "LOW_REWARD",
        "The last target was nearer than min_reward_fee_ratio times the fees of the round trip.",
    )
    SIZE = (
        "SIZE",
        "No size the venue takes (none at a price up to zero): check risk_pct or contracts, and "
        "starting_balances.",
    )
    NOTIONAL = "NOTIONAL", "The value of all positions would exceed max_notional."
    LEVERAGE = (
        "LEVERAGE",
        "The value of all positions would exceed max_leverage times the equity.",
    )
    MARGIN = (
        "MARGIN",
        "The account could not pay margin and fees: raise starting_balances, or size smaller.",
    )
    TOTAL_RISK = (
        "TOTAL_RISK",
        "All trades together would lose more at their stops than max_total_risk allows.",
    )
    DAY_BUDGET = (
        "DAY_BUDGET",
        "One contract would lose more at its stop than the day may still lose.",
    )


class GateState(Struct, frozen=True, kw_only=True):
    """
    Represents all that can hold an intent back at one boundary.

    Parameters
    ----------
    warm : bool
        If the indicators have seen enough data.
    active : bool
        If an operator lets the system trade.
    killed : bool
        If the day's loss has reached its limit.
    halted : bool
        If position and orders are in doubt.
    entry_pending, exit_pending : bool
        If an order to enter or to leave works or is on its way.
    position_side : int
        +1 long, -1 short, 0 flat.
    intent_side : int
        +1 long, -1 short.
    flip : bool
        If an opposite intent turns a position.
    cooling : bool
        If the last full exit is too recent.
    stale : bool, default False
        If there have been no market data for too long.
    is_target_reached : bool, default False
        If the day's profit has reached its target.
    too_costly : Refusal or None, default None
        The rule by which costs would eat the trade, if there is one.

    """

    warm: bool
    active: bool
    killed: bool
    halted: bool
    entry_pending: bool
    exit_pending: bool
    position_side: int
    intent_side: int
    flip: bool
    cooling: bool
    stale: bool = False
    is_target_reached: bool = False
    too_costly: Refusal | None = None


def refusal(state: GateState) -> Refusal | None:
    """
    Return the first reason to refuse, or None to go on to sizing.

    The order is that of the tests below: the state of the system comes before that of its orders,
    then the cooldown, which also holds a flip back, then the position, then the costs: a flip that
    could not pay them leaves the open trade alone. SIZE and the codes below it are known only
    after sizing.

    Parameters
    ----------
    state : GateState
        The state at the boundary.

    """
    in_position = state.position_side != 0
    for applies, reason in (
        (not state.warm, Refusal.WARMUP),
        (not state.active, Refusal.OBSERVATION),
        (state.stale, Refusal.STALE),
        (state.killed, Refusal.KILL_SWITCH),
        (state.is_target_reached, Refusal.PROFIT_TARGET),
        (state.halted, Refusal.HALTED),
        (state.entry_pending, Refusal.ENTRY_PENDING),
        (state.exit_pending, Refusal.EXIT_PENDING),
        (state.cooling, Refusal.COOLDOWN),
        (in_position and state.position_side == state.intent_side, Refusal.SAME_SIDE),
        (in_position and not state.flip, Refusal.FLIP_DISABLED),
    ):
        if applies:
            return reason
    return state.too_costly

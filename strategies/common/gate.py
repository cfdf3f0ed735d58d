"""The gate between a signal and an order: one reason for each refusal."""

from enum import StrEnum

from msgspec import Struct


class Refusal(StrEnum):
    """Represents why an intent is not acted on."""

    WARMUP = "WARMUP"
    OBSERVATION = "OBSERVATION"
    STALE = "STALE"
    KILL_SWITCH = "KILL_SWITCH"
    HALTED = "HALTED"
    ENTRY_PENDING = "ENTRY_PENDING"
    EXIT_PENDING = "EXIT_PENDING"
    COOLDOWN = "COOLDOWN"
    SAME_SIDE = "SAME_SIDE"
    FLIP_DISABLED = "FLIP_DISABLED"
    STOP_IN_SPREAD = "STOP_IN_SPREAD"
    STOP_IN_FEES = "STOP_IN_FEES"
    LOW_REWARD = "LOW_REWARD"
    SIZE = "SIZE"
    NOTIONAL = "NOTIONAL"
    LEVERAGE = "LEVERAGE"
    MARGIN = "MARGIN"


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
        If the market has not been heard of for too long.
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

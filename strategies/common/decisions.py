"""The actions of a trade manager at the boundary of a minute."""

from collections.abc import Sequence

from strategies.common.commands import Command
from strategies.common.daily_limits import DayStop
from strategies.common.gate import GateState
from strategies.common.gate import Refusal
from strategies.common.gate import refusal
from strategies.common.intents import Action
from strategies.common.intents import GateDecision
from strategies.common.intents import Intent
from strategies.common.trade_manager import TradeManager


def decide(
    manager: TradeManager,
    ts: int,
    close_price: int | None,
    intent: Intent | None = None,
    *,
    warm: bool = True,
    active: bool = True,
    stale: bool = False,
    too_costly: Refusal | None = None,
) -> tuple[GateDecision, Sequence[Command]]:
    """
    Handle a boundary: an entry or a flip comes before a close inside, that before the time stop.

    A refused intent does not keep the open trade from being closed. With the kill switch on an
    opposite intent is refused; a flip whose own exit turns the switch on ends as an exit.

    Parameters
    ----------
    manager : TradeManager
        The manager.
    ts : int
        The UNIX timestamp (nanoseconds) of the boundary.
    close_price : int or None
        The close of the minute in ticks; None without trades.
    intent : Intent or None, default None
        The intent of the system.
    warm : bool, default True
        If the indicators have seen enough data.
    active : bool, default True
        If an operator lets the system trade; an open trade is managed in any case.
    stale : bool, default False
        If there have been no market data for too long to enter.
    too_costly : Refusal or None, default None
        The rule by which costs would eat the trade, if there is one.

    Returns
    -------
    tuple[GateDecision, Sequence[Command]]
        What is done and why, and the commands to send.

    """
    commands = list(manager.on_boundary(ts))
    refused: Refusal | None = None
    if intent is not None:
        refused = refusal(_state(manager, ts, intent, warm, active, stale, too_costly))
        prefix = "" if manager.trade is None else "FLIP_"
        if refused is None and manager.trade is None:
            refused, sent = manager.enter(ts, intent)
            commands += sent
        elif refused is None:
            commands += manager.turn(ts, intent)
        if refused is None:
            action = Action.ENTER_LONG if intent.is_long else Action.ENTER_SHORT
            return GateDecision(action, prefix + intent.tag.upper()), commands
    reason, sent = manager.leave_at_boundary(ts, close_price)
    commands += sent
    if reason is not None:
        return GateDecision(Action.EXIT, reason), commands
    return GateDecision(Action.HOLD, refused), commands


def _state(
    manager: TradeManager,
    ts: int,
    intent: Intent,
    warm: bool,
    active: bool,
    stale: bool,
    too_costly: Refusal | None,
) -> GateState:
    trade = manager.trade
    return GateState(
        warm=warm,
        active=active,
        killed=manager.ledger.killed,
        is_target_reached=manager.ledger.stop is DayStop.PROFIT_TARGET,
        halted=manager.halted,
        entry_pending=trade is not None and trade.is_entry_pending,
        exit_pending=trade is not None and trade.is_exit_pending,
        position_side=0 if trade is None else trade.side,
        intent_side=intent.side,
        flip=manager.params.flip,
        cooling=manager.is_cooling(ts),
        stale=stale,
        too_costly=too_costly,
    )

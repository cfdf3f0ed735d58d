"""The actions of a book of several trades at a boundary."""

from collections.abc import Sequence
from dataclasses import dataclass

from strategies.common.commands import Command
from strategies.common.daily_limits import DayStop
from strategies.common.gate import GateState
from strategies.common.gate import Refusal
from strategies.common.gate import refusal
from strategies.common.intents import Action
from strategies.common.intents import GateDecision
from strategies.common.intents import Intent
from strategies.common.reasons import ExitReason
from strategies.common.trade_book import TradeBook


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDecision:
    """
    Represents the actions of a book at one boundary.

    Parameters
    ----------
    entries : tuple[GateDecision, ...]
        What became of each intent, in their order: an entry, or a hold with the reason.
    exits : tuple[tuple[int, ExitReason], ...]
        The trades closed by their boundary or time, with the reasons.
    commands : tuple[Command, ...]
        The commands to send, in order.

    """

    entries: tuple[GateDecision, ...]
    exits: tuple[tuple[int, ExitReason], ...]
    commands: tuple[Command, ...]

    @property
    def decision(self) -> GateDecision:
        """Return it as one decision: the first entry, else the first exit, else a hold."""
        decision = self.entry_decision
        if self.exits and decision.action is Action.HOLD:
            return GateDecision(Action.EXIT, self.exits[0][1])
        return decision

    @property
    def entry_decision(self) -> GateDecision:
        """Return the first entry, else what became of the first intent, else a hold."""
        for entry in self.entries:
            if entry.action is not Action.HOLD:
                return entry
        return self.entries[0] if self.entries else GateDecision(Action.HOLD)


def decide_book(
    book: TradeBook,
    ts: int,
    close_price: int | None,
    intents: Sequence[tuple[Intent, Refusal | None]] = (),
    *,
    warm: bool = True,
    active: bool = True,
    stale: bool = False,
) -> BookDecision:
    """
    Handle a boundary: entries and flips come before closes inside, those before time stops.

    Each intent is tested after those before it, so that of two that do not fit together the first
    is entered. A refused intent keeps no open trade from being closed.

    Parameters
    ----------
    book : TradeBook
        The book.
    ts : int
        The UNIX timestamp (nanoseconds) of the boundary.
    close_price : int or None
        The close in ticks; None without trades.
    intents : Sequence[tuple[Intent, Refusal or None]]
        What the system wants, each with the rule by which costs would eat the trade, if one does.
    warm : bool, default True
        If the indicators have seen enough data.
    active : bool, default True
        If an operator lets the system trade; open trades are managed in any case.
    stale : bool, default False
        If there have been no market data for too long to enter.

    """
    commands = list(book.on_boundary(ts))
    entries = []
    for intent, too_costly in intents:
        state = _gate_state(book, ts, intent, warm, active, stale, too_costly)
        refused = refusal(state)
        rivals = book.entries.rivals(intent)
        if refused is None and rivals:
            commands += book.turn(ts, intent)
        elif refused is None:
            refused, sent = book.entries.enter(ts, intent)
            commands += sent
        if refused is not None:
            entries.append(GateDecision(Action.HOLD, refused))
            continue
        prefix = "FLIP_" if rivals else ""
        action = Action.ENTER_LONG if intent.is_long else Action.ENTER_SHORT
        entries.append(GateDecision(action, prefix + intent.tag.upper()))
    exits, sent = book.leave_at_boundary(ts, close_price)
    commands += sent
    return BookDecision(entries=tuple(entries), exits=tuple(exits), commands=tuple(commands))


def _gate_state(
    book: TradeBook,
    ts: int,
    intent: Intent,
    warm: bool,
    active: bool,
    stale: bool,
    too_costly: Refusal | None,
) -> GateState:
    rivals = book.entries.rivals(intent)
    return GateState(
        warm=warm,
        active=active,
        killed=book.ledger.killed,
        is_target_reached=book.ledger.stop is DayStop.PROFIT_TARGET,
        halted=book.halted,
        entry_pending=any(trade.is_entry_pending for trade in rivals),
        exit_pending=book.is_flipping or any(trade.is_exit_pending for trade in rivals),
        position_side=rivals[0].side if rivals else 0,
        intent_side=intent.side,
        flip=book.params.flip,
        cooling=book.entries.is_cooling(ts, intent),
        stale=stale,
        # Whether there is room comes before what it would cost.
        too_costly=_no_room(book, intent) or too_costly,
    )


def _no_room(book: TradeBook, intent: Intent) -> Refusal | None:
    if book.entries.rivals(intent):
        return None
    trades = book.trades.values()
    if book.book_params.one_trade_per_setup and any(t.intent.tag == intent.tag for t in trades):
        return Refusal.SAME_SETUP
    if len(trades) >= book.book_params.max_trades:
        return Refusal.MAX_TRADES
    return None

"""Derive a trade's decisions after its last snapshot from the orders it has sent since."""

from collections.abc import Sequence

from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.forced_close import ALERTS
from strategies.common.lifecycle import close
from strategies.common.reasons import EntryReason
from strategies.common.reasons import ExitReason
from strategies.common.trade import Trade
from strategies.common.trade_params import MINUTE_NS


MOVED = (ExitReason.BREAKEVEN, ExitReason.TRAIL)


def note_resent_entry(trade: Trade, commands: Sequence[Submit]) -> None:
    """Record an entry whose rest was sent at market; to be called before its fills are booked."""
    if any(c.purpose is Purpose.ENTRY and c.reason == EntryReason.TIMEOUT for c in commands):
        trade.entry_resent = True


def derive_decisions(trade: Trade, commands: Sequence[Submit], ts: int) -> None:
    """
    Restore the state of a trade from the orders sent after its last snapshot.

    A stop only ever moves towards the profit, so the nearest of those that were moved is its. An
    exit that was meant to leave a part of the position is that of the first target, which is then
    not taken again; any other one closes the trade, and what is left of it leaves as well. What the
    venue has closed by itself was no decision. The time stop counts from the minute after the first
    fill, as if the process had been there.

    Parameters
    ----------
    trade : Trade
        The trade; it holds the orders already, and their fills are booked.
    commands : Sequence[Submit]
        The orders that its snapshot did not know, oldest first.
    ts : int
        The present time (ns UTC).

    """
    if trade.open <= 0:
        return
    for command in commands:
        if command.price is not None and command.reason in MOVED:
            trade.tighten(command.price, ExitReason(command.reason))
    exits = [c for c in commands if c.purpose is Purpose.EXIT and c.reason not in ALERTS]
    for i, command in enumerate(exits):
        if not _leaves_a_part(trade, command, exits[i:]):
            is_known = command.reason in ExitReason
            close(trade, ExitReason(command.reason) if is_known else ExitReason.FLATTEN)
        elif trade.keep is None and not trade.tp1_over:
            trade.tp1_due, trade.keep = True, trade.entry_lots - command.lots
    if trade.clock_start is None and trade.ts_open is not None:
        first = trade.ts_open - trade.ts_open % MINUTE_NS + MINUTE_NS
        trade.clock_start = first if first <= ts else None


def _leaves_a_part(trade: Trade, command: Submit, later: Sequence[Submit]) -> bool:
    if command.reason != Purpose.EXIT:
        return command.reason == ExitReason.TP1
    # Nothing but the first target leaves a part of the position.
    left = [trade.orders.get(c.order_id) for c in later]
    before = trade.open + sum(order.filled for order in left if order is not None)
    return command.lots < before

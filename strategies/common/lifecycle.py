"""The steps of one trade: entry, exit, and the next commands to the venue."""

from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.protection import covering_lots
from strategies.common.protection import protect
from strategies.common.reasons import DropReason
from strategies.common.reasons import EntryReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryRefused
from strategies.common.records import Record
from strategies.common.target_split import first_target_lots
from strategies.common.trade import Trade
from strategies.common.trade_params import TradeParams
from strategies.common.triggers import Trigger
from strategies.common.triggers import triggered


def enter(trade: Trade, ts: int, params: TradeParams) -> None:
    """
    Send the entry: a limit order with a deadline, or a market order.

    Until its first fill it is canceled when its stop or its last target trades, by the parameters.
    """
    if params.limit_entry:
        trade.entry_deadline = ts + params.entry_timeout_ns
        trade.orders.submit(
            Purpose.ENTRY,
            OrderKind.LIMIT,
            trade.lots,
            EntryReason.SIGNAL,
            trade.intent.entry,
        )
    else:
        trade.orders.submit(Purpose.ENTRY, OrderKind.MARKET, trade.lots, EntryReason.SIGNAL)


def close(trade: Trade, reason: ExitReason) -> None:
    """Decide that all lots leave; the first reason is kept."""
    if trade.close_reason is None:
        trade.close_reason = reason
        trade.keep = 0
        trade.tp1_due = False


def cancel_entry(trade: Trade, ts: int, reason: DropReason) -> list[Record]:
    """Drop the unfilled rest of the entry and the second half of a flip; the position stays."""
    if not trade.is_entry_over and trade.drop_reason is None:
        trade.drop_reason = reason
    if trade.flip_to is None:
        return []
    refused = EntryRefused(ts=ts, intent=trade.flip_to, reason=reason)
    trade.flip_to = None
    return [refused]


def apply_print(trade: Trade, ts: int, price: int, params: TradeParams) -> None:
    """
    Apply a print (ticks) that has reached a level of the trade.

    A first target waits until the rest of the entry is cancelled, so that its share is one of all
    that was filled.
    """
    trail = trade.intent.trail
    match triggered(trade, price, params):
        case Trigger.STOP if trade.open > 0:
            trade.stop_hit_price = price
            trade.stop_hit_until = ts + params.retry_ns
            close(trade, trade.stop_reason)
        case Trigger.STOP:
            cancel_entry(trade, ts, DropReason.STOP_TOUCHED)
        case Trigger.DRIFT:
            cancel_entry(trade, ts, DropReason.PRICE_AWAY)
        case Trigger.TP2 if trade.open <= 0:
            cancel_entry(trade, ts, DropReason.TARGET_TOUCHED)
        case Trigger.TP2:
            counted = trade.intent.target_distance is not None
            close(trade, ExitReason.TARGET if counted else ExitReason.TP2)
        case Trigger.TP1:
            trade.tp1_due = True
            cancel_entry(trade, ts, DropReason.TARGET_TOUCHED)
        case Trigger.TRAIL if trail is not None:
            trade.tighten(trail.stop_behind(trade.side, price), ExitReason.TRAIL)


def close_at_boundary(
    trade: Trade,
    ts: int,
    close_price: int | None,
    exit_price: int | None,
    params: TradeParams,
) -> ExitReason | None:
    """
    Close a trade whose minute closed on the wrong side of its boundary, or whose time is over.

    Parameters
    ----------
    trade : Trade
        The trade.
    ts : int
        The UNIX timestamp (nanoseconds) of the boundary.
    close_price : int or None
        The close of the minute in ticks; None without trades.
    exit_price : int or None
        The price in ticks that an exit would get now; None before the first quote.
    params : TradeParams
        The rules.

    Returns
    -------
    ExitReason or None
        Why it is closed; None if it goes on.

    """
    if trade.open <= 0 or trade.close_reason is not None:
        return None
    boundary = trade.intent.boundary
    if (
        boundary is not None
        and close_price is not None
        and trade.side * (close_price - boundary) < 0
    ):
        close(trade, ExitReason.CLOSE_INSIDE)
    elif _is_time_over(trade, ts, exit_price, params):
        close(trade, ExitReason.TIME)
    return trade.close_reason


def next_commands(trade: Trade, ts: int, params: TradeParams) -> int | None:
    """
    Send the orders that the trade needs and that have not been sent yet.

    Parameters
    ----------
    trade : Trade
        The trade; its outbox receives the commands.
    ts : int
        The UNIX timestamp (nanoseconds).
    params : TradeParams
        The rules.

    Returns
    -------
    int or None
        The time (nanoseconds) at which there is more to do without a further event.

    """
    entry = _entry_commands(trade, ts, params)
    _finish_first_target(trade, params)
    stop = protect(trade, ts)
    leave = _exit_commands(trade, ts, params)
    return min((wait for wait in (entry, stop, leave) if wait is not None), default=None)


def _is_time_over(trade: Trade, ts: int, exit_price: int | None, params: TradeParams) -> bool:
    if params.max_hold_ns is None or trade.clock_start is None:
        return False
    if ts < trade.clock_start + params.max_hold_ns:
        return False
    if not params.extend_if_profitable or exit_price is None:
        return True
    return trade.net_at(exit_price, params.taker_fee_bps) <= 0


def _entry_commands(trade: Trade, ts: int, params: TradeParams) -> int | None:
    deadline = trade.entry_deadline
    timed_out = deadline is not None and ts >= deadline
    if timed_out and params.timeout_cancels and not trade.is_entry_over:
        trade.drop_reason = trade.drop_reason or DropReason.ENTRY_TIMEOUT
    given_up = trade.drop_reason is not None or trade.close_reason is not None
    live = trade.orders.live(Purpose.ENTRY)
    if not live:
        rest = trade.lots - trade.entry_lots
        is_due = timed_out and not given_up and not params.timeout_cancels
        if is_due and rest > 0 and not trade.entry_resent:
            trade.entry_resent = True
            trade.entry_deadline = None
            trade.orders.submit(Purpose.ENTRY, OrderKind.MARKET, rest, EntryReason.TIMEOUT)
        return None
    if not given_up and not timed_out:
        return deadline
    waits = [trade.orders.cancel(order, ts) for order in live]
    return next((wait for wait in waits if wait is not None), None)


def _finish_first_target(trade: Trade, params: TradeParams) -> None:
    if not trade.tp1_due or trade.keep is None:
        return
    if trade.open > trade.keep or trade.orders.live(Purpose.EXIT):
        return
    trade.tp1_due, trade.tp1_over, trade.keep = False, True, None
    # The venue itself may have closed all of it meanwhile.
    if params.breakeven_after_tp1 and trade.open > 0:
        trade.tighten(trade.breakeven, ExitReason.BREAKEVEN)


def _exit_commands(trade: Trade, ts: int, params: TradeParams) -> int | None:
    if trade.tp1_due and trade.keep is None and trade.is_entry_over:
        first = first_target_lots(trade.open, params.tp1_share, trade.min_lots)
        if first == 0:
            trade.tp1_due, trade.tp1_over = False, True
        else:
            trade.keep = trade.open - first
    if trade.keep is None:
        return None
    covered, wait = 0, None
    if ts < trade.stop_hit_until:
        covered = covering_lots(trade)
        wait = trade.stop_hit_until if covered else None
    missing = trade.open - trade.keep - trade.orders.remaining(Purpose.EXIT) - covered
    if missing <= 0:
        return wait
    if ts < trade.exit_retry_at:
        return trade.exit_retry_at if wait is None else min(wait, trade.exit_retry_at)
    trade.orders.submit(
        Purpose.EXIT,
        OrderKind.MARKET,
        missing,
        trade.close_reason or ExitReason.TP1,
    )
    return wait

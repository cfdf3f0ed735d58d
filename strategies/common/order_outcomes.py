"""Apply fills, refusals and cancels of its orders to a trade."""

from strategies.common.commands import Purpose
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import CancelRejected
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.events import Rejected
from strategies.common.lifecycle import close
from strategies.common.orders import Order
from strategies.common.orders import OrderState
from strategies.common.protection import is_covered
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import AlertKind
from strategies.common.records import EntryCanceled
from strategies.common.records import Record
from strategies.common.trade import Trade
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import TradeParams


# So many refusals of an exit are answered after the plain pause each.
PATIENT_REFUSALS = 5
LONGEST_PAUSE_NS = MINUTE_NS


def apply_event(
    trade: Trade,
    event: OrderEvent,
    params: TradeParams,
    now: int,
) -> list[Record]:
    """
    Apply an event of the venue to one order of the trade.

    A cancel of an order that is reported to work after it is sent again after a pause: it may be
    lost. The first refused exit is sent again at once, further ones after a pause, a short one
    while no stop covers the position. A refusal because there is nothing to reduce is no reason to
    hurry: the next order waits for a pause each time, twice as long as the last, while the venue is
    queried. A refused or lost stop leaves the older one in place if there is one; otherwise the
    position is closed at market, after a loss only if another one came within `retry_ns` before it.
    Where the older one covers a part of the position alone, a second refusal closes the position
    too.

    Parameters
    ----------
    trade : Trade
        The trade that owns the order.
    event : OrderEvent
        The event, not a duplicate of a fill.
    params : TradeParams
        The rules.
    now : int
        The present time (ns UTC): the venue's clock may run behind, so no pause is counted from the
        time of its event.

    Returns
    -------
    list[Record]
        What to put into the journal.

    """
    order = trade.orders.get(event.order_id)
    if order is None:
        return []
    if isinstance(event, Filled):
        return [_fill(trade, order, event, params, now)]
    if order.state is OrderState.DONE:
        return []
    match event:
        case Accepted():
            order.state = OrderState.WORKING
            _doubt_cancel(order, params, now)
            return []
        case CancelRejected():
            order.cancel_sent = order.cancel_in_doubt = False
            order.cancel_after = now + params.retry_ns
            return []
        case Rejected() | Canceled():
            return _end(trade, order, event, params, now)


def _fill(trade: Trade, order: Order, event: Filled, params: TradeParams, now: int) -> Record:
    order.filled += event.lots
    if order.state is not OrderState.DONE:
        filled = order.filled >= order.command.lots
        order.state = OrderState.DONE if filled else OrderState.WORKING
        if not filled:
            _doubt_cancel(order, params, now)
    if order.command.purpose is Purpose.ENTRY:
        # A fill reported after the split for the first target belongs to the rest.
        if trade.keep:
            trade.keep += event.lots
        return trade.add_entry(order, event)
    trade.exit_refusals = 0
    if order.command.purpose is Purpose.STOP and trade.stop_hit_price is None:
        trade.stop_hit_price = order.command.price
        trade.stop_hit_until = now + params.retry_ns
        close(trade, trade.stop_reason)
    return trade.add_exit(order, event)


def _doubt_cancel(order: Order, params: TradeParams, now: int) -> None:
    # What still works may have crossed its cancel: the answer has time to come.
    if order.cancel_sent and not order.cancel_in_doubt:
        order.cancel_in_doubt = True
        order.cancel_after = now + params.retry_ns


def _end(
    trade: Trade,
    order: Order,
    event: Rejected | Canceled,
    params: TradeParams,
    now: int,
) -> list[Record]:
    order.state = OrderState.DONE
    rejected = isinstance(event, Rejected)
    match order.command.purpose:
        case Purpose.ENTRY:
            return _end_entry(trade, order, event)
        case Purpose.EXIT:
            return _end_exit(trade, event, params, now)
        case Purpose.STOP if trade.open > 0 and (rejected or not order.cancel_sent):
            return _end_stop(trade, event, params, now)
    return []


def _end_entry(trade: Trade, order: Order, event: Rejected | Canceled) -> list[Record]:
    if isinstance(event, Rejected):
        trade.drop_reason = trade.drop_reason or DropReason.REJECTED
        return [Alert(ts=event.ts, kind=AlertKind.ENTRY_REJECTED, message=event.message)]
    if not order.cancel_sent:
        trade.drop_reason = trade.drop_reason or DropReason.VENUE_CANCEL
    reason = trade.drop_reason or trade.close_reason
    if reason is None:
        return []
    lots = trade.lots - trade.entry_lots
    return [EntryCanceled(ts=event.ts, intent=trade.intent, reason=reason, lots=lots)]


def _end_exit(
    trade: Trade,
    event: Rejected | Canceled,
    params: TradeParams,
    now: int,
) -> list[Record]:
    if trade.open <= 0:
        return []
    trade.exit_refusals += 1
    if isinstance(event, Rejected) and event.nothing_to_reduce:
        patience = 2 ** min(trade.exit_refusals - 1, 20)
        trade.exit_retry_at = now + min(patience * params.retry_ns, LONGEST_PAUSE_NS)
    elif trade.exit_refusals > 1:
        # A venue that keeps refusing is tried less and less often, a minute apart at the most.
        patience = 2 ** max(0, min(trade.exit_refusals, 20) - PATIENT_REFUSALS)
        pause = min(patience * params.retry_ns, LONGEST_PAUSE_NS)
        trade.exit_retry_at = now + (pause if is_covered(trade) else params.unprotected_retry_ns)
    # After five alerts an operator gets further ones less and less often.
    refusals = trade.exit_refusals
    if refusals > PATIENT_REFUSALS and refusals.bit_count() > 1:
        return []
    return [Alert(ts=event.ts, kind=AlertKind.EXIT_REJECTED, message=event.message)]


def _end_stop(
    trade: Trade,
    event: Rejected | Canceled,
    params: TradeParams,
    now: int,
) -> list[Record]:
    rejected = isinstance(event, Rejected)
    has_other = any(not order.cancel_sent for order in trade.orders.live(Purpose.STOP))
    covered = is_covered(trade)
    if not has_other and (rejected or now < trade.stop_lost_until):
        trade.is_stop_refused = True
        close(trade, ExitReason.STOP_REJECTED if rejected else ExitReason.STOP_LOST)
    elif rejected and not covered and now < trade.stop_retry_at + params.retry_ns:
        close(trade, ExitReason.STOP_REJECTED)
    trade.stop_lost_until = now + params.retry_ns
    trade.stop_retry_at = now + (params.retry_ns if covered else params.unprotected_retry_ns)
    kind = AlertKind.STOP_REJECTED if rejected else AlertKind.STOP_LOST
    return [Alert(ts=event.ts, kind=kind, message=event.message)]

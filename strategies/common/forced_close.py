"""Fills with which the venue itself closes a part of the position, without an order of ours."""

from decimal import Decimal

from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Filled
from strategies.common.orders import Order
from strategies.common.orders import OrderState
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import AlertKind
from strategies.common.trade import Trade


ALERTS = {
    ExitReason.LIQUIDATED: AlertKind.LIQUIDATED,
    ExitReason.ADL: AlertKind.ADL,
    ExitReason.DELIVERED: AlertKind.DELIVERED,
}
# After these trading goes on only on an operator's command.
HALTING = frozenset({ExitReason.LIQUIDATED, ExitReason.DELIVERED})


def forced_order(
    trade: Trade, order_id: int, lots: int, reason: ExitReason, *, is_buy: bool
) -> Order | None:
    """
    Return the venue's order as one of the trade's; None if it does not reduce the trade.

    Parameters
    ----------
    trade : Trade
        The trade.
    order_id : int
        The identifier that the order gets.
    lots : int
        The lots of its first fill. Further ones are booked as well, and nothing waits for them: the
        venue may stop half-way.
    reason : ExitReason
        Why the venue closes.
    is_buy : bool
        Its side.

    """
    if (trade.side > 0) is is_buy:
        return None
    command = Submit(
        order_id=order_id,
        purpose=Purpose.EXIT,
        kind=OrderKind.MARKET,
        is_buy=is_buy,
        lots=lots,
        price=None,
        reason=reason,
    )
    return Order(command, OrderState.WORKING)


def forced_reason(order: Order | None) -> ExitReason | None:
    """Return why the venue sent an order itself; None for one of ours."""
    if order is None or order.command.reason not in ExitReason:
        return None
    reason = ExitReason(order.command.reason)
    return reason if reason in ALERTS else None


def forced_alert(reason: ExitReason, event: Filled, net: Decimal) -> Alert:
    """Return the alert of a fill for the operator."""
    return Alert(ts=event.ts, kind=ALERTS[reason], value=net, lots=event.lots, price=event.price)

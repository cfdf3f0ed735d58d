"""Translates Nautilus's order events into those of the trade manager."""

from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderAccepted
from nautilus_trader.model.events import OrderCanceled
from nautilus_trader.model.events import OrderCancelRejected
from nautilus_trader.model.events import OrderDenied
from nautilus_trader.model.events import OrderEvent as VenueEvent
from nautilus_trader.model.events import OrderExpired
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.events import OrderSubmitted

from strategies.common.events import NOTHING_TO_REDUCE
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import CancelRejected
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.events import Rejected
from strategies.common.foreign_fills import ForeignFill
from strategies.common.nautilus.units import Units


def translated(order_id: int, event: VenueEvent, units: Units) -> OrderEvent | None:
    """
    Return an event translated for the trade manager; None for one without an effect.

    Parameters
    ----------
    order_id : int
        The manager's identifier of the order.
    event : VenueEvent
        The event.
    units : Units
        The instrument's ticks and lots.

    """
    ts = event.ts_event
    match event:
        case OrderFilled():
            return fill_of(order_id, event, units)
        case OrderAccepted():
            return Accepted(order_id=order_id, ts=ts)
        case OrderRejected() | OrderDenied():
            return Rejected(
                order_id=order_id,
                ts=ts,
                message=event.reason,
                nothing_to_reduce=event.reason.startswith(NOTHING_TO_REDUCE),
            )
        case OrderCanceled() | OrderExpired():
            return Canceled(order_id=order_id, ts=ts, message=type(event).__name__)
        case OrderCancelRejected():
            return CancelRejected(order_id=order_id, ts=ts, message=event.reason)
    return None


def is_submitted(event: VenueEvent) -> bool:
    """Return True if an event says that an order is on its way to the venue."""
    return isinstance(event, OrderSubmitted)


def fill_of(order_id: int, event: OrderFilled, units: Units) -> Filled:
    """Return a fill for the trade manager."""
    return Filled(
        order_id=order_id,
        ts=event.ts_event,
        fill_id=event.trade_id.value,
        lots=units.lots(event.last_qty),
        price=units.ticks(event.last_px),
        is_maker=event.liquidity_side == LiquiditySide.MAKER,
        fee=event.commission.as_decimal(),
    )


def foreign_fill_of(event: VenueEvent, units: Units) -> ForeignFill | None:
    """Return a fill of an order that the trade manager does not know; None for another event."""
    if not isinstance(event, OrderFilled):
        return None
    return ForeignFill(
        client_order_id=event.client_order_id,
        ts=event.ts_event,
        is_buy=event.order_side == OrderSide.BUY,
        lots=units.lots(event.last_qty),
        price=units.ticks(event.last_px),
        size_text=str(event.last_qty),
        price_text=str(event.last_px),
    )

"""Nautilus's orders and events as the plain records of `actors.order_records`."""

from decimal import Decimal
from typing import Any

from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import PositionSide
from nautilus_trader.model.events import OrderDenied
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.events import PositionEvent
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from actors.order_records import Fill
from actors.order_records import OrderChange
from actors.order_records import OrderRecord
from actors.order_records import PositionChange


def order_record(order: Order) -> OrderRecord:
    """Return an order with its fills."""
    events = order.events
    refusals = (e.reason for e in events if isinstance(e, OrderDenied | OrderRejected) and e.reason)
    price = order.price if order.has_price else None
    trigger = order.trigger_price if order.has_trigger_price else None
    return OrderRecord(
        client_order_id=order.client_order_id.value,
        strategy_id=order.strategy_id.value,
        instrument_id=order.instrument_id.value,
        side=order.side_string(),
        type=order.type_string(),
        status=order.status_string(),
        quantity=exact(order.quantity),
        filled=exact(order.filled_qty),
        price=None if price is None else exact(price),
        trigger_price=None if trigger is None else exact(trigger),
        average=float(order.avg_px) if order.filled_qty > 0 else None,
        is_reduce_only=order.is_reduce_only,
        is_closed=order.is_closed,
        tags=tuple(order.tags or ()),
        fills=tuple(fill_record(event) for event in events if isinstance(event, OrderFilled)),
        refusal=next(refusals, None),
        ts_init=order.ts_init,
        ts_last=order.ts_last,
    )


def fill_record(event: OrderFilled) -> Fill:
    """Return a fill."""
    return Fill(
        id=event.id.value,
        strategy_id=event.strategy_id.value,
        instrument_id=event.instrument_id.value,
        client_order_id=event.client_order_id.value,
        trade_id=event.trade_id.value,
        venue_order_id=_text(event.venue_order_id),
        position_id=_text(event.position_id),
        is_buy=event.is_buy,
        is_maker=event.liquidity_side == LiquiditySide.MAKER,
        liquidity=LiquiditySide(event.liquidity_side).name,
        quantity=exact(event.last_qty),
        price=exact(event.last_px),
        fee=exact(event.commission),
        currency=event.commission.currency.code,
        is_reconciled=bool(event.reconciliation),
        ts_event=event.ts_event,
        ts_init=event.ts_init,
    )


def order_change(event: OrderEvent) -> OrderChange:
    """Return an event of an order."""
    return OrderChange(
        event=type(event).__name__,
        strategy_id=event.strategy_id.value,
        instrument_id=event.instrument_id.value,
        client_order_id=event.client_order_id.value,
        venue_order_id=_text(getattr(event, "venue_order_id", None)),
        reason=_text(getattr(event, "reason", None)),
        is_reconciled=bool(getattr(event, "reconciliation", False)),
        data=type(event).to_dict(event),
        ts_event=event.ts_event,
        ts_init=event.ts_init,
    )


def position_change(event: PositionEvent) -> PositionChange:
    """Return an event of a position."""
    realised = event.realized_pnl
    return PositionChange(
        event=type(event).__name__,
        strategy_id=event.strategy_id.value,
        instrument_id=event.instrument_id.value,
        position_id=event.position_id.value,
        side=PositionSide(event.side).name,
        quantity=exact(event.quantity),
        average_open=event.avg_px_open,
        average_close=event.avg_px_close or None,
        realised=None if realised is None else exact(realised),
        ts_event=event.ts_event,
        ts_init=event.ts_init,
    )


def exact(value: Price | Quantity | Money) -> Decimal:
    """Return a value with all its decimals; `as_decimal` leaves out zeros at the end."""
    return Decimal(str(value).split()[0])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)

"""Nautilus's events and our messages as rows of the journal's tables."""

import json
from decimal import Decimal
from typing import Any

from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import PositionSide
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import PositionEvent
from nautilus_trader.model.orders import Order

from actors.forced_closes import forced_close
from actors.messages import Message
from actors.order_marks import marked_trade
from actors.order_marks import meaning
from actors.order_marks import tagged_trade


# What Nautilus's order factory begins an identifier with.
OURS = "O-"

type Row = dict[str, Any]


def message_row(message: Message) -> Row:
    """Return the row of a message; a list becomes JSON."""
    return {
        name: json.dumps(value) if isinstance(value, list) else value
        for name, value in message.to_dict().items()
    }


def order_row(event: OrderEvent, order: Order | None, near: int | None = None) -> Row:
    """
    Return the row of an event of an order.

    Parameters
    ----------
    event : OrderEvent
        The event.
    order : Order or None
        Its order.
    near : int, optional
        The id of a trade of about that time, for the marks of orders without tags.

    """
    return {
        **_common(event),
        "client_order_id": event.client_order_id.value,
        "venue_order_id": _text(getattr(event, "venue_order_id", None)),
        "event": type(event).__name__,
        "side": None if order is None else OrderSide(order.side).name,
        "type": None if order is None else OrderType(order.order_type).name,
        "quantity": None if order is None else str(order.quantity),
        "price": _text(getattr(order, "price", None)),
        "trigger_price": _text(getattr(order, "trigger_price", None)),
        "reduce_only": None if order is None else order.is_reduce_only,
        "tags": None if order is None or not order.tags else ",".join(order.tags),
        "reason": _text(getattr(event, "reason", None)),
        "reconciled": bool(getattr(event, "reconciliation", False)),
        "strategy_trade_id": _trade(event, order, near),
        "data": json.dumps(type(event).to_dict(event), default=str),
    }


def fill_row(
    event: OrderFilled, order: Order | None, reference: float | None, near: int | None = None
) -> Row:
    """
    Return the row of a fill.

    Parameters
    ----------
    event : OrderFilled
        The fill.
    order : Order or None
        Its order.
    reference : float or None
        The price it is measured against; `slippage` is positive where the fill is worse.
    near : int, optional
        The id of a trade of about that time, for the marks of orders without tags.

    """
    is_buy = event.order_side == OrderSide.BUY
    price = float(event.last_px)
    slippage = None
    if reference is not None:
        slippage = price - reference if is_buy else reference - price
    return {
        **_common(event),
        "client_order_id": event.client_order_id.value,
        "venue_order_id": _text(event.venue_order_id),
        "trade_id": event.trade_id.value,
        "position_id": _text(event.position_id),
        "side": "BUY" if is_buy else "SELL",
        "role": _role(event, order),
        "quantity": str(event.last_qty),
        "price": str(event.last_px),
        "fee": str(event.commission.as_decimal()),
        "currency": event.commission.currency.code,
        "liquidity": LiquiditySide(event.liquidity_side).name,
        "reference": reference,
        "slippage": slippage,
        "reconciled": bool(event.reconciliation),
        "strategy_trade_id": _trade(event, order, near),
    }


def unrecorded_fills(order: Order, known: dict[str, Decimal]) -> list[OrderFilled]:
    """
    Return the fills that reconciliation has added to what is known of an order.

    Nautilus may stand for older fills with one of its own making, which comes after the venue's,
    and makes whole orders (named by a UUID) to bring a position in line; neither is a trade. So the
    first fills that are not known, up to the size that is missing, are the news. Orders of the
    venue itself, like a liquidation, are news as ours are.

    Parameters
    ----------
    order : Order
        The order.
    known : dict[str, Decimal]
        The sizes of its known fills by their identifiers.

    """
    name = order.client_order_id.value
    if not name.startswith(OURS) and forced_close(name) is None:
        return []
    news: list[OrderFilled] = []
    missing = order.filled_qty.as_decimal() - sum(known.values(), Decimal(0))
    for event in order.events:
        is_new = isinstance(event, OrderFilled) and event.trade_id.value not in known
        if is_new and missing > 0:
            news.append(event)
            missing -= event.last_qty.as_decimal()
    return news


def position_row(event: PositionEvent) -> Row:
    """Return the row of an event of a position."""
    return {
        **_common(event),
        "position_id": event.position_id.value,
        "event": type(event).__name__,
        "side": PositionSide(event.side).name,
        "quantity": str(event.quantity),
        "average_open": event.avg_px_open,
        "average_close": event.avg_px_close or None,
        "realised": None if event.realized_pnl is None else str(event.realized_pnl.as_decimal()),
    }


def _role(event: OrderFilled, order: Order | None) -> str | None:
    if order is not None and order.tags:
        return str(order.tags[0])
    # One that reconciliation has found at the venue has no tags.
    name = event.client_order_id.value
    if forced_close(name) is not None:
        return "EXIT"
    found = meaning(name) if name.startswith(OURS) else None
    return None if found is None else found[0]


def _trade(event: OrderEvent, order: Order | None, near: int | None) -> int | None:
    found = None if order is None else tagged_trade(order.tags)
    if found is None and near is not None:
        return marked_trade(event.client_order_id.value, near)
    return found


def _common(event: Any) -> Row:
    return {
        "strategy_id": event.strategy_id.value,
        "instrument_id": event.instrument_id.value,
        "ts_event": event.ts_event,
        "ts_init": event.ts_init,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)

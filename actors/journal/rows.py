"""Events and messages as rows of the journal's tables."""

import json
from decimal import Decimal
from typing import Any

from actors.forced_closes import forced_close
from actors.messages import Message
from actors.order_marks import marked_trade
from actors.order_marks import meaning
from actors.order_marks import tagged_trade
from actors.order_records import Fill
from actors.order_records import OrderChange
from actors.order_records import OrderRecord
from actors.order_records import PositionChange
from actors.order_records import as_double


# What Nautilus's order factory begins an identifier with.
OURS = "O-"

type Row = dict[str, Any]


def message_row(message: Message) -> Row:
    """Return the row of a message; a list becomes JSON."""
    return {
        name: json.dumps(value) if isinstance(value, list) else value
        for name, value in message.to_dict().items()
    }


def order_row(change: OrderChange, order: OrderRecord | None, near: int | None = None) -> Row:
    """
    Return the row of an event of an order.

    Parameters
    ----------
    change : OrderChange
        The event.
    order : OrderRecord or None
        Its order.
    near : int, optional
        The id of a trade of about that time, for the marks of orders without tags.

    """
    return {
        **_common(change),
        "client_order_id": change.client_order_id,
        "venue_order_id": change.venue_order_id,
        "event": change.event,
        "side": None if order is None else order.side,
        "type": None if order is None else order.type,
        "quantity": None if order is None else _text(order.quantity),
        "price": None if order is None else _text(order.price),
        "trigger_price": None if order is None else _text(order.trigger_price),
        "reduce_only": None if order is None else order.is_reduce_only,
        "tags": None if order is None or not order.tags else ",".join(order.tags),
        "reason": change.reason,
        "reconciled": change.is_reconciled,
        "strategy_trade_id": _trade(change.client_order_id, order, near),
        "data": json.dumps(change.data, default=str),
    }


def fill_row(
    fill: Fill, order: OrderRecord | None, reference: float | None, near: int | None = None
) -> Row:
    """
    Return the row of a fill.

    Parameters
    ----------
    fill : Fill
        The fill.
    order : OrderRecord or None
        Its order.
    reference : float or None
        The price it is measured against; `slippage` is positive where the fill is worse.
    near : int, optional
        The id of a trade of about that time, for the marks of orders without tags.

    """
    price = as_double(fill.price)
    slippage = None
    if reference is not None:
        slippage = price - reference if fill.is_buy else reference - price
    return {
        **_common(fill),
        "client_order_id": fill.client_order_id,
        "venue_order_id": fill.venue_order_id,
        "trade_id": fill.trade_id,
        "position_id": fill.position_id,
        "side": "BUY" if fill.is_buy else "SELL",
        "role": _role(fill.client_order_id, order),
        "quantity": _text(fill.quantity),
        "price": _text(fill.price),
        "fee": _shortest(fill.fee),
        "currency": fill.currency,
        "liquidity": fill.liquidity,
        "reference": reference,
        "slippage": slippage,
        "reconciled": fill.is_reconciled,
        "strategy_trade_id": _trade(fill.client_order_id, order, near),
    }


def unrecorded_fills(order: OrderRecord, known: dict[str, Decimal]) -> list[Fill]:
    """
    Return the fills that reconciliation has added to what is known of an order.

    Nautilus may replace older fills by one of its own making, which comes after the venue's, and
    makes whole orders (named by a UUID) to bring a position in line; neither is a trade. So the
    unrecorded fills are the first unknown ones, up to the missing size. Orders of the venue itself,
    like a liquidation, count as ours do.

    Parameters
    ----------
    order : OrderRecord
        The order.
    known : dict[str, Decimal]
        The sizes of its known fills by their identifiers.

    """
    name = order.client_order_id
    if not name.startswith(OURS) and forced_close(name) is None:
        return []
    news: list[Fill] = []
    missing = order.filled - sum(known.values(), Decimal(0))
    for fill in order.fills:
        if fill.trade_id not in known and missing > 0:
            news.append(fill)
            missing -= fill.quantity
    return news


def position_row(change: PositionChange) -> Row:
    """Return the row of an event of a position."""
    return {
        **_common(change),
        "position_id": change.position_id,
        "event": change.event,
        "side": change.side,
        "quantity": _text(change.quantity),
        "average_open": change.average_open,
        "average_close": change.average_close,
        "realised": _shortest(change.realised),
    }


def _role(name: str, order: OrderRecord | None) -> str | None:
    if order is not None and order.tags:
        return order.tags[0]
    # One that reconciliation has found at the venue has no tags.
    if forced_close(name) is not None:
        return "EXIT"
    found = meaning(name) if name.startswith(OURS) else None
    return None if found is None else found[0]


def _trade(name: str, order: OrderRecord | None, near: int | None) -> int | None:
    found = None if order is None else tagged_trade(order.tags)
    return marked_trade(name, near) if found is None and near is not None else found


def _common(record: OrderChange | Fill | PositionChange) -> Row:
    return {
        "strategy_id": record.strategy_id,
        "instrument_id": record.instrument_id,
        "ts_event": record.ts_event,
        "ts_init": record.ts_init,
    }


def _shortest(value: Decimal | None) -> str | None:
    # Without zeros after the last decimal.
    return None if value is None else str(value.normalize() + 0)


def _text(value: Decimal | None) -> str | None:
    # Never with an exponent.
    return None if value is None else f"{value:f}"

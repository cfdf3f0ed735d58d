"""Parses the fields of order requests."""

from collections.abc import Mapping
from decimal import Decimal
from decimal import InvalidOperation
from enum import StrEnum
from typing import Any

from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import TimeInForce
from adapters.bybit.loopback.orders import VenueError


type Fields = Mapping[str, Any]

# Fields of the venue that this server lacks are rejected: a client must not rely on them.
NOT_OFFERED = ("takeProfit", "bboSideType", "marketUnit", "slLimitPrice", "slTriggerPrice")
# The supported settings of a position's stop.
STOP_LOSS = {"tpslMode": "Full", "slTriggerBy": "LastPrice", "slOrderType": "Market"}


def check_scope(fields: Fields, symbol: str) -> None:
    """
    Reject other products than the one contract.

    Raises
    ------
    VenueError
        If the category is not `linear` or the symbol is another one.

    """
    if fields.get("category") != "linear":
        raise VenueError(INVALID, "params error: only category linear is supported")
    if fields.get("symbol", symbol) != symbol:
        raise VenueError(INVALID, "params error: symbol invalid " + str(fields["symbol"]))


def new_order(fields: Fields) -> NewOrder:
    """
    Return a new order.

    Raises
    ------
    VenueError
        If a field is missing, invalid or not supported by this server.

    """
    for name in NOT_OFFERED:
        if fields.get(name):
            raise VenueError(INVALID, f"params error: {name} is not offered by the loopback server")
    if int(fields.get("positionIdx") or 0):
        raise VenueError(INVALID, "position idx not match position mode")
    order_type = _choice(fields, "orderType", OrderType, None)
    trigger = decimal_field(fields, "triggerPrice")
    if trigger and fields.get("triggerBy", "LastPrice") != "LastPrice":
        raise VenueError(INVALID, "params error: triggerBy is LastPrice at the loopback server")
    size, loss = decimal_field(fields, "qty"), stop_loss(fields)
    if size is None:
        raise VenueError(INVALID, "params error: qty is missing")
    return NewOrder(
        side=_choice(fields, "side", Side, None),
        type=order_type,
        size=size,
        price=decimal_field(fields, "price") if order_type is OrderType.LIMIT else None,
        time_in_force=_choice(fields, "timeInForce", TimeInForce, TimeInForce.GTC),
        link_id=str(fields.get("orderLinkId") or ""),
        reduce_only=_flag(fields, "reduceOnly"),
        close_on_trigger=_flag(fields, "closeOnTrigger"),
        trigger_price=trigger or None,
        trigger_direction=int(fields.get("triggerDirection") or 0),
        stop_loss=loss or None,
    )


def stop_loss(fields: Fields) -> Decimal | None:
    """
    Return the stop of a position, None if it is missing.

    Raises
    ------
    VenueError
        If it is not for the whole position by the last price, at market.

    """
    value = decimal_field(fields, "stopLoss")
    for name, offered in STOP_LOSS.items():
        text = fields.get(name) or offered
        if value is None and fields.get(name):
            raise VenueError(INVALID, f"params error: {name} without stopLoss")
        if text != offered:
            raise VenueError(INVALID, f"params error: {name} is {offered} at the loopback server")
    return value


def decimal_field(fields: Fields, name: str) -> Decimal | None:
    """
    Return a number, None if it is missing or empty.

    Raises
    ------
    VenueError
        If the text is not a number.

    """
    text = fields.get(name)
    if text in (None, ""):
        return None
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise VenueError(INVALID, f"params error: {name} {text} invalid")
    return value


def order_ids(fields: Fields) -> tuple[str, str]:
    """
    Return order id and link id of a request.

    Raises
    ------
    VenueError
        If neither id is given.

    """
    order_id, link_id = str(fields.get("orderId") or ""), str(fields.get("orderLinkId") or "")
    if not order_id and not link_id:
        raise VenueError(INVALID, "params error: OrderId or orderLinkId is required")
    return order_id, link_id


def _flag(fields: Fields, name: str) -> bool:
    return fields.get(name) in (True, "true", "True")


def _choice[E: StrEnum](fields: Fields, name: str, kind: type[E], default: E | None) -> E:
    text = fields.get(name)
    if not text and default is not None:
        return default
    for member in kind:
        if member == text:
            return member
    raise VenueError(INVALID, f"params error: {name} {text} invalid")

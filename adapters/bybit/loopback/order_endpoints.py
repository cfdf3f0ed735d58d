"""Order entry endpoints, shared by REST and the trade socket."""

from collections.abc import Callable

from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.checks import NO_PERMISSION
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.requests import Fields
from adapters.bybit.loopback.requests import check_scope
from adapters.bybit.loopback.requests import decimal_field
from adapters.bybit.loopback.requests import new_order
from adapters.bybit.loopback.requests import order_ids
from adapters.bybit.loopback.venue import Venue


type Endpoint = Callable[[Venue, Fields], Row]


def create(venue: Venue, fields: Fields) -> Row:
    """Answer `order.create`."""
    check_scope(fields, venue.contract.symbol)
    if venue.settings.is_read_only:
        raise VenueError(NO_PERMISSION, "Permission denied, please check your API key permissions.")
    if venue.settings.is_hedged:
        raise VenueError(INVALID, "position idx not match position mode")
    return _ids(venue.engine.submit(new_order(fields), venue.matching_ns()))


def amend(venue: Venue, fields: Fields) -> Row:
    """Answer `order.amend`."""
    check_scope(fields, venue.contract.symbol)
    order_id, link_id = order_ids(fields)
    order = venue.engine.amend(
        order_id,
        link_id,
        venue.matching_ns(),
        size=decimal_field(fields, "qty"),
        price=decimal_field(fields, "price"),
        trigger_price=decimal_field(fields, "triggerPrice"),
    )
    return _ids(order)


def cancel(venue: Venue, fields: Fields) -> Row:
    """Answer `order.cancel`."""
    check_scope(fields, venue.contract.symbol)
    order_id, link_id = order_ids(fields)
    return _ids(venue.engine.cancel(order_id, link_id, venue.matching_ns()))


def cancel_all(venue: Venue, fields: Fields) -> Row:
    """Answer `POST /v5/order/cancel-all`: every open order of the symbol, of any client."""
    check_scope(fields, venue.contract.symbol)
    cancelled = [
        venue.engine.cancel(order.order_id, "", venue.matching_ns())
        for order in venue.engine.open_orders
    ]
    return {"list": [_ids(order) for order in cancelled], "success": "1"}


def _ids(order: Order) -> Row:
    return {"orderId": order.order_id, "orderLinkId": order.request.link_id}


OPERATIONS: dict[str, Endpoint] = {
    "order.create": create,
    "order.amend": amend,
    "order.cancel": cancel,
}

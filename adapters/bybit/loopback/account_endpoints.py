"""The endpoints of account, position, orders and executions."""

from decimal import Decimal

from adapters.bybit.loopback.account_settings import MARGIN_MODES
from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.checks import MODE_IN_USE
from adapters.bybit.loopback.checks import MODE_UNCHANGED
from adapters.bybit.loopback.orders import OPEN
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.payloads import execution_row
from adapters.bybit.loopback.payloads import number
from adapters.bybit.loopback.payloads import order_row
from adapters.bybit.loopback.payloads import position_row
from adapters.bybit.loopback.payloads import wallet_row
from adapters.bybit.loopback.public_endpoints import FAR_MS
from adapters.bybit.loopback.public_endpoints import limit_of
from adapters.bybit.loopback.requests import Fields
from adapters.bybit.loopback.requests import check_scope
from adapters.bybit.loopback.requests import decimal_field
from adapters.bybit.loopback.requests import stop_loss
from adapters.bybit.loopback.venue import Venue


# The number of closed orders that `order/realtime` still returns, as at the venue.
RECENTLY_CLOSED = 500


def wallet_balance(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/account/wallet-balance`."""
    return {"list": [wallet_row(venue.contract, venue.engine.wallet())]}


def account_info(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/account/info`."""
    return venue.settings.account_row(venue.clock_ms())


def api_key(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/user/query-api`."""
    return venue.settings.key_row()


def fee_rate(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/account/fee-rate`."""
    contract = venue.contract
    row = {
        "symbol": contract.symbol,
        "takerFeeRate": number(contract.taker_rate),
        "makerFeeRate": number(contract.maker_rate),
        "baseCoin": "",
    }
    return {"list": [row]}


def positions(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/position/list`."""
    rows = []
    if _is_settled_in(venue, fields):
        check_scope(fields, venue.contract.symbol)
        position = venue.engine.position()
        if position.size or fields.get("symbol"):
            rows += venue.settings.position_rows(position_row(venue.contract, position))
    return {"category": "linear", "list": rows, "nextPageCursor": ""}


def open_orders(venue: Venue, fields: Fields) -> Row:
    """
    Answer `GET /v5/order/realtime`.

    With `openOnly=1`, or for one order, recently closed ones are included.
    """
    wanted = _wanted(venue, fields)
    is_one = bool(fields.get("orderId") or fields.get("orderLinkId"))
    if not is_one and str(fields.get("openOnly", "0")) == "0":
        wanted = [order for order in wanted if order.status in OPEN]
    return _page(venue, wanted[:RECENTLY_CLOSED], fields)


def closed_orders(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/order/history`."""
    return _page(venue, [o for o in _wanted(venue, fields) if o.status not in OPEN], fields)


def executions(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/execution/list`."""
    check_scope(fields, venue.contract.symbol)
    start, end = int(fields.get("startTime", 0)), int(fields.get("endTime", FAR_MS))

    def is_wanted(execution: Execution) -> bool:
        return (
            start <= execution.ts_ns // 10**6 <= end
            and fields.get("orderId") in (None, "", execution.order_id)
            and fields.get("orderLinkId") in (None, "", execution.link_id)
            and fields.get("execType") in (None, "", execution.kind)
        )

    found = [e for e in reversed(venue.engine.executions) if is_wanted(e)]
    first, last, cursor = _bounds(fields, len(found), 50)
    rows = [execution_row(venue.contract, execution) for execution in found[first:last]]
    return {"category": "linear", "list": rows, "nextPageCursor": cursor}


def set_leverage(venue: Venue, fields: Fields) -> Row:
    """Answer `POST /v5/position/set-leverage`."""
    check_scope(fields, venue.contract.symbol)
    leverage = decimal_field(fields, "buyLeverage") or Decimal(0)
    if leverage != decimal_field(fields, "sellLeverage"):
        raise VenueError(INVALID, "buy leverage is not equal to sell leverage")
    venue.engine.set_leverage(leverage)
    return {}


def set_trading_stop(venue: Venue, fields: Fields) -> Row:
    """Answer `POST /v5/position/trading-stop`: the stop of the whole position."""
    check_scope(fields, venue.contract.symbol)
    if fields.get("tpslMode") != "Full":
        raise VenueError(INVALID, "params error: tpslMode is Full at the loopback server")
    if str(fields.get("positionIdx")) != "0":
        raise VenueError(INVALID, "position idx not match position mode")
    price = stop_loss(fields)
    if price is None:
        raise VenueError(INVALID, "params error: stopLoss is missing")
    venue.engine.set_stop_loss(price, venue.matching_ns())
    return {}


def switch_mode(venue: Venue, fields: Fields) -> Row:
    """Answer `POST /v5/position/switch-mode`: 0 is one-way mode, 3 is hedge mode."""
    check_scope(fields, venue.contract.symbol)
    mode = str(fields.get("mode"))
    if mode not in ("0", "3"):
        raise VenueError(INVALID, "params error: mode invalid")
    if venue.settings.is_hedged is (mode == "3"):
        raise VenueError(MODE_UNCHANGED, "Position mode is not modified")
    if venue.engine.position().size or venue.engine.open_orders:
        raise VenueError(MODE_IN_USE, "Cannot change the position mode with positions or orders")
    venue.settings.is_hedged = mode == "3"
    return {}


def set_margin_mode(venue: Venue, fields: Fields) -> Row:
    """Answer `POST /v5/account/set-margin-mode`."""
    mode = str(fields.get("setMarginMode"))
    if mode not in MARGIN_MODES:
        raise VenueError(INVALID, "params error: setMarginMode invalid")
    venue.settings.margin_mode = mode
    return {"reasons": []}


def _wanted(venue: Venue, fields: Fields) -> list[Order]:
    if not _is_settled_in(venue, fields):
        return []
    check_scope(fields, venue.contract.symbol)
    order_id, link_id = str(fields.get("orderId") or ""), str(fields.get("orderLinkId") or "")
    if order_id or link_id:
        order = venue.engine.find(order_id, link_id)
        return [] if order is None else [order]
    newest = list(reversed(venue.engine.orders.values()))
    # The filter for stops returns only conditional orders; without it both kinds are returned.
    if fields.get("orderFilter") == "StopOrder":
        return [order for order in newest if order.trigger_price is not None]
    if fields.get("orderFilter") == "Order":
        return [order for order in newest if order.trigger_price is None]
    return newest


def _is_settled_in(venue: Venue, fields: Fields) -> bool:
    return fields.get("settleCoin") in (None, "", venue.contract.quote)


def _page(venue: Venue, orders: list[Order], fields: Fields) -> Row:
    first, last, cursor = _bounds(fields, len(orders), 20)
    rows = [order_row(venue.contract, order) for order in orders[first:last]]
    return {"category": "linear", "list": rows, "nextPageCursor": cursor}


def _bounds(fields: Fields, count: int, default: int) -> tuple[int, int, str]:
    first = int(fields.get("cursor") or 0)
    last = first + limit_of(fields, default, 100)
    return first, last, str(last) if last < count else ""

"""The REST interface: keys, limits, faults, and the dispatch to endpoints."""

import json

from aiohttp import web

from adapters.bybit.loopback import account_endpoints as account
from adapters.bybit.loopback import order_endpoints as order
from adapters.bybit.loopback import public_endpoints as public
from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.false_answers import AnswerLost
from adapters.bybit.loopback.false_answers import HttpFailure
from adapters.bybit.loopback.false_answers import OrderRequests
from adapters.bybit.loopback.faults import Faults
from adapters.bybit.loopback.limits import RateLimits
from adapters.bybit.loopback.limits import too_many
from adapters.bybit.loopback.order_endpoints import Endpoint
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.requests import Fields
from adapters.bybit.loopback.signing import Keys
from adapters.bybit.loopback.venue import Venue


PUBLIC_PREFIX = "/v5/market/"
ORDER_PATHS = ("/v5/order/create", "/v5/order/amend", "/v5/order/cancel")
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("GET", "/v5/market/time"): public.server_time,
    ("GET", "/v5/market/instruments-info"): public.instruments,
    ("GET", "/v5/market/kline"): public.klines,
    ("GET", "/v5/market/recent-trade"): public.recent_trades,
    ("GET", "/v5/market/funding/history"): public.funding_history,
    ("GET", "/v5/market/orderbook"): public.order_book,
    ("GET", "/v5/market/tickers"): public.tickers,
    ("GET", "/v5/account/wallet-balance"): account.wallet_balance,
    ("GET", "/v5/account/info"): account.account_info,
    ("GET", "/v5/account/fee-rate"): account.fee_rate,
    ("GET", "/v5/user/query-api"): account.api_key,
    ("GET", "/v5/position/list"): account.positions,
    ("GET", "/v5/order/realtime"): account.open_orders,
    ("GET", "/v5/order/history"): account.closed_orders,
    ("GET", "/v5/execution/list"): account.executions,
    ("POST", "/v5/position/set-leverage"): account.set_leverage,
    ("POST", "/v5/position/trading-stop"): account.set_trading_stop,
    ("POST", "/v5/position/switch-mode"): account.switch_mode,
    ("POST", "/v5/account/set-margin-mode"): account.set_margin_mode,
    ("POST", "/v5/order/create"): order.create,
    ("POST", "/v5/order/amend"): order.amend,
    ("POST", "/v5/order/cancel"): order.cancel,
    ("POST", "/v5/order/cancel-all"): order.cancel_all,
}


class Rest:
    """
    Answers requests.

    Parameters
    ----------
    venue : Venue
        The venue.
    keys : Keys
        The accepted keys.
    limits : RateLimits
        The limits, shared with the trade socket.
    faults : Faults
        The switches.
    orders : OrderRequests
        Carries order requests out.

    Attributes
    ----------
    paths : list[str]
        Method and path of every request so far.

    """

    def __init__(
        self,
        venue: Venue,
        keys: Keys,
        limits: RateLimits,
        faults: Faults,
        orders: OrderRequests,
    ) -> None:
        self._orders = orders
        self._venue = venue
        self._keys = keys
        self._limits = limits
        self._faults = faults
        self.paths: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request; the caller publishes the resulting changes."""
        body = await request.text()
        self.paths.append(f"{request.method} {request.path}")
        fault = self._faults.request_fault(request.path)
        if fault is not None and fault.error is None:
            return web.Response(status=fault.status, text="loopback fault")
        endpoint = ENDPOINTS.get((request.method, request.path))
        if endpoint is None:
            return web.Response(status=404, text=f"no endpoint {request.method} {request.path}")
        headers, is_over = self._limits.count(request.path, self._venue.clock_ms())
        code, message, result = 0, "OK", {}
        try:
            self._check_keys(request, body)
            if fault is not None and fault.error is not None:
                raise fault.error
            if is_over:
                raise too_many()
            fields = _fields(request, body)
            if request.path in ORDER_PATHS:
                result = call(self._orders, endpoint, request.path, fields)
            else:
                result = endpoint(self._venue, fields)
        except ValueError as error:
            code, message = INVALID, f"params error: {error}"
        except VenueError as error:
            code, message = error.code, error.message
        except HttpFailure as failure:
            return web.Response(status=failure.status, text="loopback fault")
        except AnswerLost:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        envelope = {
            "retCode": code,
            "retMsg": message,
            "result": result,
            "retExtInfo": {},
            "time": self._venue.clock_ms(),
        }
        return web.json_response(envelope, headers=headers)

    def _check_keys(self, request: web.Request, body: str) -> None:
        if request.path.startswith(PUBLIC_PREFIX):
            return
        headers = request.headers
        self._keys.check_request(
            headers.get("X-BAPI-API-KEY", ""),
            headers.get("X-BAPI-SIGN", ""),
            headers.get("X-BAPI-TIMESTAMP", ""),
            headers.get("X-BAPI-RECV-WINDOW", ""),
            request.rel_url.raw_query_string if request.method == "GET" else body,
            self._venue.clock_ms(),
        )


def call(orders: OrderRequests, endpoint: Endpoint, path: str, fields: Fields) -> Row:
    """
    Carry an order request out.

    Raises
    ------
    VenueError
        If the venue rejects it, also for a field that is not a number, or a fault says so.
    HttpFailure, AnswerLost
        If a fault replaces or drops the answer.

    """
    try:
        return orders.carry_out(endpoint, path, fields)
    except ValueError as e:
        raise VenueError(INVALID, f"params error: {e}") from e


def _fields(request: web.Request, body: str) -> Fields:
    if request.method == "GET":
        return dict(request.query)
    try:
        fields = json.loads(body)
    except json.JSONDecodeError as e:
        raise VenueError(INVALID, "params error: body is no JSON") from e
    if not isinstance(fields, dict):
        raise VenueError(INVALID, "params error: body is no JSON object")
    return fields

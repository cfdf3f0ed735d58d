"""Order entry over the trade socket."""

from typing import Any

from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.connection import Connection
from adapters.bybit.loopback.false_answers import AnswerLost
from adapters.bybit.loopback.false_answers import HttpFailure
from adapters.bybit.loopback.false_answers import OrderRequests
from adapters.bybit.loopback.faults import Faults
from adapters.bybit.loopback.limits import RateLimits
from adapters.bybit.loopback.limits import too_many
from adapters.bybit.loopback.order_endpoints import OPERATIONS
from adapters.bybit.loopback.order_endpoints import Endpoint
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.requests import Fields
from adapters.bybit.loopback.rest import call
from adapters.bybit.loopback.signing import NO_AUTHENTICATION
from adapters.bybit.loopback.signing import Keys
from adapters.bybit.loopback.venue import Venue


UNKNOWN_OPERATION = 10404
LOST: Row = {"retCode": -1, "data": {}, "retExtInfo": {}}
BATCH = "-batch"


class TradeSocket:
    """
    Answers the requests of the trade socket.

    Parameters
    ----------
    venue : Venue
        The venue.
    keys : Keys
        The accepted keys.
    limits : RateLimits
        The limits, shared with the REST interface.
    faults : Faults
        The switches.
    orders : OrderRequests
        Carries the requests out.

    Attributes
    ----------
    requests, answers : list[dict]
        Every request and its answer so far; a lost answer holds only a `retCode` of -1.

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
        self.requests: list[dict[str, Any]] = []
        self.answers: list[Row] = []

    def answer(self, connection: Connection, request: dict[str, Any]) -> Row | None:
        """
        Answer a request; the caller publishes the resulting changes.

        Returns
        -------
        dict or None
            The answer, None if it is lost.

        """
        try:
            answer = self._answer(connection, request)
        except (AnswerLost, HttpFailure):
            self.requests.append(request)
            self.answers.append({**LOST, "op": request["op"]})
            return None
        self.requests.append(request)
        self.answers.append(answer)
        return answer

    def _answer(self, connection: Connection, request: dict[str, Any]) -> Row:
        name = str(request.get("op", ""))
        operation = OPERATIONS.get(name.removesuffix(BATCH))
        path = "/v5/" + name.removesuffix(BATCH).replace(".", "/")
        limit, is_over = self._limits.count(path, self._venue.clock_ms())
        code, message = 0, "OK"
        data: Row = {}
        extra: Row = {}
        try:
            if not connection.is_authenticated:
                raise VenueError(NO_AUTHENTICATION, "Request not authorized")
            if operation is None:
                raise VenueError(UNKNOWN_OPERATION, "op type is not found")
            header = _object(request.get("header") or {}, "header")
            self._keys.check_time(
                str(header.get("X-BAPI-TIMESTAMP", "")),
                str(header.get("X-BAPI-RECV-WINDOW") or "5000"),
                self._venue.clock_ms(),
            )
            if is_over:
                raise too_many()
            fields = _object(_rows(request.get("args"), "args")[0], "args")
            if name.endswith(BATCH):
                data, extra = self._batch(operation, path, fields)
            else:
                data = self._one(operation, path, fields)
        except VenueError as error:
            code, message = error.code, error.message
        return {
            "reqId": request.get("reqId", ""),
            "retCode": code,
            "retMsg": message,
            "op": name,
            "data": data,
            "retExtInfo": extra,
            "header": {**limit, "Timenow": str(self._venue.clock_ms())},
            "connId": connection.conn_id,
        }

    def _one(self, operation: Endpoint, path: str, fields: Fields) -> Row:
        fault = self._faults.request_fault(path, is_socket=True)
        if fault is not None and fault.error is not None:
            raise fault.error
        return call(self._orders, operation, path, fields)

    def _batch(self, operation: Endpoint, path: str, fields: Fields) -> tuple[Row, Row]:
        rows, outcomes = [], []
        for row in _rows(fields.get("request"), "request"):
            request = _object(row, "request")
            try:
                rows.append(self._one(operation, path, {"category": "linear", **request}))
                outcomes.append({"code": 0, "msg": "OK"})
            except VenueError as error:
                rows.append({"orderId": "", "orderLinkId": request.get("orderLinkId", "")})
                outcomes.append({"code": error.code, "msg": error.message})
        return {"list": rows}, {"list": outcomes}


def orders_in(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of the orders of a request: one, or those of a batch."""
    (fields,) = request["args"]
    is_batch = str(request["op"]).endswith(BATCH)
    return list(fields["request"]) if is_batch else [fields]


def outcomes_in(answer: Row) -> list[int]:
    """Return the code of each order of a request in its answer."""
    outcomes = answer["retExtInfo"].get("list")
    return [row["code"] for row in outcomes] if outcomes else [int(answer["retCode"])]


def _rows(value: object, name: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise VenueError(INVALID, f"params error: {name} is no list of orders")
    return value


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise VenueError(INVALID, f"params error: {name} is no object")
    return value

"""Answers of the venue, altered in thousands of ways: taken whole and sane, or refused."""

import copy
import json
import random
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from requests import Response
from requests.adapters import BaseAdapter

from adapters.bybit.account_check import AccountReader
from adapters.bybit.account_check import Contract
from adapters.bybit.account_query import AccountQuery
from adapters.bybit.answer_rows import LoginAnswer
from adapters.bybit.answers import FIRST_MS
from adapters.bybit.answers import LAST_MS
from adapters.bybit.answers import Amount
from adapters.bybit.answers import BadAnswer
from adapters.bybit.answers import Leverage
from adapters.bybit.answers import Milliseconds
from adapters.bybit.answers import Price
from adapters.bybit.answers import Rate
from adapters.bybit.answers import Size
from adapters.bybit.answers import Volume
from adapters.bybit.answers import decode
from adapters.bybit.answers import decode_text
from adapters.bybit.execution_list import ExecutionList
from adapters.bybit.executions import fill_of
from adapters.bybit.funding import funding_updates
from adapters.bybit.funding_payments import FundingPayments
from adapters.bybit.market import BybitMarket
from adapters.bybit.position_stops import PositionStops
from catalog.instruments import bybit_perpetual_from_definition
from errors import AuctionError


ALTERED = 1_000
T_MS = 1_767_600_000_000
HOUR_MS = 3_600_000
KEYS = ("http://venue.test", "a key", "a secret")
JUNK = (
    None,
    True,
    0,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    10**30,
    "",
    " ",
    "abc",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1",
    "0",
    "1e-40",
    "1_0",
    " 1",
    "\u0661",
    "9" * 50,
    "1e400000",
    [],
    [[]],
    {},
    {"a": 1},
)
PIECES = (b"", b"null", b"[]", b"0", b'"text"', b"<html>", b"{", b"[" * 100_000, b"\xff\xfe")


class Canned(BaseAdapter):
    """Answers pybit's requests with a body of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[str, bytes] = {}

    def send(self, request: Any, **_: Any) -> Response:
        response = Response()
        response.status_code = 200
        response.request = request
        response.url = request.url
        path = request.url.partition("?")[0].partition("/v5/")[2]
        response._content = self.bodies[path]
        return response

    def close(self) -> None:
        self.bodies.clear()


def execution(**fields: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "orderId": "order-1",
        "orderLinkId": "O-1-S",
        "side": "Buy",
        "orderPrice": "60000",
        "orderQty": "0.1",
        "leavesQty": "0",
        "createType": "CreateByUser",
        "orderType": "Limit",
        "stopOrderType": "UNKNOWN",
        "execFee": "0.6",
        "execId": "exec-1",
        "execPrice": "60000",
        "execQty": "0.1",
        "execType": "Trade",
        "execValue": "6000",
        "execTime": str(T_MS + HOUR_MS),
        "feeCurrency": "",
        "isMaker": True,
        "feeRate": "0.0001",
        "closedSize": "0",
        "seq": 7,
        **fields,
    }


def answer(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "retCode": 0,
        "retMsg": "OK",
        "result": result,
        "retExtInfo": {},
        "time": T_MS + 2 * HOUR_MS,
    }


def page(*rows: Any) -> dict[str, Any]:
    return answer({"category": "linear", "nextPageCursor": "", "list": list(rows)})


def definition() -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": "BTC",
        "quoteCoin": "USDT",
        "settleCoin": "USDT",
        "launchTime": "1585526400000",
        "deliveryTime": "0",
        "priceScale": "2",
        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
        "lotSizeFilter": {
            "maxOrderQty": "1190.000",
            "minOrderQty": "0.001",
            "qtyStep": "0.001",
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
    }


def key_info() -> dict[str, Any]:
    return answer(
        {
            "readOnly": 0,
            "permissions": {"ContractTrade": ["Order", "Position"], "Wallet": []},
            "ips": ["10.0.0.1"],
            "expiredAt": "2099-01-01T00:00:00Z",
            "uta": 1,
        }
    )


def position() -> dict[str, Any]:
    return {
        "positionIdx": 0,
        "symbol": "BTCUSDT",
        "side": "Sell",
        "size": "0.1",
        "avgPrice": "60000",
        "leverage": "10",
        "stopLoss": "61000",
        "tradeMode": 0,
    }


def order() -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "orderId": "order-1",
        "orderLinkId": "",
        "side": "Buy",
        "qty": "0.1",
        "cumExecQty": "0",
        "price": "",
        "triggerPrice": "61000",
        "reduceOnly": True,
        "stopOrderType": "StopLoss",
    }


def kline(minute: int) -> list[str]:
    return [str(T_MS + minute * 60_000), "60000", "60100", "59900", "60050", "1.5", "90000"]


type Bodies = dict[str, dict[str, Any]]


class Case:
    """
    Represents one reader of answers.

    Parameters
    ----------
    bodies : Bodies
        The answers by path.
    read : Callable[[Callable[[Any], None]], Any]
        Reads; it is given what puts the canned answers before a pybit client.
    check : Callable[[Any], None]
        Asserts that what was read is sane.

    """

    def __init__(
        self,
        bodies: Bodies,
        read: Callable[[Callable[[Any], None]], Any],
        check: Callable[[Any], None],
    ) -> None:
        self.bodies = bodies
        self.read = read
        self.check = check


def is_time(ns: int) -> bool:
    return FIRST_MS * 10**6 <= ns <= LAST_MS * 10**6


def read_payments(can: Callable[[Any], None]) -> Any:
    source = FundingPayments(*KEYS)
    can(source._source._http)
    return source.between("linear", "BTCUSDT", T_MS * 10**6, (T_MS + 2 * HOUR_MS) * 10**6)


def check_payments(payments: Any) -> None:
    for payment in payments:
        assert T_MS * 10**6 < payment.ts_ns <= (T_MS + 2 * HOUR_MS) * 10**6
        assert 0 < payment.price < 10**9
        assert 0 < abs(payment.quantity) <= 10**12
        assert abs(payment.rate) <= Decimal("0.1")
        assert abs(payment.paid) <= abs(payment.quantity) * payment.price / 10


def read_fills(can: Callable[[Any], None]) -> Any:
    source = ExecutionList(*KEYS)
    can(source._http)
    return [fill_of(row) for row in source.between("linear", T_MS, T_MS + 2 * HOUR_MS)]


def check_fills(fills: Any) -> None:
    for fill in fills:
        if fill is not None:
            assert 0 < fill.price < 10**9
            assert 0 < fill.quantity <= 10**12
            assert abs(fill.fee) <= 10**12
            assert is_time(fill.ts_ns)
            assert fill.exec_id
            assert fill.order_id


def market_of(can: Callable[[Any], None]) -> BybitMarket:
    market = BybitMarket("BTCUSDT", KEYS[0])
    # pybit tries again where there is no JSON.
    market._http.max_retries, market._http.retry_delay = 1, 0
    can(market._http)
    return market


def read_definition(can: Callable[[Any], None]) -> Any:
    market = market_of(can)
    return bybit_perpetual_from_definition(market.instrument()), market.server_ms


def check_definition(found: Any) -> None:
    instrument, server_ms = found
    assert FIRST_MS <= server_ms <= LAST_MS
    assert instrument.price_increment > 0
    assert instrument.size_increment > 0
    assert is_time(instrument.ts_event)


def read_klines(can: Callable[[Any], None]) -> Any:
    return [row for part in market_of(can).klines(T_MS, T_MS + 120_000) for row in part]


def check_klines(rows: Any) -> None:
    starts = [int(row[0]) for row in rows]
    assert starts == sorted(set(starts))
    for start, row in zip(starts, rows, strict=True):
        assert T_MS <= start < T_MS + 120_000
        opened, high, low, closed, volume, _ = map(Decimal, row[1:])
        assert 0 < low <= min(opened, closed) <= max(opened, closed) <= high < 10**9
        assert 0 <= volume < 10**16


def read_rates(can: Callable[[Any], None]) -> Any:
    found = market_of(can).funding(T_MS, T_MS + 24 * HOUR_MS)
    return funding_updates(found, 480)


def check_rates(updates: Any) -> None:
    for update in updates:
        assert abs(update.rate) <= Decimal("0.1")
        assert T_MS * 10**6 <= update.next_funding_ns < (T_MS + 24 * HOUR_MS) * 10**6


def read_account(can: Callable[[Any], None]) -> Any:
    reader = AccountReader(*KEYS)
    can(reader._http)
    return reader.verdict([Contract("linear", "BTCUSDT", Decimal(5), Decimal("0.00055"))])


def check_account(verdict: Any) -> None:
    for line in verdict.refusals + verdict.warnings:
        assert line
        assert "\n" not in line


def read_stop(can: Callable[[Any], None]) -> Any:
    stops = PositionStops(*KEYS)
    can(stops._http)
    return (
        stops.position("linear", "BTCUSDT"),
        stops.is_stop("linear", "BTCUSDT", "order-1"),
        stops.known_stops("linear", "BTCUSDT", T_MS),
    )


def check_stop(found: Any) -> None:
    held, is_stop, known = found
    assert held.size.is_finite()
    assert held.stop is None or 0 < held.stop < 10**15
    assert is_stop in (None, True, False)
    assert all(isinstance(name, str) for name in known)


def read_held(can: Callable[[Any], None]) -> Any:
    query = AccountQuery(*KEYS)
    can(query._http)
    return query.fetch("linear", "BTCUSDT")


def check_held(account: Any) -> None:
    assert account.position.is_finite()
    assert (account.average is None) is (account.position == 0)
    assert account.average is None or 0 < account.average < 10**9
    for found in account.orders:
        assert 0 <= found.quantity < 10**16
        assert 0 <= found.filled < 10**16
        assert all(price is None or price > 0 for price in (found.price, found.trigger))
        assert type(found.reduce_only) is bool


CASES = {
    "position and orders": Case(
        {"position/list": page(position()), "order/realtime": page(order(), order())},
        read_held,
        check_held,
    ),
    "funding payments": Case(
        {
            "execution/list": page(
                execution(execType="Funding", execId="f-1"),
                execution(execType="Funding", execId="f-2", side="Sell", execFee="-0.3"),
            )
        },
        read_payments,
        check_payments,
    ),
    "fills": Case(
        {
            "execution/list": page(
                execution(),
                execution(execId="exec-2", orderLinkId="", createType="CreateByLiq"),
                execution(execType="Funding", execId="f-1"),
            )
        },
        read_fills,
        check_fills,
    ),
    "definition": Case(
        {"market/instruments-info": page(definition())}, read_definition, check_definition
    ),
    "klines": Case({"market/kline": page(kline(1), kline(0))}, read_klines, check_klines),
    "funding rates": Case(
        {
            "market/funding/history": page(
                *(
                    {
                        "symbol": "BTCUSDT",
                        "fundingRate": "0.0001",
                        "fundingRateTimestamp": str(T_MS + hour * HOUR_MS),
                    }
                    for hour in (16, 8, 0)
                )
            )
        },
        read_rates,
        check_rates,
    ),
    "account": Case(
        {
            "user/query-api": key_info(),
            "account/info": answer({"marginMode": "REGULAR_MARGIN", "unifiedMarginStatus": 6}),
            "position/list": page(position()),
        },
        read_account,
        check_account,
    ),
    "position stops": Case(
        {
            "position/list": page(position()),
            "order/realtime": page(order()),
            "order/history": page(),
            "execution/list": page(execution(stopOrderType="StopLoss")),
        },
        read_stop,
        check_stop,
    ),
}


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place of a document: what holds it, and its key there."""
    items: Any = ()
    if isinstance(node, dict):
        items = node.items()
    elif isinstance(node, list):
        items = enumerate(node)
    for key, value in list(items):
        yield node, key
        yield from places(value)


def altered(rng: random.Random, document: dict[str, Any]) -> bytes:
    """Return the text of a document with one to three things wrong about it."""
    if rng.random() < 0.03:
        return rng.choice(PIECES)
    found = copy.deepcopy(document)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        node, key = rng.choice(list(places(found)))
        what = rng.random()
        if what < 0.2:
            del node[key]
        elif what < 0.3 and isinstance(node, list):
            node.append(copy.deepcopy(node[key]))
        elif what < 0.35 and isinstance(node, dict):
            node[f"{key}2"] = node.pop(key)
        else:
            node[key] = copy.deepcopy(rng.choice(JUNK))
        if not found:
            break
    text = json.dumps(found).encode()
    return text[: rng.randrange(len(text))] if rng.random() < 0.02 else text


def run(case: Case, bodies: dict[str, bytes]) -> Any:
    canned = Canned()
    canned.bodies = bodies

    def can(http: Any) -> None:
        http.client.mount("http://", canned)

    return case.read(can)


def encoded(bodies: Bodies) -> dict[str, bytes]:
    return {path: json.dumps(body).encode() for path, body in bodies.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_answer_as_the_venue_gives_it_is_taken(name):
    case = CASES[name]
    found = run(case, encoded(case.bodies))
    case.check(found)
    assert found


@pytest.mark.parametrize("name", CASES)
def test_an_altered_answer_is_taken_whole_and_sane_or_refused(name, caplog):
    case = CASES[name]
    rng = random.Random(name)
    outcomes: Counter[str] = Counter()
    lines: list[str] = []
    for _ in range(ALTERED):
        bodies = encoded(case.bodies)
        path = rng.choice(sorted(bodies))
        bodies[path] = altered(rng, case.bodies[path])
        try:
            found = run(case, bodies)
        except AuctionError as error:
            outcomes[type(error).__name__] += 1
            lines.append(str(error))
            continue
        case.check(found)
        outcomes["taken"] += 1
    assert not [line for line in lines if "\n" in line]
    caplog.clear()
    # What is left out of account here may be altered without harm.
    assert outcomes["taken"] > ALTERED / 50
    assert outcomes["BadAnswer"] > ALTERED / 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("execFee", "NaN"),
        ("execFee", None),
        ("execFee", 0.6),
        ("execFee", "Infinity"),
        ("execFee", "7000"),
        ("execQty", "0"),
        ("execQty", "-0.1"),
        ("execPrice", "1e99"),
        ("feeRate", "0.2"),
        ("execTime", "0"),
        ("execTime", T_MS + HOUR_MS),
        ("side", ""),
        ("symbol", "ETHUSDT"),
        ("execId", ""),
    ],
)
def test_one_bad_row_refuses_all_payments_and_is_named(field, value):
    """A payment of NaN was booked once."""
    rows = [execution(execType="Funding", execId=f"f-{number}") for number in range(3)]
    rows[1][field] = value
    with pytest.raises(BadAnswer, match=r"Bybit execution/list: .*the answer is refused") as error:
        run(CASES["funding payments"], encoded({"execution/list": page(*rows)}))
    # Symbol and time are not wrong by themselves: they were not requested.
    assert field in str(error.value) or "was not requested" in str(error.value)


def test_a_list_without_an_end_is_abandoned():
    """A cursor that is new on each page, for ever."""
    body = page(execution(execType="Funding"))

    class Endless(Canned):
        def send(self, request: Any, **fields: Any) -> Response:
            body["result"]["nextPageCursor"] = str(len(request.url) + next(numbers))
            self.bodies = encoded({"execution/list": body})
            return super().send(request, **fields)

    numbers = iter(range(10**6))
    source = FundingPayments(*KEYS)
    source._source._http.client.mount("http://", Endless())
    with pytest.raises(BadAnswer, match="more than 1000 pages"):
        source.between("linear", "BTCUSDT", T_MS * 10**6, (T_MS + 2 * HOUR_MS) * 10**6)


LOGINS = (
    {"success": True, "ret_msg": "", "op": "auth", "conn_id": "x"},
    {"retCode": 0, "retMsg": "OK", "op": "auth", "connId": "x"},
)


def test_an_altered_answer_to_a_login_is_read_or_refused():
    rng = random.Random(7)
    outcomes: Counter[str] = Counter()
    for number in range(ALTERED):
        text = altered(rng, LOGINS[number % 2]).decode("utf-8", "surrogateescape")
        try:
            found = decode_text("login", LoginAnswer, text)
        except BadAnswer:
            outcomes["refused"] += 1
            continue
        assert found.op is None or isinstance(found.op, str)
        assert found.success in (None, True, False)
        assert found.ret_code is None or type(found.ret_code) is int
        outcomes["read"] += 1
    assert min(outcomes["refused"], outcomes["read"]) > ALTERED / 10


def test_now_is_a_time_that_is_taken():
    assert FIRST_MS < datetime.now(UTC).timestamp() * 1000 < LAST_MS


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        (Price, ["0.0001", "1e9"], ["0", "-1", "1000000000.1"]),
        (Size, ["0.0001", "1e12"], ["0", "-1", "1000000000000.1"]),
        (Volume, ["0", "1e15"], ["-0.0001", "1000000000000000.1"]),
        (Rate, ["-0.1", "0", "0.1"], ["-0.1001", "0.1001"]),
        (Amount, ["-1e12", "0", "1e12"], ["-1000000000000.1", "1000000000000.1"]),
        (Leverage, ["0.0001", "1000"], ["0", "-1", "1000.1"]),
        (Milliseconds, [str(FIRST_MS), str(LAST_MS)], [str(FIRST_MS - 1), str(LAST_MS + 1)]),
    ],
)
def test_numbers_are_taken_up_to_their_bounds_and_refused_beyond(kind, inside, outside):
    for text in inside:
        assert decode("a list", kind, text) == Decimal(text)
    for text in outside:
        with pytest.raises(BadAnswer, match=r"out of range|is no time"):
            decode("a list", kind, text)

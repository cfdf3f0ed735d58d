"""Position and open orders by the venue itself: whole answers, or none."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors import requests
from actors.requests import AccountRequest
from adapters.bybit import account_answers
from adapters.bybit.account_answers import AccountAnswers
from adapters.bybit.account_query import MOST_PAGES
from adapters.bybit.account_query import AccountQuery
from adapters.bybit.loopback.server import BybitLoopback
from errors import AuctionError
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote


BTC = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
POSITION = {"symbol": "BTCUSDT", "side": "Buy", "size": "0.010", "avgPrice": "60000.5"}
ORDER = {
    "symbol": "BTCUSDT",
    "orderLinkId": "x",
    "side": "Sell",
    "qty": "0.010",
    "cumExecQty": "0",
    "price": "0",
    "triggerPrice": "59900",
    "reduceOnly": True,
}


@pytest.fixture
def client() -> Iterator[Client]:
    with client_of(BybitLoopback(orders_per_second=1_000)) as client:
        client.feed(quote(T0, "60000", "60000.5"))
        yield client


@pytest.fixture
def query(client: Client) -> Iterator[AccountQuery]:
    query = AccountQuery(client.server.url, **KEYS)
    yield query
    query.close()


def test_a_flat_account_has_nothing(query: AccountQuery) -> None:
    account = query.fetch("linear", "BTCUSDT")
    assert (account.position, account.average, account.orders) == (0, None, ())


@pytest.mark.parametrize(("side", "sign"), [("Buy", 1), ("Sell", -1)])
def test_position_and_open_orders_are_those_of_the_venue(
    client: Client, query: AccountQuery, side: str, sign: int
) -> None:
    client.order(side, "0.010")
    other, trigger = ("Sell", "59900") if side == "Buy" else ("Buy", "60100")
    client.order(
        other,
        "0.010",
        triggerPrice=trigger,
        triggerDirection=2 if side == "Buy" else 1,
        reduceOnly=True,
        orderLinkId="stop-S",
    )
    client.order(side, "0.002", price="59000" if side == "Buy" else "61000")
    account = query.fetch("linear", "BTCUSDT")
    assert account.position == sign * Decimal("0.010")
    assert account.average == (Decimal("60000.5") if side == "Buy" else Decimal(60_000))
    stop = next(order for order in account.orders if order.client_order_id)
    assert (stop.client_order_id, stop.is_buy, stop.reduce_only) == ("stop-S", sign < 0, True)
    assert (stop.quantity, stop.filled) == (Decimal("0.010"), 0)
    assert (stop.price, stop.trigger) == (None, Decimal(trigger))
    (entry,) = [order for order in account.orders if not order.client_order_id]
    assert (entry.is_buy, entry.reduce_only, entry.trigger) == (sign > 0, False, None)


def test_all_pages_of_open_orders_are_read(client: Client, query: AccountQuery) -> None:
    for i in range(51):
        client.order("Buy", "0.001", price=f"{59_000 + i}", orderLinkId=f"o{i}")
    names = {order.client_order_id for order in query.fetch("linear", "BTCUSDT").orders}
    assert names == {f"o{i}" for i in range(51)}


def test_open_orders_without_an_end_are_no_answer() -> None:
    cursors: list[str] = []

    def page(cursor: str = "", **_: Any) -> dict[str, Any]:
        cursors.append(cursor)
        following = {"list": [ORDER], "nextPageCursor": f"page {len(cursors)}"}
        return {"result": following, "time": T0 // 1_000_000}

    query = answered(result(POSITION), None)
    query._http.get_open_orders = page
    with pytest.raises(AuctionError, match=f"more than {MOST_PAGES} pages of open orders"):
        query.fetch("linear", "BTCUSDT")
    assert cursors == ["", *(f"page {number}" for number in range(1, MOST_PAGES))]


@pytest.mark.parametrize("path", ["/v5/position/list", "/v5/order/realtime"])
def test_a_venue_that_answers_with_an_error_has_reported_nothing(
    client: Client, query: AccountQuery, path: str
) -> None:
    client.server.call(lambda s: s.faults.fail_requests(path, 5))
    with pytest.raises(AuctionError, match=path.removeprefix("/v5/")):
        query.fetch("linear", "BTCUSDT")


def test_a_venue_that_is_not_there_has_reported_nothing() -> None:
    query = AccountQuery("http://127.0.0.1:9", **KEYS)
    with pytest.raises(AuctionError, match="no answer"):
        query.fetch("linear", "BTCUSDT")


def answered(positions: Any, orders: Any) -> AccountQuery:
    query = AccountQuery("http://127.0.0.1:9", **KEYS)
    query._http.get_positions = lambda **_: positions
    query._http.get_open_orders = lambda **_: orders
    return query


def result(*rows: Any) -> dict[str, Any]:
    page = {"list": list(rows), "nextPageCursor": ""}
    return {"result": page, "time": T0 // 1_000_000}


def test_what_the_wrong_answers_are_made_of_is_a_right_one() -> None:
    account = answered(result(POSITION), result(ORDER)).fetch("linear", "BTCUSDT")
    assert account.position == Decimal("0.010")
    assert account.orders[0].trigger == Decimal(59_900)


WRONG = [None, 1, [], {}, {"result": None}, {"result": {}}, {"result": {"list": {}}}]


@pytest.mark.parametrize("answer", [*WRONG, result(), result(None), result({})])
def test_no_position_is_concluded_from_an_answer_without_a_row(answer: Any) -> None:
    with pytest.raises(AuctionError, match="Bybit position/list"):
        answered(answer, result(ORDER)).fetch("linear", "BTCUSDT")


@pytest.mark.parametrize("answer", [*WRONG, result(None), result({})])
def test_no_orders_are_concluded_from_an_answer_without_a_list(answer: Any) -> None:
    with pytest.raises(AuctionError, match="Bybit order/realtime"):
        answered(result(POSITION), answer).fetch("linear", "BTCUSDT")


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": "ETHUSDT"},
        {"symbol": None},
        {"side": ""},
        {"side": "None"},
        {"size": "NaN"},
        {"size": "-0.01"},
        {"size": "Infinity"},
        {"size": None},
        {"size": ""},
        {"size": []},
        {"avgPrice": "NaN"},
        {"avgPrice": "x"},
        {"avgPrice": None},
        {"avgPrice": 60_000},
    ],
)
def test_a_wrong_field_of_the_position_is_no_answer(change: dict[str, Any]) -> None:
    with pytest.raises(AuctionError, match="Bybit position/list"):
        answered(result(POSITION | change), result(ORDER)).fetch("linear", "BTCUSDT")


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": "ETHUSDT"},
        {"orderLinkId": None},
        {"side": "Both"},
        {"qty": "NaN"},
        {"qty": "x"},
        {"cumExecQty": None},
        {"triggerPrice": "Infinity"},
        {"price": "-1"},
        {"reduceOnly": "yes"},
    ],
)
def test_a_wrong_field_of_an_order_is_no_answer(change: dict[str, Any]) -> None:
    with pytest.raises(AuctionError, match="Bybit order/realtime"):
        answered(result(POSITION), result(ORDER | change)).fetch("linear", "BTCUSDT")


def test_both_sides_of_a_hedged_account_are_counted() -> None:
    short = POSITION | {"side": "Sell", "size": "0.004"}
    account = answered(result(POSITION, short), result()).fetch("linear", "BTCUSDT")
    assert account.position == Decimal("0.006")


def test_a_question_that_waits_has_its_answer_at_once(client: Client, query: AccountQuery) -> None:
    client.order("Buy", "0.010")
    client.order("Buy", "0.002", price="59000", orderLinkId="e")
    question = AccountRequest(BTC)
    AccountAnswers(query, asyncio.run).take(question)
    assert (question.position, question.average) == (Decimal("0.010"), Decimal("60000.5"))
    assert [order.client_order_id for order in question.orders] == ["e"]
    client.server.call(lambda s: s.faults.fail_requests("/v5/position/list", 5))
    question = AccountRequest(BTC)
    AccountAnswers(query, asyncio.run).take(question)
    assert question.position is None
    assert "position/list" in question.failure


def test_a_question_that_does_not_wait_is_answered_later(query: AccountQuery) -> None:
    heard: list[AccountRequest] = []
    tasks: list[Any] = []
    question = AccountRequest(BTC, heard.append)
    AccountAnswers(query, tasks.append).take(question)
    assert (heard, question.position) == ([], None)
    asyncio.run(tasks[0])
    assert heard == [question]
    assert question.position == 0


def test_both_ends_call_the_question_by_one_name() -> None:
    assert requests.VENUE_ACCOUNT == account_answers.VENUE_ACCOUNT

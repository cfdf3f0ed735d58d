"""The loopback server's sockets, with pybit as their client."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import aiohttp
import pybit._websocket_trading
import pybit.unified_trading
import pytest
from pybit.unified_trading import WebSocket
from pybit.unified_trading import WebSocketTrading

from adapters.bybit.loopback.connection import KINDS
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.server import running
from adapters.bybit.loopback.tape import Depth
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import LINEAR
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.adapters.bybit_server import wait_until


MS = 1_000_000


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    with client_of(BybitLoopback(latency_s=0.02)) as client:
        address = client.server.socket_url
        public = address("public").replace("linear", "{CHANNEL_TYPE}")
        monkeypatch.setattr(pybit.unified_trading, "PUBLIC_WSS", public)
        monkeypatch.setattr(pybit.unified_trading, "PRIVATE_WSS", address("private"))
        monkeypatch.setattr(pybit._websocket_trading, "TRADE_WSS", address("trade"))
        client.feed(quote(T0, "60000", "60000.5"), trade(T0, "60000", "0.1", Side.SELL))
        yield client


@pytest.fixture
def public(client: Client) -> Iterator[WebSocket]:
    socket = WebSocket(channel_type="linear", testnet=False)
    yield socket
    hang_up(client, socket)


@pytest.fixture
def private(client: Client) -> Iterator[WebSocket]:
    socket = WebSocket(channel_type="private", testnet=False, private_auth_expire=5, **KEYS)
    wait_until(lambda: socket.auth)
    yield socket
    hang_up(client, socket)


@pytest.fixture
def trading(client: Client) -> Iterator[WebSocketTrading]:
    socket = WebSocketTrading(testnet=False, private_auth_expire=5, **KEYS)
    wait_until(lambda: socket.auth)
    yield socket
    hang_up(client, socket)


def hang_up(client: Client, socket: Any) -> None:
    """Close a socket of pybit from both ends, without its attempts to come back."""
    socket.exited, socket.handle_error = True, False
    end = time.monotonic() + 10.0
    # An attempt that is under way makes another thread, with a socket of its own.
    while socket.wst.is_alive():
        assert time.monotonic() < end, "the client does not give up"
        socket._stop_custom_ping_timer()
        socket.ws.keep_running = False
        client.server.call(lambda server: [server.drop(kind) for kind in KINDS])
        socket.wst.join(0.5)
    socket._stop_custom_ping_timer()


class Inbox(list[dict[str, Any]]):
    """Takes messages, and the rows in them."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for message in list(self) for row in message["data"]]


def follow(private: WebSocket) -> Inbox:
    """Subscribe to all private topics in one inbox."""
    inbox = Inbox()
    private.order_stream(inbox.append)
    private.execution_stream(inbox.append)
    private.position_stream(inbox.append)
    private.wallet_stream(inbox.append)
    return inbox


def subscribed(client: Client, kind: str, count: int) -> None:
    def topics(server: BybitLoopback) -> int:
        return sum(len(connection.topics) for connection in server.connections.of(kind))

    wait_until(lambda: client.server.call(topics) == count)


def topics_of(inbox: Inbox) -> list[str]:
    return [message["topic"] for message in list(inbox)]


def test_trades_come_with_side_size_and_time(client: Client, public: WebSocket) -> None:
    inbox = Inbox()
    public.trade_stream("BTCUSDT", inbox.append)
    subscribed(client, "public", 1)

    client.feed(trade(T0 + 5 * MS, "60000.5", "0.25", Side.BUY, "abc"))

    wait_until(lambda: inbox)
    (row,) = inbox.rows
    assert (row["i"], row["S"], row["p"], row["v"]) == ("abc", "Buy", "60000.50", "0.250")
    assert row["T"] == T0 // MS + 5


def test_best_prices_come_as_snapshots(client: Client, public: WebSocket) -> None:
    inbox = Inbox()
    public.orderbook_stream(1, "BTCUSDT", inbox.append)
    wait_until(lambda: inbox)

    client.feed(quote(T0 + MS, "60001", "60001.5", "2", "3"))

    wait_until(lambda: len(inbox) == 2)
    data = inbox[-1]["data"]
    assert (data["b"], data["a"]) == ([["60001.00", "2.000"]], [["60001.50", "3.000"]])


def test_best_prices_are_repeated_after_three_seconds(client: Client, public: WebSocket) -> None:
    inbox = Inbox()
    public.orderbook_stream(1, "BTCUSDT", inbox.append)
    wait_until(lambda: inbox)
    client.feed(quote(T0 + MS, "60001", "60001.5"))

    client.feed(
        *(trade(T0 + ms * MS, "60001", "0.1", Side.SELL) for ms in (2_000, 3_000, 3_001, 4_000)),
    )

    wait_until(lambda: len(inbox) == 3)
    assert inbox[1]["data"] | {"seq": 0} == inbox[2]["data"] | {"seq": 0}


def test_deeper_book_is_whole_after_its_changes(client: Client, public: WebSocket) -> None:
    inbox = Inbox()
    public.orderbook_stream(50, "BTCUSDT", inbox.append)
    wait_until(lambda: inbox)

    levels = ((Decimal(59_999), Decimal(5)), (Decimal(59_998), Decimal(6)))
    client.feed(
        Depth(T0 + MS, levels, ((Decimal(60_002), Decimal(7)),)),
        quote(T0 + 2 * MS, "59999", "60000.5", "4"),
    )

    wait_until(lambda: len(inbox) == 3)
    data = inbox[-1]["data"]
    assert dict(data["b"]) == {"59999.00": "4.000", "59998.00": "6.000"}
    assert dict(data["a"]) == {"60000.50": "1.000", "60002.00": "7.000"}


def test_ticker_reports_mark_price_and_funding_and_then_what_changed(
    client: Client,
    public: WebSocket,
) -> None:
    inbox = Inbox()
    public.ticker_stream("BTCUSDT", inbox.append)
    wait_until(lambda: inbox)

    client.feed(quote(T0 + 50 * MS, "60001", "60001.5"), quote(T0 + 200 * MS, "60002", "60002.5"))

    wait_until(lambda: inbox[-1]["data"].get("bid1Price") == "60002.00")
    data = inbox[-1]["data"]
    assert (data["bid1Price"], data["markPrice"], data["fundingRate"]) == (
        "60002.00",
        "60002.25",
        "0.0001",
    )
    assert int(data["nextFundingTime"]) > T0 // MS


def test_fill_is_reported_on_all_private_topics(client: Client, private: WebSocket) -> None:
    inbox = follow(private)
    subscribed(client, "private", 4)

    client.order("Buy", "0.1", orderLinkId="mine")

    wait_until(lambda: len(inbox) == 5)
    assert topics_of(inbox) == ["order", "execution", "order", "position", "wallet"]
    _, execution, order, position, wallet = inbox.rows
    assert (execution["orderLinkId"], execution["execQty"]) == ("mine", "0.100")
    assert (order["orderStatus"], order["cumExecQty"]) == ("Filled", "0.100")
    assert (position["side"], position["entryPrice"]) == ("Buy", "60000.5")
    assert Decimal(wallet["totalWalletBalance"]) == 10_000 - Decimal(execution["execFee"])


def test_orders_go_over_the_trade_socket(client: Client, trading: WebSocketTrading) -> None:
    answers, errors = Inbox(), Inbox()
    order = {**LINEAR, "side": "Buy", "orderType": "Limit", "qty": "0.1", "orderLinkId": "mine"}

    trading.place_order(answers.append, errors.append, **order, price="59000")
    wait_until(lambda: len(answers) == 1)
    trading.amend_order(answers.append, errors.append, **LINEAR, orderLinkId="mine", qty="0.2")
    wait_until(lambda: len(answers) == 2)
    trading.cancel_order(answers.append, errors.append, **LINEAR, orderLinkId="mine")
    wait_until(lambda: len(answers) == 3)
    trading.cancel_order(answers.append, errors.append, **LINEAR, orderLinkId="mine")
    wait_until(lambda: errors)

    assert {answer["data"]["orderLinkId"] for answer in answers} == {"mine"}
    assert answers[0]["header"]["X-Bapi-Limit"] == "10"
    assert errors[0]["retCode"] == 110001
    (order_row,) = client.http.get_order_history(**LINEAR)["result"]["list"]
    assert (order_row["qty"], order_row["orderStatus"]) == ("0.200", "Cancelled")


def test_batch_reports_the_outcome_of_each_order(client: Client, trading: WebSocketTrading) -> None:
    answers = Inbox()
    good = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.1"}

    trading.place_batch_order(
        answers.append,
        category="linear",
        request=[{**good, "price": "59000"}, {**good, "price": "59000.05"}],
    )

    wait_until(lambda: answers)
    assert [row["code"] for row in answers[0]["retExtInfo"]["list"]] == [0, 10001]


def test_duplicates_are_sent_twice(client: Client, private: WebSocket) -> None:
    inbox = follow(private)
    subscribed(client, "private", 4)
    client.server.call(lambda server: setattr(server.faults, "duplicate", True))

    client.order("Buy", "0.1")

    wait_until(lambda: len(inbox) == 10)
    executions = [row["execId"] for row in inbox.rows if "execId" in row]
    assert len(executions) == 2
    assert len(set(executions)) == 1


def test_swapped_messages_come_in_the_other_order(client: Client, private: WebSocket) -> None:
    inbox = follow(private)
    subscribed(client, "private", 4)
    client.server.call(lambda server: setattr(server.faults, "swap", True))

    client.order("Buy", "0.1")
    client.server.call(BybitLoopback.release_private)

    wait_until(lambda: len(inbox) == 5)
    assert topics_of(inbox) == ["execution", "order", "position", "order", "wallet"]


def test_late_messages_come_later_than_the_answer(client: Client, private: WebSocket) -> None:
    inbox = follow(private)
    subscribed(client, "private", 4)
    client.server.call(lambda server: setattr(server.faults, "delay_s", 0.3))

    client.order("Buy", "0.1")

    assert inbox == []
    wait_until(lambda: len(inbox) == 5)


def test_fill_can_come_without_its_order_update(client: Client, private: WebSocket) -> None:
    inbox = follow(private)
    subscribed(client, "private", 4)
    client.server.call(lambda server: server.faults.withhold("order", 2))

    client.order("Buy", "0.1")

    wait_until(lambda: len(inbox) == 3)
    assert topics_of(inbox) == ["execution", "position", "wallet"]


def test_frozen_socket_says_nothing_until_it_goes_on(client: Client, public: WebSocket) -> None:
    inbox = Inbox()
    public.trade_stream("BTCUSDT", inbox.append)
    subscribed(client, "public", 1)

    assert client.server.call(lambda server: server.freeze("public")) == 1
    client.feed(trade(T0 + MS, "60000", "0.1", Side.SELL))
    client.http.get_server_time()
    assert inbox == []
    client.server.call(lambda server: server.thaw("public"))

    wait_until(lambda: len(inbox) == 1)


def test_dropped_socket_misses_what_happens_meanwhile(client: Client, private: WebSocket) -> None:
    inbox = follow(private)
    subscribed(client, "private", 4)
    client.server.call(lambda server: server.faults.refuse_connections.add("private"))

    assert client.server.call(lambda server: server.drop("private")) == 1
    wait_until(lambda: not client.server.call(lambda s: s.connections.of("private")))
    client.order("Buy", "0.1")

    assert inbox == []
    client.server.call(lambda server: server.faults.refuse_connections.clear())


async def say(socket: aiohttp.ClientWebSocketResponse, *messages: dict[str, Any]) -> list[Any]:
    answers = []
    for message in messages:
        await socket.send_json(message)
        answers.append(await socket.receive_json(timeout=5))
    return answers


async def converse(kind: str, *messages: dict[str, Any], **switches: Any) -> list[Any]:
    """Return the answers to messages on a fresh socket."""
    async with running(BybitLoopback()) as server, aiohttp.ClientSession() as session:
        for name, value in switches.items():
            setattr(server.faults, name, value)
        async with session.ws_connect(server.socket_url(kind)) as socket:
            return await say(socket, *messages)


def test_private_topics_need_a_valid_key() -> None:
    subscribe = {"op": "subscribe", "args": ["order"], "req_id": "1"}
    wrong = {"op": "auth", "args": ["loopback-key", 9_999_999_999_999, "00"]}

    auth, answer = asyncio.run(converse("private", wrong, subscribe))

    assert (auth["success"], auth["op"]) == (False, "auth")
    assert (answer["success"], answer["req_id"]) == (False, "1")


def test_orders_need_a_valid_key() -> None:
    (answer,) = asyncio.run(converse("trade", {"op": "order.create", "reqId": "1", "args": [{}]}))

    assert (answer["retCode"], answer["reqId"]) == (10005, "1")


def test_request_without_orders_is_refused() -> None:
    expires = time.time_ns() // MS + 60_000
    text = f"GET/realtime{expires}".encode()
    sign = hmac.new(KEYS["api_secret"].encode(), text, hashlib.sha256).hexdigest()
    auth = {"op": "auth", "args": [KEYS["api_key"], expires, sign]}
    header = {"X-BAPI-TIMESTAMP": str(time.time_ns() // MS)}
    wrong = [{"op": "order.create", "header": header, "args": args} for args in ({}, [], ["order"])]

    signed_in, *answers = asyncio.run(converse("trade", auth, *wrong, {"op": "order.create"}))

    assert signed_in["retCode"] == 0
    assert [answer["retCode"] for answer in answers] == [10001, 10001, 10001, 10002]


def test_auth_can_be_refused_by_a_switch() -> None:
    (answer,) = asyncio.run(
        converse("trade", {"op": "auth", "args": []}, refuse_auth={"trade"}),
    )

    assert answer["retCode"] == 10003


def test_pings_are_answered_as_each_socket_does() -> None:
    ping = {"op": "ping", "req_id": "7"}

    answers = [asyncio.run(converse(kind, ping))[0] for kind in ("public", "private", "trade")]

    assert [answer["op"] for answer in answers] == ["ping", "pong", "pong"]
    assert answers[0]["ret_msg"] == "pong"
    assert {answer["req_id"] for answer in answers} == {"7"}


def test_unknown_topics_and_operations_are_refused() -> None:
    topic, operation = asyncio.run(
        converse(
            "public",
            {"op": "subscribe", "args": ["publicTrade.ETHUSDT"]},
            {"op": "dance"},
        ),
    )

    assert not topic["success"]
    assert not operation["success"]


def test_unsubscribed_topic_is_silent(client: Client, public: WebSocket) -> None:
    inbox = Inbox()
    public.trade_stream("BTCUSDT", inbox.append)
    subscribed(client, "public", 1)

    public.unsubscribe("publicTrade.BTCUSDT")
    subscribed(client, "public", 0)
    client.feed(trade(T0 + MS, "60000", "0.1", Side.SELL))

    assert inbox == []

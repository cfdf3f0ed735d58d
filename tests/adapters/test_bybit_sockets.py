"""When a socket counts as standing, a login as taken, and a demo order as refused."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from aiohttp import web

from adapters.bybit.demo import DemoOrders
from adapters.bybit.demo import OrderRefused
from adapters.bybit.login import check_login
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.server import running
from adapters.bybit.sockets import SocketState
from errors import AuctionError
from tests.adapters.bybit_server import KEYS
from tests.virtual_time import run_virtually


LIMIT_S = 10.0


# -- SOCKETS --------------------------------------------------------------------------------------


def stood(*looks):
    """Return the result of each check of a socket: (is active, acknowledged subscriptions)."""
    state, found = SocketState(), []
    for is_active, count in looks:
        socket = SimpleNamespace(
            subscription_count=lambda count=count: count, is_active=lambda up=is_active: up
        )
        found.append(state.is_ready(socket))
    return found, state.losses


def test_a_socket_stands_from_its_first_connection_on():
    assert stood((False, 0), (False, 0), (True, 0), (True, 2)) == ([False, False, True, True], 0)


def test_a_socket_that_is_back_stands_with_all_its_subscriptions():
    looks = (True, 3), (False, 3), (False, 0), (True, 0), (True, 2), (True, 3), (True, 3)
    assert stood(*looks) == ([True, False, False, False, False, True, True], 1)


def test_fewer_subscriptions_of_one_that_stands_are_wanted_again_after_a_loss():
    looks = (True, 3), (True, 1), (False, 1), (True, 1), (False, 0), (True, 0)
    assert stood(*looks) == ([True, True, False, True, False, False], 2)


# -- LOGIN ----------------------------------------------------------------------------------------


async def login(url, *, secret=KEYS["api_secret"], timeout_s=LIMIT_S):
    await check_login(url, KEYS["api_key"], secret, timeout_s)


@pytest.mark.parametrize("kind", ["private", "trade"])
def test_keys_are_tried_at_each_socket(kind):
    async def tried():
        async with running(BybitLoopback()) as server:
            await login(server.socket_url(kind))
            with pytest.raises(AuctionError, match=r"login to ws://.* refused \(.*sign"):
                await login(server.socket_url(kind), secret="another")
            assert len(server.connections.of(kind)) <= 1

    asyncio.run(tried())


def answers(*texts, close=True):
    """Try the keys at a socket that answers a login with texts."""

    async def handle(request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        asked = json.loads((await socket.receive()).data)
        assert (asked["op"], asked["args"][0]) == ("auth", KEYS["api_key"])
        for text in texts:
            await socket.send_str(text)
        if not close:
            await socket.receive()
        await socket.close()
        return socket

    async def tried():
        application = web.Application()
        application.router.add_get("/", handle)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            port = runner.addresses[0][1]
            await login(f"ws://127.0.0.1:{port}/", timeout_s=LIMIT_S if close else 0.2)
        finally:
            await runner.cleanup()

    asyncio.run(tried())


@pytest.mark.parametrize(
    "text",
    [
        '{"op": "auth", "success": true, "ret_msg": ""}',
        '{"op": "auth", "retCode": 0, "retMsg": "OK"}',
    ],
)
def test_an_answer_of_success_after_other_messages_is_taken(text):
    answers('{"op": "subscribe", "success": false}', '{"topic": "order"}', text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"op": "auth", "success": false, "ret_msg": "expired"}', "expired"),
        ('{"op": "auth", "retCode": 10004, "retMsg": "error sign"}', "error sign"),
        ('{"op": "auth", "success": true, "retCode": 10004}', "no reason given"),
        ('{"op": "auth", "success": false, "retCode": 0}', "no reason given"),
        ('{"op": "auth"}', "no reason given"),
    ],
)
def test_any_other_answer_refuses_the_keys(text, reason):
    with pytest.raises(AuctionError, match=rf"refused \({reason}\): set BYBIT_API_KEY and BYB"):
        answers(text)


def test_a_socket_that_closes_refuses():
    with pytest.raises(AuctionError, match=r"refused \(the venue closed the connection\)"):
        answers()


def test_a_socket_that_is_silent_is_not_waited_for():
    with pytest.raises(AuctionError, match=r"ws://.* did not answer the login within 0.2 s"):
        answers(close=False)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:9/", "nowhere"])
def test_a_socket_that_is_not_there_cannot_be_reached(url):
    with pytest.raises(AuctionError, match=f"Bybit: {url} cannot be reached"):
        asyncio.run(login(url))


# -- DEMO ORDERS ----------------------------------------------------------------------------------


class Http:
    """Nautilus's HTTP client, whose requests fail with texts one after the other."""

    def __init__(self, *texts):
        self.texts, self.requests = list(texts), []
        self.own = "its own"

    async def submit_order(self, **fields):
        return self._answer("submit", fields)

    async def cancel_order(self, **fields):
        return self._answer("cancel", fields)

    def _answer(self, what, fields):
        self.requests.append((asyncio.get_running_loop().time(), what, fields))
        if self.texts:
            raise ValueError(self.texts.pop(0))
        return "done"


LIMITED = "Bybit error 10006: Too many visits!"
REFUSED = "Bybit error 110007: ab not enough for new order"


def send(http, what, **fields):
    orders = DemoOrders(http, retries=3, delay_ms=100)

    async def sent():
        return await getattr(orders, what)(**fields)

    return run_virtually(sent())


@pytest.mark.parametrize("what", ["submit_order", "cancel_order"])
def test_a_limited_request_goes_out_again_after_longer_waits(what):
    http = Http(LIMITED, LIMITED, LIMITED)
    assert send(http, what, link="1-S", reduce_only=True) == "done"
    assert [fields for *_, fields in http.requests] == 4 * [{"link": "1-S", "reduce_only": True}]
    assert [at for at, *_ in http.requests] == pytest.approx([0.0, 0.1, 0.3, 0.5])


def test_a_stop_that_is_limited_too_often_is_refused():
    http = Http(*4 * [LIMITED])
    with pytest.raises(OrderRefused, match=r"^Order rejected: Too many visits!$") as error:
        send(http, "submit_order", reduce_only=True)
    assert error.value.code == 10006
    assert len(http.requests) == 4


@pytest.mark.parametrize("fields", [{}, {"reduce_only": False}])
def test_an_entry_is_never_sent_again(fields):
    http = Http(LIMITED)
    with pytest.raises(OrderRefused, match="Too many visits"):
        send(http, "submit_order", **fields)
    assert len(http.requests) == 1


def test_a_refusal_counts_at_once_with_its_reason():
    http = Http(REFUSED)
    with pytest.raises(OrderRefused, match="^Order rejected: ab not enough") as error:
        send(http, "submit_order", reduce_only=True)
    assert error.value.code == 110007
    assert len(http.requests) == 1


@pytest.mark.parametrize(
    "text",
    ["Bybit error 10016: Server error", "Bybit error 110072: OrderLinkedID is duplicate", "gone"],
)
def test_what_is_inconclusive_stays_as_it_is(text):
    http = Http(text)
    with pytest.raises(ValueError, match=text):
        send(http, "submit_order", reduce_only=True)
    assert len(http.requests) == 1


def test_a_cancel_fails_with_the_venues_words():
    with pytest.raises(ValueError, match=REFUSED):
        send(Http(REFUSED), "cancel_order")


def test_everything_else_is_the_clients_own():
    assert DemoOrders(Http(), 3, 100).own == "its own"

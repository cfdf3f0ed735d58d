"""A loopback server in a thread, and pybit's clients pointed at it."""

import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from pybit.unified_trading import HTTP

from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.tape import Event
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade
from adapters.bybit.loopback.thread import ServerThread
from adapters.bybit.loopback.thread import running_in_thread


D = Decimal
T0 = 1_767_600_000_000_000_000
KEYS = {"api_key": "loopback-key", "api_secret": "loopback-secret"}
LINEAR = {"category": "linear", "symbol": "BTCUSDT"}


def quote(ts_ns: int, bid: str, ask: str, bid_size: str = "1", ask_size: str = "1") -> Quote:
    return Quote(ts_ns, D(bid), D(bid_size), D(ask), D(ask_size))


def trade(ts_ns: int, price: str, size: str, side: Side, trade_id: str = "t") -> Trade:
    return Trade(ts_ns, D(price), D(size), side, trade_id)


class Client:
    """A loopback server and a client of its REST interface."""

    def __init__(self, server: ServerThread) -> None:
        self.server = server
        self.http = self.connect(**KEYS)

    def connect(self, **keys: str) -> HTTP:
        http = HTTP(logging_level=50, max_retries=1, retry_delay=0, **keys)
        http.endpoint = self.server.url
        return http

    def feed(self, *events: Event) -> None:
        def feed_all(server: BybitLoopback) -> None:
            for event in events:
                server.feed(event)

        self.server.call(feed_all)

    def order(self, side: str, qty: str, **fields: Any) -> str:
        """Send an order by REST and return its id."""
        fields.setdefault("orderType", "Limit" if "price" in fields else "Market")
        answer = self.http.place_order(**LINEAR, side=side, qty=qty, **fields)
        return str(answer["result"]["orderId"])


@contextmanager
def client_of(server: BybitLoopback) -> Iterator[Client]:
    with running_in_thread(server) as thread:
        client = Client(thread)
        try:
            yield client
        finally:
            client.http.client.close()


def wait_until(
    condition: Callable[[], Any],
    timeout_s: float = 5.0,
    told: Callable[[], str] = lambda: "",
) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"what was waited for did not come {told()}")
        time.sleep(0.01)

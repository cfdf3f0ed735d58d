"""A trading node in a process of its own, on a loopback server in a thread."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from adapters.bybit.loopback.connection import KINDS
from adapters.bybit.loopback.faults import Faults
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.adapters.bybit_server import wait_until


LIFETIME_S = 60.0
START_S = 20.0


class Node:
    """Sends commands to a node, moves its market, and reads its output."""

    def __init__(self, client: Client, process: subprocess.Popen[str]) -> None:
        self.client = client
        self.lines: list[dict[str, Any]] = []
        self._process = process
        self._ids = count(1)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def do(self, what: str, **fields: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **fields}) + "\n")
        self._process.stdin.flush()

    def order(self, kind: str, **fields: Any) -> str:
        """Send an order with a new id and return the id."""
        order_id = f"T-{next(self._ids)}"
        self.do(kind, id=order_id, **fields)
        return order_id

    def events(self, order_id: str) -> list[str]:
        return [line["event"] for line in list(self.lines) if line.get("id") == order_id]

    def wait(self, order_id: str, event: str, times: int = 1, timeout_s: float = 5.0) -> None:
        wait_until(
            lambda: self.events(order_id).count(event) >= times,
            timeout_s,
            lambda: f"{event}: there is {[x for x in self.lines if x.get('id') == order_id]}",
        )

    def reason(self, order_id: str, event: str) -> str:
        found = [x for x in self.lines if x.get("id") == order_id and x["event"] == event]
        return str(found[-1]["reason"])

    def state(self) -> dict[str, Any]:
        seen = len(self.lines)
        self.do("state")
        wait_until(lambda: any(line["event"] == "State" for line in self.lines[seen:]))
        return next(line for line in self.lines[seen:] if line["event"] == "State")

    def quote(self, bid: str, ask: str, bid_size: str = "1", ask_size: str = "1") -> None:
        self.client.feed(quote(time.time_ns(), bid, ask, bid_size, ask_size))

    def trade(self, price: str, size: str, side: Side) -> None:
        self.client.feed(trade(time.time_ns(), price, size, side))

    def buy(self, qty: str) -> str:
        """Open a long position and return the id of its order."""
        order_id = self.order("market", side="BUY", qty=qty)
        wait_until(lambda: self.state()["orders"][order_id]["status"] == "FILLED")
        return order_id

    def fill_while_cut_off(self, order_id: str, price: str, size: str) -> None:
        """Fill an order while there is no private socket, and wait until there is one again."""

        def cut(server: BybitLoopback) -> int:
            server.faults.refuse_connections.add("private")
            return server.drop("private")

        assert self.client.server.call(cut) == 1
        self.trade(price, size, Side.SELL)
        order = self.client.server.call(lambda s: s.venue.engine.find("", order_id))
        assert order is not None
        assert order.filled == Decimal(size)
        self.client.server.call(lambda s: s.faults.refuse_connections.clear())
        wait_until(lambda: all(self.client.server.call(_connected)), 10.0)

    def flatten(self) -> None:
        """Bring venue and node back to flat, without orders, faults and dropped sockets."""

        def clear(server: BybitLoopback) -> None:
            for name, value in vars(Faults()).items():
                setattr(server.faults, name, value)
            for kind in KINDS:
                server.thaw(kind)

        self.client.server.call(clear)
        wait_until(lambda: all(self.client.server.call(_connected)))
        self.do("cancel_all")
        wait_until(lambda: not self.client.server.call(lambda s: s.venue.engine.open_orders))
        size = self.client.server.call(lambda s: s.venue.engine.account.size)
        if size:
            side = "SELL" if size > 0 else "BUY"
            self.order("market", side=side, qty=str(abs(size)), reduce_only=True)
        wait_until(lambda: Decimal(self.state()["net"]) == 0)

    def quit(self) -> None:
        """Stop the node, and wait for it."""
        try:
            self.do("quit")
            self._process.wait(15.0)
        finally:
            self._process.kill()
            self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            if text.startswith("@"):
                self.lines.append(json.loads(text[1:]))
            else:
                sys.stderr.write(text)


def _connected(server: BybitLoopback) -> list[bool]:
    private = server.connections.of("private")
    return [
        bool(server.connections.of("public")),
        any(len(connection.topics) == 4 for connection in private),
        any(connection.is_authenticated for connection in server.connections.of("trade")),
    ]


@contextmanager
def node_of(server: BybitLoopback, **options: Any) -> Iterator[Node]:
    """Start a node on a server; it is killed after a minute at the latest."""
    with client_of(server) as client:
        # Long enough ago for one minute to be over.
        past = time.time_ns() - 180 * 10**9
        client.feed(quote(past, "60000", "60000.5"), trade(past, "60000", "0.1", Side.SELL))
        addresses = {kind: client.server.socket_url(kind) for kind in KINDS}
        settings = {"url": client.server.url, **addresses, **KEYS, **options}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.bybit_node", json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={k: v for k, v in os.environ.items() if not k.startswith("BYBIT_")},
        )
        limit = threading.Timer(LIFETIME_S, process.kill)
        limit.start()
        node = Node(client, process)
        try:
            wait_until(lambda: any(line["event"] == "Started" for line in node.lines), START_S)
            yield node
        finally:
            limit.cancel()
            node.quit()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

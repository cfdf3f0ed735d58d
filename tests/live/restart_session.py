"""One venue and one journal, and nodes on them that are killed and started again."""

import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy import text

from adapters.bybit.attached_stops import ATTACHED_ID
from adapters.bybit.loopback.connection import KINDS
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.trade_socket import orders_in
from tests.adapters.bybit_live import Node
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.adapters.bybit_server import wait_until
from tests.live import restart_node


LIFETIME_S = 60.0
START_S = 30.0
BALANCE = Decimal(10_000)
LOT = Decimal("0.001")

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([restart_node.__name__])

type VenueOrder = tuple[str, Decimal, Decimal | None, Decimal]


class ForkedNode(Node):
    """A node that is spoken with over a connection."""

    def __init__(self, client: Client, process: ForkServerProcess, connection: Connection) -> None:
        self._connection = connection
        self.forked = process
        super().__init__(client, process)  # type: ignore[arg-type]

    @property
    def is_alive(self) -> bool:
        return self._reader.is_alive()

    @property
    def is_started(self) -> bool:
        return any(line["event"] == "Started" for line in list(self.lines))

    def do(self, what: str, **fields: Any) -> None:
        self._connection.send({"do": what, **fields})

    def kill(self) -> None:
        """End it as a power failure would, and wait for the end."""
        self.forked.kill()
        self.forked.join(10.0)
        self._reader.join(10.0)

    def quit(self) -> None:
        try:
            self.do("quit")
            self.forked.join(15.0)
        finally:
            self.kill()

    def heard(self, line: dict[str, Any]) -> None:
        """Take a line; a test may act on it."""
        self.lines.append(line)

    def _read(self) -> None:
        try:
            while True:
                self.heard(self._connection.recv())
        except (EOFError, OSError):
            self._connection.close()


@dataclass
class Session:
    """One venue and one journal, and node after node on them."""

    client: Client
    database: Path
    environment: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    nodes: list[ForkedNode] = field(default_factory=list)

    def launch(self, **options: Any) -> ForkedNode:
        """Start a node without waiting for it."""
        addresses = {kind: self.client.server.socket_url(kind) for kind in KINDS}
        settings = {"url": self.client.server.url, **addresses, **KEYS, **self.options}
        settings |= options
        settings["database"] = f"sqlite:///{self.database}"
        ours, theirs = FORKS.Pipe()
        process = FORKS.Process(
            target=restart_node.main, args=(theirs, settings, self.environment), daemon=True
        )
        process.start()
        theirs.close()
        limit = threading.Timer(LIFETIME_S, process.kill)
        limit.daemon = True
        limit.start()
        self.nodes.append(ForkedNode(self.client, process, ours))
        return self.nodes[-1]

    def start(self) -> ForkedNode:
        node = self.launch()
        wait_until(lambda: node.is_started, START_S)
        return node

    def orders(self) -> list[VenueOrder]:
        """Return our open orders at the venue: role, size, price, filled."""

        def read(server: BybitLoopback) -> list[VenueOrder]:
            return [
                (o.request.link_id[-1:], o.size, o.trigger_price or o.price, o.filled)
                for o in server.venue.engine.open_orders
                if not o.is_position_stop
            ]

        return sorted(self.client.server.call(read), key=str)

    def size(self) -> Decimal:
        return self.client.server.call(lambda s: s.venue.engine.account.size)

    def is_protected(self) -> bool:
        stops = [size - filled for role, size, _, filled in self.orders() if role == "S"]
        return max(stops, default=Decimal(0)) >= abs(self.size())

    def sent(self) -> list[str]:
        """Return the roles of all orders that have reached the venue, in order."""
        return [link[-1] for link in self.links()]

    def agree(self, node: Node) -> None:
        """Wait until journal, node and venue tell the same."""
        wait_until(
            lambda: Decimal(node.state()["open"]) * LOT == self.size(),
            10.0,
            lambda: f"{node.state()} {self.size()} {self.orders()}",
        )
        executions = self.client.server.call(
            lambda s: sorted(
                (
                    ATTACHED_ID.format(e.order_id) if e.is_position_stop else e.link_id,
                    e.exec_id,
                    e.size,
                    e.price,
                    e.fee,
                )
                for e in s.venue.engine.executions
            )
        )
        wait_until(lambda: self.fills() == executions, 5.0, lambda: f"{self.fills()} {executions}")
        assert len(self.links()) == len(set(self.links())), "an order was sent twice"

    def links(self) -> list[str]:
        def read(server: BybitLoopback) -> list[str]:
            requests = [r for r in server.trade.requests if r["op"].startswith("order.create")]
            return [fields["orderLinkId"] for r in requests for fields in orders_in(r)]

        return self.client.server.call(read)

    def taken(self, role: str) -> int:
        """Return how many orders of a role the venue has taken."""
        return self.client.server.call(
            lambda s: sum(o.request.link_id[-1:] == role for o in s.venue.engine.orders.values())
        )

    def exits(self) -> list[tuple[Decimal, Decimal]]:
        """Return size and filled size of each exit that the venue has taken."""
        return self.client.server.call(
            lambda s: [
                (o.size, o.filled)
                for o in s.venue.engine.orders.values()
                if o.request.link_id[-1:] == "X"
            ]
        )

    def fills(self) -> list[tuple[str, str, Decimal, Decimal, Decimal]]:
        found = self.query("SELECT client_order_id, trade_id, quantity, price, fee FROM fills")
        return sorted((row[0], row[1], *map(Decimal, row[2:])) for row in found)

    def result(self) -> Decimal:
        """Return what the venue's account has gained."""
        return self.client.server.call(lambda s: s.venue.engine.account.balance) - BALANCE

    def query(self, statement: str) -> list[Any]:
        engine = create_engine(f"sqlite:///{self.database}")
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(statement)))
        finally:
            engine.dispose()

    def quote(self, bid: str, ask: str, bid_size: str = "5", ask_size: str = "5") -> None:
        self.client.feed(quote(time.time_ns(), bid, ask, bid_size, ask_size))

    def trade(self, price: str, size: str, side: Side = Side.SELL) -> None:
        self.client.feed(trade(time.time_ns(), price, size, side))


@contextmanager
def session_in(folder: Path, kind: type[BybitLoopback] = BybitLoopback) -> Iterator[Session]:
    with client_of(kind(balance=BALANCE, orders_per_second=1_000)) as client:
        session = Session(client, folder / "journal.sqlite")
        session.quote("60000", "60000.5")
        session.trade("60000", "0.1")
        try:
            yield session
        finally:
            for node in session.nodes:
                node.kill()


def kinds(node: Node, event: str) -> list[str]:
    return [line["kind"] for line in list(node.lines) if line["event"] == event]

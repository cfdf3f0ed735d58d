"""`auction live` with a scripted strategy on a watched venue; it can be killed and restarted."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy import text

from actors.forced_closes import forced_close
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.payloads import number
from errors import AuctionError
from live.client import send
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.adapters.bybit_server import wait_until
from tests.faults.judge import Judge
from tests.faults.judge import WatchedBybit
from tests.faults.judge import protecting
from tests.faults.receiver import Receiver
from tests.live.live_node import VARIABLE
from tests.live.live_node import arguments
from tests.live.live_node import started
from tests.live.live_node import write_system
from tests.live.redis_server import RedisServer
from tests.live.redis_server import redis_server
from tests.markets import BTC


FAKE_CLOCK_SLEEP = Path(__file__).parent / "fake_clock"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
# What a node is started as: alone, with a clock that `set_clock` moves, by `--supervise`, or with
# its cache in Redis.
PLAIN, FAKE_CLOCK, SUPERVISED, REDIS = KINDS = ("plain", "fake clock", "supervised", "redis")
HANG_AFTER_S = 4.0
# A bound, not a figure: other tests may have the machine.
# The line of the log with which the reading of history ends.
WARMED = "known now: "
START_S = 120.0
QUOTE_S = 0.1
# A price and its mirror image add up to this: the first bid and the first ask change places.
MIRROR = Decimal("120000.5")
# The periods of a live node, all of them five times as short.
SETTINGS = (
    "settings.position_look_s=1.0",
    "settings.stale_after_s=2.0",
    "node.exec_engine.open_check_interval_secs=2.0",
    "node.exec_engine.open_check_threshold_ms=1000",
    "node.exec_engine.position_check_interval_secs=2.0",
    "node.exec_engine.position_check_threshold_ms=1000",
)


class Bench:
    """
    One venue with its market, one journal, and node after node on them.

    Parameters
    ----------
    client : Client
        The venue.
    folder : Path
        Gets journal and runs.
    receiver : Receiver
        Gets the alerts.
    is_long : bool
        If the trades are long. For a short trade the whole market is mirrored: prices, sides and
        signs of this class are always those of a long trade.

    Attributes
    ----------
    is_quiet : bool
        If there are no quotes and prints but those that a test makes.

    """

    def __init__(self, client: Client, folder: Path, receiver: Receiver, *, is_long: bool) -> None:
        self.client = client
        self.folder = folder
        self.receiver = receiver
        self.is_long = is_long
        self.sign = 1 if is_long else -1
        self.said: list[str] = []
        self.process: subprocess.Popen[str]
        self.hung = 0
        self.is_quiet = False
        self.redis: RedisServer | None = None
        self._stack = ExitStack()
        self._number = 0
        self._bid, self._ask = Decimal(60_000), Decimal("60000.5")
        self._commands = folder / "commands.jsonl"
        self._commands.touch()
        self._clock = folder / "clock"
        self.set_clock(0)
        self._port = free_port()
        self._is_over = threading.Event()
        self._market = threading.Thread(target=self._keep_quoting)
        self._market.start()
        self.trade("60000", "0.1")

    def start(self, kind: str = PLAIN) -> None:
        """Start a node of a kind; `wait` is to follow."""
        system = write_system(
            self.folder,
            "tests.faults.told_strategy:Told",
            order_id_tag="007",
            external_order_claims=[BTC],
            commands=str(self._commands),
            use_limit_for_entry=True,
            risk_pct="0.0002",
            max_leverage=5,
        )
        command = arguments(
            self.client,
            system,
            "live",
            self.folder / "runs",
            f"settings.control_port={self._port}",
            *SETTINGS,
        )
        variables = {"ALERT_WEBHOOK_URL": self.receiver.url}
        if kind == SUPERVISED:
            command += ["--supervise", "--set", f"settings.hang_after_s={HANG_AFTER_S}"]
            command += ["--set", f"settings.start_timeout_s={START_S}"]
        if kind == REDIS:
            command += ["--set", "cache=redis"]
            variables["REDIS_PORT"] = str(self._redis().port)
        if kind == FAKE_CLOCK:
            variables |= {
                "LD_PRELOAD": FAKETIME,
                "PYTHONPATH": str(FAKE_CLOCK_SLEEP),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        self.process = started(command, **variables)
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def wait(self) -> None:
        """Wait until the node answers."""

        def runs() -> bool:
            assert self.process.poll() is None, self.output()
            return self.status().get("state") == "RUNNING"

        wait_until(runs, START_S, self.output)

    def activate(self) -> None:
        """Wait until nothing is missing, and let the strategy enter."""
        wait_until(lambda: not self.status()["missing"], START_S, lambda: str(self.status()))
        # What is decided while history is still read is of the past, and sends nothing.
        wait_until(lambda: any(WARMED in line for line in self.said), START_S, self.output)
        self.command("activate")

    def status(self) -> dict[str, Any]:
        """Return the state of the node, empty without an answer."""
        try:
            return self.command("status")
        except AuctionError:
            return {}

    def strategy(self) -> dict[str, Any]:
        found = self.status().get("strategies") or [{}]
        return dict(found[0])

    def command(self, name: str) -> dict[str, Any]:
        return send(name, self._port, VARIABLE)

    def tell(self, what: str, **fields: Any) -> None:
        """Send a command to the strategy."""
        with self._commands.open("a") as file:
            file.write(json.dumps({"do": what, **fields}) + "\n")

    def kill(self) -> None:
        """End the node as a power failure would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10.0)

    def _redis(self) -> RedisServer:
        if self.redis is None:
            self.redis = self._stack.enter_context(redis_server(free_port()))
        return self.redis

    def children(self) -> list[int]:
        """Return the processes of a supervisor: its node and the one that stands by."""
        if self.process.poll() is not None:
            return []
        pid = self.process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in text.split()]

    def set_clock(self, seconds: int) -> None:
        """Put the wall clock of a node ahead; its monotonic clock goes on."""
        new = self._clock.with_suffix(".new")
        new.write_text(f"{seconds:+d}s\n")
        new.replace(self._clock)

    def price(self, price: str | Decimal) -> Decimal:
        """Return the venue's price for one of a long trade, or the other way round."""
        return Decimal(price) if self.is_long else MIRROR - Decimal(price)

    def quote(self, bid: str, ask: str) -> None:
        self._bid, self._ask = sorted((self.price(bid), self.price(ask)))
        self._quote()

    def trade(self, price: str, size: str) -> None:
        """Print a trade against the entry: a sell where the trades are long."""
        self._number += 1
        name, at = f"b{self._number}", str(self.price(price))
        side = Side.SELL if self.is_long else Side.BUY
        self.server(lambda s: s.feed(trade(time.time_ns(), at, size, side, name)))

    def server[T](self, action: Callable[[WatchedBybit], T]) -> T:
        return self.client.server.call(action)  # type: ignore[arg-type]

    def judge[T](self, question: Callable[[Judge], T]) -> T:
        return self.server(lambda s: question(Judge(s)))

    def size(self) -> Decimal:
        return self.sign * self.server(lambda s: s.venue.engine.account.size)

    def stops(self) -> Decimal:
        return self.server(protecting)

    def orders(self) -> list[tuple[str, str, str, str]]:
        """Return our open orders at the venue: role, size, price, filled."""

        def read(server: WatchedBybit) -> list[tuple[str, str, str, str]]:
            return sorted(
                (
                    o.request.link_id[-1:],
                    number(o.size),
                    self._level(o.trigger_price or o.price),
                    number(o.filled),
                )
                for o in server.venue.engine.open_orders
                if not o.is_position_stop
            )

        return self.server(read)

    def _level(self, price: Decimal | None) -> str:
        return number(Decimal(0) if price is None else self.price(price))

    def taken(self) -> Counter[str]:
        """Return how many orders of each role the venue has taken."""
        return Counter(s.role for s in self.judge(Judge.sent) if s.is_taken)

    def connected(self) -> bool:
        """Return True if all sockets of the node are up."""

        def look(server: WatchedBybit) -> bool:
            of = server.connections.of
            return (
                bool(of("public"))
                and any(len(c.topics) == 4 for c in of("private"))
                and any(c.is_authenticated for c in of("trade"))
            )

        return self.server(look)

    def alerts(self) -> list[str]:
        """Return the kinds of the alerts of all nodes so far, as their run folders have them."""
        return [
            json.loads(line)["kind"]
            for path in sorted((self.folder / "runs").glob("*/alerts.jsonl"))
            for line in path.read_text().splitlines()
        ]

    def journal(self, statement: str) -> list[Any]:
        engine = create_engine(f"sqlite:///{self.folder / 'journal' / 'journal.sqlite'}")
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(statement)))
        finally:
            engine.dispose()

    def change_journal(self, statement: str) -> None:
        engine = create_engine(f"sqlite:///{self.folder / 'journal' / 'journal.sqlite'}")
        try:
            with engine.begin() as connection:
                assert connection.execute(text(statement)).rowcount == 1
        finally:
            engine.dispose()

    def journaled_fills(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return size and value of the fills in the journal of each order of node and venue."""
        found: dict[str, tuple[Decimal, Decimal]] = {}
        for name, size, price in self.journal("SELECT client_order_id, quantity, price FROM fills"):
            if not name.startswith("O-") and forced_close(name) is None:
                continue
            total, value = found.get(name, (Decimal(0), Decimal(0)))
            found[name] = (total + Decimal(size), value + Decimal(size) * Decimal(price))
        return found

    def output(self) -> str:
        return "\n".join(self.said[-40:])

    def close(self) -> None:
        self._is_over.set()
        self._market.join()
        if hasattr(self, "process"):
            started = self.children()
            self.process.kill()
            self.process.wait(10.0)
            for pid in started:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._stack.close()

    def _keep_quoting(self) -> None:
        while not self._is_over.wait(QUOTE_S):
            if not self.is_quiet:
                self._quote()

    def _quote(self) -> None:
        # Such prints fill none of our entries; sizes change, or the venue sends no quote.
        self._number += 1
        size = str(5 + Decimal(self._number % 7) / 10)
        bid, ask, name = str(self._bid), str(self._ask), f"b{self._number}"
        far, side = (ask, Side.BUY) if self.is_long else (bid, Side.SELL)

        def feed(server: WatchedBybit) -> None:
            now = time.time_ns()
            server.feed(quote(now, bid, ask, size, size))
            server.feed(trade(now, far, "0.001", side, name))

        self.server(feed)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.said.append(line.rstrip())


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def bench_in(folder: Path, *, is_long: bool = True) -> Iterator[Bench]:
    """Run a venue without a node yet."""
    receiver = Receiver()
    try:
        with client_of(WatchedBybit(orders_per_second=1_000)) as client:
            bench = Bench(client, folder, receiver, is_long=is_long)
            try:
                yield bench
            finally:
                bench.close()
    finally:
        receiver.close()

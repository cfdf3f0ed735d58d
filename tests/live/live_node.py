"""`auction live` in a process of its own, on a loopback server with a market in real time."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from errors import AuctionError
from live.client import send
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import D
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.adapters.bybit_server import wait_until
from tests.engines import REPOSITORY
from tests.markets import BTC


TOKEN = "a token for tests"
VARIABLE = "AUCTION_TEST_TOKEN"
LIFETIME_S = 90.0
CONFIRMATION = f"{BTC} BYBIT-MAINNET 5000"


class RealTimeMarket:
    """Moves a loopback server's market ten times a second until it is told to be silent."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.is_silent = False
        self._is_over = False
        self._number = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def step(self) -> None:
        self._number += 1
        bid = D("60000") + self._number % 7
        now = time.time_ns()
        side = Side.BUY if self._number % 2 else Side.SELL
        self.client.feed(
            quote(now, str(bid), str(bid + D("0.1")), "5", "5"),
            trade(now, str(bid), "0.1", side, f"m{self._number}"),
        )

    def close(self) -> None:
        self._is_over = True
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over:
            if not self.is_silent:
                self.step()
            time.sleep(0.1)


class LiveNode:
    """A running `auction live` and what it has recorded."""

    def __init__(self, process: subprocess.Popen[str], port: int, runs: Path) -> None:
        self.process = process
        self.port = port
        self.runs = runs

    def tell(self, command: str) -> dict[str, Any]:
        return send(command, self.port, VARIABLE)

    def strategy(self) -> dict[str, Any]:
        strategies: list[dict[str, Any]] = self.tell("status")["strategies"]
        return strategies[0]

    def rows(self, name: str) -> list[dict[str, Any]]:
        (folder,) = self.runs.iterdir()
        return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]

    def alerts(self) -> list[str]:
        return [row["kind"] for row in self.rows("alerts")]

    def wait_for_answer(self, timeout_s: float = 40.0) -> None:
        def answers() -> bool:
            try:
                self.tell("status")
            except AuctionError:
                assert self.process.poll() is None, self.output()
                return False
            return True

        wait_until(answers, timeout_s)

    def wait_until_active(self, timeout_s: float = 40.0) -> None:
        wait_until(lambda: not self.tell("status")["missing"], timeout_s, self.said)
        self.tell("activate")

    def said(self) -> str:
        return json.dumps(self.tell("status"))

    def end(self, timeout_s: float = 20.0) -> int:
        return self.process.wait(timeout_s)

    def output(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.read()


def write_system(
    folder: Path,
    strategy: str = "tests.live.prompt_strategy:Prompt",
    **config: Any,
) -> Path:
    """Write a system of one strategy; the one of the tests wants to be long all the time."""
    path = folder / "prompt.yaml"
    document = {
        "system": "strategies.value_area.system:SYSTEM",
        "instrument_id": BTC,
        "actors": [
            {
                "actor_path": "actors.value_area.actor:ValueAreaActor",
                "config_path": "actors.value_area.config:ValueAreaActorConfig",
                "config": {},
            },
        ],
        "strategies": [
            {
                "strategy_path": f"{strategy}Strategy",
                "config_path": f"{strategy}Config",
                "config": {
                    "use_limit_for_entry": False,
                    "max_leverage": 2,
                    "max_daily_loss": 5000,
                    "max_hold_minutes": None,
                    "cooldown_minutes": 0,
                    **config,
                },
            },
        ],
    }
    path.write_text(yaml.safe_dump(document))
    return path


def arguments(
    client: Client,
    system: Path,
    environment: str,
    runs: Path,
    *settings: str,
) -> list[str]:
    """Return the command line of a node on a server."""
    url, socket = client.server.url, client.server.socket_url
    public = socket("public").replace("linear", "{product}")
    found = [
        f"venues.BYBIT.data.config.base_url_http={url}",
        f"venues.BYBIT.data.config.base_url_ws_public={public}",
        f"settings.control_token_variable={VARIABLE}",
        "settings.recent_trades_from=[]",
        "node.timeout_connection=10.0",
        "node.timeout_post_stop=0.1",
    ]
    if environment == "live":
        place = "venues.BYBIT.execution.config"
        found += [
            f"{place}.base_url_http={url}",
            f"{place}.base_url_ws_private={socket('private')}",
            f"{place}.base_url_ws_trade={socket('trade')}",
            "node.exec_engine.position_check_interval_secs=1.0",
            "node.exec_engine.position_check_threshold_ms=500",
            "node.exec_engine.reconciliation_startup_delay_secs=1.0",
        ]
    found += settings
    command = [sys.executable, "-m", "cli", "live", str(system)]
    command += ["--environment", environment, "--runs", str(runs)]
    return command + [part for setting in found for part in ("--set", setting)]


def started(
    command: list[str],
    confirmation: str = CONFIRMATION,
    **variables: str,
) -> subprocess.Popen[str]:
    """Start a node; it is the caller's to end it."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BYBIT_")}
    if "--runs" in command:
        # A journal of its own: a node goes on from what the last one has left.
        runs = Path(command[command.index("--runs") + 1])
        clean["DATABASE_DIR"] = str(runs.parent / "journal")
    keys = {"BYBIT_API_KEY": "loopback-key", "BYBIT_API_SECRET": "loopback-secret"}
    with tempfile.TemporaryFile() as typed:
        typed.write(f"{confirmation}\n".encode())
        typed.seek(0)
        return subprocess.Popen(
            command,
            stdin=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=REPOSITORY,
            env={**clean, **keys, VARIABLE: TOKEN, **variables},
        )


@contextmanager
def market(server: BybitLoopback) -> Iterator[RealTimeMarket]:
    """Run a server with a market in real time."""
    with client_of(server) as client:
        moving = RealTimeMarket(client)
        try:
            yield moving
        finally:
            moving.close()


@contextmanager
def live_node(
    moving: RealTimeMarket,
    folder: Path,
    environment: str,
    port: int,
    *settings: str,
    **config: Any,
) -> Iterator[LiveNode]:
    """Run a node on a market; it is killed after its time at the latest."""
    runs = folder / "runs"
    system = write_system(folder, **config)
    settings = (f"settings.control_port={port}", *settings)
    process = started(arguments(moving.client, system, environment, runs, *settings))
    limit = threading.Timer(LIFETIME_S, process.kill)
    limit.start()
    node = LiveNode(process, port, runs)
    try:
        node.wait_for_answer()
        yield node
    finally:
        limit.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def venue[T](moving: RealTimeMarket, what: Callable[[BybitLoopback], T]) -> T:
    """Ask a market's server something."""
    return moving.client.server.call(what)


def size(moving: RealTimeMarket) -> Decimal:
    """Return the account's signed position at the venue."""
    return venue(moving, lambda server: server.venue.engine.account.size)


def open_orders(moving: RealTimeMarket) -> list[Any]:
    """Return the orders that work at the venue."""
    return venue(
        moving,
        lambda server: [o for o in server.venue.engine.open_orders if not o.is_position_stop],
    )

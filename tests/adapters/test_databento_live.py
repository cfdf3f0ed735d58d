"""The live client in a node of Nautilus's own, and the faults of upstream that it works around."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.adapters.databento.config import DatabentoDataClientConfig
from nautilus_trader.adapters.databento.data import DatabentoDataClient
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.data.messages import SubscribeBars
from nautilus_trader.data.messages import SubscribeQuoteTicks
from nautilus_trader.data.messages import SubscribeTradeTicks
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.model.data import BarType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.test_kit.stubs.component import TestComponentStubs

from adapters.databento.live import KEY_VARIABLE
from adapters.databento.live import CheckedDatabentoDataClientFactory
from adapters.databento.live import DatabentoLiveConfig
from adapters.databento.live import databento_data_factory
from adapters.databento.login import LIVE_PORT
from adapters.databento.login import live_host
from adapters.databento.loopback.gateway import LoopbackGateway
from catalog.reader import TRADE
from errors import UsageError
from tests.adapters.databento_market import BEGIN
from tests.adapters.databento_market import DATASET
from tests.adapters.databento_market import KEY
from tests.adapters.databento_market import MS
from tests.adapters.databento_market import NQH6
from tests.adapters.databento_market import NQZ5
from tests.adapters.databento_market import catalog_sources
from tests.adapters.databento_market import gateway
from tests.adapters.databento_market import own_loopback_address
from tests.adapters.databento_market import statistics_source
from tests.adapters.databento_market import tick_rows
from tests.adapters.databento_market import wait_for
from tests.adapters.databento_market import wrapper_library
from tests.adapters.ticks import all_ticks


pytestmark = pytest.mark.node


REPOSITORY = Path(__file__).parents[2]
BARS = f"{NQZ5}-1-SECOND-LAST-EXTERNAL"
SIDES = {0: "NO_AGGRESSOR", 1: "BUYER", 2: "SELLER"}
MENDED = "upstream has mended this: drop the workaround in adapters/databento/live_client.py"
needs_wrapper = pytest.mark.skipif(
    wrapper_library() is None,
    reason="libnss_wrapper is not installed: Nautilus's client can only be redirected by it",
)


class Node:
    """A node in a child process, with what it noted."""

    def __init__(self, folder: Path, host: str, client: str, key: str, **plan: Any) -> None:
        folder.mkdir()
        self._out = folder / "noted.jsonl"
        self._log = folder / "log.txt"
        self._stop = folder / "stop"
        hosts = folder / "hosts"
        # The historical service is set to a closed port: nothing leaves the machine.
        hosts.write_text(f"{host} {live_host(DATASET)}\n{host} hist.databento.com\n")
        (folder / "plan.json").write_text(
            json.dumps({"client": client, "seconds": 30, "stop_file": str(self._stop), **plan}),
        )
        environment = {
            **os.environ,
            "LD_PRELOAD": wrapper_library() or "",
            "NSS_WRAPPER_HOSTS": str(hosts),
            "PYTHONPATH": str(REPOSITORY),
            KEY_VARIABLE: key,
        }
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.live.databento_node",
                    str(folder / "plan.json"),
                    str(self._out),
                ],
                cwd=REPOSITORY,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def is_running(self) -> bool:
        return self._process.poll() is None

    def noted(self, kind: str) -> list[dict[str, Any]]:
        lines = self._out.read_text().splitlines() if self._out.exists() else []
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [line for line in found if line["kind"] == kind]

    def remote_addresses(self) -> set[str]:
        """Return the IPv4 addresses of all connections the process has or tries to make."""
        process = Path("/proc") / str(self._process.pid)
        sockets = {
            str(entry.readlink()).removeprefix("socket:[").rstrip("]")
            for entry in (process / "fd").iterdir()
        }
        rows = [line.split() for line in (process / "net" / "tcp").read_text().splitlines()[1:]]
        found = {row[2].partition(":")[0] for row in rows if row[9] in sockets}
        return {socket.inet_ntoa(bytes.fromhex(text)[::-1]) for text in found} - {"0.0.0.0"}

    def log(self) -> str:
        return self._log.read_text()

    def stop(self) -> None:
        self._stop.touch()

    def wait(self, seconds: float = 15.0) -> int:
        return self._process.wait(seconds)

    def kill(self) -> None:
        if self.is_running():
            self._process.kill()
        self._process.wait(5)


@contextmanager
def running(*arguments: Any, **plan: Any) -> Iterator[Node]:
    node = Node(*arguments, **plan)
    try:
        yield node
    finally:
        node.kill()


def wait_for_schemas(served: LoopbackGateway, count: int) -> None:
    def is_done() -> bool:
        return sum(len(record.subscriptions) for record in served.sessions) >= count

    wait_for(is_done, 20)


def expected(catalog: Path) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the trades and quotes of the catalog as the node has to see them."""
    ticks = all_ticks(catalog, NQZ5)
    trades = []
    quotes = []
    book: tuple[Any, ...] = ()
    for at in range(len(ticks)):
        ts = int(ticks.ts_init[at])
        if ticks.kind[at] == TRADE:
            side = SIDES[int(ticks.side[at])]
            trades.append((f"{ticks.a[at] / 4:.2f}", str(ticks.a_size[at]), side, ts))
        else:
            book = (
                f"{ticks.a[at] / 4:.2f}",
                f"{ticks.b[at] / 4:.2f}",
                str(ticks.a_size[at]),
                str(ticks.b_size[at]),
            )
        # A record of a trade repeats the quote in force, and Nautilus makes a quote of it.
        quotes.append((*book, ts))
    return trades, quotes


def trades_seen(node: Node) -> list[tuple[Any, ...]]:
    return [(n["price"], n["size"], n["side"], n["ts"]) for n in node.noted("trade")]


def quotes_seen(node: Node) -> list[tuple[Any, ...]]:
    return [
        (n["bid"], n["ask"], n["bid_size"], n["ask_size"], n["ts"]) for n in node.noted("quote")
    ]


@needs_wrapper
def test_a_node_receives_the_catalog_and_goes_on_after_a_drop(tmp_path):
    # A pause in the middle, in which the connection is lost and found again.
    rows = [*tick_rows(0, 100, 10), *tick_rows(5_000, 100, 10)]
    catalog = tmp_path / "catalog"
    sources = [*catalog_sources(catalog, rows), statistics_source(tmp_path, BEGIN + MS)]
    trades, quotes = expected(catalog)
    host = own_loopback_address()
    plan = {
        "instruments": [NQZ5],
        "subscribe": [
            ("trades", NQZ5),
            ("quotes", NQZ5),
            ("trades", NQZ5),
            ("bars", BARS),
            ("statistics", NQZ5),
        ],
    }
    with (
        gateway(sources, host=host, port=LIVE_PORT, speed=1.0, held=True) as served,
        running(tmp_path / "node", host, "project", KEY, **plan) as node,
    ):
        wait_for_schemas(served, 5)
        served.release()
        wait_for(lambda: len(node.noted("trade")) >= 100 and node.noted("bar"), 10)
        assert node.remote_addresses() == {host}
        served.faults.drop()
        wait_for(lambda: len(node.noted("trade")) >= 200 and len(node.noted("bar")) >= 2, 15)
        node.stop()
        assert node.wait() == 0, node.log()

    (instrument,) = node.noted("instrument")
    assert (instrument["id"], instrument["tick"], instrument["multiplier"]) == (NQZ5, "0.25", "20")
    assert trades_seen(node) == trades
    assert quotes_seen(node) == quotes
    first = [row for row in rows if row[0] == 1][:100]
    prices = [row[2] / 4 for row in first]
    (bar,) = [found for found in node.noted("bar") if found["ts"] == BEGIN + 1_000 * MS]
    assert [float(value) for value in bar["values"]] == [
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        sum(row[3] for row in first),
    ]
    (statistic,) = node.noted("statistic")
    assert (statistic["name"], statistic["price"]) == ("SETTLEMENT_PRICE", 25_001.25)
    schemas = [[s.schema for s in record.subscriptions] for record in served.sessions]
    assert schemas[-1] == ["definition", "mbp-1", "ohlcv-1s", "statistics"]
    assert not node.noted("ended")[0]["reasons"]


@needs_wrapper
def test_a_session_that_is_lost_is_known_until_it_is_back_with_its_subscriptions(tmp_path):
    catalog = tmp_path / "catalog"
    # The gateway ends its sessions with the market, which is to last longer than the test.
    sources = [*catalog_sources(catalog, [*tick_rows(0, 100, 10), *tick_rows(60_000, 10, 10)])]
    host = own_loopback_address()
    plan = {"instruments": [NQZ5], "subscribe": [("trades", NQZ5), ("bars", BARS)]}
    name = "session of GLBX.MDP3"

    def states(node: Node) -> list[bool]:
        return [note["found"][name] for note in node.noted("connections") if note["found"]]

    with (
        gateway(sources, host=host, port=LIVE_PORT, speed=1.0, held=True) as served,
        running(tmp_path / "node", host, "project", KEY, **plan) as node,
    ):
        wait_for_schemas(served, 3)
        served.release()
        wait_for(lambda: states(node)[-1:] == [True], 10)
        before = len(states(node))
        served.faults.refuses = True
        served.faults.drop()
        wait_for(lambda: states(node)[before:] == [False], 10)
        count = len(served.sessions)
        served.faults.refuses = False
        wait_for(lambda: states(node)[before:] == [False, True], 30)
        # Both had been acknowledged anew by then.
        assert [s.schema for s in served.sessions[count].subscriptions][-2:] == [
            "mbp-1",
            "ohlcv-1s",
        ]
        node.stop()
        assert node.wait() == 0, node.log()


@needs_wrapper
def test_upstream_still_doubles_trades_loses_statistics_and_continuous_symbols(tmp_path):
    catalog = tmp_path / "catalog"
    later = tick_rows(0, 50, 10, base=101_000)
    sources = [
        *catalog_sources(catalog, tick_rows(0, 50, 10), later),
        statistics_source(tmp_path, BEGIN + MS),
    ]
    host = own_loopback_address()
    plan = {
        "instruments": [NQZ5, NQH6],
        "subscribe": [
            ("trades", NQZ5),
            ("quotes", NQZ5),
            ("trades", "NQ.v.1.XCME"),
            ("upstream statistics", NQZ5),
        ],
    }
    with (
        gateway(sources, host=host, port=LIVE_PORT, held=True) as served,
        running(tmp_path / "node", host, "upstream", KEY, **plan) as node,
    ):
        wait_for_schemas(served, 6)
        time.sleep(0.2)
        served.release()
        wait_for(lambda: len(node.noted("quote")) >= 100, 10)
        time.sleep(0.5)
        node.stop()
        node.wait()

    asked = [s for record in served.sessions for s in record.subscriptions]
    continuous = [s.symbols for s in asked if s.stype_in == "continuous" and s.schema == "trades"]
    assert continuous == [("NQ.v.1",)]
    of_front = [note for note in node.noted("trade") if note["id"] == NQZ5]
    assert len(of_front) == 100, f"trades before quotes: {MENDED}"
    assert not node.noted("data"), f"statistics: {MENDED}"
    rolling = [note for note in node.noted("trade") if note["id"] == "NQ.v.1.XCME"]
    assert not rolling, f"continuous symbols: {MENDED}"


@needs_wrapper
def test_a_wrong_key_ends_the_node_where_upstream_starts_the_strategies(tmp_path):
    wrong = "db-" + "z" * 29
    host = own_loopback_address()
    plan = {
        "instruments": [NQZ5],
        "subscribe": [("trades", NQZ5)],
        "timeout_connection": 6.0,
        "timeout_load": 2.0,
    }
    sources = catalog_sources(tmp_path / "catalog", tick_rows(0, 5, 10))
    with (
        gateway(sources, host=host, port=LIVE_PORT) as served,
        running(tmp_path / "project", host, "project", wrong, **plan) as project,
        running(tmp_path / "upstream", host, "upstream", wrong, **plan) as upstream,
    ):
        assert project.wait(20) == 1
        wait_for(lambda: upstream.noted("started"), 15)
        upstream.stop()
        upstream.wait()

    assert not any(record.is_authenticated for record in served.sessions)
    assert not project.noted("started"), "no strategy starts without data"
    (reason,) = project.noted("ended")[0]["reasons"]
    assert "Incorrect API key" in reason
    assert "set DATABENTO_API_KEY" in reason
    assert upstream.noted("started"), f"a refused key: {MENDED}"
    for text in (project.log(), upstream.log(), reason):
        assert wrong not in text


def make(config: DatabentoLiveConfig) -> Any:
    loop = asyncio.new_event_loop()
    try:
        return CheckedDatabentoDataClientFactory.create(
            loop=loop,
            name="DATABENTO",
            config=config,
            msgbus=TestComponentStubs.msgbus(),
            cache=TestComponentStubs.cache(),
            clock=TestComponentStubs.clock(),
        )
    finally:
        loop.close()


def config_of(*instrument_ids: str, **options: Any) -> DatabentoLiveConfig:
    ids = [InstrumentId.from_str(text) for text in instrument_ids]
    return DatabentoLiveConfig(instrument_ids=ids, **options)


@pytest.mark.parametrize(
    ("config", "key", "message"),
    [
        (config_of(NQZ5, api_key=KEY), KEY, "api_key: a configuration is written"),
        (config_of(NQZ5), "", "DATABENTO_API_KEY is not set"),
        (config_of(NQZ5), "db-short", "DATABENTO_API_KEY has no 32 characters"),
        (config_of(), KEY, "instrument_ids: none given"),
        (config_of("NQ.v.0.XCME"), KEY, r"NQ\.v\.0\.XCME: data comes under the contract"),
        (config_of("NQ.FUT.XCME"), KEY, r"never under this symbol: use NQ[HMUZ]\d\.XCME until"),
    ],
)
def test_a_client_that_could_not_work_is_refused(config, key, message, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(UsageError, match=message) as error:
        make(config)
    assert KEY not in str(error.value)


class Asked:
    """Stands for Nautilus's connection to the gateway and notes what is subscribed to."""

    def __init__(self) -> None:
        self.schemas: list[str] = []

    def subscribe(self, schema: str, **_: Any) -> None:
        self.schemas.append(schema)


Step = tuple[str, str | None]


def subscribe(client: Any, *steps: Step) -> list[str]:
    """Subscribe to trades or quotes with a schema or none; return the requested schemas."""
    asked = Asked()
    client._get_live_client = lambda _: asked

    async def is_started(*_: object) -> None:
        return None

    client._check_live_client_started = is_started

    async def run() -> None:
        for kind, schema in steps:
            command = SubscribeTradeTicks if kind == "trades" else SubscribeQuoteTicks
            await getattr(client, f"_subscribe_{kind[:-1]}_ticks")(
                command(
                    instrument_id=InstrumentId.from_str(NQZ5),
                    client_id=None,
                    venue=InstrumentId.from_str(NQZ5).venue,
                    command_id=UUID4(),
                    ts_init=0,
                    params={} if schema is None else {"schema": schema},
                ),
            )

    asyncio.run(run())
    return asked.schemas


@pytest.mark.parametrize(
    ("steps", "schemas"),
    [
        ([("trades", None), ("quotes", None)], ["mbp-1"]),
        ([("quotes", None), ("trades", None)], ["mbp-1"]),
        ([("trades", None), ("trades", None), ("quotes", "mbp-1")], ["mbp-1"]),
        ([("trades", "mbp-1"), ("quotes", None)], ["mbp-1"]),
        ([("quotes", None), ("trades", "trades")], ["mbp-1"]),
        ([("trades", "trades"), ("trades", None)], ["trades"]),
        ([("quotes", "bbo-1s"), ("trades", None)], ["bbo-1s", "trades"]),
        ([("quotes", "tbbo"), ("trades", None)], ["tbbo"]),
    ],
)
def test_trades_come_once_in_whatever_order_they_are_requested(steps, schemas, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    assert subscribe(make(config_of(NQZ5)), *steps) == schemas


def test_quotes_that_would_double_trades_end_the_node(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    client = make(config_of(NQZ5))
    reasons: list[str] = []
    client._msgbus.subscribe("commands.system.shutdown", lambda c: reasons.append(c.reason))
    with pytest.raises(UsageError, match="would double its trades"):
        subscribe(client, ("trades", "trades"), ("quotes", None))
    assert len(reasons) == 1


@pytest.mark.parametrize("symbol", ["NQ.v.0", "NQ.FUT"])
def test_a_strategy_that_asks_for_a_rolling_symbol_ends_the_node(symbol, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    client = make(config_of(NQZ5))
    reasons: list[str] = []
    client._msgbus.subscribe("commands.system.shutdown", lambda c: reasons.append(c.reason))
    command = SubscribeBars(
        bar_type=BarType.from_str(f"{symbol}.XCME-1-MINUTE-LAST-EXTERNAL"),
        client_id=None,
        venue=InstrumentId.from_str(NQZ5).venue,
        command_id=UUID4(),
        ts_init=0,
    )
    with pytest.raises(UsageError, match="data comes under the contract"):
        asyncio.run(client._subscribe_bars(command))
    assert f"{symbol}.XCME" in reasons[0]


def test_a_feed_that_is_abandoned_ends_the_node(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    client = make(config_of(NQZ5))
    reasons: list[str] = []
    client._msgbus.subscribe("commands.system.shutdown", lambda c: reasons.append(c.reason))

    async def end() -> None:
        loop = asyncio.get_running_loop()
        orderly, cancelled, lost = (loop.create_future() for _ in range(3))
        orderly.set_result(None)
        cancelled.cancel()
        lost.set_exception(RuntimeError("authentication failed"))
        for future in (orderly, cancelled, lost):
            client._log_future_exception_callback(future)

    asyncio.run(end())
    assert reasons == ["Databento: the live feed has ended for good (authentication failed)"]


def test_upstream_still_loses_trades_after_sampled_quotes(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    client = make(config_of(NQZ5))
    upstream = DatabentoDataClient
    for name in ("_subscribe_trade_ticks", "_subscribe_quote_ticks"):
        setattr(client, name, getattr(upstream, name).__get__(client))
    schemas = subscribe(client, ("quotes", "bbo-1s"), ("trades", None))
    assert schemas == ["bbo-1s"], MENDED


def test_the_factory_is_what_a_configuration_may_name():
    assert issubclass(databento_data_factory(), LiveDataClientFactory)
    assert databento_data_factory() is CheckedDatabentoDataClientFactory
    assert issubclass(DatabentoLiveConfig, DatabentoDataClientConfig)

"""A node of this process on the loopback server: from its start to its end, by its own duties."""

import asyncio
import json
import os
import signal
from decimal import Decimal

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from configs.live import load_live
from errors import AuctionError
from live.client import send
from live.heartbeat import read_heartbeat
from live.operations.node_health import read_health
from live.readiness import unconnected_clients
from live.runner import RUNNING
from live.runner import STARTING
from live.runner import prepare
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import arguments
from tests.live.live_node import free_port
from tests.live.live_node import market
from tests.live.live_node import write_system
from tests.markets import BTC


LIMIT_S = 40.0


class Session:
    """Runs one node with a script that ends it, on a market that moves in real time."""

    def __init__(
        self, moving, tmp_path, environment, *settings, token=TOKEN, system=None, **config
    ):
        self.moving, self.server = moving, moving.client.server
        self.heartbeat = tmp_path / "heartbeat.json"
        system = system or write_system(tmp_path, **config)
        settings = (f"settings.control_port={free_port()}", *settings)
        command = arguments(moving.client, system, environment, tmp_path / "runs", *settings)
        overrides = command[command.index("--set") + 1 :: 2]
        config = load_live(str(system), environment, overrides)
        self.run, self.folder = prepare(config, tmp_path / "runs", token, self.heartbeat)

    def play(self, script):
        """Let a script use the node, which ends with it."""

        async def bounded(_):
            async with asyncio.timeout(LIMIT_S):
                await script(self)

        self.run.run(bounded)

    @property
    def strategy(self):
        return self.run.strategies[0]

    async def until(self, condition):
        while not condition():
            await asyncio.sleep(0.02)

    async def ready(self):
        await self.until(lambda: not self.run.watches.readiness.missing())

    async def tell(self, command):
        return await asyncio.to_thread(send, command, self.run.control_port, VARIABLE)

    def held(self):
        """Return the position at the venue (signed)."""
        return self.server.call(lambda server: server.venue.engine.account.size)

    def stops(self):
        """Return the reduce-only orders at the venue."""
        orders = self.server.call(lambda server: list(server.venue.engine.open_orders))
        return [order for order in orders if order.reduce_only]

    def requests(self, path):
        return self.server.call(lambda server: server.rest.paths.count(path))

    def alerts(self):
        return [row["kind"] for row in self.rows("alerts")]

    def rows(self, name):
        text = (self.folder / f"{name}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setenv("BYBIT_API_KEY", "loopback-key")
    monkeypatch.setenv("BYBIT_API_SECRET", "loopback-secret")
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / "journal"))
    with market(BybitLoopback(leverage=Decimal(25))) as moving:
        yield lambda *args, **options: Session(moving, tmp_path, *args, **options)


@pytest.mark.parametrize("environment", ["paper", "live"])
def test_a_node_enters_when_activated_and_leaves_when_told(session, environment):
    async def script(s):
        await s.ready()
        told = await s.tell("status")
        assert told["mode"] == environment
        assert told["missing"] == []
        assert s.strategy.position == 0
        assert not s.strategy.active
        await s.tell("activate")
        await s.until(lambda: s.strategy.position > 0)
        await s.until(lambda: read_heartbeat(s.heartbeat).state == RUNNING)
        told = await s.tell("flatten")
        assert [row["position"] for row in told["strategies"]] == ["0"]
        assert [row["active"] for row in told["strategies"]] == [False]
        told = await s.tell("halt")
        assert told["trading_state"] == "HALTED"
        told = await s.tell("resume")
        assert told["trading_state"] == "ACTIVE"

    found = session(environment)
    found.play(script)
    kinds = [row["kind"] for row in found.rows("trade_events")]
    assert "ENTRY_FILLED" in kinds
    assert kinds[-1] == "TRADE_CLOSED"


def test_a_node_that_is_told_to_end_leaves_the_stop_of_its_position(session):
    async def script(s):
        await s.ready()
        await s.run.operator.activate()
        await s.until(lambda: s.strategy.position > 0 and s.stops())
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    found = session("live")
    found.play(script)
    assert found.held() > 0
    assert found.stops()
    assert json.loads(found.heartbeat.read_text())["state"] == RUNNING
    kinds = [row["kind"] for row in found.rows("trade_events")]
    assert "TRADE_CLOSED" not in kinds


def test_a_position_of_somebody_else_halts_and_gets_a_stop(session):
    async def script(s):
        await s.ready()
        await asyncio.to_thread(s.moving.client.order, "Buy", "0.050")
        await s.until(lambda: s.strategy.manager.halted)
        await s.until(s.stops)
        with pytest.raises(AuctionError, match="halted: check position and orders"):
            await s.run.operator.activate()
        s.run.operator.shutdown.set()
        await asyncio.Event().wait()

    found = session("live", "settings.position_look_s=0.3")
    found.play(script)
    assert found.held() == Decimal("0.050")
    assert "POSITION_MISMATCH" in found.alerts()


def test_a_lost_connection_lets_nothing_enter_until_the_venue_has_been_asked(session):
    async def script(s):
        await s.ready()
        asked = s.requests("GET /v5/position/list")
        s.server.call(lambda server: server.drop("private"))
        await s.until(lambda: s.strategy.stale)
        await s.until(lambda: s.requests("GET /v5/position/list") > asked)
        await s.until(lambda: not s.strategy.stale)
        s.caught_up = True

    found = session("live")
    found.play(script)
    assert found.caught_up


def test_silence_takes_entries_back_and_is_told(session):
    async def script(s):
        await s.ready()
        s.moving.is_silent = True
        await s.until(lambda: s.strategy.stale)
        await s.until(lambda: "DATA_STALE" in s.alerts())
        assert s.run.watches.readiness.missing()
        s.moving.is_silent = False
        await s.until(lambda: not s.strategy.stale)

    session("paper", "settings.stale_after_s=1.0").play(script)


def test_lines_that_the_disk_does_not_take_are_told_once(session):
    async def script(s):
        await s.ready()
        s.run.recorder.lost, s.run.recorder.failure = 3, "No space left on device"
        await s.until(lambda: "RECORDS_LOST" in s.alerts())
        s.run.recorder.lost = 4
        s.run.watches.records.check()

    found = session("paper")
    found.play(script)
    (row,) = [row for row in found.rows("alerts") if row["kind"] == "RECORDS_LOST"]
    text = "3 lines of the run's files are lost, trading goes on: No space left on device"
    assert (row["text"], row["value"]) == (text, 3.0)


def test_a_duty_that_fails_ends_the_node_and_is_said(session):
    async def script(s):
        await s.ready()
        raise OSError("the duty has failed")

    with pytest.raises(AuctionError, match="^the node has ended: the duty has failed$"):
        session("paper").play(script)


def test_a_component_that_gives_up_ends_the_node(session):
    async def script(s):
        await s.ready()
        s.strategy.shutdown_system("no way on")
        await asyncio.Event().wait()

    with pytest.raises(AuctionError, match=r"^the node has ended: .*: no way on$"):
        session("paper").play(script)


def test_engines_that_stop_by_themselves_end_the_node(session):
    async def script(s):
        await s.ready()
        await s.run.node.stop_async()
        await asyncio.Event().wait()

    with pytest.raises(AuctionError, match="its engines have stopped: see the log"):
        session("paper").play(script)


async def not_started(_):
    pytest.fail("it has started")


def test_a_node_that_does_not_start_in_time_ends(session):
    found = session("live", "settings.start_timeout_s=0.01", token=None)
    assert unconnected_clients(found.run.node) == [
        "data client BYBIT: not connected",
        "execution client BYBIT: not connected",
    ]
    with pytest.raises(AuctionError, match=r"the node has ended: not running within 0.01 s: ."):
        found.play(not_started)
    assert json.loads(found.heartbeat.read_text())["state"] == STARTING
    assert found.run.control_port == 0


def test_a_node_whose_socket_is_refused_ends_at_once(session):
    found = session("live")
    found.server.call(lambda server: server.faults.refuse_connections.add("private"))
    with pytest.raises(AuctionError, match=r"the node has ended: BYBIT: .*/v5/private cannot be"):
        found.play(not_started)


def test_a_node_keeps_its_health_and_schedule_beside_its_journal(session, tmp_path):
    def health():
        files = list((tmp_path / "journal").glob("health-*-paper.json"))
        return read_health(files[0]) if files else None

    async def script(s):
        await s.ready()
        await s.until(lambda: health() is not None and health().tick_ages_s[BTC] is not None)
        found = health()
        assert found.disconnected == []
        assert len(found.balances) == 1
        assert (found.state, found.pid) == ("RUNNING", os.getpid())
        assert found.tick_ages_s[BTC] < 60
        assert [state["halted"] for state in found.strategies] == [False]
        assert found.memory_mb > 10

    session("paper").play(script)
    assert health().state == "STOPPED"
    # A node that has never run sends no digest of the time before it.
    assert not list((tmp_path / "journal").glob("digest-*"))

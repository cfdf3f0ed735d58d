"""What a node's watches do to its strategies: entries taken back, positions doubted, alerts."""

import asyncio
import logging
from decimal import Decimal
from types import SimpleNamespace

import pytest
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId

from adapters.node import connections
from adapters.node import watchdog
from adapters.node.connections import ConnectionWatch
from adapters.node.watchdog import Watchdog
from strategies.common.reasons import DropReason
from tests.markets import BTC


IID = InstrumentId.from_str(BTC)
PRICE = Decimal(60_000)


class Client:
    """A client with one socket, whose venue has a position and answers or does not."""

    id = "BYBIT"

    def __init__(self):
        self.stands = True
        self.answers = True
        self.size = Decimal(0)
        self.on_catch_up = lambda: None
        self.asked = 0
        self.delay_s = 0.0

    def connections(self):
        return {"private socket": self.stands}

    async def catch_up(self):
        if not self.answers:
            raise OSError("no answer")
        self.on_catch_up()

    async def generate_position_status_reports(self, question):
        self.asked += 1
        size = self.size
        await asyncio.sleep(self.delay_s)
        if not self.answers:
            raise OSError("no answer")
        return [SimpleNamespace(instrument_id=IID, signed_decimal_qty=size, avg_px_open=PRICE)]


class Strategy:
    def __init__(self):
        self.id = StrategyId("S-001")
        self.config = SimpleNamespace(instrument_id=IID)
        self.stale = False
        self.position = Decimal(0)
        self.given_up = 0
        self.held = []

    def stop_entries(self, reason):
        assert reason is DropReason.STALE
        self.given_up += 1

    def hold(self, position, price, message):
        self.held.append(position)

    def alert(self, ts, kind, text, value=None):
        pass


class Desk:
    """Both watches over one strategy and one client, on a clock of their own."""

    def __init__(self, monkeypatch):
        self.client, self.strategy = Client(), Strategy()
        self.told = []
        self.age_s = 0.0
        self.now = 1_767_600_000.0
        kernel = SimpleNamespace(
            msgbus=SimpleNamespace(subscribe=lambda topic, handler: None),
            data_engine=SimpleNamespace(_clients={}),
            exec_engine=SimpleNamespace(_clients={"BYBIT": self.client}),
            clock=SimpleNamespace(timestamp_ns=lambda: int(self.now * 1e9)),
            logger=logging.getLogger("node"),
        )
        node = SimpleNamespace(
            kernel=kernel, cache=SimpleNamespace(quote_tick=lambda instrument_id: None)
        )
        settings = SimpleNamespace(stale_after_s=10.0, gap_after_s=60.0, position_looks=2)
        readiness = SimpleNamespace(quote_age_s=lambda instrument_id: self.age_s)
        self.watchdog = Watchdog(node, [self.strategy], readiness, settings)
        alerts = SimpleNamespace(raise_alert=lambda kind, text, value: self.told.append(kind))
        self.watch = ConnectionWatch(node, [self.strategy], self.watchdog, alerts)
        monkeypatch.setattr(connections, "ASK_AGAIN_S", 0.0)
        # The loop goes on by the real one.
        clock = SimpleNamespace(
            monotonic=lambda: self.now,
            time=lambda: self.now,
            time_ns=lambda: int(self.now * 1e9),
        )
        for module in (connections, watchdog):
            monkeypatch.setattr(module, "time", clock)

    async def look(self, after_s=0.0):
        self.now += after_s
        self.watch.look()
        if self.watch._asking is not None and self.client.delay_s == 0.0:
            await self.watch._asking
            self.watch.look()
        self.watchdog.look_at_feed()

    async def lose(self, for_s):
        self.client.stands = False
        await self.look(0.1)
        await self.look(for_s)
        self.client.stands = True
        await self.look(0.1)


@pytest.fixture
def desk(monkeypatch):
    return Desk(monkeypatch)


def run(coroutine):
    async def bounded():
        return await asyncio.wait_for(coroutine, 10.0)

    return asyncio.run(bounded())


@pytest.mark.parametrize("fault", ["silent feed", "journal", "venue", "clock"])
def test_a_fault_while_cut_off_takes_entries_back(desk, fault):
    async def faults():
        await desk.look()
        before = desk.strategy.given_up
        desk.client.answers = False
        await desk.lose(0.2)
        assert desk.strategy.stale
        assert desk.strategy.given_up == before
        if fault == "silent feed":
            desk.age_s = 11.0
        elif fault == "journal":
            desk.watchdog._on_alert(SimpleNamespace(kind="JOURNAL_STUCK"))
        elif fault == "venue":
            await desk.watchdog.look_at_positions()
            await desk.watchdog.look_at_positions()
        else:
            desk.watchdog._clock.error_s = 90.0
        await desk.look(0.1)
        assert desk.strategy.given_up == before + 1
        await desk.look(0.1)
        assert desk.strategy.given_up == before + 1

    run(faults())


def test_a_question_that_stays_unanswered_takes_entries_back(desk):
    async def unanswered():
        await desk.look()
        desk.client.answers = False
        await desk.lose(0.2)
        assert desk.strategy.given_up == 0
        await desk.look(0.5)
        assert desk.strategy.given_up == 0
        await desk.look(0.6)
        await desk.look(5.0)
        assert desk.strategy.given_up == 1
        assert desk.strategy.stale
        desk.client.answers = True
        await desk.look(0.1)
        assert not desk.strategy.stale
        # The next one counts anew.
        desk.client.answers = False
        await desk.lose(0.2)
        assert desk.strategy.given_up == 1
        await desk.look(1.1)
        assert desk.strategy.given_up == 2

    run(unanswered())


def test_nothing_is_entered_before_the_positions_are_told(desk):
    async def half_an_answer():
        await desk.look()

        async def refuse(question):
            raise OSError("no answer")

        told = desk.client.generate_position_status_reports
        desk.client.generate_position_status_reports = refuse
        await desk.lose(0.2)
        await desk.look(0.1)
        assert desk.strategy.stale
        desk.client.generate_position_status_reports = told
        await desk.look(0.1)
        assert not desk.strategy.stale

    run(half_an_answer())


def test_looks_at_the_same_time_hold_no_size_of_before(desk):
    """Lots are filled one by one while both looks ask: what one has heard is old by the next."""

    def fill():
        desk.strategy.position = desk.client.size
        desk.client.size = min(desk.client.size + 1, Decimal(6))

    async def both():
        desk.client.delay_s = 0.01
        desk.client.size = Decimal(3)
        desk.strategy.position = Decimal(1)
        desk.client.on_catch_up = fill
        await desk.look()
        desk.client.stands = False
        await desk.look(0.1)
        desk.client.stands = True
        await desk.look(0.1)
        await asyncio.gather(desk.watch._asking, desk.watchdog.look_at_positions())
        assert desk.strategy.held == []
        await desk.watchdog.look_at_positions()
        assert desk.strategy.position == desk.client.size == 6
        assert desk.strategy.held == []

    run(both())


def test_only_the_periodic_look_counts_doubts(desk):
    async def doubts():
        desk.client.size = Decimal(3)
        await desk.look()
        for _ in range(3):
            await desk.lose(0.2)
        assert desk.strategy.held == []
        await desk.watchdog.look_at_positions()
        assert desk.strategy.held == []
        await desk.watchdog.look_at_positions()
        assert desk.strategy.held == [Decimal(3)]

    run(doubts())


def test_a_flapping_connection_is_told_once_within_the_repeat_time(desk):
    async def flaps():
        await desk.look()
        for _ in range(10):
            await desk.lose(1.5)
        assert desk.told == ["CONNECTION_LOST", "CONNECTION_RESTORED"]
        # Each of them takes entries back all the same.
        assert desk.strategy.given_up == 10
        await desk.look(15 * 60)
        await desk.lose(1.5)
        assert desk.told == 2 * ["CONNECTION_LOST", "CONNECTION_RESTORED"]

    run(flaps())


def test_a_loss_that_lasts_is_told_again_and_its_end_is_told(desk):
    async def lasts():
        await desk.look()
        await desk.lose(1.5)
        desk.client.stands = False
        for _ in range(4):
            await desk.look(5 * 60)
        desk.client.stands = True
        await desk.look(1.0)
        assert desk.told == 2 * ["CONNECTION_LOST", "CONNECTION_RESTORED"]

    run(lasts())

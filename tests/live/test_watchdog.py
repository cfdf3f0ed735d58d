"""What a node's watches do to its strategies: entries taken back, positions doubted, alerts."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest

from actors.messages import Alert
from configs.node_settings import NodeSettings
from live import alerting
from live import clock_watch
from live import connections
from live import gap_watch
from live import watchdog
from live.alerting import NodeAlerts
from live.connections import ConnectionWatch
from live.watchdog import Watchdog
from strategies.common.reasons import DropReason
from tests.live import watched
from tests.live.watched import BTC
from tests.live.watched import Kernel


class Client(watched.Client):
    """A client with one socket, whose venue has a position of one instrument."""

    def __init__(self):
        super().__init__()
        self.stands = True
        self.size = Decimal(0)
        self.delay_s = 0.0

    def connections(self):
        return {"private socket": self.stands}

    async def catch_up(self):
        self.catches_up = self.answers
        await super().catch_up()

    async def generate_position_status_reports(self, question):
        self.held.clear()
        self.hold(BTC, self.size)
        answer = await super().generate_position_status_reports(question)
        await asyncio.sleep(self.delay_s)
        return answer


class Strategy(watched.Strategy):
    @property
    def given_up(self):
        return self.told.count(("stop entries", str(DropReason.STALE)))

    @property
    def held(self):
        return [size for what, size, *_ in self.told if what == "hold"]


class OperatorCommands:
    """Both watches over one strategy and one client, on a clock of their own."""

    def __init__(self, monkeypatch):
        self.client, self.strategy = Client(), Strategy()
        self.kernel = Kernel([self.strategy], self.client)
        self.told, self.messages = [], []
        self.kernel.msgbus.subscribe(Alert.topic(), self._on_alert)
        self.age_s = 0.0
        settings = NodeSettings(stale_after_s=10.0, position_looks=2)
        readiness = SimpleNamespace(quote_age_s=lambda instrument_id: self.age_s)
        node = self.kernel.node
        self.watchdog = Watchdog(node, [self.strategy], readiness, settings)
        alerts = NodeAlerts(self.kernel.msgbus)
        self.watch = ConnectionWatch(node, [self.strategy], self.watchdog, alerts)
        monkeypatch.setattr(connections, "RETRY_S", 0.0)
        # The loop goes on by the real one.
        for module in (alerting, clock_watch, connections, gap_watch, watchdog):
            monkeypatch.setattr(module, "time", self.kernel.time)

    def _on_alert(self, message):
        self.messages.append(message)
        self.told.append(message.kind)

    async def check(self, after_s=0.0):
        self.kernel.wait(after_s)
        self.watch.check()
        if self.watch._reconciling is not None and self.client.delay_s == 0.0:
            await self.watch._reconciling
            self.watch.check()
        self.watchdog.check_feed()

    async def lose(self, for_s):
        self.client.stands = False
        await self.check(0.1)
        await self.check(for_s)
        self.client.stands = True
        await self.check(0.1)


@pytest.fixture
def operator(monkeypatch):
    return OperatorCommands(monkeypatch)


def run(coroutine):
    async def bounded():
        return await asyncio.wait_for(coroutine, 10.0)

    return asyncio.run(bounded())


@pytest.mark.parametrize("fault", ["silent feed", "journal", "venue", "clock"])
def test_a_fault_while_cut_off_takes_entries_back(operator, fault):
    async def faults():
        await operator.check()
        before = operator.strategy.given_up
        operator.client.answers = False
        await operator.lose(0.2)
        assert operator.strategy.stale
        assert operator.strategy.given_up == before
        if fault == "silent feed":
            operator.age_s = 11.0
        elif fault == "journal":
            operator.watchdog._on_alert(SimpleNamespace(kind="JOURNAL_STUCK"))
        elif fault == "venue":
            await operator.watchdog.positions.check()
            await operator.watchdog.positions.check()
        else:
            operator.watchdog._clock.error_s = 90.0
        await operator.check(0.1)
        assert operator.strategy.given_up == before + 1
        await operator.check(0.1)
        assert operator.strategy.given_up == before + 1

    run(faults())


def test_a_question_that_stays_unanswered_takes_entries_back(operator):
    async def unanswered():
        await operator.check()
        operator.client.answers = False
        await operator.lose(0.2)
        assert operator.strategy.given_up == 0
        await operator.check(0.5)
        assert operator.strategy.given_up == 0
        await operator.check(0.6)
        await operator.check(5.0)
        assert operator.strategy.given_up == 1
        assert operator.strategy.stale
        operator.client.answers = True
        await operator.check(0.1)
        assert not operator.strategy.stale
        # The next one counts anew.
        operator.client.answers = False
        await operator.lose(0.2)
        assert operator.strategy.given_up == 1
        await operator.check(1.1)
        assert operator.strategy.given_up == 2

    run(unanswered())


def test_nothing_is_entered_before_the_positions_are_told(operator):
    async def half_an_answer():
        await operator.check()

        async def refuse(question):
            raise OSError("no answer")

        told = operator.client.generate_position_status_reports
        operator.client.generate_position_status_reports = refuse
        await operator.lose(0.2)
        await operator.check(0.1)
        assert operator.strategy.stale
        operator.client.generate_position_status_reports = told
        await operator.check(0.1)
        assert not operator.strategy.stale

    run(half_an_answer())


def test_looks_at_the_same_time_hold_no_size_of_before(operator):
    """Lots are filled one by one while both looks ask: what one has heard is old by the next."""

    def fill():
        operator.strategy.position = operator.client.size
        operator.client.size = min(operator.client.size + 1, Decimal(6))

    async def both():
        operator.client.delay_s = 0.01
        operator.client.size = Decimal(3)
        operator.strategy.position = Decimal(1)
        operator.client.on_catch_up = fill
        await operator.check()
        operator.client.stands = False
        await operator.check(0.1)
        operator.client.stands = True
        await operator.check(0.1)
        await asyncio.gather(operator.watch._reconciling, operator.watchdog.positions.check())
        assert operator.strategy.held == []
        await operator.watchdog.positions.check()
        assert operator.strategy.position == operator.client.size == 6
        assert operator.strategy.held == []

    run(both())


def test_only_the_periodic_look_counts_doubts(operator):
    async def doubts():
        operator.client.size = Decimal(3)
        await operator.check()
        for _ in range(3):
            await operator.lose(0.2)
        assert operator.strategy.held == []
        await operator.watchdog.positions.check()
        assert operator.strategy.held == []
        await operator.watchdog.positions.check()
        assert operator.strategy.held == [Decimal(3)]

    run(doubts())


def test_a_flapping_connection_is_told_once_within_the_repeat_time(operator):
    async def flaps():
        await operator.check()
        for _ in range(10):
            await operator.lose(1.5)
        assert operator.told == ["CONNECTION_LOST", "CONNECTION_RESTORED"]
        # Each of them takes entries back all the same.
        assert operator.strategy.given_up == 10
        await operator.check(15 * 60)
        await operator.lose(1.5)
        assert operator.told == 2 * ["CONNECTION_LOST", "CONNECTION_RESTORED"]

    run(flaps())


def test_a_loss_that_lasts_is_told_again_and_its_end_is_told(operator):
    async def lasts():
        await operator.check()
        await operator.lose(1.5)
        operator.client.stands = False
        for _ in range(4):
            await operator.check(5 * 60)
        operator.client.stands = True
        await operator.check(1.0)
        assert operator.told == 2 * ["CONNECTION_LOST", "CONNECTION_RESTORED"]

    run(lasts())

"""What lost connections of a node do to its strategies, and what is asked when they are back."""

import asyncio
import logging

import pytest

from actors.messages import Alert
from configs.node_settings import NodeSettings
from live import alerting
from live import connections
from live.alerting import NodeAlerts
from live.connections import ConnectionWatch
from live.watchdog import Watchdog
from strategies.common.reasons import DropReason
from tests.live.watched import BTC
from tests.live.watched import ETH
from tests.live.watched import NS
from tests.live.watched import T0
from tests.live.watched import Client
from tests.live.watched import Kernel
from tests.live.watched import Strategy
from tests.virtual_time import run_virtually


STALE = ("stop entries", str(DropReason.STALE))
# Of which a float can count any number.
LOOK_S = 1 / 16


class DataClient:
    """A client of market data: its sockets stand or not, and it has nothing to catch up with."""

    id = "DATABENTO"

    def __init__(self):
        self.sockets = {"gateway": True}

    def connections(self):
        return self.sockets


class Silent:
    """A client that knows nothing of its connections."""

    id = "SILENT"


class Scene:
    def __init__(self, monkeypatch):
        self.strategies = Strategy("S-001", BTC), Strategy("S-002", ETH)
        self.client, self.data = Client(), DataClient()
        self.kernel = Kernel(self.strategies, self.client, Silent(), data_clients=[self.data])
        self.alerts = []
        self.kernel.msgbus.subscribe(Alert.topic(), self.alerts.append)
        node = self.kernel.node
        settings = NodeSettings(position_looks=2)
        self.watchdog = Watchdog(node, self.strategies, None, settings)
        # Only the first client is a venue's.
        monkeypatch.setattr(Silent, "generate_position_status_reports", _nothing, raising=False)
        alerts = NodeAlerts(self.kernel.msgbus)
        self.watch = ConnectionWatch(node, iter(self.strategies), self.watchdog, alerts)
        for module in (alerting, connections):
            monkeypatch.setattr(module, "time", self.kernel.time)

    async def check(self, for_s=LOOK_S):
        """Look again and again for a time, as a node does."""
        for _ in range(max(1, round(for_s / LOOK_S))):
            self.kernel.wait(LOOK_S)
            self.watch.check()
            await asyncio.sleep(LOOK_S)

    async def lose(self, for_s):
        self.client.sockets["private socket"] = False
        await self.check(for_s)
        self.client.sockets["private socket"] = True
        await self.check()

    @property
    def is_cut_off(self):
        return self.watchdog.is_cut_off

    def told(self):
        return [(alert.kind, alert.text) for alert in self.alerts]


async def _nothing(self, question):
    return []


@pytest.fixture
def scene(monkeypatch):
    return Scene(monkeypatch)


def test_connections_that_stand_ask_for_nothing(scene):
    async def stand():
        await scene.check(5.0)

    run_virtually(stand())
    assert not scene.is_cut_off
    assert scene.client.caught_up == 0
    assert [strategy.stale for strategy in scene.strategies] == [False, False]
    assert scene.alerts == []


def test_one_that_has_never_stood_is_no_loss(scene):
    async def come_up():
        scene.client.sockets["private socket"] = False
        await scene.check(5.0)
        scene.client.sockets["private socket"] = True
        await scene.check(1.0)

    run_virtually(come_up())
    assert scene.alerts == []
    assert scene.client.caught_up == 0
    assert not scene.is_cut_off


def test_a_connection_whose_loss_would_not_be_noticed_yet_is_missing(scene):
    async def come_up():
        scene.client.sockets["private socket"] = False
        await scene.check()
        assert scene.watch.missing() == []
        scene.client.sockets["private socket"] = True
        assert scene.watch.missing() == ["BYBIT: private socket: connected just now"]
        await scene.check()
        assert scene.watch.missing() == []

    run_virtually(come_up())


def test_a_short_loss_makes_stale_until_the_venue_has_been_asked(scene):
    async def blink():
        await scene.check()
        scene.client.sockets["private socket"] = False
        await scene.check()
        assert scene.is_cut_off
        scene.client.sockets["private socket"] = True
        scene.kernel.wait(LOOK_S)
        scene.watch.check()
        assert scene.is_cut_off
        assert scene.client.caught_up == 0
        await scene.check(0.5)
        assert not scene.is_cut_off

    run_virtually(blink())
    assert scene.client.caught_up == 1
    assert len(scene.client.questions) >= 1
    assert [strategy.stale for strategy in scene.strategies] == [True, True]
    assert [strategy.told for strategy in scene.strategies] == [[], []]
    assert scene.alerts == []


def test_a_loss_of_a_second_takes_entries_back_and_is_told_with_its_end(scene):
    async def lose():
        await scene.check()
        scene.client.sockets["private socket"] = False
        await scene.check(1.0)
        assert scene.told() == []
        await scene.check()
        key = "BYBIT: private socket"
        lost = ("CONNECTION_LOST", f"{key}: down: nothing is entered until it is back")
        assert scene.told() == [lost]
        assert [strategy.told for strategy in scene.strategies] == [[STALE], [STALE]]
        await scene.check(1.0)
        scene.client.sockets["private socket"] = True
        await scene.check(0.5)
        assert scene.told() == [lost, ("CONNECTION_RESTORED", f"{key}: back after 2.1 s")]

    run_virtually(lose())
    lost, back = scene.alerts
    assert lost.value == 1.0
    assert back.value == 33 / 16
    assert lost.ts_event == round((T0 + 18 / 16) * NS)
    assert (lost.strategy_id, back.strategy_id) == ("NODE", "NODE")
    # Once is enough: entries of before are gone.
    assert scene.strategies[0].told == [STALE]
    assert scene.client.caught_up == 1


def test_each_loss_takes_entries_back_anew(scene):
    async def lose():
        await scene.check()
        for _ in range(3):
            await scene.lose(1.5)
            await scene.check(0.5)

    run_virtually(lose())
    assert scene.strategies[0].told == 3 * [STALE]
    assert [kind for kind, _ in scene.told()] == ["CONNECTION_LOST", "CONNECTION_RESTORED"]


def test_a_data_connection_that_is_back_has_nothing_to_catch_up_with(scene):
    async def lose():
        await scene.check()
        scene.data.sockets["gateway"] = False
        await scene.check()
        assert scene.is_cut_off
        scene.data.sockets["gateway"] = True
        await scene.check()
        assert not scene.is_cut_off

    run_virtually(lose())
    assert scene.client.caught_up == 0
    assert scene.client.questions == []


def test_one_connection_of_several_is_enough_to_be_cut_off(scene):
    async def lose():
        scene.client.sockets["trade socket"] = True
        await scene.check()
        scene.data.sockets["gateway"] = False
        scene.client.sockets["trade socket"] = False
        await scene.check()
        scene.client.sockets["trade socket"] = True
        await scene.check(0.5)
        assert scene.is_cut_off
        scene.data.sockets["gateway"] = True
        await scene.check()
        assert not scene.is_cut_off

    run_virtually(lose())


def test_a_venue_that_does_not_answer_is_asked_each_second_until_it_does(scene, caplog):
    async def lose():
        await scene.check()
        scene.client.catches_up = False
        await scene.lose(0.1)
        await scene.check(0.9)
        assert [strategy.told for strategy in scene.strategies] == [[], []]
        await scene.check(0.2)
        assert [strategy.told for strategy in scene.strategies] == [[STALE], [STALE]]
        await scene.check(1.5)
        assert scene.is_cut_off
        assert scene.client.caught_up == 3
        assert scene.strategies[0].told == [STALE]
        scene.client.catches_up = True
        await scene.check(1.5)
        assert not scene.is_cut_off

    with caplog.at_level(logging.WARNING):
        run_virtually(lose())
    assert {record.message for record in caplog.records} == {"Not reconciled yet: no answer"}
    assert scene.client.caught_up == 4


def test_positions_that_are_not_told_keep_the_question_open(scene):
    async def lose():
        await scene.check()
        scene.client.answers = False
        await scene.lose(0.1)
        await scene.check(2.4)
        assert scene.is_cut_off
        assert scene.client.caught_up == 3
        # A question beside the clock makes no venue blind.
        assert scene.watchdog.missing() == []
        scene.client.answers = True
        await scene.check(1.0)
        assert not scene.is_cut_off
        # The next question has its own second before entries are taken back.
        assert scene.strategies[0].told == [STALE]
        scene.client.answers = False
        await scene.lose(0.1)
        await scene.check(0.5)
        assert scene.strategies[0].told == [STALE]
        await scene.check(1.0)
        assert scene.strategies[0].told == [STALE, STALE]

    run_virtually(lose())


def test_a_loss_while_the_venue_is_asked_is_asked_for_again(scene):
    async def lose():
        await scene.check()

        def lost_again():
            scene.client.on_catch_up = lambda: None
            scene.client.sockets["private socket"] = False

        scene.client.on_catch_up = lost_again
        await scene.lose(0.1)
        await scene.check()
        scene.client.sockets["private socket"] = True
        await scene.check(0.5)
        assert not scene.is_cut_off

    run_virtually(lose())
    assert scene.client.caught_up == 2

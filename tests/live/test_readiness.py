"""What a node says is missing before its strategies may enter."""

from types import SimpleNamespace

import pytest
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from live import readiness
from live.readiness import Readiness
from tests.live.prompt_strategy import PromptConfig
from tests.live.prompt_strategy import PromptStrategy
from tests.live.watched import BTC
from tests.live.watched import ETH
from tests.live.watched import NS
from tests.live.watched import T0
from tests.live.watched import Kernel


STALE_AFTER_S = 10.0


class Client:
    def __init__(self, name, sockets=None):
        self.id, self.is_connected = name, True
        if sockets is not None:
            self.sockets = dict.fromkeys(sockets, True)
            self.connections = lambda: self.sockets


class Scene:
    """A node that lacks nothing, with two strategies and something that is none of ours."""

    def __init__(self, monkeypatch, mode="paper"):
        self.strategies = [self._strategy("1", BTC), self._strategy("2", ETH)]
        self.data, self.execution = Client("DATA", ["public"]), Client("BYBIT", ["a", "b"])
        self.kernel = Kernel(
            [*self.strategies, object()], self.execution, Client("SIM"), data_clients=[self.data]
        )
        self.kernel.trader = SimpleNamespace(is_running=True)
        monkeypatch.setattr(readiness, "time", self.kernel.time)
        self.readiness = Readiness(self.kernel.node, mode, STALE_AFTER_S)
        for instrument_id in (BTC, ETH):
            self.kernel.quote(instrument_id)
            self.trade(instrument_id)

    def _strategy(self, tag, instrument_id):
        strategy = PromptStrategy(PromptConfig(instrument_id=instrument_id, order_id_tag=tag))
        strategy.warm = True
        strategy.manager = SimpleNamespace(halted=False)
        return strategy

    def trade(self, instrument_id):
        price, size = Price.from_str("60000.0"), Quantity.from_str("1.000")
        tick = TradeTick(
            instrument_id, price, size, AggressorSide.BUYER, TradeId("1"), T0 * NS, T0 * NS
        )
        self.kernel.cache.add_trade_tick(tick)

    def missing(self):
        return self.readiness.missing()


@pytest.fixture
def scene(monkeypatch):
    return Scene(monkeypatch)


def test_a_node_that_lacks_nothing_may_be_activated(scene):
    scene.readiness.reasons.append(list)
    assert scene.missing() == []
    assert scene.readiness.mode == "paper"


def test_a_dry_run_is_never_activated(monkeypatch):
    (text,) = Scene(monkeypatch, "dry_run").missing()
    assert text == "dry_run decides only: start the node with another environment"


def test_a_node_that_does_not_run_has_no_other_lack(scene):
    scene.kernel.trader.is_running = False
    scene.strategies[0].warm = False
    assert scene.missing() == ["the node is not running"]
    assert scene.readiness.is_running is False


def test_clients_and_their_sockets_are_named(scene):
    scene.data.is_connected = False
    scene.execution.sockets["b"] = False
    assert scene.missing() == [
        "data client DATA: not connected",
        "BYBIT: b: not connected, or not acknowledged",
    ]
    scene.data.is_connected = True
    scene.data.sockets["public"] = False
    scene.execution.is_connected = False
    scene.execution.sockets["b"] = True
    assert scene.missing() == [
        "DATA: public: not connected, or not acknowledged",
        "execution client BYBIT: not connected",
    ]


def test_quotes_of_each_instrument_are_to_be_fresh(scene):
    scene.kernel.wait(10.0)
    assert scene.missing() == []
    scene.kernel.quote(ETH)
    scene.kernel.wait(0.7)
    assert scene.missing() == [f"{BTC}: no quote for 11 s"]
    assert scene.readiness.quote_age_s(BTC) == pytest.approx(10.7)
    assert scene.readiness.quote_age_s(ETH) == pytest.approx(0.7)


def test_an_instrument_without_data_lacks_a_quote_and_a_trade(monkeypatch):
    scene = Scene(monkeypatch)
    scene.kernel.cache.reset()
    scene.kernel.quote(ETH)
    assert scene.missing() == [
        f"{BTC}: no quote yet",
        f"{BTC}: no trade yet",
        f"{ETH}: no trade yet",
    ]


def test_what_strategies_and_watches_lack_comes_last(scene):
    first, second = scene.strategies
    first.warm = False
    second.manager.halted = True
    scene.readiness.reasons += [lambda: ["the clock is off"], lambda: ["a gap", "another"]]
    assert scene.missing() == [
        f"{first.id}: not warm yet",
        f"{second.id}: halted: check position and orders, then `resume`",
        "the clock is off",
        "a gap",
        "another",
    ]

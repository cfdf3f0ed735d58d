"""Messages of a run on their way to its results."""

from types import SimpleNamespace

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.portfolio.portfolio import Portfolio

from actors.messages import Alert
from backtests import runner
from backtests.collector import Collector
from errors import AuctionError
from tests.markets import BTC


class Engine:
    """Registers an actor and publishes alerts, as a run does."""

    def __init__(self):
        self.clock = TestClock()
        self.bus = MessageBus(TraderId("TEST-001"), self.clock)

    def add_actor(self, actor):
        cache = Cache()
        portfolio = Portfolio(self.bus, cache, self.clock)
        actor.register_base(portfolio=portfolio, msgbus=self.bus, cache=cache, clock=self.clock)

    def publish(self, *texts):
        for text in texts:
            alert = Alert(InstrumentId.from_str(BTC), 1, 1, strategy_id="S-000", kind=text, text="")
            self.bus.publish(Alert.topic(), alert)


def run(collector, *texts):
    engine = Engine()
    node = SimpleNamespace(run=lambda: engine.publish(*texts))
    runner._run(node, engine, collector, SimpleNamespace(system="toy"))


def test_messages_are_taken_before_any_component_starts():
    collector = Collector()
    run(collector, "A", "B")
    assert [alert.kind for alert in collector.alerts] == ["A", "B"]


def test_a_message_that_cannot_be_kept_ends_in_an_error_that_names_the_first_cause():
    taken, closed = [], []

    def take(alert):
        taken.append(alert.kind)
        raise OSError(f"no space for {alert.kind}")

    broken = SimpleNamespace(handlers=lambda: [(Alert, take)], close=lambda: closed.append(True))
    with pytest.raises(AuctionError, match="^toy: a message of the run .*: no space for A$"):
        run(broken, "A", "B")
    assert (taken, closed) == (["A", "B"], [True])


def test_an_error_of_a_handler_ends_in_a_line_that_names_it():
    engine, closed = Engine(), []

    def fail():
        raise KeyError("boom")

    collector = SimpleNamespace(handlers=list, close=lambda: closed.append(True))
    with pytest.raises(KeyError) as error:
        runner._run(SimpleNamespace(run=fail), engine, collector, SimpleNamespace(system="toy"))
    assert error.value.__notes__[-1].startswith("error: toy: KeyError: 'boom' (test_collector.py:")
    assert closed == [True]

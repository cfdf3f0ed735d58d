"""In which order the alerts of a replay come, and what its components have for a clock."""

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.trading.strategy import Strategy

from live.replay_clock import ReplayClock


T0 = 1_767_571_200_000_000_000
SECOND = 1_000_000_000


class Clocks:
    """Two clocks of a tape's time, and what has rung on them."""

    def __init__(self):
        self.time = ReplayClock(T0)
        self.first, self.second = TestClock(), TestClock()
        self.time.drive(self.first)
        self.time.drive(self.second)
        self.rung = []

    def alert(self, clock, name, at, then=None):
        def ring(event):
            both = {self.first.timestamp_ns(), self.second.timestamp_ns()}
            self.rung.append((name, event.ts_event, both == {event.ts_event}))
            if then is not None:
                then()

        clock.set_time_alert_ns(name, at, ring)

    def pass_until(self, ts):
        while self.time.next_alert(ts) is not None:
            self.time.run_alert()
        self.time.go_to(ts)
        return [name for name, _, _ in self.rung]


def test_clocks_begin_where_the_tape_begins():
    clocks = Clocks()
    assert clocks.first.timestamp_ns() == clocks.second.timestamp_ns() == T0
    clocks.time.go_to(T0 + 5)
    late = TestClock()
    clocks.time.drive(late)
    assert late.timestamp_ns() == T0 + 5


def test_alerts_come_in_the_order_of_their_times_whoever_has_set_them():
    clocks = Clocks()
    clocks.alert(clocks.second, "b", T0 + 2)
    clocks.alert(clocks.first, "c", T0 + 3)
    clocks.alert(clocks.first, "a", T0 + 1)
    assert clocks.pass_until(T0 + 10) == ["a", "b", "c"]
    # Each at its time, on both clocks.
    assert clocks.rung == [("a", T0 + 1, True), ("b", T0 + 2, True), ("c", T0 + 3, True)]


def test_of_one_time_comes_first_what_was_there_first():
    clocks = Clocks()
    clocks.alert(clocks.second, "strategy", T0 + 2)
    clocks.alert(clocks.first, "actor", T0 + 2)
    assert clocks.pass_until(T0 + 10) == ["actor", "strategy"]


def test_what_an_alert_sets_comes_in_its_turn():
    clocks = Clocks()
    clocks.alert(clocks.first, "a", T0 + 1, lambda: clocks.alert(clocks.second, "between", T0 + 2))
    clocks.alert(clocks.first, "c", T0 + 3)
    assert clocks.pass_until(T0 + 10) == ["a", "between", "c"]


def test_an_alert_at_the_time_of_an_event_comes_after_it():
    clocks = Clocks()
    clocks.alert(clocks.first, "a", T0 + 5)
    assert clocks.pass_until(T0 + 5) == []
    assert clocks.pass_until(T0 + 6) == ["a"]


def test_without_an_alert_there_is_nothing_to_run():
    clocks = Clocks()
    assert clocks.time.next_alert(T0 + SECOND) is None
    clocks.alert(clocks.first, "a", T0 + SECOND)
    assert clocks.time.next_alert(T0 + SECOND) is None
    assert clocks.time.next_alert(T0 + SECOND + 1) == T0 + SECOND


class Trader:
    """Gives components live clocks, as a node's does."""

    def __init__(self):
        self.clock = LiveClock()
        self.msgbus = MessageBus(TraderId("TEST-001"), self.clock)
        self.cache = Cache()
        self.added = []

    @property
    def terms(self):
        portfolio = Portfolio(self.msgbus, self.cache, self.clock)
        return {"portfolio": portfolio, "msgbus": self.msgbus, "cache": self.cache}

    def add_actor(self, actor):
        actor.register_base(**self.terms, clock=LiveClock())
        self.added.append("actor")

    def add_strategy(self, strategy):
        strategy.register(trader_id=TraderId("TEST-001"), **self.terms, clock=LiveClock())
        self.added.append("strategy")


@pytest.mark.parametrize(("kind", "name"), [(Actor, "actor"), (Strategy, "strategy")])
def test_components_get_a_clock_of_the_tape_and_keep_nothing_else(kind, name):
    class Component(kind):
        pass

    trader, time, component = Trader(), ReplayClock(T0), Component()
    time.add_component(trader, component)
    assert trader.added == [name]
    assert isinstance(component.clock, TestClock)
    time.go_to(T0 + SECOND)
    assert component.clock.timestamp_ns() == T0 + SECOND
    assert not {"register", "register_base"} & set(vars(component))
    if kind is Strategy:
        # The orders of a replay bear the identifiers of a backtest.
        assert component.order_factory.generate_client_order_id().value.startswith("O-20260105-")

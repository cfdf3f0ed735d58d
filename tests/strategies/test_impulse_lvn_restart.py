"""A strategy that ends in a trade, and another one that goes on from its state at that venue."""

from functools import cache

import msgspec
import pytest
from nautilus_trader.common.component import TestClock

from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import SecondBar
from actors.messages import Alert
from actors.messages import Decision
from actors.messages import TradeEvent
from strategies.impulse_lvn.strategy import ImpulseLvnStrategy
from tests.backtests.impulse_runs import catalog_of
from tests.backtests.impulse_runs import config_of
from tests.backtests.impulse_runs import run_of
from tests.markets import iso
from tests.strategies.test_impulse_lvn_midday import LEAD
from tests.strategies.test_impulse_lvn_midday import Operator
from tests.strategies.test_impulse_lvn_properties import OPEN
from tests.strategies.test_impulse_lvn_strategy import end_of
from tests.strategies.test_impulse_lvn_strategy import loose
from tests.strategies.test_impulse_lvn_strategy import quoted
from tests.strategies.test_impulse_lvn_strategy import tape


SECOND = 1_000_000_000
START = tape()[0][0]
# Neither stop nor target is near: trades end by their hold, by their trail and with the hours.
FAR = {"take_profit": 400, "stop_buffer": 100}
HELD = {**FAR, "trailing_stop": 300, "max_hold_bars": 100_000}
# The first trade is open from its 21st to its 42nd, its 70th or its 361st second.
ENDS = {
    "TIME": FAR,
    "TRAIL": {**FAR, "trailing_stop": 8, "max_hold_bars": 100_000},
    "SESSION_END": {**HELD, "end_time": "'09:36'"},
}
ENTERED = OPEN + 21 * SECOND


@pytest.fixture(autouse=True, scope="module")
def _engine_clock_counts_as_live():
    with pytest.MonkeyPatch.context() as patch:
        for module in ("actors.base", "strategies.common.nautilus.controls"):
            patch.setattr(f"{module}.LiveClock", TestClock)
        yield


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return catalog_of(tmp_path_factory.mktemp("restart"), quoted(tape()))


@cache
def first_end_of_whole(catalog, reason):
    """Return the first end of a trade in a run without a restart."""
    whole, _ = ran(catalog, None, *loose(**ENDS[reason]))
    found = first_end(whole)
    whole.engine.dispose()
    return found


class Restart(Operator):
    """Replaces the strategy at a time by one that knows what the journal would."""

    def __init__(self, engine, at, *, tells_past, change):
        super().__init__(engine, None, START + LEAD, START + 10 * SECOND)
        self.engine, self.at, self.tells_past, self.change = engine, at, tells_past, change
        self.old, self.heard = self.strategy, []
        self.restored = None

    def on_start(self):
        super().on_start()
        for cls in (DailyLevelsUpdate, MarketStateUpdate, SecondBar):
            self.msgbus.subscribe(topic=cls.topic(), handler=self.heard.append)
        if self.at is not None:
            self.clock.set_time_alert_ns("RESTART", self.at, self.restart)

    def restart(self, event):
        state = self.change(msgspec.json.decode(self.old.save()["trading"]))
        trader = self.engine.trader
        trader.stop_strategy(self.old.id)
        self.old.clock.cancel_timers()
        trader.remove_strategy(self.old.id)
        new = ImpulseLvnStrategy(self.old.config)
        new.load({} if state is None else {"trading": msgspec.json.encode(state)})
        new.holds_orders = True
        trader._has_controller = True  # it takes no strategy while it runs without
        trader.add_strategy(new)
        new.clock.set_time(self.clock.timestamp_ns())
        trader.start_strategy(new.id)
        self.booked = new.machine.engine.day.points
        self.restored = new
        if self.tells_past:
            new.observe_until = self.clock.timestamp_ns() + 1_000 * SECOND
            for message in list(self.heard):
                new.on_data(message)
            new.observe_until = self.clock.timestamp_ns()


def ran(catalog, at, *settings, tells_past=False, change=lambda state: state):
    found = []

    def operate(engine):
        found.append(Restart(engine, at, tells_past=tells_past, change=change))
        engine.add_actor(found[0])

    # Two strategies of one engine cannot claim the same instrument, not even after each other.
    claims = "strategies.0.config.external_order_claims=[]"
    config = config_of(catalog, *settings, claims, f"start='{iso(START)}'", end_of(tape()))
    return run_of(config, operate), found[0]


def first_end(run):
    return next(fill for fill in run.fills("STOP", "EXIT") if fill[3] > ENTERED)


@pytest.mark.parametrize("tells_past", [False, True])
@pytest.mark.parametrize("after_s", [3, 17])
@pytest.mark.parametrize("reason", list(ENDS))
def test_a_trade_goes_on_after_a_restart_as_if_there_had_been_none(
    catalog, reason, after_s, tells_past
):
    settings = loose(**ENDS[reason])
    expected = first_end_of_whole(catalog, reason)
    assert expected[1] == reason
    run, desk = ran(catalog, ENTERED + after_s * SECOND, *settings, tells_past=tells_past)
    assert desk.restored.manager.halted is False
    assert first_end(run) == expected
    closed = [e for e in run.of(TradeEvent) if e.kind == "TRADE_CLOSED"]
    assert closed[0].reason == reason
    # The day goes on with its result, and the machine with the next impulse.
    assert desk.restored.machine.engine.day.points != 0
    assert desk.restored.machine.engine.phase == "FLAT" or desk.restored.manager.trade is not None
    run.engine.dispose()


def test_a_fill_of_the_time_away_is_held_from_its_second_on(catalog):
    settings = loose(**ENDS["TIME"])

    def before_the_fill(state):
        state["signals"]["trade"].update(bars=None, best=None)
        return state

    at = ENTERED + 9 * SECOND
    run, _ = ran(catalog, at, *settings, tells_past=True, change=before_the_fill)
    assert first_end(run) == first_end_of_whole(catalog, "TIME")
    run.engine.dispose()


def without_plan(state):
    state["signals"]["trade"] = None
    return state


def of_another_version(state):
    state["signals"]["trade"] = {"plan": 1}
    return state


@pytest.mark.parametrize("change", [without_plan, of_another_version, lambda state: None])
def test_a_trade_without_a_plan_ends_with_the_hours(catalog, change):
    settings = loose(**ENDS["SESSION_END"])
    run, _ = ran(catalog, ENTERED + 9 * SECOND, *settings, tells_past=True, change=change)
    assert first_end(run) == first_end_of_whole(catalog, "SESSION_END")
    (exit_,) = [d for d in run.of(Decision) if d.action == "EXIT"]
    assert (exit_.why, exit_.setup) == ("SESSION_END", None)
    assert run.engine.kernel.cache.positions_open() == []
    refused = [a.text for a in run.of(Alert) if a.kind == "STATE_REFUSED"]
    assert bool(refused) is (change is of_another_version)
    run.engine.dispose()


def test_the_past_that_is_told_again_neither_ends_a_trade_nor_plans_another(catalog):
    """The day before ended its hours, and the signal of the trade is told again."""
    settings = loose(**HELD)
    run, desk = ran(catalog, ENTERED + 9 * SECOND, *settings, tells_past=True, change=without_plan)
    assert desk.heard[0].ts_event < OPEN - 10 * 3600 * SECOND
    trade = desk.restored.manager.trade
    assert trade is not None
    assert trade.open > 0
    assert trade.close_reason is None
    assert desk.restored.machine.plan is None
    told = [d for d in run.of(Decision) if d.why == "OBSERVATION" and d.reason == "RETEST"]
    assert told
    run.engine.dispose()


def test_a_trade_that_has_ended_while_nobody_was_there_counts_for_the_day(catalog):
    """The state is one of the trade; by the restart its end is known to the venue alone."""
    settings = loose(**ENDS["TIME"])
    states = []

    def keep(state):
        states.append(state)
        return state

    first, _ = ran(catalog, ENTERED + 9 * SECOND, *settings, change=keep)
    first.engine.dispose()
    run, desk = ran(catalog, OPEN + 50 * SECOND, *settings, change=lambda state: states[0])
    (closed, *_) = [e for e in run.of(TradeEvent) if e.kind == "TRADE_CLOSED"]
    assert states[0]["signals"]["day"]["points"] == "0"
    assert closed.reason == "TIME"
    assert desk.booked != 0
    run.engine.dispose()

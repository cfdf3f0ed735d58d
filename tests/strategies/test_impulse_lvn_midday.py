"""A node that starts in the middle of a day with its history goes on as one that was there."""

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import TestClock

from actors.impulse.cache import LevelCache
from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import SecondBar
from actors.messages import Decision
from catalog.instruments import resolve_instrument
from live.catalog_history import stretch
from tests.backtests.impulse_runs import HEARD
from tests.backtests.impulse_runs import NQ
from tests.backtests.impulse_runs import catalog_of
from tests.backtests.impulse_runs import config_of
from tests.backtests.impulse_runs import prints
from tests.backtests.impulse_runs import run_of
from tests.markets import iso
from tests.strategies.test_impulse_lvn_properties import OPEN
from tests.strategies.test_impulse_lvn_properties import session_days
from tests.strategies.test_impulse_lvn_strategy import end_of
from tests.strategies.test_impulse_lvn_strategy import loose
from tests.strategies.test_impulse_lvn_strategy import quoted
from tests.strategies.test_impulse_lvn_strategy import tape
from tests.strategies.test_impulse_lvn_strategy import walk


SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
# The tape has hours without a print; what a gap does is tested elsewhere.
NO_GAP = 100 * HOUR
LEAD = 3 * SECOND
LAST = tape()[-1][0]
# There are six parts, and trades after each but the last.
PART_S = 100


@pytest.fixture(autouse=True, scope="module")
def _engine_clock_counts_as_live():
    with pytest.MonkeyPatch.context() as patch:
        for module in ("actors.base", "strategies.common.nautilus.controls"):
            patch.setattr(f"{module}.LiveClock", TestClock)
        yield


@cache
def catalog():
    return catalog_of(Path(mkdtemp()), quoted(tape()))


class Operator(Actor):
    """Warms a node up as the runner does, and activates it later."""

    def __init__(self, engine, history, warm_at, active_at, gap=NO_GAP):
        super().__init__()
        (self.actor,) = (a for a in engine.trader.actors() if hasattr(a, "take_history"))
        (self.strategy,) = engine.trader.strategies()
        self.strategy.holds_orders = True
        self.history, self.warm_at, self.active_at = history, warm_at, active_at
        self.said = None
        self.gap = gap
        self.slices = 0

    def on_start(self):
        self.clock.set_time_alert_ns("WARM", self.warm_at, self.warm_up)
        self.clock.set_time_alert_ns("ACTIVE", self.active_at, self.activate)

    def warm_up(self, event):
        now = self.clock.timestamp_ns()
        instrument = resolve_instrument(NQ, date(2025, 1, 8))
        session, stored = self.actor.missing_session(now), None
        if self.history is not None:
            if session is not None:
                found = stretch(self.history, instrument, session[0], self.gap, session[1] - 1)
                if found is not None and found.spans(*session, self.gap):
                    self.actor.take_session(found)
            stored = stretch(self.history, instrument, self.actor.history_since(now), self.gap)
        self.strategy.observe_until = LAST + HOUR
        self.telling = self.actor.take_history(stored, self.gap)
        self.go_on(event)

    def go_on(self, event):
        now = self.clock.timestamp_ns()
        try:
            next(self.telling)
        except StopIteration as end:
            self.said = end.value
            self.strategy.observe_until = now
        else:
            self.slices += 1
            self.clock.set_time_alert_ns(f"SLICE-{self.slices}", now + SECOND, self.go_on)

    def activate(self, event):
        self.strategy.active = True


def ran(start_ns, active_at, history, *overrides, gap=NO_GAP):
    operators = []

    def operate(engine):
        operators.append(Operator(engine, history, start_ns + LEAD, active_at, gap))
        engine.add_actor(operators[0])

    run = run_of(
        config_of(catalog(), *loose(), f"start='{iso(start_ns)}'", end_of(tape()), *overrides),
        operate,
    )
    return run, operators[0]


def after(run, ts):
    """Return what was told after a time, and the fills, as plain values."""
    told = [
        {key: value for key, value in message.to_dict().items() if key != "ts_init"}
        for cls in HEARD
        for message in run.of(cls)
        if message.ts_event > ts
    ]
    return told, run.fills("ENTRY", "STOP", "EXIT")


@cache
def whole(active_at):
    """A node that runs since the day before, in observation until then."""
    run, _ = ran(tape()[0][0], active_at, None)
    found = after(run, 0)
    run.engine.dispose()
    return found


def since(found, ts):
    messages, fills = found
    return [m for m in messages if m["ts_event"] > ts], fills


@given(st.integers(20, (LAST - OPEN) // SECOND - 160))
@settings(max_examples=5, deadline=None)
def test_a_start_within_the_day_with_history_goes_on_as_a_node_that_was_there(offset):
    start = OPEN + offset * SECOND + SECOND // 3
    # A node that was there costs as much: those of starts near each other are one.
    active_at = OPEN + ((offset + 60) // PART_S + 1) * PART_S * SECOND
    run, operator = ran(start, active_at, catalog())
    assert "2025-01-08 since 2025-01-07 18:00:00 New York, with levels" in operator.said
    found = after(run, start + LEAD)
    run.engine.dispose()
    assert found == since(whole(active_at), start + LEAD)


def test_what_is_heard_while_the_past_is_told_comes_after_it(monkeypatch):
    monkeypatch.setattr("actors.history_intake.SLICE", 30)
    start = OPEN + 300 * SECOND + SECOND // 3
    active_at = start + 60 * SECOND
    run, operator = ran(start, active_at, catalog())
    assert operator.slices > 8
    ready = start + LEAD + operator.slices * SECOND
    assert after(run, ready) == since(whole(active_at), ready)
    run.engine.dispose()


def test_the_comparison_holds_trades_before_and_after_the_start(tmp_path):
    start = OPEN + 120 * SECOND
    messages, fills = whole(start + 60 * SECOND)
    assert len(fills) > 4
    refused = [m for m in messages if m.get("why") == "OBSERVATION"]
    assert [m for m in refused if m["ts_event"] < start]
    assert min(row[3] for row in fills) > start + 60 * SECOND


def test_nothing_of_the_replayed_past_is_entered_even_by_an_active_node():
    start = OPEN + 200 * SECOND
    run, _ = ran(start, start + SECOND, catalog())
    entered = [d.ts_event for d in run.of(Decision) if d.action == "ENTER"]
    past = [d for d in run.of(Decision) if d.ts_event < start + LEAD and d.reason == "RETEST"]
    assert past
    assert {(d.action, d.why) for d in past} == {("REFUSE", "OBSERVATION")}
    assert entered
    assert min(entered) > start + LEAD
    run.engine.dispose()


def test_the_past_knows_nothing_of_what_came_after_it():
    """What is told of the past is what was told at its time, but for the quote of a decision."""
    start = OPEN + 200 * SECOND
    run, _ = ran(start, LAST, catalog())
    day_began = session_days(walk())[1][0][0]
    # A message counts as made when it was told.
    left_out = {"entry", "tp2", "why", "ts_event"}

    def of_the_day(found):
        return [
            {key: value for key, value in message.items() if key not in left_out}
            for message in found[0]
            if message["ts_event"] > day_began
        ]

    assert of_the_day(after(run, 0)) == of_the_day(whole(LAST))
    run.engine.dispose()


def test_without_history_it_waits_for_levels():
    start = OPEN + 100 * SECOND
    run, operator = ran(start, start + 10 * SECOND, None)
    (strategy,) = run.engine.trader.strategies()
    assert not strategy.warm
    assert strategy.not_warm_reason == "not warm yet: no levels of 2025-01-08: NO_SESSION"
    assert "without levels (NO_SESSION)" in operator.said
    assert "all of the regular session of 2025-01-07" in operator.said
    assert run.fills("ENTRY") == []
    run.engine.dispose()


def test_levels_from_the_cache_without_the_day_wait_for_the_longest_hunt(tmp_path):
    ran(tape()[0][0], LAST, None, f"actors.0.config.level_cache={tmp_path}")[0].engine.dispose()
    assert LevelCache(tmp_path, NQ, resolve_instrument(NQ).price_increment.as_decimal()).load(
        date(2025, 1, 7)
    )
    start = OPEN + 40 * SECOND
    run, _ = ran(start, start + 5 * SECOND, None, f"actors.0.config.level_cache={tmp_path}")
    (strategy,) = run.engine.trader.strategies()
    wanted = strategy.config.max_impulse_bars + strategy.config.max_hunting_bars
    bars = [m.ts_event for m in run.of(SecondBar)]
    assert len(bars) > wanted
    cold = [d for d in run.of(Decision) if d.why == "WARMUP"]
    entered = [d.ts_event for d in run.of(Decision) if d.action == "ENTER"]
    assert cold
    assert max(d.ts_event for d in cold) < bars[wanted - 1] <= min(entered)
    run.engine.dispose()


def test_a_gap_in_the_data_makes_it_wait_again_and_spoils_the_session():
    start = OPEN + 40 * SECOND
    gap_at = start + 30 * SECOND
    found = []

    class Gap(Actor):
        def __init__(self, engine):
            super().__init__()
            (self.source,) = (a for a in engine.trader.actors() if hasattr(a, "publish_gap"))
            (self.strategy,) = engine.trader.strategies()

        def on_start(self):
            self.clock.set_time_alert_ns("GAP", gap_at, self.tell)

        def tell(self, event):
            found.append(self.strategy.warm)
            self.source.on_data_gap(gap_at - 61 * SECOND, gap_at, 61 * SECOND)

    operators = []

    def operate(engine):
        operators.append(Operator(engine, catalog(), start + LEAD, start + 10 * SECOND))
        engine.add_actor(operators[0])
        engine.add_actor(Gap(engine))

    close = OPEN + int(6.6 * HOUR)
    config = config_of(catalog(), *loose(), f"start='{iso(start)}'", f"end='{iso(close)}'")
    run = run_of(config, operate)
    assert found == [True]
    reasons = [d for d in run.of(Decision) if d.why == "WARMUP" and d.ts_event > gap_at]
    assert reasons
    actor = operators[0].actor
    # The session was not seen as a whole: it gives no levels for the next day.
    assert actor.source.book.prior.day == date(2025, 1, 7)
    run.engine.dispose()


def test_prints_alone_are_enough(tmp_path):
    rows = prints(tape())
    folder = catalog_of(tmp_path / "catalog", rows)
    start = OPEN + 100 * SECOND
    operators = []

    def operate(engine):
        operators.append(Operator(engine, folder, start + LEAD, LAST))
        engine.add_actor(operators[0])

    run = run_of(
        config_of(folder, *loose(), "data=[TradeTick]", f"start='{iso(start)}'", end_of(tape())),
        operate,
    )
    levels = run.engine.trader.actors()[0].source.book.levels
    assert levels.reason is None
    assert len(run.of(MarketStateUpdate)) > 0
    run.engine.dispose()


def test_messages_of_levels_name_the_session_from_the_catalog():
    start = OPEN + 100 * SECOND
    found = []

    def listen(engine):
        operator = Operator(engine, catalog(), start + LEAD, LAST)
        engine.add_actor(operator)
        engine.kernel.msgbus.subscribe(topic=DailyLevelsUpdate.topic(), handler=found.append)

    run = run_of(config_of(catalog(), *loose(), f"start='{iso(start)}'", end_of(tape())), listen)
    assert {m.prior_day for m in found} == {"2025-01-07"}
    assert [m.ts_event for m in found] == [tape()[5][0], OPEN]
    run.engine.dispose()


def test_the_losses_of_the_day_outlive_a_restart_within_it():
    limit = "strategies.0.config.max_daily_losses=1"
    first, _ = ran(OPEN + SECOND, OPEN + 10 * SECOND, catalog(), limit)
    (strategy,) = first.engine.trader.strategies()
    expected = strategy.machine.snapshot()["day"]
    assert expected["stop"] == "MAX_LOSSES"
    state = strategy.save()
    del state["day"]  # as after a crash: only the journal has it
    first.engine.dispose()

    start = OPEN + 300 * SECOND

    def operate(engine):
        engine.trader.strategies()[0].load(state)
        engine.add_actor(Operator(engine, catalog(), start + LEAD, start + 10 * SECOND))

    config = config_of(catalog(), *loose(), limit, f"start='{iso(start)}'", end_of(tape()))
    again = run_of(config, operate)
    (restored,) = again.engine.trader.strategies()
    assert restored.machine.snapshot()["day"] == expected
    assert [d for d in again.of(Decision) if d.action == "ENTER"] == []
    again.engine.dispose()


def test_a_silent_feed_does_not_keep_the_end_of_the_session_away(tmp_path):
    # A trade is open when the feed falls silent, a second before the session ends.
    end = OPEN + 300 * SECOND
    moved = [(row[0] + (MINUTE if row[0] >= OPEN else 0), *row[1:]) for row in tape()]
    silence = (end - SECOND, end + 60 * SECOND)
    rows = [row for row in quoted(moved) if not silence[0] < row[1] < silence[1]]
    folder = catalog_of(tmp_path / "catalog", rows)
    start = OPEN + MINUTE + 3 * SECOND
    operators = []

    def operate(engine):
        operators.append(Operator(engine, folder, start + LEAD, start + 10 * SECOND))
        engine.add_actor(operators[0])

    hours = "strategies.0.config.end_time='09:35'"
    config = config_of(folder, *loose(), hours, f"start='{iso(start)}'", end_of(moved))
    run = run_of(config, operate)
    (exit_,) = [d for d in run.of(Decision) if d.why == "SESSION_END"]
    assert (exit_.action, exit_.ts_event + 1) == ("EXIT", end)
    # A market that has stopped fills nothing: the first quote after it does.
    (left,) = [fill for fill in run.fills("EXIT") if fill[1] == "SESSION_END"]
    assert left[3] >= silence[1]
    assert run.engine.kernel.cache.positions_open() == []
    entered = [d.ts_event for d in run.of(Decision) if d.action == "ENTER"]
    assert max(entered) < end
    run.engine.dispose()


def test_what_lies_before_a_gap_is_left_out(tmp_path):
    cached = f"actors.0.config.level_cache={tmp_path}"
    ran(tape()[0][0], LAST, None, cached)[0].engine.dispose()
    start = OPEN + 200 * SECOND
    active_at = start + 60 * SECOND
    # The night has hours without an event: the day is known from the opening on.
    run, operator = ran(start, active_at, catalog(), cached, gap=MINUTE)
    assert "since 2025-01-08 09:29:59 New York, with levels" in operator.said
    (strategy,) = run.engine.trader.strategies()
    assert strategy.warm
    assert strategy.machine.warmup.levels.levels.onh is None
    there, _ = ran(OPEN - SECOND, active_at, None, cached, gap=MINUTE)
    assert after(run, start + LEAD) == after(there, start + LEAD)
    assert run.fills("ENTRY")
    run.engine.dispose()
    there.engine.dispose()


def test_a_session_with_a_gap_gives_no_levels():
    start = OPEN + 100 * SECOND
    run, operator = ran(start, start + 10 * SECOND, catalog(), gap=MINUTE)
    assert "without levels (NO_SESSION)" in operator.said
    assert run.fills("ENTRY") == []
    run.engine.dispose()

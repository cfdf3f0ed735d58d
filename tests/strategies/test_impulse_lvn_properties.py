"""What must hold in any market: no look-ahead, mirrors, restarts, and the order of outcomes."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from msgspec import structs
from nautilus_trader.model.identifiers import InstrumentId

from actors.impulse.cache import LevelCache
from actors.impulse.daily import DailyBook
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from actors.impulse.levels import BreakoutLevels
from actors.impulse.machine import ImpulseMachine
from actors.impulse.params import ImpulseParams
from actors.impulse.session_state import SessionState
from actors.impulse.transition import Event
from actors.impulse.transition import State
from catalog.sessions import RegularSessions
from catalog.sessions import at_minute
from errors import AuctionError
from errors import UsageError
from indicators.core.market_state import MarketState
from strategies.common.daily_limits import DayResult
from strategies.common.daily_limits import DayStop
from strategies.common.trail import Trail
from strategies.common.trail import TrailBasis
from strategies.impulse_lvn.config import ImpulseLvnConfig
from strategies.impulse_lvn.day import day_snapshot
from strategies.impulse_lvn.day import read_day_state
from strategies.impulse_lvn.day import resume_day
from strategies.impulse_lvn.engine import ImpulseEngine
from strategies.impulse_lvn.params import SignalParams
from strategies.impulse_lvn.params import TradeRules
from strategies.impulse_lvn.reasons import LeaveReason
from strategies.impulse_lvn.reporting import step_messages
from strategies.impulse_lvn.step import Phase
from strategies.impulse_lvn.tracking import LevelTracker
from strategies.impulse_lvn.tracking import Visit
from tests.impulse_vectors import named
from tests.impulse_vectors import seconds
from tests.strategies.impulse_lvn_desk import trades_of


SECOND = 1_000_000_000
DAY = date(2025, 1, 8)
OPEN = at_minute(DAY, 9 * 60 + 30)
CENTRE = 4000
SESSIONS = RegularSessions()
LOOSE = (
    ImpulseParams(
        breakout_threshold=4,
        min_impulse_size=16,
        min_impulse_score=2,
        max_impulse_bars=20,
        max_hunting_bars=60,
        lvn_ratio=Fraction(9, 10),
    ),
    SignalParams(
        level_tolerance=4,
        retest_distance=8,
        min_delta=1,
        max_range=6,
        cooldown_bars=3,
        level_cooldown_bars=9,
        max_lvn_ratio=0.9,
    ),
    TradeRules(max_daily_losses=0, daily_loss_limit=Decimal(10_000)),
)
LEVELS = BreakoutLevels(pdh=CENTRE + 20, pdl=CENTRE - 20, vah=CENTRE + 12, val=CENTRE - 12)


def walk_of(seed):
    """No bar is flat and no price lies between two buckets: those are not symmetric by rule."""
    rng = random.Random(seed)
    return [
        (
            2 * rng.choice((-1, 1)) * rng.randint(1, 8),
            2 * rng.choice((-1, 1)) * rng.randint(1, 3),
            rng.randint(1, 60),
            rng.choice((-1, 1)),
        )
        for _ in range(rng.randint(60, 300))
    ]


walks = st.integers(0, 2**32).map(walk_of)


def trades(walk, start=OPEN, sign=1):
    price, found = CENTRE, []
    for i, (step, body, size, side) in enumerate(walk):
        price += step if abs(price + step - CENTRE) < 120 else -step
        for at, tick in ((0, price), (1, price + body)):
            mirrored = CENTRE + sign * (tick - CENTRE)
            found.append((start + i * SECOND + at, mirrored, size, sign * side))
    return found


class Pipeline:
    """Bars through facts into an engine whose trades end three bars after their entry."""

    def __init__(self, rules=LOOSE, book=None):
        self.engine = ImpulseEngine(*rules)
        self.facts = SessionState(book or DailyBook(SESSIONS), MarketState(20))
        self.steps = []
        self._left = None

    def feed(self, bars, levels=None):
        engine = self.engine
        for bar in bars:
            for fact in self.facts.advance(bar.ts):
                if isinstance(fact, DailyLevels) and levels is None:
                    engine.on_levels(fact.day, fact.breakout_levels(), fact.ends_at)
            if levels is not None:
                engine.on_levels(self.facts.book.levels.day, levels)
            self.facts.add(bar)
            engine.on_clock(bar.ts)
            if engine.phase is Phase.PENDING:
                engine.on_entered(bar.ts)
                self._left = 3
            elif engine.phase is Phase.OPEN:
                self._left -= 1
                if self._left == 0:
                    engine.on_closed(bar.ts, Decimal(1))
            self.steps.append(engine.on_bar(bar, imbalanced=self.facts.state.imbalanced))
        return self


def rows(steps, sign=1):
    """Steps as plain values; mirrored for -1."""

    def price(tick):
        return CENTRE + sign * (tick - CENTRE)

    found = []
    for step in steps:
        plan = None
        if step.plan is not None:
            signal = step.plan.signal
            plan = (
                signal.is_long is (sign == 1),
                price(signal.node.price),
                price(step.plan.stop),
                sign * signal.delta,
            )
        found.append(
            (
                [(t.event, price(t.extreme), t.bars, t.marks) for t in step.transitions],
                sorted((price(level.node.price), level.visit) for level in step.moved),
                plan,
            )
        )
    return found


@given(walks)
@settings(max_examples=60, deadline=None)
def test_a_mirrored_market_gives_mirrored_signals(walk):
    straight = Pipeline().feed(seconds(trades(walk)), LEVELS)
    mirrored = Pipeline().feed(seconds(trades(walk, sign=-1)), LEVELS)
    assert rows(straight.steps) == rows(mirrored.steps, -1)


def test_the_walks_of_these_tests_reach_signals():
    # Guards the properties against holding for lack of events.
    steps = [
        step
        for seed in range(12)
        for step in Pipeline().feed(seconds(trades(walk_of(seed))), LEVELS).steps
    ]
    events = {t.event for step in steps for t in step.transitions}
    assert sum(step.plan is not None for step in steps) > 20
    assert {Event.BREAKOUT, Event.COMPLETE, Event.HUNT_TIMEOUT, Event.RESET} <= events


@given(walks, st.integers(1, 59), st.integers(-40, 40).map(lambda n: 2 * n))
@settings(max_examples=60, deadline=None)
def test_later_trades_change_no_earlier_step(walk, cut, shift):
    first = trades(walk)
    other = [
        (ts, tick if ts < OPEN + cut * SECOND else tick + shift, size, side)
        for ts, tick, size, side in first
    ]
    a = Pipeline().feed(seconds(first), LEVELS).steps
    b = Pipeline().feed(seconds(other), LEVELS).steps
    assert rows(a[:cut]) == rows(b[:cut])


def test_a_node_is_used_after_its_impulse_and_a_level_after_its_time():
    looked_at = 0

    @given(walks)
    @settings(max_examples=60, deadline=None)
    def holds(walk):
        nonlocal looked_at
        steps = Pipeline().feed(seconds(trades(walk)), LEVELS).steps
        known = {}
        for step in steps:
            for transition in step.transitions:
                for node in transition.nodes:
                    known[node.impulse_id, node.price] = transition.ts
            for level in step.moved:
                node = level.node
                looked_at += 1
                assert node.end <= known[node.impulse_id, node.price] <= step.ts
            if step.plan is not None:
                node = step.plan.signal.node
                assert known[node.impulse_id, node.price] < step.ts

    holds()
    assert looked_at > 0


def session_days(walk):
    """A session on the day before with known figures, the night, and a walk after the opening."""
    before = date(2025, 1, 7)
    day_before = [
        (at_minute(date(2025, 1, 6), 18 * 60), CENTRE, 1, 1),
        (at_minute(before, 9 * 60 + 30), CENTRE + 20, 5, 1),
        (at_minute(before, 11 * 60), CENTRE - 20, 5, -1),
        (at_minute(before, 12 * 60), CENTRE, 50, -1),
        (at_minute(before, 16 * 60), CENTRE, 1, -1),
    ]
    night = [
        (at_minute(before, 18 * 60), CENTRE, 1, 1),
        (at_minute(DAY, 3 * 60), CENTRE + 4, 1, 1),
        (at_minute(DAY, 4 * 60), CENTRE - 4, 1, 1),
    ]
    return day_before, night + trades(walk)


def state_of(engine):
    visits = {price: level.visit for price, level in engine.tracker.levels.items()}
    machine = engine.machine
    return machine.state, machine.bar_count, engine.tracker.bar_count, engine.phase, visits


@given(walks)
@settings(max_examples=20, deadline=None)
def test_a_restart_from_the_cache_and_the_trades_of_the_day_reaches_the_same_state(
    tmp_path_factory, walk
):
    day_before, today = session_days(walk)
    cache = LevelCache(tmp_path_factory.mktemp("levels"), "NQH5.XCME", Decimal("0.25"))
    through = Pipeline().feed(seconds(day_before))
    cache.save(through.facts.book.prior)
    seen = len(through.steps)
    through.feed(seconds(today))

    book = DailyBook(SESSIONS)
    book.restore(cache.load(SESSIONS.before(DAY)))
    restarted = Pipeline(book=book)
    restarted.feed(seconds(today))

    assert restarted.facts.book.levels == through.facts.book.levels
    assert restarted.facts.book.levels.onh == CENTRE + 4
    assert [step.transitions for step in restarted.steps] == [
        step.transitions for step in through.steps[seen:]
    ]
    assert rows(restarted.steps) == rows(through.steps[seen:])
    assert state_of(restarted.engine) == state_of(through.engine)


def until_signal(name="up_trail", rules=None):
    case = named("e2e")[name]
    day = case["days"][0]
    bars = seconds(trades_of(day))
    engine = ImpulseEngine(ImpulseParams(), SignalParams(), rules or TradeRules())
    levels = BreakoutLevels(pdh=86_000, pdl=85_520, vah=85_998, val=85_522)
    engine.on_levels(date(2025, 1, 8), levels)
    state = MarketState()
    for i, bar in enumerate(bars):
        state.update(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.delta)
        step = engine.on_bar(bar, imbalanced=state.imbalanced)
        if step.plan is not None:
            return engine, step, bars[i + 1 :]
    raise AssertionError("no signal")


def test_a_plan_hangs_its_stop_on_the_node_and_its_target_on_the_entry():
    _, step, _ = until_signal()
    plan = step.plan
    node = plan.signal.node.price
    intent = plan.intent(node + 5)
    assert (intent.stop, intent.tp2, intent.target_distance) == (node - 8, node + 85, 80)
    # The stop trails once a bar, moved by the machine, and not with each print.
    assert intent.trail == Trail(distance=16, activation=16, basis=TrailBasis.BAR) == plan.trail
    assert (intent.is_long, intent.tag) == (True, "retest_long")
    assert plan.intent(node - 7) is not None
    assert plan.intent(node - 8) is None
    assert plan.intent(node - 30) is None


def test_the_end_of_a_trade_drops_its_nodes_and_frees_the_machine_with_its_bar():
    engine, step, bars = until_signal()
    impulse = step.plan.signal.node.impulse_id
    assert engine.tracker.levels
    engine.on_entered(bars[0].ts)
    engine.on_bar(bars[0], imbalanced=True)
    assert engine.on_closed(bars[1].ts, Decimal(5)) == (None, [])
    assert engine.phase is Phase.OPEN
    ended = engine.on_bar(bars[1], imbalanced=True)
    assert engine.phase is Phase.FLAT
    assert {node.impulse_id for node in ended.dropped} == {impulse}
    assert engine.machine.state[0] == "W"
    assert ended.transitions == ()


def test_a_trade_that_ends_with_a_bar_frees_the_machine_for_the_next():
    engine, _, bars = until_signal()
    engine.on_entered(bars[0].ts)
    engine.on_bar(bars[0], imbalanced=True)
    _, dropped = engine.on_closed(bars[0].end - 1, Decimal(5))
    assert dropped
    assert engine.phase is Phase.FLAT


def test_outcomes_out_of_turn_are_refused():
    engine, _, bars = until_signal()
    with pytest.raises(ValueError, match="no trade is open"):
        engine.on_closed(bars[0].ts, Decimal(1))
    engine.on_skipped(bars[0].ts)
    with pytest.raises(ValueError, match="no signal waits"):
        engine.on_skipped(bars[0].ts)
    engine.on_bar(bars[0], imbalanced=True)
    with pytest.raises(ValueError, match="no signal waits"):
        engine.on_entered(bars[0].end)


def test_a_trade_is_left_after_its_bars_and_at_the_end_of_the_session():
    engine, _, bars = until_signal(rules=TradeRules(max_hold_bars=2))
    engine.on_entered(bars[0].ts)
    leaves = [engine.on_bar(bar, imbalanced=True).leave for bar in bars[:4]]
    assert leaves == [None, None, LeaveReason.TIME, LeaveReason.TIME]
    assert engine.on_clock(at_minute(DAY, 16 * 60) - 1) is None
    assert engine.on_clock(at_minute(DAY, 16 * 60)) is LeaveReason.SESSION_END
    assert engine.on_clock(at_minute(DAY, 16 * 60) + SECOND) is LeaveReason.SESSION_END


@pytest.mark.parametrize(
    ("entered", "leave_at"),
    [
        # By the clock, with the last nanosecond of a second whose bar has been taken.
        (lambda bars: bars[0].ts - 1, 1),
        (lambda bars: bars[0].ts, 2),
        (lambda bars: bars[0].end - 1, 2),
        # Before a bar that closes late, as a live one does.
        (lambda bars: bars[1].ts, 3),
    ],
)
def test_the_second_of_the_entry_is_not_held_whenever_it_closes(entered, leave_at):
    engine, _, bars = until_signal(rules=TradeRules(max_hold_bars=2))
    engine.on_entered(entered(bars))
    leaves = [engine.on_bar(bar, imbalanced=True).leave for bar in bars[:4]]
    assert leaves == [None] * leave_at + [LeaveReason.TIME] * (4 - leave_at)


def test_a_quiet_second_of_the_entry_takes_no_bar_from_the_trade():
    engine, _, bars = until_signal(rules=TradeRules(max_hold_bars=2))
    engine.on_entered(bars[0].ts)
    leaves = [engine.on_bar(bar, imbalanced=True).leave for bar in bars[1:4]]
    assert leaves == [None, LeaveReason.TIME, LeaveReason.TIME]


def test_a_restart_within_the_second_of_the_entry_does_not_count_it():
    engine, step, bars = until_signal(rules=TradeRules(max_hold_bars=2))
    engine.on_entered(bars[0].ts)
    held = engine.held(step.plan, None)
    later, _, _ = until_signal(rules=TradeRules(max_hold_bars=2))
    later.resume(held, bars[0].ts)
    leaves = [later.on_bar(bar, imbalanced=True).leave for bar in bars[:4]]
    assert leaves == [None, None, LeaveReason.TIME, LeaveReason.TIME]


def test_the_end_of_a_shortened_day_comes_before_that_of_the_window():
    engine, _, bars = until_signal()
    early = at_minute(DAY, 13 * 60)
    engine.on_levels(DAY, LEVELS, early)
    engine.on_entered(bars[0].ts)
    assert engine.on_clock(early - 1) is None
    assert engine.on_clock(early) is LeaveReason.SESSION_END


def test_levels_serve_on_their_day_alone():
    engine = ImpulseEngine(*LOOSE)
    engine.on_levels(DAY, LEVELS)
    (bar,) = seconds([(OPEN + 24 * 3600 * SECOND, CENTRE + 100, 1, 1)])
    assert engine.on_bar(bar, imbalanced=True).transitions == ()
    engine.on_levels(date(2025, 1, 9), LEVELS)
    (bar,) = seconds([(OPEN + 24 * 3600 * SECOND + SECOND, CENTRE + 100, 1, 1)])
    assert engine.on_bar(bar, imbalanced=True).transitions != ()


def test_levels_of_the_next_day_leave_those_of_today_in_force():
    engine = ImpulseEngine(*LOOSE)
    engine.on_levels(DAY, LEVELS)
    (bar,) = seconds([(OPEN, CENTRE, 1, 1)])
    engine.on_bar(bar, imbalanced=True)
    engine.on_levels(date(2025, 1, 9), None)
    (bar,) = seconds([(OPEN + SECOND, CENTRE + 100, 1, 1)])
    assert engine.on_bar(bar, imbalanced=True).transitions != ()


def test_losses_and_points_end_the_day_and_survive_a_restart():
    rules = TradeRules(max_daily_losses=2, daily_loss_limit=Decimal(10))
    ledger = DayResult(rules.daily_limits)
    ledger.start(DAY)
    assert ledger.book_trade(Decimal("-0.5")) is None
    assert ledger.losses == 0
    assert ledger.book_trade(Decimal("-0.75")) is None
    again = DayResult(rules.daily_limits)
    resume_day(again, read_day_state(day_snapshot(ledger)))
    assert again.book_trade(Decimal(-1)) is DayStop.MAX_LOSSES
    assert ledger.book_trade(Decimal("-8.75")) is DayStop.MAX_LOSSES
    limit = DayResult(TradeRules(max_daily_losses=0, daily_loss_limit=Decimal(10)).daily_limits)
    limit.start(DAY)
    assert limit.book_trade(Decimal("-9.75")) is None
    assert limit.book_trade(Decimal("-0.25")) is DayStop.DAILY_LIMIT
    limit.start(date(2025, 1, 9))
    assert (limit.stop, limit.points, limit.losses) == (None, Decimal(0), 0)
    with pytest.raises(AuctionError, match="another version"):
        read_day_state({"day": None})


def test_the_configuration_turns_points_into_ticks():
    config = ImpulseLvnConfig(instrument_id="NQZ5.XCME")
    quarter = Decimal("0.25")
    assert config.impulse_params(quarter) == ImpulseParams()
    assert config.signal_params(quarter) == SignalParams()
    assert config.trade_rules(quarter) == TradeRules()
    assert (
        ImpulseLvnConfig(instrument_id="NQZ5.XCME", take_profit=Decimal(0))
        .trade_rules(quarter)
        .take_profit
        is None
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"min_impulse_score": 6}, "min_impulse_score: 6"),
        ({"max_retrace_ratio": Decimal("1.5")}, "max_retrace_ratio:"),
        ({"lvn_ratio": Decimal(0)}, "lvn_ratio:"),
        ({"trailing_stop": Decimal(0)}, "trailing_stop: 0"),
        ({"take_profit": Decimal(-1)}, "take_profit:"),
        ({"daily_loss_limit": Decimal(0)}, "daily_loss_limit: 0"),
        ({"start_time": "9h"}, "start_time: '9h' is no time"),
        ({"end_time": "09:00"}, "start, end: minutes 570 to 540"),
        ({"max_lvn_ratio": Decimal(2)}, "max_lvn_ratio: 2"),
        ({"level_tolerance": Decimal("NaN")}, "level_tolerance: NaN"),
    ],
)
def test_values_out_of_range_are_refused_by_name(changes, error):
    with pytest.raises(UsageError, match=error):
        ImpulseLvnConfig(instrument_id="NQZ5.XCME", **changes)


def test_a_distance_between_two_ticks_is_refused_by_name():
    config = ImpulseLvnConfig(instrument_id="NQZ5.XCME", max_range=Decimal("1.6"))
    with pytest.raises(UsageError, match=r"max_range: 1.6 is not a multiple of the tick 0.25"):
        config.signal_params(Decimal("0.25"))


def test_a_session_is_published_once():
    day_before, today = session_days([(2, 2, 1, 1)] * 60)
    facts = SessionState(DailyBook(SESSIONS), MarketState())
    found = []
    for bar in seconds(day_before + today):
        found += facts.advance(bar.ts)
        facts.add(bar)
    sessions = [fact for fact in found if isinstance(fact, RegularSession)]
    assert [session.day for session in sessions] == [date(2025, 1, 7)]
    nights = [fact.onh for fact in found if isinstance(fact, DailyLevels)]
    assert nights[-1] == CENTRE + 4


def test_outcomes_in_any_order_keep_one_trade_and_its_nodes():
    looked_at = 0

    @given(walks, st.lists(st.integers(0, 5), min_size=300, max_size=300), st.booleans())
    @settings(max_examples=40, deadline=None)
    def holds(walk, choices, switching):
        nonlocal looked_at
        impulse, signals, rules = LOOSE
        impulse = replace(impulse, switching=switching, min_bars_before_switch=5)
        engine = ImpulseEngine(impulse, signals, rules)
        engine.on_levels(DAY, LEVELS)
        ended = set()
        for bar, choice in zip(seconds(trades(walk)), choices, strict=False):
            engine.on_clock(bar.ts)
            impulse_id = None
            if engine.phase is Phase.PENDING:
                plan_id = engine.trade.plan.signal.node.impulse_id
                if choice < 2:
                    engine.on_skipped(bar.ts)
                    impulse_id = plan_id
                elif choice < 5:
                    engine.on_entered(bar.ts)
                    if choice == 4:
                        engine.on_closed(bar.ts, Decimal(-1))
                        impulse_id = plan_id
            elif engine.phase is Phase.OPEN and choice < 2:
                impulse_id = engine.trade.plan.signal.node.impulse_id
                engine.on_closed(bar.ts, Decimal(1))
            was_busy = engine.phase is not Phase.FLAT
            step = engine.on_bar(bar, imbalanced=True)
            if was_busy:
                assert step.transitions == ()
            if impulse_id is not None:
                ended.add(impulse_id)
                assert engine.machine.state is State.WAITING
            if step.plan is not None:
                looked_at += 1
                assert not was_busy or impulse_id is not None
                assert engine.phase is Phase.PENDING
                assert step.plan.signal.node.impulse_id not in ended
            owners = {level.node.impulse_id for level in engine.tracker.levels.values()}
            assert not owners & ended
            # At most the nodes of one impulse are tracked: that of the machine.
            if engine.machine.state in {State.PROFILING, State.WAITING}:
                assert owners == set()
            elif engine.machine.state is State.HUNTING:
                assert owners <= {engine.machine.leg.impulse_id}

    holds()
    assert looked_at > 0


def test_a_step_is_told_in_messages():
    engine, step, bars = until_signal()
    instrument_id = InstrumentId.from_str("NQH5.XCME")
    found = list(step_messages(instrument_id, "S-001", step, 0.25, step.ts + SECOND))
    assert [m.event for m in found][-1] == "SIGNAL"
    assert (found[-1].price, found[-1].source) == (step.plan.signal.node.price, "S-001")
    assert all(m.ts_event == step.ts + SECOND - 1 for m in found)
    engine.on_skipped(bars[0].ts)
    dropped = list(
        step_messages(
            instrument_id, "S-001", engine.on_bar(bars[0], imbalanced=True), 0.25, bars[0].end
        )
    )
    nodes = [m.price for m in dropped if m.event == "DROPPED"]
    assert len(nodes) == 4
    assert nodes == sorted(nodes)


def test_nothing_is_signalled_after_the_day_was_stopped():
    engine, step, bars = until_signal()
    again = next(bar for bar in bars if abs(bar.close - step.plan.signal.close) < 40)
    price = step.plan.signal.node.price
    for stop in (DayStop.DAILY_LIMIT, None):
        engine.trade.phase = Phase.FLAT
        engine.day.stop = stop
        engine.tracker = LevelTracker(replace(engine.tracker.params, cooldown_bars=0))
        engine.tracker.add([step.plan.signal.node])
        engine.tracker.bar_count = 5
        engine.tracker.levels[price].visit = Visit.RETESTING
        bar = structs.replace(again, open=price, high=price, low=price, close=price, buy=900)
        assert (engine.on_bar(bar, imbalanced=True).plan is None) is (stop is not None)


def test_a_late_bar_of_the_day_before_starts_no_day():
    engine = ImpulseEngine(*LOOSE)
    roll = at_minute(DAY, 18 * 60)
    first, late = seconds([(roll - 2 * SECOND, CENTRE, 1, 1), (roll - SECOND, CENTRE, 1, 1)])
    engine.on_bar(first, imbalanced=True)
    engine.on_clock(roll)
    engine.day.book_trade(Decimal(-7))
    engine.on_bar(late, imbalanced=True)
    assert (engine.day.day, engine.day.points) == (date(2025, 1, 9), Decimal(-7))


def test_the_base_of_the_volume_holds_the_bars_of_a_trade():
    machine = ImpulseMachine(ImpulseParams())
    machine.levels = LEVELS
    sizes = (10, 30, 50)
    for i, size in enumerate(sizes):
        (bar,) = seconds([(OPEN + i * SECOND, CENTRE, size, 1)])
        machine.on_bar(bar, stands_still=True)
    (bar,) = seconds([(OPEN + 3 * SECOND, CENTRE + 100, 70, 1)])
    machine.on_bar(bar)
    assert machine.leg.base == 30


def until_complete(**changes):
    """Return a machine that has begun to hunt, and a bar beyond a level of its impulse."""
    machine = ImpulseMachine(replace(LOOSE[0], **changes))
    machine.levels = LEVELS
    closes = [CENTRE, *range(CENTRE + 18, CENTRE + 120, 6)]
    for i, close in enumerate(closes):
        first, last = (OPEN + i * SECOND, close - 3, 1, 1), (OPEN + i * SECOND + 1, close, 9 + i, 1)
        (bar,) = seconds([first, last])
        if any(step.event is Event.COMPLETE for step in machine.on_bar(bar)):
            return machine, bar
    raise AssertionError("no impulse")


@pytest.mark.parametrize("wait", [1, 5])
def test_a_hunt_is_replaced_from_the_bar_on_from_which_switching_is_allowed(wait):
    machine, bar = until_complete(switching=True, min_bars_before_switch=wait)
    found = [[step.event for step in machine.on_bar(bar)] for _ in range(wait)]
    assert found == [*[[]] * (wait - 1), [Event.SWITCHED, Event.BREAKOUT]]


def test_a_hunt_without_switching_ends_after_its_bars():
    machine, bar = until_complete(switching=False, min_bars_before_switch=1, max_hunting_bars=3)
    found = [[step.event for step in machine.on_bar(bar)] for _ in range(4)]
    assert found == [[], [], [], [Event.HUNT_TIMEOUT]]


def test_an_entry_that_waits_over_a_restart_still_waits_and_keeps_its_plan():
    engine, step, bars = until_signal()
    later, _, _ = until_signal()
    later.on_skipped(bars[0].ts - 1)
    later.resume(engine.held(step.plan, None), None)
    assert later.phase is Phase.PENDING
    assert later.on_bar(bars[0], imbalanced=True).leave is None
    later.on_entered(bars[1].ts)
    assert later.held(step.plan, None).plan == step.plan
    assert later.phase is Phase.OPEN

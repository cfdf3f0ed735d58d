"""The impulse machine between plan and flat: hours, trail, days and trades that are gone."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from actors.impulse.bars import Second
from actors.impulse.leg import LowVolumeNode
from actors.impulse.levels import Direction
from catalog.sessions import at_minute
from strategies.common.daily_limits import DayResult
from strategies.common.position import FLAT
from strategies.common.position import Position
from strategies.common.position import TradeView
from strategies.common.reasons import ExitReason
from strategies.common.trading_hours import TradingHours
from strategies.impulse_lvn.day import day_snapshot
from strategies.impulse_lvn.engine import ImpulseEngine
from strategies.impulse_lvn.held import HeldTrade
from strategies.impulse_lvn.machine import ImpulseLvnMachine
from strategies.impulse_lvn.params import TradeRules
from strategies.impulse_lvn.plan import plan_of
from strategies.impulse_lvn.rows import LevelsRow
from strategies.impulse_lvn.rows import SecondRow
from strategies.impulse_lvn.step import Phase
from strategies.impulse_lvn.tracking import RetestSignal
from strategies.impulse_lvn.warmup import Warmup
from tests.strategies.test_impulse_lvn_properties import LOOSE


SECOND = 1_000_000_000
DAY = date(2025, 1, 8)
NOON, CLOSE = at_minute(DAY, 12 * 60), at_minute(DAY, 16 * 60)
NODE = LowVolumeNode(
    impulse_id=1,
    direction=Direction.UP,
    price=1000,
    volume=1,
    average=10.0,
    ratio=0.1,
    start=NOON,
    end=NOON,
)
RULES = TradeRules(max_hold_bars=3)
PLAN = plan_of(RetestSignal(ts=NOON, node=NODE, close=1000, delta=100), RULES)


def machine(starts_cold: bool = False) -> ImpulseLvnMachine:
    engine = ImpulseEngine(LOOSE[0], LOOSE[1], RULES)
    return ImpulseLvnMachine(engine, Warmup(2, starts_cold=starts_cold), Decimal(1), Decimal(1))


def held(since: int | None = NOON, *, is_leaving: bool = False) -> Position:
    trade = TradeView(
        trade_id=1,
        tag=PLAN.tag,
        side=1,
        stop=PLAN.stop,
        first_stop=PLAN.stop,
        lots=0 if since is None else 1,
        average=None if since is None else Fraction(1000),
        since=since,
        is_leaving=is_leaving,
    )
    return Position(trades=(trade,))


def resumed(position: Position, state: HeldTrade | None) -> ImpulseLvnMachine:
    found = machine()
    trade = None if state is None else state.snapshot()
    state_of = {"day": day_snapshot(DayResult(RULES.daily_limits)), "trade": trade}
    found.restore(state_of, position, NOON)
    return found


def in_trade() -> ImpulseLvnMachine:
    return resumed(held(), HeldTrade(plan=PLAN, best=None, bars=0, counted_until=NOON))


def row(ts: int, price: int = 1000) -> SecondRow:
    bar = Second(ts=ts, open=price, high=price, low=price, close=price, buy=1, sell=0, unsigned=0)
    return SecondRow(bar=bar, imbalanced=False)


def levels(reason: str | None = None, ends_at: int | None = None) -> LevelsRow:
    return LevelsRow(
        end=NOON,
        now=NOON,
        day=DAY,
        levels=None,
        reason=reason,
        opens_at=at_minute(DAY, 9 * 60 + 30),
        ends_at=ends_at,
    )


def test_a_trade_that_is_gone_from_the_venue_lets_the_machine_go_on() -> None:
    found = in_trade()
    assert found.engine.phase is Phase.OPEN
    found.on_dropped(NOON + SECOND, 1)
    assert (found.plan, found.wake_at) == (None, None)
    found.step(row(NOON + SECOND), FLAT)
    assert found.engine.phase is Phase.FLAT
    assert (found.engine.day.points, found.engine.day.losses) == (0, 0)


def test_an_entry_that_a_restart_gives_up_is_skipped() -> None:
    position = held(None)
    found = resumed(position, HeldTrade(plan=PLAN, best=None, bars=None, counted_until=NOON))
    assert found.engine.phase is Phase.PENDING
    found.on_dropped(NOON + SECOND, 1)
    found.step(row(NOON + SECOND), FLAT)
    assert found.engine.phase is Phase.FLAT


def test_a_trade_wakes_the_machine_at_the_end_of_its_hours() -> None:
    found = in_trade()
    assert found.wake_at == CLOSE
    assert found.exits_at(CLOSE - 1, held()) == ()
    (leave,) = found.exits_at(CLOSE, held())
    assert (leave.reason, leave.of.tag) == (ExitReason.SESSION_END, "retest_long")
    assert found.exits_at(CLOSE, FLAT) == ()


def test_levels_of_a_shortened_day_bring_the_end_forward() -> None:
    found = in_trade()
    found.step(levels(ends_at=NOON + 60 * SECOND), held())
    assert found.wake_at == NOON + 60 * SECOND
    assert found.exits_before(row(NOON + 60 * SECOND), held()) != ()


def test_a_trade_without_a_plan_ends_with_the_hours_all_the_same() -> None:
    found = resumed(held(), None)
    assert (found.plan, found.wake_at) == (None, CLOSE)
    (leave,) = found.exits_at(CLOSE, held())
    assert leave.of is None


def test_a_trade_is_left_after_its_bars_and_trailed_before() -> None:
    found = in_trade()
    steps = [found.step(row(NOON + i * SECOND, 1000 + 20 * i), held()) for i in range(1, 4)]
    assert [[move.stop for move in step.stops] for step in steps] == [[1004], [1024], []]
    assert [[leave.reason for leave in step.exits] for step in steps] == [[], [], ["TIME"]]
    assert found.step(row(NOON + 4 * SECOND, 2000), held(is_leaving=True)).stops == ()


def test_a_day_without_levels_is_said_once() -> None:
    found = machine()
    first, second = (found.step(levels("NO_SESSION"), FLAT) for _ in range(2))
    assert (first.reason, first.why, first.is_bar) == ("NO_SESSION", "WARMUP", False)
    assert second.reason is None
    assert "NO_SESSION" in found.not_warm_reason


@pytest.mark.parametrize("starts_cold", [False, True])
def test_a_gap_makes_it_cold_until_enough_seconds_are_known(starts_cold: bool) -> None:
    found = machine(starts_cold)
    found.step(levels(), FLAT)
    warm = [found.step(row(NOON + i * SECOND), FLAT).warm for i in range(3)]
    assert warm == ([False, True, True] if starts_cold else [True] * 3)
    found.on_silence()
    assert not found.warm
    assert "silent" in found.not_warm_reason
    found.on_gap(NOON + 10 * SECOND)
    warm = [found.step(row(NOON + i * SECOND), FLAT).warm for i in (10, 11, 12)]
    assert warm == [False, True, True]


MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


def at(day: date, minute: int, ns: int = 0) -> int:
    return at_minute(day, minute) + ns


def test_trading_goes_from_its_first_minute_to_before_its_last() -> None:
    hours = TradingHours(570, 960)
    assert not hours.is_open(at(MONDAY, 570, -1))
    assert hours.is_open(at(MONDAY, 570))
    assert hours.is_open(at(MONDAY, 960, -1))
    assert not hours.is_open(at(MONDAY, 960))
    for time in (at(MONDAY, 570), at(MONDAY, 570, 1), at(MONDAY, 700, 59 * SECOND)):
        assert hours.closes_at(time) == at(MONDAY, 960)
    # Where there is no trading it is over at once.
    for time in (at(MONDAY, 569), at(MONDAY, 960), at(MONDAY, 1000)):
        assert hours.closes_at(time) == time


def test_a_shortened_day_ends_early_until_it_is_said_to_be_whole_or_is_forgotten() -> None:
    hours = TradingHours(570, 960)
    early = at(MONDAY, 780)
    hours.end_early(MONDAY, early)
    assert hours.is_open(early - 1)
    assert not hours.is_open(early)
    assert hours.closes_at(early - 1) == early
    assert hours.closes_at(early) == early
    # Other days are whole.
    assert hours.closes_at(at(TUESDAY, 780)) == at(TUESDAY, 960)
    # Levels that come again may take it back.
    hours.end_early(MONDAY, None)
    assert hours.is_open(early)
    assert hours.closes_at(early) == at(MONDAY, 960)
    hours.end_early(MONDAY, None)

    hours.end_early(MONDAY, early)
    hours.forget_before(MONDAY)
    assert not hours.is_open(early)
    hours.forget_before(TUESDAY)
    assert hours.is_open(early)


def test_an_early_end_after_the_hours_changes_nothing() -> None:
    hours = TradingHours(570, 960)
    hours.end_early(MONDAY, at(MONDAY, 1020))
    assert hours.closes_at(at(MONDAY, 600)) == at(MONDAY, 960)
    assert not hours.is_open(at(MONDAY, 960))

"""The impulse strategy in the engine: protection, no look-ahead, mirrors, chunks, restarts."""

from decimal import Decimal

import pytest
from nautilus_trader.model.enums import PositionSide
from nautilus_trader.model.identifiers import InstrumentId

from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.messages import Decision
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from backtests.results.tags import role_of
from tests.backtests.impulse_runs import NQ
from tests.backtests.impulse_runs import SECOND
from tests.backtests.impulse_runs import catalog_of
from tests.backtests.impulse_runs import config_of
from tests.backtests.impulse_runs import prints
from tests.backtests.impulse_runs import run_of
from tests.checks import some
from tests.markets import iso
from tests.strategies.test_impulse_lvn_properties import CENTRE
from tests.strategies.test_impulse_lvn_properties import OPEN
from tests.strategies.test_impulse_lvn_properties import session_days
from tests.strategies.test_impulse_lvn_properties import trades
from tests.strategies.test_impulse_lvn_properties import walk_of


IID = InstrumentId.from_str(NQ)
LATENCY = 20_000_000
SEEDS = (3, 5, 8, 9)
LOOSE = {
    "breakout_threshold": 1,
    "min_impulse_size": 4,
    "min_impulse_score": 2,
    "max_impulse_bars": 20,
    "max_hunting_bars": 60,
    "lvn_ratio": 0.9,
    "level_tolerance": 1,
    "retest_distance": 2,
    "min_delta": 1,
    "max_range": 1.5,
    "cooldown_bars": 3,
    "level_cooldown_bars": 9,
    "max_lvn_ratio": 0.9,
    "take_profit": 6,
    "max_hold_bars": 20,
    "max_daily_losses": 0,
    "daily_loss_limit": 10_000,
}
PRINTS = ("data=[TradeTick]",)
EXACT = (
    *PRINTS,
    "venues.XCME.latency_model=null",
    "venues.XCME.modules.0.config.slippage_ticks_entry=0",
    "venues.XCME.modules.0.config.slippage_ticks_exit=0",
)
HELD = (ImpulseTransition, LvnVisit, Decision, TradeEvent)


def loose(**changes):
    return [f"strategies.0.config.{key}={value}" for key, value in {**LOOSE, **changes}.items()]


def walk():
    """Some minutes of a market that gives signals; each part starts where the last one ended."""
    return [step for seed in SEEDS for step in walk_of(seed)]


def tape(sign=1):
    """The day before, the night, and the walk, reflected for -1."""
    (first, *day_before), today = session_days(walk())
    # Every second of a run costs: the evening before is left out.
    rows = [(day_before[0][0] - 60 * SECOND, *first[1:]), *day_before, *today]
    return [
        (ts, CENTRE + sign * (tick - CENTRE), size, sign * side) for ts, tick, size, side in rows
    ]


def quoted(rows, size=20):
    """Return prints with the quote that each of them meets, a millisecond before."""
    result = []
    for ts, tick, lots, side in rows:
        bid = tick - 1 if side > 0 else tick
        result.append((0, ts - 1_000_000, bid, size, bid + 1, size))
        result += prints([(ts, tick, lots, side)])
    return sorted(result, key=lambda row: row[1])


def end_of(rows):
    return f"end='{iso((rows[-1][0] // SECOND + 2) * SECOND)}'"


class Watch:
    """
    Looks at every event whether the open position has its stop.

    From the third event after two round trips on, a position without a stop, or an exit under way,
    for its whole size is naked.
    """

    def __init__(self, engine):
        self.cache = engine.kernel.cache
        self.in_position = 0
        self.naked = []
        self.late = 0
        for kind in ("quotes", "trades"):
            engine.kernel.msgbus.subscribe(
                topic=f"data.{kind}.XCME.{IID.symbol}", handler=self.look
            )

    def look(self, tick):
        for position in self.cache.positions_open(instrument_id=IID):
            self.in_position += 1
            side = "SELL" if position.side == PositionSide.LONG else "BUY"
            working = [*self.cache.orders_open(), *self.cache.orders_inflight()]
            stops = [o for o in working if role_of(o) == "STOP" and o.is_open]
            exits = [o for o in working if role_of(o) == "EXIT"]
            assert all(o.is_reduce_only and o.side_string() == side for o in (*stops, *exits))
            size = position.quantity.as_decimal()
            covered = max((o.leaves_qty.as_decimal() for o in stops), default=Decimal(0))
            leaving = sum(o.leaves_qty.as_decimal() for o in exits)
            assert leaving <= size
            if max(covered, leaving) >= size:
                self.late = 0
            elif tick.ts_init > position.ts_last + 4 * LATENCY:
                self.late += 1
                if self.late > 2:
                    self.naked.append((tick.ts_event, size, covered))


@pytest.fixture(scope="module")
def quotes(tmp_path_factory):
    return catalog_of(tmp_path_factory.mktemp("quotes"), quoted(tape()))


@pytest.fixture(scope="module")
def plain(quotes):
    """Return a run with the loose rules, which tests only read, and the states it has told."""
    states = []
    run = run_of(
        config_of(quotes, *loose(), end_of(tape())),
        lambda engine: engine.kernel.msgbus.subscribe(
            topic=TradingStatus.topic(), handler=states.append
        ),
    )
    yield run, states
    run.engine.dispose()


@pytest.fixture(scope="module")
def ticks(tmp_path_factory):
    return catalog_of(tmp_path_factory.mktemp("ticks"), prints(tape()))


def outcome(run):
    """Return all that a run has decided and done, as plain values."""
    messages = [
        {key: value for key, value in message.to_dict().items() if key != "ts_init"}
        for cls in HELD
        for message in run.of(cls)
    ]
    return messages, run.fills("ENTRY", "STOP", "EXIT")


@pytest.mark.parametrize("contracts", [1, 3, 50])
def test_an_open_position_always_has_its_stop_for_the_whole_size(quotes, contracts):
    watches = []
    run = run_of(
        config_of(
            quotes,
            *loose(contracts=contracts, max_leverage=1000),
            "venues.XCME.starting_balances=[10000000 USD]",
            end_of(tape()),
        ),
        lambda engine: watches.append(Watch(engine)),
    )
    (watch,) = watches
    assert watch.in_position > 90
    assert watch.naked == []
    closed = [e for e in run.of(TradeEvent) if e.kind == "TRADE_CLOSED"]
    assert len(closed) > 5
    # What exceeds the size shown pays a tick more, and the stop is reached before the target.
    assert {e.reason for e in closed} >= {"STOP", *(["TARGET"] if contracts < 50 else [])}
    assert sum(abs(p.signed_qty) for p in run.engine.kernel.cache.positions_open()) in (
        0,
        contracts,
    )
    for order in run.orders("ENTRY"):
        assert order.quantity == contracts
    run.engine.dispose()


def test_every_plan_ends_once_and_is_told_once(plain):
    run, _ = plain
    plans = [d for d in run.of(Decision) if d.reason == "RETEST"]
    signals = [v for v in run.of(LvnVisit) if v.event == "SIGNAL"]
    assert [p.ts_min for p in plans] == [v.ts_second for v in signals]
    entered = [p for p in plans if p.action == "ENTER"]
    kinds = [e.kind for e in run.of(TradeEvent)]
    (strategy,) = run.engine.trader.strategies()
    running = int(strategy.manager.trade is not None)
    ended = kinds.count("TRADE_CLOSED") + kinds.count("ENTRY_CANCELED")
    assert len(entered) == kinds.count("ENTRY_SUBMITTED") == ended + running
    assert len(entered) > 5
    # One plan at a time: the next signal comes after the trade before it has ended.
    ends = [e.ts_event for e in run.of(TradeEvent) if e.kind in ("TRADE_CLOSED", "ENTRY_CANCELED")]
    for plan, end in zip(entered[1:], ends, strict=False):
        assert end < plan.ts_event


def test_the_points_of_the_day_are_those_of_the_fills(quotes):
    run = run_of(config_of(quotes, *loose(contracts=2), end_of(tape())))
    (strategy,) = run.engine.trader.strategies()
    gross = sum(e.gross for e in run.of(TradeEvent) if e.kind == "TRADE_CLOSED")
    assert float(strategy.machine.engine.day.points) == pytest.approx(gross / (20 * 2))
    assert gross != 0
    run.engine.dispose()


def test_an_entry_waits_for_the_first_event_after_its_second(plain):
    run, _ = plain
    fills = run.fills("ENTRY")
    entered = [d for d in run.of(Decision) if d.action == "ENTER"]
    times = sorted(ts - 1_000_000 for ts, *_ in tape())
    for order in some(run.orders("ENTRY")):
        assert any(abs(order.ts_init - ts) < 1_000 for ts in times)
    for decision, (_, _, _, ts) in some(zip(entered, fills, strict=False)):
        assert ts >= decision.ts_event + 1 + LATENCY


def test_a_level_is_published_before_it_breaks(ticks):
    heard = []
    run = run_of(
        config_of(ticks, *PRINTS, *loose(), end_of(tape())),
        lambda engine: [
            engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=heard.append)
            for cls in (DailyLevelsUpdate, ImpulseTransition)
        ],
    )
    levels, broken = None, 0
    for message in heard:
        if isinstance(message, DailyLevelsUpdate):
            levels = message
        elif message.event == "BREAKOUT":
            broken += 1
            price = getattr(levels, message.level.lower())
            assert levels.ts_event <= message.ts_second
            sign = 1 if message.direction == "Up" else -1
            assert sign * (message.price - price) > 4
    assert broken > 10
    run.engine.dispose()


def test_a_mirrored_market_gives_mirrored_trades(ticks, tmp_path):
    straight = run_of(config_of(ticks, *EXACT, *loose(), end_of(tape())))
    mirrored = run_of(
        config_of(catalog_of(tmp_path, prints(tape(-1))), *EXACT, *loose(), end_of(tape()))
    )

    def reflected(price):
        return CENTRE / 2 - price

    fills = straight.fills("ENTRY", "STOP", "EXIT")
    assert len(fills) > 10
    assert [(role, why, reflected(price), ts) for role, why, price, ts in fills] == mirrored.fills(
        "ENTRY", "STOP", "EXIT"
    )
    sides = [d.side for d in straight.of(Decision) if d.action == "ENTER"]
    assert [{"BUY": "SELL", "SELL": "BUY"}[side] for side in sides] == [
        d.side for d in mirrored.of(Decision) if d.action == "ENTER"
    ]
    for run in (straight, mirrored):
        run.engine.dispose()


def test_a_restart_within_the_session_goes_on_as_if_there_had_been_none(tmp_path):
    _, today = session_days(walk())
    cache = f"actors.0.config.level_cache={tmp_path / 'levels'}"
    whole = run_of(
        config_of(
            catalog_of(tmp_path / "whole", prints(tape())), *PRINTS, *loose(), cache, end_of(tape())
        )
    )
    first = next(d for d in whole.of(Decision) if d.action == "ENTER")

    def observe(engine):
        (strategy,) = engine.trader.strategies()
        strategy.observe_until = first.ts_event + 1 - SECOND

    again = run_of(
        config_of(
            catalog_of(tmp_path / "again", prints(today)), *PRINTS, *loose(), cache, end_of(tape())
        ),
        observe,
    )
    start = today[0][0]
    messages, fills = outcome(whole)
    assert outcome(again) == ([m for m in messages if m["ts_event"] >= start], fills)
    assert fills
    for run in (whole, again):
        run.engine.dispose()


def test_seconds_that_are_observed_are_not_traded(ticks):
    def observe(engine):
        (strategy,) = engine.trader.strategies()
        strategy.observe_until = tape()[-1][0] + SECOND

    run = run_of(config_of(ticks, *PRINTS, *loose(), end_of(tape())), observe)
    refused = [d for d in run.of(Decision) if d.reason == "RETEST"]
    assert {(d.action, d.why) for d in refused} == {("REFUSE", "OBSERVATION")}
    assert run.fills("ENTRY") == []
    assert {t.event for t in run.of(ImpulseTransition)} >= {"BREAKOUT", "COMPLETE"}
    run.engine.dispose()


def test_the_day_and_the_account_outlive_the_process(plain, quotes):
    (strategy,) = plain[0].engine.trader.strategies()
    state = strategy.save()
    assert set(state) == {"trading", "day"}
    expected = strategy.machine.snapshot()["day"]
    assert expected["losses"] > 0

    def load(engine):
        engine.trader.strategies()[0].load(state)

    empty = config_of(quotes, *loose(), f"start='{iso(tape()[-1][0])}'", end_of(tape()))
    again = run_of(empty, load)
    (restored,) = again.engine.trader.strategies()
    assert restored.machine.snapshot()["day"] == expected
    again.engine.dispose()


def gated(run):
    """Return what the gate made of the plans that reached it."""
    plans = [d for d in run.of(Decision) if d.reason == "RETEST" and d.why != "BEYOND_STOP"]
    return {(d.action, d.why) for d in plans}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (["strategies.0.config.max_notional=1000"], "NOTIONAL"),
        (["strategies.0.config.max_leverage=0.001"], "LEVERAGE"),
        (
            [
                "strategies.0.config.min_reward_fee_ratio=1000",
                "strategies.0.config.taker_fee_bps=5",
            ],
            "LOW_REWARD",
        ),
        (
            [
                "strategies.0.config.min_stop_fee_ratio=1000",
                "strategies.0.config.fee_per_contract=2.25",
            ],
            "STOP_IN_FEES",
        ),
        (["strategies.0.config.min_stop_spreads=1000"], "STOP_IN_SPREAD"),
        (
            [
                "strategies.0.config.max_leverage=100000",
                "venues.XCME.starting_balances=[100 USD]",
            ],
            "MARGIN",
        ),
    ],
)
def test_a_limit_of_the_account_refuses_with_its_code(quotes, settings, code):
    run = run_of(config_of(quotes, *loose(), *settings, end_of(tape())))
    assert gated(run) == {("REFUSE", code)}
    assert run.engine.kernel.cache.orders() == []
    run.engine.dispose()


def test_a_loss_of_the_day_in_money_stops_entries(quotes):
    run = run_of(config_of(quotes, *loose(max_daily_loss=50), end_of(tape())))
    tripped = next(e for e in run.of(TradeEvent) if e.kind == "TRADE_CLOSED")
    later = [d for d in run.of(Decision) if d.reason == "RETEST" and d.ts_event > tripped.ts_event]
    assert later
    losses = [e.net for e in run.of(TradeEvent) if e.kind == "TRADE_CLOSED"]
    assert sum(losses) <= -50
    assert "KILL_SWITCH" in {d.why for d in later}
    run.engine.dispose()


def test_losing_trades_end_the_day(quotes):
    run = run_of(config_of(quotes, *loose(max_daily_losses=1), end_of(tape())))
    closed = [e for e in run.of(TradeEvent) if e.kind == "TRADE_CLOSED"]
    lost = next(i for i, e in enumerate(closed) if e.gross < -10)
    assert lost == len(closed) - 1
    run.engine.dispose()


def test_a_day_without_levels_is_told_once(tmp_path):
    _, today = session_days(walk())
    run = run_of(config_of(catalog_of(tmp_path, prints(today)), *PRINTS, *loose(), end_of(today)))
    assert [(d.action, d.reason, d.why) for d in run.of(Decision)] == [
        ("HOLD", "NO_SESSION", "WARMUP")
    ]
    assert run.of(ImpulseTransition) == []
    run.engine.dispose()


def test_the_status_is_told_with_each_plan_that_reaches_the_gate(plain):
    run, states = plain
    plans = [d for d in run.of(Decision) if d.reason == "RETEST"]
    assert len(states) == len([d for d in plans if d.why != "BEYOND_STOP"]) > 0


def test_an_operator_who_holds_the_strategy_back_is_obeyed(quotes):
    def deactivate(engine):
        engine.trader.strategies()[0].active = False

    run = run_of(config_of(quotes, *loose(), end_of(tape())), deactivate)
    assert gated(run) == {("REFUSE", "OBSERVATION")}
    assert run.engine.kernel.cache.orders() == []
    run.engine.dispose()


def test_walks_reach_every_exit_that_a_strategy_decides(ticks):
    run = run_of(config_of(ticks, *PRINTS, *loose(max_hold_bars=3, take_profit=30), end_of(tape())))
    reasons = {e.reason for e in run.of(TradeEvent) if e.kind == "TRADE_CLOSED"}
    assert "TIME" in reasons
    exits = [d for d in run.of(Decision) if d.action == "EXIT"]
    assert {d.why for d in exits} <= {"TIME", "TRAIL", "SESSION_END"}
    assert all(d.setup in ("retest_long", "retest_short") for d in exits)
    run.engine.dispose()


def test_trades_of_the_walk_lie_within_the_session():
    assert min(ts for ts, *_ in trades(walk())) == OPEN

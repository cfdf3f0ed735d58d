"""The order flow machine: one entry per bar, its hours, its limit entries, and restarts."""

import json
from decimal import Decimal

import pytest

from actors.footprint.patterns import DIRECTIONS
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.regime.classification import Regime
from errors import AuctionError
from strategies.common.position import FLAT
from strategies.common.position import Position
from strategies.common.position import TradeView
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.order_flow.bracket import SETUPS
from strategies.order_flow.bracket import Bracket
from strategies.order_flow.machine import OrderFlowMachine
from strategies.order_flow.params import EntryRules
from strategies.order_flow.params import OrderFlowRules
from strategies.order_flow.params import RouterParams
from strategies.order_flow.reasons import Reason
from strategies.order_flow.reasons import Skip
from strategies.order_flow.router import Signal
from strategies.order_flow.rows import OrderFlowRow
from strategies.order_flow.state import read_state
from tests.order_flow.test_hours import WHOLE
from tests.order_flow.test_hours import ns


BAR = 300 * 1_000_000_000
BRACKET = Bracket(stop_ticks=16, target_ticks=24)
TEN = ns(WHOLE, "10:00")


def signal(pattern, strength=0.8, price=27_000):
    found = Pattern(pattern)
    return Signal(pattern=found, direction=DIRECTIONS[found], strength=strength, price=price)


def row(end, *signals, regime=Regime.RANGING, confidence=0.8, warm=True, close=27_010):
    return OrderFlowRow(
        start=end - BAR,
        end=end,
        close=close,
        regime=regime,
        confidence=confidence,
        signals=signals,
        warm=warm,
    )


def machine(rules=OrderFlowRules(), bracket=BRACKET):  # noqa: B008
    return OrderFlowMachine(rules, bracket)


def trade(trade_id=1, lots=0, **changes):
    return TradeView(
        trade_id=trade_id,
        tag="absorption_long",
        side=1,
        stop=10,
        first_stop=10,
        lots=lots,
        **changes,
    )


def quoted(*trades):
    return Position(trades=trades, bid=27_009, ask=27_011)


@pytest.mark.parametrize(
    ("pattern", "entry", "stop", "target"),
    [
        ("BUYING_ABSORPTION", 27_011, 26_995, 27_035),
        ("SELLING_ABSORPTION", 27_009, 27_025, 26_985),
    ],
)
def test_an_entry_is_at_market_with_its_bracket_from_the_fill(pattern, entry, stop, target):
    step = machine().step(row(TEN, signal(pattern)), quoted())
    assert step is not None
    (found,) = step.entries
    intent = found.intent
    assert intent is not None
    assert (intent.entry, intent.stop, intent.tp2) == (entry, stop, target)
    assert (intent.stop_distance, intent.target_distance) == (16, 24)
    assert (found.refusal, step.reason) == (None, Reason.SIGNAL)
    assert (found.context.regime, found.context.pattern) == ("RANGING", pattern)
    assert (found.context.score, found.context.confidence) == (0.8, 0.8)


def test_without_a_quote_the_close_is_the_price_of_the_decision():
    step = machine().step(row(TEN, signal("BUYING_ABSORPTION")), FLAT)
    assert step is not None
    assert step.entries[0].intent is not None
    assert step.entries[0].intent.entry == 27_010


@pytest.mark.parametrize(
    ("regime", "others", "bonus", "multiplier"),
    [
        (Regime.RANGING, (), 0, "0.75"),
        (Regime.RANGING, ("SELLING_EXHAUSTION",), 1, "0.75"),
        (Regime.TRENDING_UP, (), 1, "1.0"),
        (Regime.TRENDING_UP, ("BUY_IMBALANCE",), 2, "1.0"),
    ],
)
def test_stack_and_trend_add_to_the_size(regime, others, bonus, multiplier):
    signals = signal("BUYING_ABSORPTION"), *(signal(name, 0.6) for name in others)
    step = machine().step(row(TEN, *signals, regime=regime), quoted())
    assert step is not None
    assert step.entries[0].intent is not None
    hints = step.entries[0].intent.size_hints
    assert hints is not None
    assert (hints.bonus, hints.multiplier) == (bonus, Decimal(multiplier))


@pytest.mark.parametrize(
    ("changes", "signals", "reason"),
    [
        ({"warm": False}, ("BUYING_ABSORPTION",), Reason.COLD),
        ({"regime": Regime.NO_TRADE}, ("BUYING_ABSORPTION",), Reason.REJECTED),
        ({"confidence": 0.59}, ("BUYING_ABSORPTION",), Reason.REJECTED),
        ({}, ("BUYING_EXHAUSTION", "SELLING_EXHAUSTION"), Reason.CONFLICT),
        ({}, (), Reason.QUIET),
    ],
)
def test_a_bar_without_an_entry_has_its_reason(changes, signals, reason):
    step = machine().step(row(TEN, *(signal(name) for name in signals), **changes), quoted())
    assert step is not None
    assert (step.reason, step.entries) == (reason, ())
    assert len(step.notes.records) == len(signals)


@pytest.mark.parametrize(
    ("time", "skip"),
    [
        ("09:30", None),
        ("12:00", Skip.OUTSIDE_HOURS),
        ("13:05", None),
        ("15:45", None),
        ("15:50", Skip.OUTSIDE_HOURS),
        ("15:55", Skip.FLATTENED),
        ("18:00", Skip.FLATTENED),
        ("08:00", Skip.OUTSIDE_HOURS),
    ],
)
def test_hours_refuse_what_the_router_passes(time, skip):
    step = machine().step(row(ns(WHOLE, time), signal("BUYING_ABSORPTION")), quoted())
    assert step is not None
    assert step.entries[0].refusal == skip


def test_prices_that_are_none_are_not_traded():
    step = machine().step(row(TEN, signal("BUYING_ABSORPTION"), close=10), FLAT)
    assert step is not None
    assert step.entries[0].refusal is Skip.BAD_BRACKET


def test_a_cooldown_begins_with_an_entry_that_is_sent():
    found = machine(OrderFlowRules(router=RouterParams(cooldown_s=600)))
    for at, is_sent, reason in (
        (TEN, False, Reason.SIGNAL),
        (TEN + BAR, True, Reason.SIGNAL),
        (TEN + 2 * BAR, None, Reason.REJECTED),
        (TEN + 3 * BAR, None, Reason.SIGNAL),
    ):
        step = found.step(row(at, signal("BUYING_ABSORPTION")), quoted())
        assert step is not None
        assert step.reason == reason
        if is_sent is not None:
            (entry,) = step.entries
            found.on_entry(entry, at, quoted(), is_sent=is_sent, trade_id=1 if is_sent else None)


def test_all_trades_are_closed_at_the_time_and_nothing_twice():
    found = machine()
    found.step(row(ns(WHOLE, "15:50")), quoted())
    due = ns(WHOLE, "15:55")
    assert found.wake_at == due
    assert found.exits_at(due - 1, quoted(trade(lots=2))) == ()
    held = quoted(trade(1, lots=2), trade(2), trade(3, lots=1, is_leaving=True))
    exits = found.exits_at(due, held)
    assert [(leave.trade_id, leave.reason, leave.drop) for leave in exits] == [
        (1, ExitReason.SESSION_END, DropReason.SESSION_END),
        (2, ExitReason.SESSION_END, DropReason.SESSION_END),
    ]
    assert found.wake_at == due + 60 * 1_000_000_000


def test_a_trade_found_after_the_end_of_the_day_is_closed_at_once():
    found, late = machine(), ns(WHOLE, "20:00")
    found.restore(None, quoted(trade(lots=1)), late)
    assert found.wake_at == late
    assert len(found.exits_at(late, quoted(trade(lots=1)))) == 1


def limit_machine(bars=6):
    found = machine(
        OrderFlowRules(entry=EntryRules(limit_expiry_bars=bars)),
        Bracket(stop_ticks=16, target_ticks=24, is_limit=True),
    )
    step = found.step(row(TEN, signal("BUYING_ABSORPTION")), quoted())
    assert step is not None
    (entry,) = step.entries
    assert entry.intent is not None
    assert entry.intent.entry == 27_000
    found.on_entry(entry, TEN, quoted(trade()), is_sent=True, trade_id=1)
    return found


def test_a_limit_entry_rests_for_its_bars():
    found, exits = limit_machine(), []
    for number in range(1, 8):
        step = found.step(row(TEN + number * BAR), quoted(trade(is_given_up=number > 6)))
        assert step is not None
        exits.append([(leave.drop, leave.only_entry) for leave in step.exits])
    assert exits == [[]] * 5 + [[(DropReason.ENTRY_TIMEOUT, True)], []]


def test_a_limit_entry_does_not_rest_beyond_the_hours_of_entries():
    found = limit_machine(bars=100)
    step = found.step(row(ns(WHOLE, "12:00")), quoted(trade()))
    assert step is not None
    assert [leave.drop for leave in step.exits] == [DropReason.SESSION_END]


def test_a_machine_goes_on_from_its_snapshot():
    found = limit_machine()
    found.step(row(TEN + BAR), quoted(trade()))
    other = machine(OrderFlowRules(), Bracket(stop_ticks=16, target_ticks=24, is_limit=True))
    other.restore(json.loads(json.dumps(found.snapshot())), quoted(trade()), TEN + BAR)
    assert other.snapshot() == found.snapshot()
    assert other.step(row(TEN + BAR), quoted(trade())) is None
    following = row(TEN + 2 * BAR, signal("SELLING_ABSORPTION"))
    assert other.step(following, quoted(trade())) == found.step(following, quoted(trade()))
    for ended in (found, other):
        ended.on_dropped(TEN + 2 * BAR, 1)
        assert ended.snapshot()["resting"] == {}


@pytest.mark.parametrize("state", [5, {"last": "x"}, {"unknown": 1}, {"resting": {"1": -1}}])
def test_a_damaged_state_is_refused(state):
    with pytest.raises(AuctionError, match="order flow"):
        read_state(state)


def test_a_gap_makes_it_cold():
    found = machine()
    found.step(row(TEN), FLAT)
    assert found.warm
    found.on_gap(TEN + 1)
    assert not found.warm


def test_progress_counts_what_became_of_patterns():
    found = machine()
    assert found.progress() == ["No bar had a pattern."]
    found.step(row(TEN, signal("BUYING_ABSORPTION"), signal("BUY_IMBALANCE")), FLAT)
    assert found.progress() == ["2 patterns were routed: 1 APPROVED, 1 NOT_ENABLED."]


def test_every_pattern_has_a_setup_without_a_side():
    assert SETUPS.keys() == set(Pattern)
    assert {SETUPS[p] for p, side in DIRECTIONS.items() if side is Direction.LONG} == {
        SETUPS[p] for p, side in DIRECTIONS.items() if side is Direction.SHORT
    }

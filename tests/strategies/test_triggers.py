"""At which print something is done, and that the prices between need no attention."""

from dataclasses import replace
from fractions import Fraction

import pytest

from strategies.common.intents import Intent
from strategies.common.reasons import DropReason
from strategies.common.trade import Trade
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trail import TrailBasis
from strategies.common.triggers import ABOVE
from strategies.common.triggers import BELOW
from strategies.common.triggers import Trigger
from strategies.common.triggers import thresholds
from strategies.common.triggers import triggered
from tests.strategies.trade_manager_desk import Desk
from tests.strategies.trade_manager_desk import short


SIDES = pytest.mark.parametrize("side", [1, -1])
ENTRY = 1000


def intent(side: int, **changes: object) -> Intent:
    plan = Intent(is_long=side > 0, entry=ENTRY, stop=ENTRY - side * 50, tag="setup")
    return replace(plan, **changes)


def opened(plan: Intent, **params: object) -> Desk:
    desk = Desk(**params)
    desk.open(plan)
    return desk


def trade_of(desk: Desk) -> Trade:
    trade = desk.manager.trade
    assert trade is not None
    return trade


def bounds(desk: Desk, side: int) -> tuple[int, int]:
    """Return the nearest losing and winning price, in ticks of profit on 1000."""
    low, high = thresholds(desk.manager.trade, desk.manager.params)
    ends = (low, high) if side > 0 else (high, low)
    return side * (ends[0] - ENTRY), side * (ends[1] - ENTRY)


def stops(desk: Desk) -> list[int]:
    """Return the prices of the stops that were just sent, in ticks."""
    return [command[2] for command in short(desk.commands) if command[0] == "STOP"]


@SIDES
def test_a_stop_that_trails_prints_moves_by_no_less_than_its_step(side: int) -> None:
    plan = intent(side, trail_distance=20, trail_activation=10)
    desk = opened(plan, trail_step=5)
    # From its activation on, and then each time the stop gains five ticks.
    order_id = 2
    for profit, stop in ((9, None), (10, -10), (14, None), (15, -5), (19, None), (27, 7)):
        commands = desk.trade(ENTRY + side * profit)
        assert stops(desk) == ([] if stop is None else [ENTRY + side * stop]), profit
        if commands:
            before, order_id = order_id, order_id + 1
            assert short(commands) == [("STOP", 10, ENTRY + side * stop, "TRAIL")]
            assert short(desk.accept(order_id)) == [("CANCEL", before)]
            desk.cancel(before)
    # A print against the trade moves nothing until the stop is reached.
    assert desk.trade(ENTRY + side * 8) == []
    assert trade_of(desk).stop == ENTRY + side * 7


@SIDES
@pytest.mark.parametrize("basis", list(TrailBasis))
def test_a_stop_that_trails_bars_is_not_moved_by_prints(side: int, basis: TrailBasis) -> None:
    desk = opened(intent(side, trail_distance=20, trail_basis=basis))
    desk.trade(ENTRY + side * 40)
    moved = ENTRY + side * 20
    assert stops(desk) == ([moved] if basis is TrailBasis.PRINT else [])


@SIDES
def test_the_thresholds_are_the_nearest_prices_that_set_something_off(side: int) -> None:
    targets = {"tp1_half": 2 * (ENTRY + side * 60), "tp2": ENTRY + side * 90}
    assert bounds(opened(intent(side)), side) == (-50, side * (side * ABOVE - ENTRY))
    assert bounds(opened(intent(side, **targets)), side) == (-50, 60)
    trailing = {"trail_distance": 30, "trail_activation": 10}
    assert bounds(opened(intent(side, **trailing)), side) == (-50, 10)
    assert bounds(opened(intent(side, **targets, **trailing)), side) == (-50, 10)
    far = {"trail_distance": 45, "trail_activation": 0}
    # The stop gains its first tick at 50 - 45 + 1 ticks of loss, but follows a profit alone.
    assert bounds(opened(intent(side, **far)), side) == (-50, 0)
    wide = {"trail_distance": 80, "trail_activation": 0}
    assert bounds(opened(intent(side, **wide), trail_step=4), side) == (-50, 34)


@SIDES
@pytest.mark.parametrize("on_stop", [True, False])
@pytest.mark.parametrize("on_target", [True, False])
def test_before_a_fill_stop_and_target_count_where_they_give_up_the_entry(
    side: int, on_stop: bool, on_target: bool
) -> None:
    desk = Desk(cancel_on_stop_touch=on_stop, cancel_on_target_touch=on_target)
    desk.minute(intent(side, tp1_half=2 * (ENTRY + side * 60), tp2=ENTRY + side * 90))
    low, high = thresholds(desk.manager.trade, desk.manager.params)
    stop = ENTRY - side * 50 if on_stop else -side * ABOVE
    target = ENTRY + side * 90 if on_target else side * ABOVE
    assert (low, high) == tuple(sorted((stop, target)))
    desk.accept(1)
    reached = ENTRY + side * 90
    assert short(desk.trade(reached - side)) == []
    assert short(desk.trade(reached)) == ([("CANCEL", 1)] if on_target else [])


@SIDES
def test_an_entry_that_the_market_has_left_behind_is_given_up(side: int) -> None:
    desk = Desk(entry_drift=Fraction(1, 100))
    desk.minute(intent(side, tp2=ENTRY + side * 90))
    desk.accept(1)
    assert bounds(desk, side) == (-50, 11)
    assert short(desk.trade(ENTRY + side * 10)) == []
    assert short(desk.trade(ENTRY + side * 11)) == [("CANCEL", 1)]
    assert trade_of(desk).drop_reason is DropReason.PRICE_AWAY


@SIDES
def test_a_market_that_moves_away_from_a_filled_or_a_market_entry_is_no_matter(side: int) -> None:
    filled = opened(intent(side), entry_drift=Fraction(1, 100))
    assert bounds(filled, side)[1] > ENTRY
    sent = Desk(entry_drift=Fraction(1, 100), limit_entry=False)
    sent.minute(intent(side))
    assert bounds(sent, side)[1] > ENTRY


def test_the_last_target_comes_before_a_market_that_has_moved_away() -> None:
    desk = Desk(entry_drift=Fraction(1, 100))
    desk.minute(intent(1, tp2=ENTRY + 20))
    desk.accept(1)
    desk.trade(ENTRY + 25)
    assert trade_of(desk).drop_reason is DropReason.TARGET_TOUCHED


@pytest.mark.parametrize("filled", [0, 4])
def test_an_entry_is_given_up_instead_of_sent_at_market_when_its_time_is_over(filled: int) -> None:
    desk = Desk(timeout_cancels=True, entry_timeout_ns=5 * MINUTE_NS)
    desk.minute(intent(1))
    desk.accept(1)
    if filled:
        desk.fill(1, filled, ENTRY)
        desk.accept(2)
    assert short(desk.wait(5 * MINUTE_NS - 1)) == []
    assert short(desk.wait(1)) == [("CANCEL", 1)]
    desk.cancel(1)
    assert short(desk.wait(MINUTE_NS)) == []
    if filled:
        assert (trade_of(desk).open, trade_of(desk).drop_reason) == (4, DropReason.ENTRY_TIMEOUT)
    else:
        assert desk.manager.trade is None
        assert "ENTRY_TIMEOUT" in [getattr(record, "reason", None) for record in desk.records]


def test_a_trade_that_is_over_or_closing_sets_nothing_off() -> None:
    desk = opened(intent(1))
    desk.keep(desk.manager.flatten(desk.now))
    for trade in (None, trade_of(desk)):
        assert thresholds(trade, desk.manager.params) == (BELOW, ABOVE)


@SIDES
def test_no_print_between_the_thresholds_sets_anything_off(side: int) -> None:
    plan = intent(
        side,
        tp1_half=2 * (ENTRY + side * 60) + 1,
        tp2=ENTRY + side * 90,
        trail_distance=45,
        trail_activation=55,
    )
    desk = opened(plan)
    trade, params = trade_of(desk), desk.manager.params
    low, high = thresholds(trade, params)
    expected = {
        -51: Trigger.STOP,
        -50: Trigger.STOP,
        55: Trigger.TRAIL,
        61: Trigger.TP1,
        89: Trigger.TP1,
        90: Trigger.TP2,
        200: Trigger.TP2,
    }
    for profit in range(-55, 100):
        price = ENTRY + side * profit
        found = triggered(trade, price, params)
        assert (found is None) is (low < price < high), profit
        assert found is expected.get(profit, found), profit

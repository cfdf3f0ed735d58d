"""Targets that hang on the fills, and stops that are moved from outside."""

from fractions import Fraction

import pytest

from strategies.common.intents import Intent
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryCanceled
from strategies.common.records import TradeClosed
from tests.strategies.trade_manager_desk import Desk
from tests.strategies.trade_manager_desk import short


def intent(side: int) -> Intent:
    return Intent(
        is_long=side > 0,
        entry=1000,
        stop=1000 - side * 20,
        tag="setup",
        tp2=1000 + side * 40,
        target_distance=40,
    )


def opened(side: int, *fills: tuple[int, int]) -> Desk:
    desk = Desk(lots=sum(lots for lots, _ in fills), limit_entry=False)
    desk.minute(intent(side))
    desk.accept(1)
    for lots, price in fills:
        desk.fill(1, lots, price)
    desk.accept(2)
    return desk


@pytest.mark.parametrize("side", [1, -1])
def test_a_target_at_a_distance_counts_from_the_fill_and_not_from_the_decision(side: int) -> None:
    desk = opened(side, (10, 1000 + side * 5))
    assert desk.trade(1000 + side * 40) == []
    assert desk.trade(1000 + side * 44) == []
    assert short(desk.trade(1000 + side * 45)) == [("EXIT", 10, None, "TARGET")]


@pytest.mark.parametrize("side", [1, -1])
def test_an_average_between_two_ticks_is_rounded_so_that_the_target_is_no_nearer(side: int) -> None:
    desk = opened(side, (2, 1000), (1, 1000 + side))
    assert desk.manager.trade is not None
    assert desk.manager.trade.average_entry == 1000 + Fraction(side, 3)
    assert desk.trade(1000 + side * 40) == []
    assert short(desk.trade(1000 + side * 41)) == [("EXIT", 3, None, "TARGET")]


def test_before_the_fill_the_target_is_the_one_decided_on() -> None:
    desk = Desk(limit_entry=False)
    desk.minute(intent(1))
    assert desk.manager.trade is not None
    assert desk.manager.trade.target == 1040


def test_a_distance_must_be_positive() -> None:
    with pytest.raises(ValueError, match="target_distance was not positive, was 0"):
        Intent(is_long=True, entry=10, stop=5, tag="x", target_distance=0)


@pytest.mark.parametrize("side", [1, -1])
def test_a_moved_stop_is_sent_before_the_old_one_goes(side: int) -> None:
    desk = opened(side, (10, 1000))
    moved = 1000 + side * 3
    commands = desk.keep(desk.manager.move_stop(desk.now, moved, 1000 + side * 9))
    assert short(commands) == [("STOP", 10, moved, "TRAIL")]
    assert short(desk.accept(3)) == [("CANCEL", 2)]
    desk.cancel(2)
    assert desk.trade(1000 + side * 4) == []
    desk.fill(3, 10, moved)
    (closed,) = [r for r in desk.records if isinstance(r, TradeClosed)]
    assert closed.exit_reason == "TRAIL"


@pytest.mark.parametrize("side", [1, -1])
def test_a_stop_is_never_moved_away_from_the_profit(side: int) -> None:
    desk = opened(side, (10, 1000))
    assert desk.manager.move_stop(desk.now, 1000 - side * 20, 1000) == ()
    assert desk.manager.move_stop(desk.now, 1000 - side * 25, 1000) == ()
    assert desk.manager.trade is not None
    assert desk.manager.trade.stop == 1000 - side * 20


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("beyond", [0, 3])
def test_a_stop_that_the_market_has_reached_closes_at_market(side: int, beyond: int) -> None:
    desk = opened(side, (10, 1000))
    moved = 1000 + side * 5
    commands = desk.keep(desk.manager.move_stop(desk.now, moved, moved - side * beyond))
    assert short(commands) == [("EXIT", 10, None, "TRAIL")]
    # The old stop stays until all lots have left.
    assert desk.manager.trade is not None
    assert desk.manager.trade.orders.get(2).remaining == 10
    assert desk.manager.move_stop(desk.now, moved + side, moved + side * 9) == ()


def test_there_is_nothing_to_move_without_a_position() -> None:
    desk = Desk(limit_entry=False)
    assert desk.manager.move_stop(desk.now, 1000, 1010) == ()
    desk.minute(intent(1))
    assert desk.manager.move_stop(desk.now, 1000, 1010) == ()


def test_an_entry_given_up_at_a_flatten_says_why() -> None:
    desk = Desk(limit_entry=False)
    desk.minute(intent(1))
    desk.accept(1)
    commands = desk.manager.flatten(desk.now, ExitReason.SESSION_END, DropReason.SESSION_END)
    assert short(commands) == [("CANCEL", 1)]
    desk.cancel(1)
    (dropped,) = [r for r in desk.records if isinstance(r, EntryCanceled)]
    assert dropped.reason == "SESSION_END"
    assert desk.manager.trade is None

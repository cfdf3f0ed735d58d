"""Targets that hang on the fills, and stops that are moved from outside."""

from decimal import Decimal
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


def bracket(side: int, stop: int, target: int) -> Intent:
    return Intent(
        is_long=side > 0,
        entry=1000,
        stop=1000 - side * stop,
        tag="setup",
        tp2=1000 + side * target,
        stop_distance=stop,
        target_distance=target,
    )


@pytest.mark.parametrize("side", [1, -1])
def test_a_bracket_is_measured_from_the_fill(side: int) -> None:
    # 16 and 24 ticks from a fill one tick worse than the close of the decision.
    for prices, left_at, reason in (
        ((12, 25), 25, "TARGET"),
        ((-15,), -15, "STOP"),
        # A gap through the stop is filled where the market trades.
        ((-40,), -40, "STOP"),
    ):
        desk = Desk(lots=1, limit_entry=False)
        desk.minute(bracket(side, 16, 24))
        desk.accept(1)
        assert short(desk.fill(1, 1, 1000 + side)) == [("STOP", 1, 1000 - side * 15, "STOP")]
        desk.accept(2)
        for price in prices[:-1]:
            assert desk.trade(1000 + side * price) == []
        desk.trade(1000 + side * prices[-1])
        desk.fill(3 if reason == "TARGET" else 2, 1, 1000 + side * left_at)
        (closed,) = [r for r in desk.records if isinstance(r, TradeClosed)] or [None]
        if closed is None:
            # The stop goes once the target has filled.
            desk.cancel(2)
            (closed,) = [r for r in desk.records if isinstance(r, TradeClosed)]
        assert closed is not None
        assert (closed.exit_reason, closed.gross) == (reason, (left_at - 1) * Decimal("0.1"))


@pytest.mark.parametrize("side", [1, -1])
def test_a_stop_at_a_distance_follows_the_average_of_the_fills(side: int) -> None:
    desk = Desk(lots=4, limit_entry=False)
    desk.minute(bracket(side, 16, 24))
    desk.accept(1)
    assert short(desk.fill(1, 2, 1000)) == [("STOP", 2, 1000 - side * 16, "STOP")]
    desk.accept(2)
    assert short(desk.fill(1, 2, 1000 + side * 2)) == [("STOP", 4, 1000 - side * 15, "STOP")]
    assert short(desk.accept(3)) == [("CANCEL", 2)]


def test_a_stop_that_was_moved_does_not_go_back_with_a_later_fill() -> None:
    desk = Desk(lots=2, limit_entry=False)
    desk.minute(bracket(1, 16, 24))
    desk.accept(1)
    desk.fill(1, 1, 1000)
    desk.accept(2)
    desk.keep(desk.manager.move_stop(desk.now, 995, 1005))
    desk.fill(1, 1, 1001)
    assert desk.manager.trade is not None
    assert desk.manager.trade.stop == 995


def test_a_stop_at_a_distance_outlives_a_restart() -> None:
    desk = Desk(lots=2, limit_entry=False)
    desk.minute(bracket(1, 16, 24))
    desk.accept(1)
    desk.fill(1, 1, 1000)
    other = Desk(lots=2, limit_entry=False)
    other.manager.restore(desk.now, desk.manager.snapshot())
    other.now = desk.now
    other.event(desk.filled(1, 1, 1004))
    assert other.manager.trade is not None
    assert (other.manager.trade.stop, other.manager.trade.target) == (986, 1026)


def test_a_stop_at_a_distance_must_be_that_of_the_decision() -> None:
    with pytest.raises(ValueError, match="stop 5 was not 4 ticks from the entry 10"):
        Intent(is_long=True, entry=10, stop=5, tag="x", stop_distance=4)
    with pytest.raises(ValueError, match="stop_distance was not positive, was 0"):
        Intent(is_long=True, entry=10, stop=5, tag="x", stop_distance=0)


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

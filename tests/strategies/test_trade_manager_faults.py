"""The trade manager when a venue refuses, repeats or is late, and when trading has to stop."""

from decimal import Decimal

import pytest

from strategies.common.commands import Submit
from strategies.common.events import CancelRejected
from strategies.common.ledger import DAY_NS
from strategies.common.records import EntryRefused
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import SHORT
from tests.strategies.trade_manager_desk import Desk
from tests.strategies.trade_manager_desk import short


def test_refused_move_keeps_the_old_stop_and_is_tried_again() -> None:
    desk = Desk()
    desk.open()
    desk.trade(1051)
    desk.fill(3, 3, 1051)

    assert desk.reject(4) == []
    assert desk.alerts() == ["STOP_REJECTED"]
    assert desk.wait(SECOND_NS - 1) == []
    assert short(desk.wait(1)) == [("STOP", 7, 1000, "BREAKEVEN")]


def test_refused_first_stop_closes_the_position() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 10, 1000)

    assert short(desk.reject(2)) == [("EXIT", 10, None, "STOP_REJECTED")]


def test_lost_stop_is_replaced_once_and_then_the_position_is_closed() -> None:
    desk = Desk()
    desk.open()

    assert short(desk.cancel(2)) == [("STOP", 10, 950, "STOP")]
    desk.accept(3)
    assert short(desk.cancel(3)) == [("EXIT", 10, None, "STOP_LOST")]
    assert desk.alerts() == ["STOP_LOST", "STOP_LOST"]


def test_refused_exit_is_sent_again_at_once_and_then_every_second() -> None:
    desk = Desk()
    desk.open()
    desk.trade(1100)

    assert short(desk.reject(3)) == [("EXIT", 10, None, "TP2")]
    assert desk.reject(4) == []
    assert desk.wait(SECOND_NS - 1) == []
    assert short(desk.wait(1)) == [("EXIT", 10, None, "TP2")]
    assert desk.alerts() == ["EXIT_REJECTED", "EXIT_REJECTED"]


def test_exit_of_a_naked_position_is_sent_again_four_times_a_second() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 10, 1000)
    desk.reject(2)
    desk.reject(3)
    for order_id in range(4, 30):
        assert desk.reject(order_id) == []
        assert desk.wait(SECOND_NS // 4 - 1) == []
        assert short(desk.wait(1)) == [("EXIT", 10, None, "STOP_REJECTED")]
    assert desk.alerts() == ["STOP_REJECTED", *["EXIT_REJECTED"] * 7]


def test_second_refusal_of_a_stop_for_all_closes_where_the_older_one_covers_a_part() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 4, 1000)
    desk.accept(2)
    assert short(desk.fill(1, 6, 1000)) == [("STOP", 10, 950, "STOP")]

    assert desk.reject(3) == []
    assert short(desk.wait(SECOND_NS // 4)) == [("STOP", 10, 950, "STOP")]
    assert short(desk.reject(4)) == [("EXIT", 10, None, "STOP_REJECTED")]


def test_stop_that_does_not_fill_after_its_price_traded_is_followed_by_a_market_exit() -> None:
    desk = Desk()
    desk.open()

    assert desk.trade(950) == []
    desk.fill(2, 4, 950)
    assert desk.wait(SECOND_NS - 1) == []
    assert short(desk.wait(1)) == [("EXIT", 6, None, "STOP")]


def test_print_through_the_wanted_stop_closes_where_only_the_older_stop_works() -> None:
    desk = Desk()
    desk.open()
    desk.trade(1051)
    desk.fill(3, 3, 1051)
    desk.reject(4)

    assert short(desk.trade(999)) == [("EXIT", 7, None, "BREAKEVEN")]


def test_stop_rests_until_the_exit_has_filled_and_only_then_is_cancelled() -> None:
    desk = Desk()
    desk.open()

    assert short(desk.trade(1100)) == [("EXIT", 10, None, "TP2")]
    assert short(desk.fill(3, 10, 1099)) == [("CANCEL", 2)]
    assert desk.manager.trade is not None
    assert desk.minute(SHORT) == "EXIT_PENDING"
    desk.cancel(2)
    assert desk.manager.trade is None


def test_repeated_fill_counts_once() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    fill = desk.filled(1, 4, 1000, "1")
    desk.event(fill)

    assert desk.event(fill) == []
    assert desk.manager.trade is not None
    assert desk.manager.trade.open == 4
    assert desk.manager.ledger.cash == 999


def test_fill_that_comes_after_its_cancel_is_closed() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.trade(950)
    desk.cancel(1)
    assert desk.manager.trade is None

    assert short(desk.fill(1, 2, 1000)) == [
        ("STOP", 2, 950, "STOP"),
        ("EXIT", 2, None, "LATE_FILL"),
    ]
    desk.accept(2)
    desk.fill(3, 2, 990)
    desk.cancel(2)
    assert desk.manager.trade is None
    assert desk.manager.ledger.cash == 1000 - 2
    assert not desk.manager.halted


def test_fill_of_an_unknown_order_halts_new_entries() -> None:
    desk = Desk()

    desk.fill(7, 1, 1000)
    assert desk.manager.halted
    assert desk.alerts() == ["POSITION_MISMATCH"]
    assert desk.minute(LONG) == "HALTED"


def test_flip_whose_exit_turns_the_kill_switch_on_ends_as_an_exit() -> None:
    desk = Desk(limit=Decimal(5))
    desk.open()
    assert desk.minute(SHORT) == "FLIP_SETUP_SHORT"

    assert short(desk.fill(3, 10, 990)) == [("CANCEL", 2)]
    assert desk.cancel(2) == []
    assert desk.manager.trade is None
    refused = [record for record in desk.records if isinstance(record, EntryRefused)]
    assert [record.reason for record in refused] == ["KILL_SWITCH"]


def test_flip_enters_only_when_the_old_stop_is_confirmed_gone() -> None:
    desk = Desk()
    desk.open()
    desk.minute(SHORT)

    assert short(desk.fill(3, 10, 990)) == [("CANCEL", 2)]
    (entry,) = desk.cancel(2)
    assert isinstance(entry, Submit)
    assert (entry.is_buy, entry.reduce_only, entry.price) == (False, False, 1000)


def test_kill_switch_closes_the_position_where_asked_to() -> None:
    desk = Desk(limit=Decimal(5), kill_flatten=True)
    desk.open()

    desk.keep(desk.manager.on_funding(desk.now, Decimal(6)))
    assert short(desk.commands) == [("EXIT", 10, None, "KILL_SWITCH")]


def test_funding_told_late_counts_for_its_own_day_and_trade() -> None:
    desk = Desk(limit=Decimal(5))
    desk.minute(LONG)
    desk.accept(1)
    before = desk.now - 1
    desk.fill(1, 10, 1000)
    trade, ledger = desk.manager.trade, desk.manager.ledger
    assert trade is not None

    # Of the position before this trade: the day's result, not the trade's.
    desk.keep(desk.manager.on_funding(before, Decimal(2)))
    assert (trade.funding, ledger.day_pnl) == (0, -2)
    desk.keep(desk.manager.on_funding(desk.now, Decimal(1)))
    assert (trade.funding, ledger.day_pnl) == (1, -3)

    ledger.roll(desk.now + DAY_NS)
    cash = ledger.cash
    desk.keep(desk.manager.on_funding(desk.now, Decimal(6)))
    assert (trade.funding, ledger.day_pnl) == (7, 0)
    assert ledger.cash == cash - 6
    assert not ledger.killed


def test_kill_switch_cancels_the_rest_of_the_entry() -> None:
    desk = Desk(limit=Decimal(5))
    desk.minute(LONG)
    desk.accept(1)

    assert short(desk.fill(1, 4, 1000, "6")) == [("CANCEL", 1), ("STOP", 4, 950, "STOP")]


def test_flatten_also_closes_what_fills_while_the_cancel_is_on_its_way() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.keep(desk.manager.flatten(desk.now))
    assert short(desk.commands) == [("CANCEL", 1)]

    assert short(desk.fill(1, 3, 1000)) == [
        ("STOP", 3, 950, "STOP"),
        ("EXIT", 3, None, "FLATTEN"),
    ]


def test_refused_size_is_the_reason_for_holding() -> None:
    desk = Desk(lots=0)

    assert desk.minute(LONG) == "SIZE"
    assert desk.commands == []


def test_cancel_of_a_given_up_entry_that_was_lost_is_sent_again() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    assert short(desk.trade(950)) == [("CANCEL", 1)]

    for _ in range(3):
        assert desk.accept(1) == []
        assert desk.wait(SECOND_NS - 1) == []
        assert short(desk.wait(1)) == [("CANCEL", 1)]
    desk.cancel(1)
    assert desk.manager.trade is None


def test_lost_cancel_is_sent_again_where_the_entry_goes_on_filling() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.keep(desk.manager.flatten(desk.now))

    assert short(desk.fill(1, 3, 1000)) == [
        ("STOP", 3, 950, "STOP"),
        ("EXIT", 3, None, "FLATTEN"),
    ]
    assert short(desk.wait(SECOND_NS)) == [("CANCEL", 1)]


def test_flat_trade_whose_stop_lost_its_cancel_ends_though_the_venue_refuses_the_second() -> None:
    desk = Desk()
    desk.open()
    desk.trade(1100)
    assert short(desk.fill(3, 10, 1099)) == [("CANCEL", 2)]

    assert desk.accept(2) == []
    assert short(desk.wait(SECOND_NS)) == [("CANCEL", 2)]
    assert desk.event(CancelRejected(order_id=2, ts=desk.now, message="unknown order")) == []
    desk.cancel(2)
    assert desk.manager.trade is None
    assert desk.manager.wake_ns is None
    assert desk.alerts() == []


def test_older_stop_that_lost_its_cancel_is_cancelled_again_beside_the_new_one() -> None:
    desk = Desk()
    desk.open()
    desk.keep(desk.manager.move_stop(desk.now, 960, 1000))
    assert short(desk.commands) == [("STOP", 10, 960, "TRAIL")]
    assert short(desk.accept(3)) == [("CANCEL", 2)]

    assert desk.accept(2) == []
    assert short(desk.wait(SECOND_NS)) == [("CANCEL", 2)]
    assert desk.cancel(2) == []
    assert desk.alerts() == []


def test_older_stop_stays_where_its_cancel_and_the_new_one_were_lost() -> None:
    desk = Desk()
    desk.open()
    desk.keep(desk.manager.move_stop(desk.now, 960, 1000))
    desk.accept(3)
    desk.accept(2)
    assert short(desk.cancel(3)) == [("STOP", 10, 960, "TRAIL")]

    assert desk.wait(2 * SECOND_NS) == []
    assert short(desk.accept(4)) == [("CANCEL", 2)]


def test_receipt_of_an_entry_that_crosses_its_cancel_does_not_make_it_the_venues() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.fill(1, 4, 1000)
    assert short(desk.wait(MINUTE_NS)) == [("CANCEL", 1)]

    assert desk.accept(1) == []
    assert short(desk.cancel(1)) == [("ENTRY", 6, None, "TIMEOUT")]


@pytest.mark.parametrize("pause", [0, SECOND_NS * 2 // 5, SECOND_NS - 1])
def test_stop_that_is_lost_twice_within_a_second_closes_the_position(pause: int) -> None:
    desk = Desk()
    desk.open()

    assert short(desk.cancel(2)) == [("STOP", 10, 950, "STOP")]
    desk.accept(3)
    desk.wait(pause)
    assert short(desk.cancel(3)) == [("EXIT", 10, None, "STOP_LOST")]


def test_stop_that_is_lost_a_second_after_another_is_replaced_as_the_first_was() -> None:
    desk = Desk()
    desk.open()

    for order_id in range(2, 5):
        assert short(desk.cancel(order_id)) == [("STOP", 10, 950, "STOP")]
        desk.accept(order_id + 1)
        desk.wait(SECOND_NS)

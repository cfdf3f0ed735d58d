"""Entries, targets and stops of the trade manager that the reference sequences do not reach."""

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from strategies.common.commands import Cancel
from strategies.common.commands import Purpose
from strategies.common.events import Canceled
from strategies.common.events import CancelRejected
from strategies.common.forced_close import ALERTS
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.ledger import heat
from strategies.common.protection import is_covered
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import EntryCanceled
from strategies.common.records import TradeClosed
from strategies.common.target_split import first_target_lots
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from strategies.common.trade_params import TradeParams
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import PARAMS
from tests.strategies.trade_manager_desk import SHORT
from tests.strategies.trade_manager_desk import Desk
from tests.strategies.trade_manager_desk import short


def test_each_partial_fill_of_the_entry_is_covered_before_the_old_stop_goes() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)

    assert short(desk.fill(1, 4, 1000)) == [("STOP", 4, 950, "STOP")]
    assert short(desk.fill(1, 3, 1000)) == [("STOP", 7, 950, "STOP")]
    assert short(desk.fill(1, 1, 1000)) == []
    assert short(desk.accept(2)) == [("STOP", 8, 950, "STOP")]
    assert short(desk.accept(3)) == [("CANCEL", 2)]
    assert short(desk.accept(4)) == [("CANCEL", 3)]
    assert short(desk.cancel(2)) == []
    assert short(desk.cancel(3)) == []


def test_the_larger_of_two_stops_covers_the_lots_of_both() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 4, 1000)
    trade = desk.manager.trade
    assert trade is not None
    assert is_covered(trade)
    desk.fill(1, 3, 1000)
    assert [order.remaining for order in trade.orders.live(Purpose.STOP)] == [4, 7]
    assert is_covered(trade)
    # No third stop is sent while neither of them is confirmed.
    desk.fill(1, 1, 1000)
    assert not is_covered(trade)


def test_the_time_stop_of_a_single_lot_counts_from_the_first_full_minute() -> None:
    desk = Desk(lots=1, max_hold_ns=3 * MINUTE_NS)
    desk.open()
    desk.now += SECOND_NS
    for _ in range(3):
        desk.minute()
        assert desk.commands == []
    desk.minute()
    assert short(desk.commands) == [("EXIT", 1, None, "TIME")]


def test_time_out_sends_only_the_unfilled_rest_at_market() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 4, 1000)
    assert desk.manager.wake_ns == desk.now + MINUTE_NS

    assert short(desk.wait(MINUTE_NS)) == [("CANCEL", 1)]
    assert short(desk.fill(1, 1, 1000)) == [("STOP", 5, 950, "STOP")]
    assert short(desk.cancel(1)) == [("ENTRY", 5, None, "TIMEOUT")]


def test_time_out_stands_where_the_clock_of_the_venue_runs_behind() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.wait(MINUTE_NS)

    commands = desk.event(Canceled(order_id=1, ts=desk.now - SECOND_NS))
    assert short(commands) == [("ENTRY", 10, None, "TIMEOUT")]


def test_refused_cancel_of_the_entry_is_sent_again_after_a_pause() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.wait(MINUTE_NS)

    assert desk.event(CancelRejected(order_id=1, ts=desk.now)) == []
    assert desk.wait(SECOND_NS - 1) == []
    assert short(desk.wait(1)) == [("CANCEL", 1)]


def test_entry_given_up_with_a_part_filled_goes_on_with_that_part() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 4, 1000)
    desk.accept(2)

    desk.keep(desk.manager.stop_entries(desk.now, DropReason.DEACTIVATED))
    assert short(desk.commands) == [("CANCEL", 1)]
    assert desk.cancel(1) == []
    canceled = desk.records[-1]
    assert isinstance(canceled, EntryCanceled)
    assert (canceled.reason, canceled.lots) == ("DEACTIVATED", 6)
    assert short(desk.trade(1051)) == [("EXIT", 1, None, "TP1")]


def test_rejected_entry_ends_the_trade() -> None:
    desk = Desk()
    desk.minute(LONG)

    assert desk.reject(1) == []
    assert desk.manager.trade is None
    assert desk.alerts() == ["ENTRY_REJECTED"]


def test_first_target_waits_until_the_rest_of_the_entry_is_gone() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 6, 1000)
    desk.accept(2)

    assert short(desk.trade(1051)) == [("CANCEL", 1)]
    desk.fill(1, 2, 1000)
    assert short(desk.cancel(1)) == [("EXIT", 2, None, "TP1")]


def test_first_target_on_a_half_tick_needs_the_next_tick() -> None:
    desk = Desk()
    desk.open()

    assert desk.trade(1050) == []
    assert short(desk.trade(1051)) == [("EXIT", 3, None, "TP1")]
    assert desk.trade(1051) == []


def test_stop_moves_and_shrinks_once_the_first_target_is_filled_completely() -> None:
    desk = Desk()
    desk.open()
    desk.trade(1051)
    desk.accept(3)

    assert desk.fill(3, 1, 1051) == []
    assert short(desk.fill(3, 2, 1051)) == [("STOP", 7, 1000, "BREAKEVEN")]
    assert short(desk.accept(4)) == [("CANCEL", 2)]


def test_stop_shrinks_to_what_is_left_where_it_does_not_move() -> None:
    desk = Desk(breakeven_after_tp1=False)
    desk.open()
    desk.trade(1051)

    assert short(desk.fill(3, 3, 1051)) == [("STOP", 7, 950, "STOP")]


def test_entry_fill_reported_late_is_not_sold_with_the_first_target() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 6, 1000)
    desk.accept(2)
    desk.trade(1051)
    desk.cancel(1)

    assert short(desk.fill(1, 2, 1000)) == [("STOP", 8, 950, "STOP")]
    desk.accept(4)
    assert short(desk.fill(3, 2, 1051)) == [("STOP", 6, 1000, "BREAKEVEN")]


def test_breakeven_of_an_average_between_ticks_loses_nothing() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 9, 1000)
    desk.fill(1, 1, 1001)
    desk.accept(2)
    desk.accept(3)
    desk.cancel(2)
    desk.trade(1051)

    assert short(desk.fill(4, 3, 1051)) == [("STOP", 7, 1001, "BREAKEVEN")]


@pytest.mark.parametrize("side", [1, -1])
def test_stop_trails_from_the_activation_on_and_never_back(side: int) -> None:
    desk = Desk()
    desk.open(
        Intent(
            is_long=side > 0,
            entry=1000,
            stop=1000 - 50 * side,
            tag="trend",
            trail_distance=20,
            trail_activation=30,
        )
    )

    assert desk.trade(1000 + 29 * side) == []
    assert short(desk.trade(1000 + 30 * side)) == [("STOP", 10, 1000 + 10 * side, "TRAIL")]
    desk.accept(3)
    desk.cancel(2)
    assert desk.trade(1000 + 20 * side) == []
    assert short(desk.trade(1000 + 31 * side)) == [("STOP", 10, 1000 + 11 * side, "TRAIL")]


def test_profit_of_interleaved_fills_adds_up_exactly() -> None:
    desk = Desk(lots=7)
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 2, 999)
    desk.fill(1, 5, 1000)
    desk.trade(1100)
    desk.accept(2)
    desk.accept(3)
    for lots, price in ((1, 1099), (3, 1101), (3, 1098)):
        desk.fill(4, lots, price)
    desk.cancel(2)
    desk.cancel(3)

    closed = desk.records[-1]
    assert isinstance(closed, TradeClosed)
    assert closed.gross == Decimal("0.1") * (1099 + 3 * 1101 + 3 * 1098 - 2 * 999 - 5 * 1000)
    assert sum(exit.gross for exit in closed.exits) == closed.gross


def test_small_parts_are_not_split() -> None:
    assert first_target_lots(10, PARAMS.tp1_share, min_lots=3) == 3
    assert first_target_lots(10, PARAMS.tp1_share, min_lots=4) == 0


def test_restored_day_turns_the_kill_switch_on_again() -> None:
    ledger = Ledger(Decimal(100), Decimal(10))

    assert ledger.restore(5, 0, Decimal(-10), Decimal(90), killed=False)
    assert ledger.killed


def test_heat_has_no_value_where_positions_bind_all_equity() -> None:
    value = heat(Decimal(10), [Decimal(1)], [Decimal(100)], Decimal(10))

    assert value is None


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"stop": 1000}, "stop"),
        ({"tp1_half": 2000}, "tp1_half"),
        ({"tp2": 1000}, "tp2"),
        ({"trail_distance": 0}, "trail_distance"),
    ],
)
def test_prices_on_the_wrong_side_are_refused(changes: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        replace(LONG, **changes)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("reason", ["STOP", *ALERTS])
@pytest.mark.parametrize(("entry_fee", "exit_fee"), [("0.4", "0.7"), ("-0.4", "-0.7")])
def test_fees_lessen_and_rebates_raise_every_figure_of_a_trade(
    entry_fee: str, exit_fee: str, reason: str, side: int
) -> None:
    desk = Desk()
    desk.minute(LONG if side > 0 else SHORT)
    desk.accept(1)
    desk.fill(1, 10, 1000, entry_fee)
    assert desk.manager.ledger.day_pnl == -Decimal(entry_fee)
    desk.accept(2)
    order_id: int | None = 2
    if reason != "STOP":
        order_id = desk.manager.adopt_forced(10, ExitReason(reason), is_buy=side < 0)
    assert order_id is not None
    desk.fill(order_id, 10, 1000 - side * 50, exit_fee)
    if reason != "STOP":
        desk.cancel(2)

    net = Decimal(-50) - Decimal(entry_fee) - Decimal(exit_fee)
    assert desk.manager.ledger.day_pnl == net
    assert desk.manager.ledger.cash == 1000 + net
    (closed,) = [record for record in desk.records if isinstance(record, TradeClosed)]
    assert (closed.gross, closed.net) == (-50, net)
    assert closed.fees == Decimal(entry_fee) + Decimal(exit_fee)
    values = [r.value for r in desk.records if isinstance(r, Alert) and r.kind in ALERTS.values()]
    assert values == ([] if reason == "STOP" else [Decimal(-50) - Decimal(exit_fee)])


@pytest.mark.parametrize("paid", ["0.3", "-0.3"])
def test_funding_paid_lessens_and_received_raises_the_result(paid: str) -> None:
    desk = Desk()
    desk.open()
    desk.manager.on_funding(desk.now, Decimal(paid))
    desk.fill(2, 10, 950)
    (closed,) = [record for record in desk.records if isinstance(record, TradeClosed)]
    assert (closed.funding, closed.net) == (Decimal(paid), -50 - Decimal(paid))
    assert desk.manager.ledger.day_pnl == closed.net


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("beyond", [(10,), (4, 6)])
def test_an_exit_that_fills_after_the_stop_has_closed_all_earns_nothing_and_halts(
    beyond: tuple[int, ...], side: int
) -> None:
    desk = Desk()
    desk.open(LONG if side > 0 else SHORT)
    (exit_order,) = desk.keep(desk.manager.flatten(desk.now, ExitReason.FLATTEN))
    desk.fill(2, 10, 1000 - side * 50)
    assert not desk.manager.halted
    for lots in beyond:
        desk.fill(exit_order.order_id, lots, 1000 - side * 70)
        assert desk.manager.halted
        assert desk.manager.ledger.day_pnl == -50
    assert "POSITION_MISMATCH" in desk.alerts()


def test_without_a_trade_there_is_nothing_to_abandon_and_the_manager_halts() -> None:
    desk = Desk()
    assert list(desk.manager.abandon(desk.now, "gone")) == []
    assert desk.manager.halted


def test_an_abandoned_trade_has_its_orders_cancelled() -> None:
    desk = Desk()
    desk.open()
    assert short(desk.manager.abandon(desk.now, "gone")) == [("CANCEL", 2)]
    assert desk.manager.trade is None
    assert desk.manager.halted


def test_rules_that_are_not_given_are_the_documented_ones() -> None:
    params = TradeParams(tick_value=Decimal("0.1"), taker_fee_bps=Decimal(5))
    assert params == TradeParams(
        tick_value=Decimal("0.1"),
        taker_fee_bps=Decimal(5),
        limit_entry=True,
        entry_timeout_ns=60 * 10**9,
        cancel_on_stop_touch=True,
        cancel_on_target_touch=True,
        tp1_share=Fraction(3, 10),
        breakeven_after_tp1=True,
        trail_step=1,
        max_hold_ns=3600 * 10**9,
        extend_if_profitable=True,
        cooldown_ns=180 * 10**9,
        flip=True,
        kill_flatten=False,
        retry_ns=10**9,
        unprotected_retry_ns=250_000_000,
    )


def test_a_fill_of_an_unknown_order_takes_the_working_entry_back_at_once():
    desk = Desk(limit_entry=True)
    desk.minute(LONG)
    desk.accept(1)

    commands = desk.fill(7, 1, 1000)

    assert "POSITION_MISMATCH" in desk.alerts()
    assert commands == [Cancel(order_id=1)]


@pytest.mark.parametrize("name", ["entry", "stop", "tp1_half", "tp2"])
@pytest.mark.parametrize("price", [math.nan, 1000.5])
def test_a_price_that_is_no_whole_number_of_ticks_is_no_intent(name: str, price: float) -> None:
    with pytest.raises(ValueError, match=f"{name} .* was not a whole number of ticks"):
        replace(LONG, **{name: price})

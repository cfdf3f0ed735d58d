"""When commands reach the simulated venue of a node, and what they meet there."""

import asyncio
from decimal import Decimal

import pytest
from nautilus_trader.model.enums import OrderStatus

from adapters.simulated.nautilus.paper import SILENT_S
from live.replay_clock import ReplayClock
from tests.live.paper_venue import START
from tests.live.paper_venue import PaperVenue
from tests.markets import MS
from tests.virtual_time import run_virtually


BID, ASK = 500_000, 500_010


@pytest.fixture(autouse=True)
def loop():
    """A loop for clients that are built outside of one; nothing runs in it."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield made
    asyncio.set_event_loop(None)
    made.close()


@pytest.fixture
def venue():
    made = PaperVenue()
    made.quote(0, BID, ASK)
    return made


def test_an_order_meets_the_first_event_after_its_way(venue):
    order = venue.market(5, is_buy=True)
    assert order.status == OrderStatus.SUBMITTED
    venue.quote(24.999999, BID + 100, ASK + 100)
    assert order.status == OrderStatus.SUBMITTED
    venue.quote(25, BID + 200, ASK + 200)
    # One tick of slippage, as in the environment.
    assert venue.filled_at(order) == (25, ASK + 201)


def test_the_account_is_that_of_the_venue(venue):
    assert venue.client.account_id.value == "BYBIT-001"
    assert venue.cache.account_for_venue(venue.client.venue).id == venue.client.account_id


def test_a_print_is_an_event_as_well(venue):
    order = venue.market(5, is_buy=True)
    venue.print(31, BID, is_sell=True)
    assert venue.filled_at(order) == (31, ASK + 1)


def test_orders_arrive_in_the_order_in_which_they_were_sent(venue):
    entry = venue.market(5, is_buy=True, size=1)
    stop = venue.stop(6, BID - 100, is_buy=False, size=1)
    venue.quote(25, BID, ASK)
    assert (entry.status, stop.status) == (OrderStatus.FILLED, OrderStatus.SUBMITTED)
    venue.quote(26, BID, ASK)
    assert stop.status == OrderStatus.ACCEPTED


def test_a_limit_order_that_crosses_on_its_arrival_is_filled_by_that_quote(venue):
    order = venue.limit(5, ASK, is_buy=True)
    venue.quote(24, BID + 5, ASK + 5)
    venue.quote(26, BID - 20, ASK - 20)
    assert venue.filled_at(order) == (26, ASK - 20)


def test_a_working_order_still_fills_while_its_cancel_is_under_way(venue):
    order = venue.limit(0, BID - 10, is_buy=True)
    venue.quote(20, BID, ASK)
    assert order.status == OrderStatus.ACCEPTED
    venue.cancel(30, order)
    venue.print(49, BID - 20, is_sell=True)
    assert venue.filled_at(order) == (49, BID - 10)
    venue.quote(50, BID, ASK)
    assert order.status == OrderStatus.FILLED


def test_a_cancel_works_from_its_arrival_on(venue):
    order = venue.limit(0, BID - 10, is_buy=True)
    venue.quote(20, BID, ASK)
    venue.cancel(30, order)
    venue.quote(49, BID, ASK)
    assert order.status == OrderStatus.ACCEPTED
    venue.quote(50, BID, ASK)
    assert order.status == OrderStatus.CANCELED
    venue.print(51, BID - 20, is_sell=True)
    assert order.status == OrderStatus.CANCELED


def held(venue):
    """Buy one and protect it by a stop; return the stop, at work."""
    venue.market(0, is_buy=True)
    venue.quote(20, BID, ASK)
    stop = venue.stop(20, BID - 100, is_buy=False)
    venue.quote(40, BID, ASK)
    assert stop.status == OrderStatus.ACCEPTED
    return stop


def test_a_stop_fills_while_its_cancel_is_under_way(venue):
    stop = held(venue)
    venue.cancel(50, stop)
    venue.print(69, BID - 100, is_sell=True)
    assert venue.filled_at(stop) == (69, BID - 101)
    venue.quote(70, BID, ASK)
    assert stop.status == OrderStatus.FILLED
    assert venue.cache.positions_open_count() == 0


def test_a_stop_is_moved_by_a_command_that_has_its_way_as_well(venue):
    stop = held(venue)
    venue.move_stop(50, stop, BID - 50)
    venue.print(69, BID - 60, is_sell=True)
    assert not stop.is_closed
    venue.quote(70, BID, ASK)
    assert stop.trigger_price == venue.tick_price(BID - 50)
    venue.print(71, BID - 60, is_sell=True)
    assert venue.filled_at(stop)[0] == 71


def test_the_old_price_of_a_stop_holds_until_the_new_one_arrives(venue):
    stop = held(venue)
    venue.move_stop(50, stop, BID - 300)
    venue.print(69, BID - 100, is_sell=True)
    assert venue.filled_at(stop) == (69, BID - 101)


@pytest.mark.parametrize("how", ["cancel_all", "cancel_batch"])
def test_lists_and_cancels_of_several_orders_have_their_way_as_well(venue, how):
    orders = venue.submit_list(0, [BID - 10, BID - 20])
    venue.quote(19, BID, ASK)
    assert {order.status for order in orders} == {OrderStatus.SUBMITTED}
    venue.quote(20, BID, ASK)
    assert {order.status for order in orders} == {OrderStatus.ACCEPTED}
    if how == "cancel_all":
        venue.cancel_all(30)
    else:
        venue.cancel_batch(30, orders)
    venue.quote(49, BID, ASK)
    assert {order.status for order in orders} == {OrderStatus.ACCEPTED}
    venue.quote(50, BID, ASK)
    assert {order.status for order in orders} == {OrderStatus.CANCELED}


def after(latency_ms, seconds):
    """Return an order that was sent into a market which has fallen silent, and its venue."""

    async def play():
        venue = PaperVenue(latency_ms)
        venue.quote(0, BID, ASK)
        order = venue.market(5, is_buy=True)
        venue.at(5 + seconds * 1000)
        await asyncio.sleep(seconds + 0.001)
        return venue, order

    return run_virtually(play())


def test_where_nothing_comes_it_meets_the_market_in_force():
    _, order = after(20, SILENT_S + 0.018)
    assert order.status == OrderStatus.SUBMITTED
    venue, order = after(20, SILENT_S + 0.02)
    assert venue.filled_at(order) == (5 + 20 + SILENT_S * 1000, ASK + 1)


def test_without_latency_it_meets_the_market_in_force_at_once():
    venue, order = after(0, 0)
    assert venue.filled_at(order) == (5, ASK + 1)


def test_in_a_replay_the_tape_hands_events_on_and_takes_the_time():
    time = ReplayClock(START)
    venue = PaperVenue(time=time)
    venue.client.on_data(venue.make_quote(0, BID, ASK))
    order = venue.market(5, is_buy=True)
    # Nobody but the tape: neither the bus nor the loop.
    venue.quote(40, BID + 100, ASK + 100)
    assert not venue.client.settle(START + 24 * MS)
    assert order.status == OrderStatus.SUBMITTED
    time.go_to(START + 26 * MS)
    assert venue.client.settle(START + 26 * MS)
    assert venue.filled_at(order) == (26, ASK + 1)
    assert not venue.client.settle(START + 27 * MS)


def test_a_position_locks_its_value_by_the_leverage_as_in_a_backtest(venue):
    venue.market(0, is_buy=True, size=1)
    venue.quote(20, BID, ASK)
    account = venue.cache.account_for_venue(venue.instrument.id.venue)
    # 50,001.1 at a leverage of 10, whatever the live client takes for the margin.
    price = venue.tick_price(ASK + 1).as_decimal()
    assert account.margins_maint()[venue.instrument.id].as_decimal() == price / 10
    order = venue.instrument.make_qty(2), venue.tick_price(BID)
    assert account.calculate_margin_init(venue.instrument, *order).as_decimal() == Decimal(10_000)

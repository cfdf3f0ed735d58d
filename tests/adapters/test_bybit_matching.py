from decimal import Decimal
from pathlib import Path

import pytest

from adapters.bybit.loopback.account import Position
from adapters.bybit.loopback.account import Wallet
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.orders import TimeInForce
from adapters.bybit.loopback.orders import VenueError
from tests.adapters.bybit_orders import D
from tests.adapters.bybit_orders import engine
from tests.adapters.bybit_orders import fills
from tests.adapters.bybit_orders import limit
from tests.adapters.bybit_orders import market
from tests.adapters.bybit_orders import quote
from tests.adapters.bybit_orders import stop
from tests.adapters.bybit_orders import trade
from tests.test_architecture import imports_of


BUY, SELL = Side.BUY, Side.SELL


def test_market_order_pays_a_tick_for_what_the_quote_does_not_show():
    venue = engine()
    quote(venue, "60000", "60000.5", ask_size="0.3")

    order = market(venue, BUY, "0.5")

    assert fills(venue) == [("0.3", "60000.5", False), ("0.2", "60000.6", False)]
    assert order.status is Status.FILLED
    assert venue.account.size == D("0.5")


def test_second_market_order_does_not_take_the_same_size_again():
    venue = engine()
    quote(venue, "60000", "60000.5", ask_size="0.3")

    market(venue, BUY, "0.3")
    market(venue, BUY, "0.3")

    assert fills(venue)[1] == ("0.3", "60000.6", False)


def test_market_order_before_the_first_quote_is_cancelled():
    venue = engine()

    order = market(venue, BUY, "0.1")

    assert (order.status, order.reject_reason) == (Status.CANCELLED, "EC_NoImmediateQtyToFill")


def test_crossing_limit_order_takes_what_is_shown_and_waits_with_the_rest():
    venue = engine()
    quote(venue, "60000", "60000.5", ask_size="0.3")

    order = limit(venue, BUY, "0.5", "60001")

    assert fills(venue) == [("0.3", "60000.5", False)]
    assert (order.status, order.leaves) == (Status.PARTIALLY_FILLED, D("0.2"))


def test_order_at_the_best_price_waits_for_what_stands_before_it():
    venue = engine()
    quote(venue, "60000", "60000.5", bid_size="1.0")
    limit(venue, BUY, "0.5", "60000")

    trade(venue, "60000", "0.9", SELL)
    assert fills(venue) == []
    trade(venue, "60000", "0.2", SELL)

    assert fills(venue) == [("0.1", "60000", True)]


def test_shrinking_size_at_the_price_shortens_the_queue():
    venue = engine()
    quote(venue, "60000", "60000.5", bid_size="1.0")
    limit(venue, BUY, "0.5", "60000")

    quote(venue, "60000", "60000.5", bid_size="0.1")
    trade(venue, "60000", "0.2", SELL)

    assert fills(venue) == [("0.1", "60000", True)]


def test_order_behind_the_best_price_does_not_fill_at_its_price_unseen():
    venue = engine()
    quote(venue, "60000", "60000.5")
    limit(venue, BUY, "0.5", "59990")

    trade(venue, "59990", "5", SELL)

    assert fills(venue) == []


def test_trade_through_the_price_fills_for_its_size():
    venue = engine()
    quote(venue, "60000", "60000.5")
    limit(venue, BUY, "0.5", "59990")

    trade(venue, "59989.9", "0.2", SELL)

    assert fills(venue) == [("0.2", "59990", True)]


def test_two_orders_share_the_size_of_one_trade():
    venue = engine()
    quote(venue, "60000", "60000.5")
    limit(venue, BUY, "0.2", "59990")
    limit(venue, BUY, "0.2", "59991")

    trade(venue, "59980", "0.3", SELL)

    assert fills(venue) == [("0.2", "59991", True), ("0.1", "59990", True)]


@pytest.mark.parametrize("aggressor", [BUY, None])
def test_trade_of_the_own_side_or_of_no_side_fills_nothing_at_the_price(aggressor):
    venue = engine()
    quote(venue, "60000", "60000.5", bid_size="0.001")
    limit(venue, BUY, "0.5", "60000")

    trade(venue, "60000", "5", aggressor)

    assert fills(venue) == []


def test_quote_that_reaches_the_price_fills_as_maker_for_its_size():
    venue = engine()
    quote(venue, "60000", "60000.5")
    limit(venue, BUY, "0.5", "59990")

    quote(venue, "59980", "59985", ask_size="0.2")

    assert fills(venue) == [("0.2", "59990", True)]


def test_fees_are_those_of_maker_and_taker():
    venue = engine()
    quote(venue, "60000", "60000.5", ask_size="0.1")
    market(venue, BUY, "0.1")
    limit(venue, SELL, "0.1", "60010")
    quote(venue, "60010", "60010.5")

    taker, maker = venue.executions
    assert taker.fee == D("0.1") * D("60000.5") * D("0.00055")
    assert maker.fee == D("0.1") * D("60010") * D("0.0002")
    assert venue.account.balance == D(10000) + D("0.95") - taker.fee - maker.fee


def test_fill_beyond_the_position_turns_it():
    venue = engine()
    quote(venue, "60000", "60000", ask_size="1")
    market(venue, BUY, "0.1")

    market(venue, SELL, "0.3")

    position = venue.position()
    assert (position.size, position.average) == (D("-0.2"), D("60000"))
    assert venue.executions[-1].closed == D("0.1")


def test_post_only_order_that_would_take_is_cancelled_with_its_reason():
    venue = engine()
    quote(venue, "60000", "60000.5")

    order = limit(venue, BUY, "0.1", "60000.5", TimeInForce.POST_ONLY)

    assert order.status is Status.CANCELLED
    assert order.reject_reason == "EC_PostOnlyWillTakeLiquidity"
    assert limit(venue, BUY, "0.1", "60000.4", TimeInForce.POST_ONLY).status is Status.NEW


def test_immediate_orders_do_not_stay():
    venue = engine()
    quote(venue, "60000", "60000.5", ask_size="0.1")

    fok = limit(venue, BUY, "0.2", "60000.5", TimeInForce.FOK)
    ioc = limit(venue, BUY, "0.2", "60000.5", TimeInForce.IOC)

    assert (fok.status, fok.filled, fok.reject_reason) == (
        Status.CANCELLED,
        0,
        "EC_NoEnoughQtyToFill",
    )
    assert (ioc.status, ioc.filled) == (Status.CANCELLED, D("0.1"))


def test_reduce_only_order_without_position_is_refused():
    venue = engine()
    quote(venue, "60000", "60000.5")

    with pytest.raises(VenueError) as refused:
        market(venue, SELL, "0.1", reduce_only=True)

    assert refused.value.code == 110017


def test_reduce_only_order_fills_for_the_position_alone():
    venue = engine()
    quote(venue, "60000", "60000.5")
    market(venue, BUY, "0.1")

    order = market(venue, SELL, "0.3", reduce_only=True)

    assert venue.account.size == 0
    assert (order.status, order.filled, order.cancel_type) == (
        Status.CANCELLED,
        D("0.1"),
        "CancelByReduceOnly",
    )


def test_resting_reduce_only_orders_go_with_the_position():
    venue = engine()
    quote(venue, "60000", "60000.5")
    market(venue, BUY, "0.1")
    target = limit(venue, SELL, "0.1", "60100", reduce_only=True)

    market(venue, SELL, "0.1")

    assert (target.status, target.cancel_type) == (Status.CANCELLED, "CancelByReduceOnly")


def test_stop_is_triggered_by_a_trade_and_not_by_a_quote():
    venue = engine()
    quote(venue, "60000", "60000.5")
    trade(venue, "60000", "1", SELL)
    market(venue, BUY, "0.1")
    order = stop(venue, SELL, "0.1", "59990")

    quote(venue, "59900", "59900.5")
    assert order.status is Status.UNTRIGGERED
    trade(venue, "59990", "0.1", SELL)

    assert order.status is Status.FILLED
    assert fills(venue)[-1] == ("0.1", "59900", False)


def test_stop_never_fills_better_than_the_trade_that_set_it_off():
    venue = engine()
    quote(venue, "60000", "60000.5")
    trade(venue, "60000", "1", SELL)
    market(venue, BUY, "0.1")
    stop(venue, SELL, "0.1", "59990")

    trade(venue, "59970", "0.1", SELL)

    assert fills(venue)[-1] == ("0.1", "59970", False)


def test_stop_larger_than_the_position_ends_cancelled():
    venue = engine()
    quote(venue, "60000", "60000.5")
    trade(venue, "60000", "1", SELL)
    market(venue, BUY, "0.1")
    order = stop(venue, SELL, "0.3", "59990")

    trade(venue, "59990", "0.1", SELL)

    assert venue.account.size == 0
    assert (order.status, order.filled) == (Status.CANCELLED, D("0.1"))


def test_stop_without_a_position_is_cancelled_when_triggered():
    venue = engine()
    quote(venue, "60000", "60000.5")
    trade(venue, "60000", "1", SELL)
    order = stop(venue, SELL, "0.3", "59990")

    trade(venue, "59990", "0.1", SELL)

    assert (order.status, order.cancel_type) == (Status.CANCELLED, "CancelByReduceOnly")
    assert fills(venue) == []


def test_stop_limit_rests_after_its_trigger():
    venue = engine()
    quote(venue, "60000", "60000.5")
    trade(venue, "60000", "1", SELL)
    order = stop(venue, BUY, "0.1", "60010", price="60005", reduce_only=False)

    quote(venue, "60010", "60010.5")
    trade(venue, "60010.5", "0.1", BUY)
    assert (order.status, order.filled) == (Status.NEW, 0)
    quote(venue, "60004", "60004.5")

    assert fills(venue) == [("0.1", "60005", True)]


@pytest.mark.parametrize(
    ("side", "trigger", "code"), [(BUY, "60000", 110092), (SELL, "60000", 110093)]
)
def test_trigger_that_has_been_reached_is_refused(side, trigger, code):
    venue = engine()
    trade(venue, "60000", "1", SELL)

    with pytest.raises(VenueError) as refused:
        stop(venue, side, "0.1", trigger, reduce_only=False)

    assert refused.value.code == code


def test_amended_price_goes_to_the_end_of_the_queue():
    venue = engine()
    quote(venue, "60000", "60000.5", bid_size="1")
    order = limit(venue, BUY, "0.1", "60000")
    trade(venue, "60000", "0.9", SELL)
    assert order.queue == D("0.1")

    venue.amend(order.order_id, "", venue.now_ns, price=D("59999.9"))
    venue.amend(order.order_id, "", venue.now_ns, price=D("60000"))

    assert order.queue == 1


def test_smaller_size_keeps_the_place():
    venue = engine()
    quote(venue, "60000", "60000.5", bid_size="1")
    order = limit(venue, BUY, "0.2", "60000")
    trade(venue, "60000", "0.9", SELL)

    venue.amend(order.order_id, "", venue.now_ns, size=D("0.1"))

    assert (order.queue, order.leaves) == (D("0.1"), D("0.1"))


def test_amended_price_that_crosses_takes():
    venue = engine()
    quote(venue, "60000", "60000.5")
    order = limit(venue, BUY, "0.1", "59000")

    venue.amend(order.order_id, "", venue.now_ns, price=D("60000.5"))

    assert fills(venue) == [("0.1", "60000.5", False)]


def test_amended_trigger_is_the_one_that_counts():
    venue = engine()
    quote(venue, "60000", "60000.5")
    trade(venue, "60000", "1", SELL)
    market(venue, BUY, "0.1")
    order = stop(venue, SELL, "0.1", "59990")

    venue.amend(order.order_id, "", venue.now_ns, trigger_price=D("59950"))
    trade(venue, "59990", "0.1", SELL)

    assert order.status is Status.UNTRIGGERED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": D("0.2"), "price": D("59000")}, 10001),
        ({"size": D("0.0005")}, 10001),
        ({"price": D("59000.05")}, 10001),
        ({"trigger_price": D("59000")}, 10001),
        ({"size": D("100")}, 110007),
    ],
)
def test_amendment_that_the_venue_refuses_changes_nothing(changes, code):
    venue = engine()
    quote(venue, "60000", "60000.5")
    order = limit(venue, BUY, "0.2", "59000")

    with pytest.raises(VenueError) as refused:
        venue.amend(order.order_id, "", venue.now_ns, **changes)

    assert refused.value.code == code
    assert (order.size, order.price) == (D("0.2"), D("59000"))


def test_closed_order_cannot_be_cancelled_again():
    venue = engine()
    quote(venue, "60000", "60000.5")
    order = limit(venue, BUY, "0.1", "59000")
    venue.cancel(order.order_id, "", venue.now_ns)

    with pytest.raises(VenueError) as refused:
        venue.cancel(order.order_id, "", venue.now_ns)

    assert refused.value.code == 110001


@pytest.mark.parametrize(
    ("size", "price", "code"),
    [
        ("0.0015", "60000", 10001),
        ("2000", "60000", 10001),
        ("0.001", "60000.05", 10001),
        ("0.001", "4000", 110094),
        ("2", "60000", 110007),
    ],
)
def test_order_that_the_venue_refuses_has_its_code(size, price, code):
    venue = engine()
    quote(venue, "60000", "60000.5")

    with pytest.raises(VenueError) as refused:
        limit(venue, BUY, size, price)

    assert refused.value.code == code
    assert venue.orders == {}


def test_order_that_closes_needs_no_margin():
    venue = engine(balance="1000")
    quote(venue, "60000", "60000.5")
    market(venue, BUY, "0.15")

    order = market(venue, SELL, "0.15")

    assert order.status is Status.FILLED


@pytest.mark.parametrize(("side", "rate", "sign"), [(BUY, "0.0001", 1), (SELL, "0.0001", -1)])
def test_long_pays_a_positive_funding_rate_and_short_receives_it(side, rate, sign):
    venue = engine()
    quote(venue, "60000", "60001")
    market(venue, side, "0.1")
    before = venue.account.balance

    paid = venue.settle_funding(venue.now_ns, D(rate))

    assert paid == sign * D("0.1") * D("60000.5") * D(rate)
    assert venue.account.balance == before - paid
    assert venue.executions[-1].kind == "Funding"
    assert venue.account.size == sign * D("0.1")


def test_changes_report_each_step_in_its_order():
    venue = engine()
    quote(venue, "60000", "60000.5", ask_size="0.1")

    limit(venue, BUY, "0.2", "60000.5")

    kinds = [type(change) for change in venue.changes()]
    assert kinds == [Order, Execution, Order, Position, Wallet]
    assert venue.changes() == []


def test_change_keeps_the_state_of_its_moment():
    venue = engine()
    quote(venue, "60000", "60000.5")
    order = limit(venue, BUY, "0.1", "59000")
    told = venue.changes()

    venue.cancel(order.order_id, "", venue.now_ns)

    assert [change.status for change in told if isinstance(change, Order)] == [Status.NEW]


def test_same_requests_give_the_same_ids():
    ids = []
    for _ in range(2):
        venue = engine()
        quote(venue, "60000", "60000.5")
        market(venue, BUY, "0.1")
        ids.append([(e.exec_id, e.order_id) for e in venue.executions])

    assert ids[0] == ids[1]


def test_margin_is_value_by_leverage():
    venue = engine(leverage="20")
    quote(venue, "60000", "60000")
    market(venue, BUY, "0.1")
    limit(venue, BUY, "0.1", "50000")

    wallet = venue.wallet()
    assert (wallet.position_margin, wallet.order_margin) == (Decimal(300), Decimal(250))


@pytest.mark.parametrize(
    "name",
    ["account", "checks", "contract", "matching", "order_book", "orders", "touch"],
)
def test_engine_knows_no_sockets_no_clock_and_no_nautilus(name):
    path = Path(__file__).parents[2] / "adapters" / "bybit" / "loopback" / f"{name}.py"

    roots = {
        module.split(".")[0]
        for module in imports_of(path)
        if not module.startswith(("adapters.bybit.loopback.", "errors"))
    }

    assert roots <= {"collections", "dataclasses", "decimal", "enum", "random", "typing", "uuid"}

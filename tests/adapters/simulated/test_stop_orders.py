"""Stops are triggered by prints and pay the current quote."""

import pytest

from adapters.simulated.nautilus.fills import VenueFillsConfig
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import play


def long_with_stop(ticks_price, lots=5):
    return [
        (1, lambda s: s.market("BUY", lots)),
        (2, lambda s: s.protect("SELL", lots, ticks_price)),
    ]


def short_with_stop(ticks_price, lots=5):
    return [
        (1, lambda s: s.market("SELL", lots)),
        (2, lambda s: s.protect("BUY", lots, ticks_price)),
    ]


@pytest.mark.parametrize("side", ["S", "B", "N"])
@pytest.mark.parametrize(("printed", "fired"), [(991, False), (990, True), (985, True)])
def test_a_print_at_or_beyond_the_price_sets_a_sell_stop_off(side, printed, fired):
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.quote(4, 989, 991), m.trade(5, printed, 1, side)]
    exits = play(m, ticks, long_with_stop(990)).fills[1:]
    # One tick of slippage, from the bid or the print where that is lower.
    expected = [(5, "SELL", 5, min(989, printed) - 1, "T")] if fired else []
    assert exits == expected


def test_a_print_at_or_beyond_the_price_sets_a_buy_stop_off():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(4, 1019, 1, "B"), m.trade(5, 1020, 1, "B")]
    assert play(m, ticks, short_with_stop(1020)).fills[1:] == [(5, "BUY", 5, 1021, "T")]


def test_a_quote_alone_sets_no_stop_off():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.quote(4, 900, 901), m.quote(5, 1000, 1010)]
    result = play(m, ticks, long_with_stop(990))
    assert len(result.fills) == 1
    (stop,) = result.engine.cache.orders_open()
    assert stop.status_string() == "ACCEPTED"


def test_a_stop_that_the_quote_has_reached_when_it_arrives_is_rejected():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.quote(1.5, 990, 995), m.trade(3, 985, 1, "B")]
    result = play(m, ticks, long_with_stop(990))
    assert result.kinds[-1] == "OrderRejected"
    assert len(result.fills) == 1


def test_a_print_before_the_stop_arrived_neither_rejects_nor_fires_it():
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010),
        m.trade(1.5, 985, 1, "S"),
        m.quote(3, 995, 1000),
        m.trade(4, 990, 1, "S"),
    ]
    assert play(m, ticks, long_with_stop(990)).fills[1:] == [(4, "SELL", 5, 989, "T")]


def test_an_amendment_that_the_quote_has_reached_is_refused_and_the_old_stop_stays():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(5, 995, 1, "S"), m.trade(6, 990, 1, "S")]
    orders = {}

    def protect(s):
        orders["stop"] = s.protect("SELL", 5, 990)

    def amend(s):
        s.modify_order(orders["stop"], trigger_price=m.price(1001))

    result = play(m, ticks, [(1, lambda s: s.market("BUY", 5)), (2, protect), (3, amend)])
    assert "OrderModifyRejected" in result.kinds
    assert result.fills[1:] == [(6, "SELL", 5, 989, "T")]


def test_a_stop_amended_before_the_print_waits_for_its_new_price():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(5, 989, 1, "S"), m.trade(6, 980, 1, "S")]
    orders = {}

    def protect(s):
        orders["stop"] = s.protect("SELL", 5, 990)

    def amend(s):
        s.modify_order(orders["stop"], trigger_price=m.price(980), quantity=m.size(5))

    actions = [(1, lambda s: s.market("BUY", 5)), (2, protect), (3, amend)]
    assert play(m, ticks, actions).fills[1:] == [(6, "SELL", 5, 979, "T")]


def test_a_triggered_stop_beyond_the_displayed_size_pays_one_tick_more():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010, 2, 9), m.trade(5, 990, 1, "S")]
    config = VenueFillsConfig(slippage_ticks_exit=2)
    result = play(m, ticks, long_with_stop(990), fills=config)
    assert [fill[2:4] for fill in result.fills[1:]] == [(2, 988), (3, 987)]


def test_a_stop_follows_the_position_down_and_leaves_with_it():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(5, 989, 1, "S"), m.trade(6, 989, 1, "S")]
    actions = [*long_with_stop(990), (3, lambda s: s.market("SELL", 3, reduce_only=True))]
    result = play(m, ticks, actions)
    assert [fill[1:3] for fill in result.fills] == [("BUY", 5), ("SELL", 3), ("SELL", 2)]
    gone = play(m, ticks, [*actions, (4, lambda s: s.market("SELL", 2, reduce_only=True))])
    assert [fill[1:3] for fill in gone.fills] == [("BUY", 5), ("SELL", 3), ("SELL", 2)]
    assert not gone.engine.cache.orders_open()

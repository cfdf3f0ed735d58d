"""Resting limit orders fill when the market says that they were next, at the earliest."""

import pytest

from adapters.simulated.nautilus.fills import VenueFillsConfig
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import play


def buy(ticks, lots=5, **options):
    return lambda s: s.limit("BUY", lots, ticks, **options)


def sell(ticks, lots=5, **options):
    return lambda s: s.limit("SELL", lots, ticks, **options)


def played(ticks, *actions, queue="displayed", maker, **options):
    config = VenueFillsConfig(queue=queue)
    return play(maker, ticks, list(actions), fills=config, **options)


def test_a_buy_fills_only_after_the_size_displayed_ahead_has_traded():
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010, 10, 10),
        m.trade(2, 1000, 6, "S"),
        m.trade(3, 1000, 3, "S"),
        m.trade(4, 1000, 4, "S"),
        m.trade(5, 1000, 9, "S"),
    ]
    result = played(ticks, (1, buy(1000)), maker=m)
    assert result.fills == [(4, "BUY", 3, 1000, "M"), (5, "BUY", 2, 1000, "M")]


def test_a_sale_stands_in_the_queue_of_the_ask():
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010, 10, 4),
        m.trade(2, 1010, 4, "B"),
        m.trade(3, 1010, 2, "B"),
    ]
    result = played(ticks, (1, sell(1010, 2)), maker=m)
    assert result.fills == [(3, "SELL", 2, 1010, "M")]


def test_prints_against_the_other_side_do_not_shorten_the_queue():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010, 1, 10), *(m.trade(ms, 1000, 50, "B") for ms in range(2, 9))]
    assert played(ticks, (1, buy(1000)), maker=m).fills == []


@pytest.mark.parametrize(("price", "filled"), [(1000, True), (1005, False), (1004, True)])
def test_a_print_without_a_side_counts_to_the_nearer_quote(price, filled):
    m = Maker()
    ticks = [m.quote(0, 1000, 1010, 1, 1), m.trade(2, price, 50, "N")]
    result = played(ticks, (1, buy(price)), maker=m)
    assert bool(result.fills) == filled


def test_a_print_through_the_limit_fills_all_at_the_limit():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010, 10, 10), m.trade(2, 999, 1, "S")]
    result = played(ticks, (1, buy(1000)), maker=m)
    assert result.fills == [(2, "BUY", 5, 1000, "M")]


def test_the_opposite_quote_at_the_limit_fills_up_to_its_size_once():
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010),
        m.quote(2, 990, 1000, 10, 3),
        m.quote(3, 991, 1000, 10, 3),
        m.quote(4, 991, 1000, 10, 4),
        m.quote(5, 991, 999, 10, 1),
    ]
    result = played(ticks, (1, buy(1000)), maker=m)
    assert result.fills == [
        (2, "BUY", 3, 1000, "M"),
        (4, "BUY", 1, 1000, "M"),
        (5, "BUY", 1, 1000, "M"),
    ]


def test_other_commands_do_not_ask_the_same_quote_again():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.quote(2, 990, 1000, 10, 3), m.trade(9, 1005, 1, "B")]
    result = played(ticks, (1, buy(1000)), (4, buy(900)), (5, buy(901)), maker=m)
    assert result.fills == [(2, "BUY", 3, 1000, "M")]


@pytest.mark.parametrize("side", ["S", "B", "N"])
def test_a_limit_that_does_not_reach_the_ask_is_not_taken_by_a_print(side):
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010),
        m.trade(2, 1000, 5, side),
        m.trade(4, 1010, 5, "B"),
        m.trade(6, 1010, 5, side),
    ]
    # Nautilus's own book stands at 1000/1000 when the order comes.
    result = played(ticks, (3, buy(1005)), maker=m)
    assert "OrderAccepted" in result.kinds
    assert result.fills == []


def test_a_limit_that_reaches_the_ask_takes_even_after_a_print_above_it():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(2, 1010, 5, "B"), m.quote(9, 1000, 1020)]
    result = played(ticks, (3, buy(1010)), maker=m)
    assert result.fills == [(3, "BUY", 5, 1010, "T")]


def test_a_taking_limit_walks_one_tick_if_it_may_and_rests_otherwise():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010, 10, 3), m.trade(2, 1010, 2, "S"), m.trade(3, 1010, 1, "S")]
    walks = played(ticks, (1, buy(1011)), maker=m)
    rests = played(ticks, (1, buy(1010, 7)), maker=m)
    assert walks.fills == [(1, "BUY", 3, 1010, "T"), (1, "BUY", 2, 1011, "T")]
    # The rest is the best bid, with nothing queued before it.
    assert rests.fills == [
        (1, "BUY", 3, 1010, "T"),
        (2, "BUY", 2, 1010, "M"),
        (3, "BUY", 1, 1010, "M"),
    ]


def test_a_limit_does_not_take_where_a_print_has_gone_beyond_it():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(2, 1013, 5, "B"), m.quote(9, 1000, 1015)]
    assert played(ticks, (3, buy(1010)), maker=m).fills == []


def test_behind_the_best_price_the_queue_is_counted_when_the_price_comes():
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010, 10, 10),
        m.trade(2, 990, 99, "S"),
        m.quote(3, 990, 1010, 4, 10),
        m.trade(4, 990, 6, "S"),
    ]
    # Until the price reaches it the size ahead is unknown.
    result = played(ticks, (1, buy(990)), maker=m)
    assert result.fills == [(4, "BUY", 2, 990, "M")]


def test_cancels_ahead_shorten_the_queue_to_what_is_displayed():
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010, 50, 10),
        m.quote(2, 1000, 1010, 2, 10),
        m.quote(3, 1000, 1010, 80, 10),
        m.trade(4, 1000, 5, "S"),
    ]
    result = played(ticks, (1, buy(1000)), maker=m)
    assert result.fills == [(4, "BUY", 3, 1000, "M")]


def test_an_amended_price_or_a_larger_size_goes_to_the_back():
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010, 5, 10),
        m.trade(2, 1000, 5, "S"),
        m.trade(5, 1000, 5, "S"),
        m.trade(6, 1000, 1, "S"),
    ]
    orders = {}

    def place(s):
        orders["larger"], orders["smaller"] = s.limit("BUY", 3, 1000), s.limit("BUY", 3, 1000)

    def amend(s):
        s.modify_order(orders["larger"], quantity=m.size(4))
        s.modify_order(orders["smaller"], quantity=m.size(2))

    result = played(ticks, (1, place), (3, amend), maker=m)
    assert result.fills == [(5, "BUY", 2, 1000, "M"), (6, "BUY", 1, 1000, "M")]


def test_a_limit_amended_to_the_ask_takes():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(5, 1000, 1, "S")]
    orders = {}

    def place(s):
        orders["one"] = s.limit("BUY", 3, 1000)

    def amend(s):
        s.modify_order(orders["one"], price=m.price(1010))

    assert played(ticks, (1, place), (3, amend), maker=m).fills == [(3, "BUY", 3, 1010, "T")]


def test_a_cancelled_limit_fills_no_more():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(5, 990, 9, "S"), m.quote(6, 980, 985)]
    orders = {}

    def place(s):
        orders["one"] = s.limit("BUY", 3, 1000)

    result = played(ticks, (1, place), (3, lambda s: s.cancel_order(orders["one"])), maker=m)
    assert result.kinds[-1] == "OrderCanceled"
    assert result.fills == []


def test_a_reduce_only_limit_never_fills_more_than_the_position():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010, 9, 9), m.trade(5, 1030, 9, "B"), m.trade(6, 1030, 9, "B")]
    actions = [
        (1, lambda s: s.market("BUY", 3)),
        (2, lambda s: s.limit("SELL", 5, 1020, reduce_only=True)),
    ]
    result = played(ticks, *actions, maker=m)
    assert result.fills[1:] == [(5, "SELL", 3, 1020, "M")]
    assert not result.engine.cache.positions_open()


TOUCHES = {
    "print at the price": lambda m: m.trade(2, 1000, 1, "S"),
    "opposite quote at the price": lambda m: m.quote(2, 990, 1000, 1, 1),
    "print through": lambda m: m.trade(2, 999, 1, "S"),
    "opposite quote through": lambda m: m.quote(2, 990, 999, 1, 1),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_rules_of_the_queue_are_ordered(touch):
    m = Maker()
    lots = {}
    for rule in ("touch", "displayed", "through"):
        ticks = [m.quote(0, 1000, 1010, 10, 10), TOUCHES[touch](m)]
        result = played(ticks, (1, buy(1000)), queue=rule, maker=m)
        lots[rule] = sum(fill[2] for fill in result.fills)
    expected = {
        "print at the price": [5, 0, 0],
        "opposite quote at the price": [5, 1, 0],
        "print through": [5, 5, 5],
        "opposite quote through": [5, 5, 5],
    }
    assert list(lots.values()) == expected[touch]


def test_a_post_only_limit_is_judged_by_the_quote_not_by_a_print():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(2, 1000, 5, "S"), m.trade(9, 1010, 1, "B")]
    rests = played(ticks, (3, buy(1005, post_only=True)), maker=m)
    refused = played(ticks, (3, buy(1010, post_only=True)), maker=m)
    assert rests.kinds[-1] == "OrderAccepted"
    assert refused.kinds[-1] == "OrderRejected"

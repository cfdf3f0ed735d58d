"""Market orders pay the quote in force, slippage and the size that they exceed."""

import pytest

from adapters.simulated.nautilus.fills import VenueFillsConfig
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import play


PLAIN = VenueFillsConfig(slippage_ticks_entry=0, slippage_ticks_exit=0)


def buy(lots=5, **options):
    return lambda s: s.market("BUY", lots, **options)


def sell(lots=5, **options):
    return lambda s: s.market("SELL", lots, **options)


@pytest.mark.parametrize("side", ["S", "B", "N"])
def test_a_buy_after_a_print_at_the_bid_pays_the_ask_in_force(side):
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(1, 1000, 3, side), m.trade(9, 1000, 3, side)]
    played = play(m, ticks, [(5, buy())], fills=PLAIN)
    assert played.fills == [(5, "BUY", 5, 1010, "T")]


def test_a_sale_after_a_print_at_the_ask_gets_the_bid_in_force():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.trade(1, 1010, 3, "B"), m.trade(9, 1010, 3, "B")]
    played = play(m, ticks, [(5, sell())], fills=PLAIN)
    assert played.fills == [(5, "SELL", 5, 1000, "T")]


def test_a_print_beyond_the_quote_is_the_price_until_the_next_quote():
    m = Maker()
    ticks = [
        m.quote(0, 1000, 1010),
        m.trade(1, 1013, 3, "B"),
        m.trade(2, 1011, 3, "B"),
        m.quote(10, 1000, 1010),
        m.trade(20, 990, 1, "S"),
        m.quote(30, 1000, 1010),
    ]
    actions = [(5, buy()), (15, buy()), (25, sell(10, reduce_only=True))]
    played = play(m, ticks, actions, fills=PLAIN)
    assert [fill[3] for fill in played.fills] == [1013, 1010, 990]


def test_slippage_moves_entries_and_exits_by_their_own_ticks():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.quote(100, 1000, 1010)]
    actions = [
        (1, buy()),
        (2, sell(reduce_only=True)),
        (3, sell()),
        (4, buy(reduce_only=True)),
    ]
    config = VenueFillsConfig(slippage_ticks_entry=1, slippage_ticks_exit=3)
    played = play(m, ticks, actions, fills=config)
    assert [fill[3] for fill in played.fills] == [1011, 997, 999, 1013]


def test_what_exceeds_the_displayed_size_pays_one_tick_more():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010, 4, 7), m.quote(100, 1000, 1010, 4, 7)]
    played = play(m, ticks, [(1, buy(10)), (2, sell(10, reduce_only=True))])
    assert [fill[1:4] for fill in played.fills] == [
        ("BUY", 7, 1011),
        ("BUY", 3, 1012),
        ("SELL", 4, 999),
        ("SELL", 6, 998),
    ]


def test_a_market_without_a_quote_rejects():
    m = Maker()
    ticks = [m.trade(0, 1000, 5, "B"), m.trade(10, 1000, 5, "B")]
    played = play(m, ticks, [(5, buy())])
    assert played.kinds == ["OrderInitialized", "OrderSubmitted", "OrderRejected"]


def test_an_order_meets_the_first_event_after_the_latency():
    m = Maker()
    ticks = [m.quote(ms, 1000 + ms, 1010 + ms) for ms in range(0, 100, 5)]
    slow = play(m, ticks, [(7, buy())], fills=PLAIN, latency_ms=20)
    quick = play(m, ticks, [(7, buy())], fills=PLAIN)
    assert slow.fills == [(30, "BUY", 5, 1040, "T")]
    assert quick.fills == [(7, "BUY", 5, 1015, "T")]


@pytest.mark.parametrize(("bps", "ticks"), [(0, 1), (1, 2), (9.9, 2), (10, 3), (30, 5)])
def test_slippage_of_the_price_is_rounded_up_to_a_tick_and_added(bps, ticks):
    m = Maker()
    config = VenueFillsConfig(slippage_ticks_entry=1, slippage_bps=bps)
    played = play(m, [m.quote(0, 1000, 1010), m.quote(9, 1000, 1010)], [(5, buy())], fills=config)
    assert played.fills[0][3] == 1010 + ticks

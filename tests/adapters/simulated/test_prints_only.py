"""A market without quotes: the last print stands for both sides of the quote."""

from adapters.simulated.nautilus.fills import VenueFillsConfig
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import play


PLAIN = VenueFillsConfig(slippage_ticks_entry=0, slippage_ticks_exit=0, touch="print")
DEFAULT = VenueFillsConfig(touch="print")


def buy(lots=5, **options):
    return lambda s: s.market("BUY", lots, **options)


def sell(lots=5, **options):
    return lambda s: s.market("SELL", lots, **options)


def ticks(m, *rows):
    return [m.trade(ms, price, size, side) for ms, price, size, side in rows]


def test_both_sides_pay_the_last_print():
    m = Maker()
    tape = ticks(m, (0, 1000, 9, "B"), (4, 1003, 9, "S"), (20, 990, 9, "S"))
    played = play(m, tape, [(5, buy()), (6, sell(reduce_only=True))], fills=PLAIN)
    assert [fill[1:4] for fill in played.fills] == [("BUY", 5, 1003), ("SELL", 5, 1003)]


def test_slippage_and_what_exceeds_the_print_are_worse():
    m = Maker()
    tape = ticks(m, (0, 1000, 3, "B"), (20, 1000, 3, "B"))
    played = play(m, tape, [(5, buy(5)), (6, sell(5, reduce_only=True))], fills=DEFAULT)
    assert [fill[1:4] for fill in played.fills] == [
        ("BUY", 3, 1001),
        ("BUY", 2, 1002),
        ("SELL", 3, 999),
        ("SELL", 2, 998),
    ]


def test_a_stop_pays_the_print_that_sets_it_off():
    m = Maker()
    tape = ticks(m, (0, 1000, 9, "B"), (10, 991, 9, "S"), (20, 985, 9, "S"), (30, 999, 9, "B"))
    actions = [(1, buy()), (2, lambda s: s.protect("SELL", 5, 990))]
    played = play(m, tape, actions, fills=PLAIN)
    assert played.fills[-1][:4] == (20, "SELL", 5, 985)


def test_a_stop_that_the_last_print_has_reached_is_refused():
    m = Maker()
    tape = ticks(m, (0, 1000, 9, "B"), (10, 1000, 9, "S"))
    actions = [(1, buy()), (2, lambda s: s.protect("SELL", 5, 1001))]
    assert "OrderRejected" in play(m, tape, actions, fills=PLAIN).kinds


def test_a_limit_order_takes_nothing_and_waits_for_prints_through_it():
    m = Maker()
    tape = ticks(m, (0, 1000, 9, "B"), (10, 1002, 9, "S"), (20, 1001, 9, "S"))
    played = play(m, tape, [(1, lambda s: s.limit("BUY", 5, 1002))], fills=PLAIN)
    assert [fill[:4] for fill in played.fills] == [(20, "BUY", 5, 1002)]

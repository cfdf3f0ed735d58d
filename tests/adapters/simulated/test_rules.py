"""The rules of the venue on plain integers, and held to what Nautilus's engine does by itself."""

from decimal import Decimal
from fractions import Fraction

import pytest

from adapters.simulated.rules.acceptance import off_tick
from adapters.simulated.rules.acceptance import unsupported
from adapters.simulated.rules.fees import Rates
from adapters.simulated.rules.fees import effective_rates
from adapters.simulated.rules.fees import fee_of_value
from adapters.simulated.rules.funding import FundingFactors
from adapters.simulated.rules.funding import payment
from adapters.simulated.rules.latency import arrives_at
from adapters.simulated.rules.resting import RestingLimit
from adapters.simulated.rules.stops import NearestStops
from adapters.simulated.rules.stops import is_late
from adapters.simulated.rules.stops import is_triggered
from adapters.simulated.rules.taking import Slippage
from adapters.simulated.rules.taking import arriving_limit_fills
from adapters.simulated.rules.taking import market_fills
from adapters.simulated.rules.touch import BUYER
from adapters.simulated.rules.touch import NO_AGGRESSOR
from adapters.simulated.rules.touch import SELLER
from adapters.simulated.rules.touch import Quote
from adapters.simulated.rules.touch import hits
from adapters.simulated.rules.touch import touch
from adapters.simulated.rules.touch import widen
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import play


QUOTE = Quote(1000, 1010, 4, 3)


def test_a_taker_meets_the_quote_or_the_print_beyond_it():
    printed = widen(widen(None, 1012), 995)
    assert (touch(QUOTE, None, is_buy=True), touch(QUOTE, None, is_buy=False)) == (
        (1010, 3),
        (1000, 4),
    )
    assert (touch(QUOTE, printed, is_buy=True), touch(QUOTE, printed, is_buy=False)) == (
        (1012, 3),
        (995, 4),
    )
    inside = widen(None, 1005)
    assert touch(QUOTE, inside, is_buy=True) == (1010, 3)


@pytest.mark.parametrize("unit", [1, 10**15])
def test_slippage_is_the_same_in_ticks_and_in_raw_prices(unit):
    slippage = Slippage(1, 2, Fraction(1, 4) / 10_000)
    assert slippage.distance(600_000 * unit, unit, is_exit=False) == 16 * unit
    assert slippage.distance(600_001 * unit, unit, is_exit=True) == 18 * unit
    assert slippage.distance(-600_000 * unit, unit, is_exit=False) == 16 * unit


@pytest.mark.parametrize(
    ("is_buy", "expected"),
    [(True, [(1011, 3), (1012, 2)]), (False, [(1009, 3), (1008, 2)])],
)
def test_beyond_the_size_offered_a_market_order_pays_one_tick_more(is_buy, expected):
    assert market_fills(5, (1010, 3), 1, 1, is_buy=is_buy) == expected
    assert market_fills(3, (1010, 3), 1, 1, is_buy=is_buy) == expected[:1]


def limit(price):
    return RestingLimit(is_buy=True, price=price, rule="displayed", quantity=5)


@pytest.mark.parametrize(
    ("price", "fills"),
    [(1009, []), (1010, [(1010, 3)]), (1011, [(1010, 3), (1011, 2)])],
)
def test_an_arriving_limit_takes_what_its_price_allows(price, fills):
    order = limit(price)
    assert arriving_limit_fills(order, 5, (1010, 3), 1) == fills
    assert order.taken_at(1010) == (3 if fills else 0)


def test_a_print_without_aggressor_counts_to_the_nearer_side():
    assert [hits(NO_AGGRESSOR, p, QUOTE, is_buy=True) for p in (1004, 1005, 1006)] == [
        True,
        False,
        False,
    ]
    assert [hits(NO_AGGRESSOR, p, QUOTE, is_buy=False) for p in (1004, 1005, 1006)] == [
        False,
        False,
        True,
    ]
    assert hits(SELLER, 1009, QUOTE, is_buy=True)
    assert not hits(BUYER, 1000, QUOTE, is_buy=True)
    assert not hits(NO_AGGRESSOR, 1000, None, is_buy=True)


def test_stops_are_triggered_at_their_trigger_or_beyond():
    assert [is_triggered(990, p, is_buy=False) for p in (989, 990, 991)] == [True, True, False]
    assert [is_triggered(990, p, is_buy=True) for p in (989, 990, 991)] == [False, True, True]


def test_no_print_between_the_nearest_stops_sets_one_off():
    nearest = NearestStops()
    assert nearest.sell < -(10**30) < 10**30 < nearest.buy
    nearest.place([980, 990], [1020, 1030])
    assert (nearest.sell, nearest.buy) == (990, 1020)


@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("trigger", [999, 1000, 1001, 1009, 1010, 1011])
def test_nautilus_refuses_the_stops_that_the_rule_calls_late(side, trigger):
    m = Maker()
    entry = "SELL" if side == "BUY" else "BUY"
    actions = [(1, lambda s: s.market(entry, 1)), (2, lambda s: s.protect(side, 1, trigger))]
    kinds = play(m, [m.quote(0, 1000, 1010), m.quote(9, 1000, 1010)], actions).kinds
    assert ("OrderRejected" in kinds) == is_late(trigger, QUOTE, is_buy=side == "BUY")


def test_an_order_meets_the_first_event_at_its_arrival():
    m = Maker()
    ticks = [m.quote(0, 1000, 1010), m.quote(2, 1001, 1011), m.quote(4, 1002, 1012)]
    fills = play(m, ticks, [(1, lambda s: s.market("BUY", 1))], latency_ms=3).fills
    assert fills == [(arrives_at(1, 3), "BUY", 1, 1013, "T")]


def test_orders_that_cannot_be_simulated_have_a_reason():
    assert unsupported("MARKET", None, "IOC") is None
    assert "orders only" in unsupported("MARKET_TO_LIMIT", None, "GTC")
    assert "last price" in unsupported("STOP_MARKET", "BID_ASK", "GTC")
    assert "no IOC or FOK" in unsupported("LIMIT", None, "FOK")
    assert off_tick({"price": 1005, "trigger price": 1007}, 5) == "trigger price"
    assert off_tick({"price": -1005}, 5) is None


def test_fees_follow_the_rates_and_a_rebate_may_be_refused():
    own = Rates(Decimal("-0.0001"), Decimal("0.0005"))
    assert effective_rates(own) == own
    assert effective_rates(own, maker_rebate=False).maker == 0
    changed = effective_rates(own, maker_bps=Decimal(2), taker_bps=Decimal(3))
    assert changed == (Decimal("0.0002"), Decimal("0.0003"))
    two, price, multiplier = Decimal(2), Decimal(-50), Decimal(20)
    assert fee_of_value(own, two, price, multiplier, is_maker=True) == Decimal("-0.2")
    assert fee_of_value(own, two, price, multiplier, is_maker=False) == 1


@pytest.mark.parametrize(
    ("value", "rate", "amount"),
    [("100", "0.01", "3"), ("100", "-0.01", "-0.5"), ("-100", "0.01", "-0.5")],
)
def test_what_pays_and_what_receives_has_its_own_factor(value, rate, amount):
    factors = FundingFactors(paid=Decimal(3), received=Decimal("0.5"))
    assert payment(Decimal(value), Decimal(rate), factors) == Decimal(amount)

"""Orders and fills as plain values."""

from decimal import Decimal

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from actors.nautilus_records import exact
from actors.order_records import as_double


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**10), st.integers(0, 8))
def test_a_value_is_the_floating_point_number_that_nautilus_makes_of_it(units, precision):
    value = Decimal(units).scaleb(-precision)
    price, quantity = Price(value, precision), Quantity(value, precision)
    fee = Money(-value, USDT)
    assert as_double(price.as_decimal()) == float(price)
    assert as_double(quantity.as_decimal()) == float(quantity)
    assert as_double(fee.as_decimal()) == float(fee)


def test_it_is_not_always_the_nearest_number():
    found = [Decimal(n).scaleb(-2) for n in range(9_000_000, 9_001_000)]
    assert any(as_double(value) != float(value) for value in found)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**10), st.integers(0, 8))
def test_a_value_keeps_the_decimals_of_its_text(units, precision):
    price = Price(Decimal(units).scaleb(-precision), precision)
    assert f"{exact(price):f}" == str(price)
    fee = Money(Decimal(-units).scaleb(-8), USDT)
    assert f"{exact(fee):f} USDT" == str(fee)

"""Limits before an entry, and the units an instrument is counted in."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.instruments import resolve_instrument
from strategies.common.limits import Exposure
from strategies.common.limits import affordable_lots
from strategies.common.limits import breached_limit
from strategies.common.nautilus.units import Units
from strategies.common.sizing import SizeRefusal


EXPOSURE = Exposure(equity=Decimal(1000), notional=Decimal(4000), free_margin=Decimal(600))
BTC, GOLD = "BTCUSDT-LINEAR.BYBIT", "GCZ3.XCEC"


def breached(notional: str, margin: str = "0", limit: str | None = None) -> SizeRefusal | None:
    return breached_limit(
        EXPOSURE,
        Decimal(notional),
        Decimal(margin),
        Decimal(10),
        None if limit is None else Decimal(limit),
    )


def test_an_entry_up_to_each_limit_is_taken_and_beyond_it_refused() -> None:
    assert breached("6000") is None
    assert breached("6000.01") is SizeRefusal.LEVERAGE
    assert breached("1000", limit="5000") is None
    assert breached("1000.01", limit="5000") is SizeRefusal.NOTIONAL
    assert breached("1", margin="600") is None
    assert breached("1", margin="600.01") is SizeRefusal.MARGIN


def test_the_notional_limit_is_named_before_leverage_and_that_before_margin() -> None:
    assert breached("9000", margin="900", limit="5000") is SizeRefusal.NOTIONAL
    assert breached("9000", margin="900") is SizeRefusal.LEVERAGE


@given(st.integers(1, 19_999_998), st.integers(1, 1_000_000))
def test_ticks_and_lots_survive_the_way_to_the_venue_and_back(ticks: int, lots: int) -> None:
    units = Units(resolve_instrument(BTC))
    assert units.ticks(units.price(ticks)) == ticks
    assert units.lots(units.quantity(lots)) == lots
    assert units.price(ticks).as_decimal() == ticks * Decimal("0.1")


@pytest.mark.parametrize(
    ("ticks", "least"), [(600_000, 1), (50_000, 1), (49_990, 2), (10, 5_000), (0, 1)]
)
def test_the_least_size_covers_the_venues_least_notional(ticks: int, least: int) -> None:
    assert Units(resolve_instrument(BTC)).least_lots(ticks) == least


@given(
    st.integers(1, 10**7),
    st.decimals(Decimal("0.01"), Decimal(10**7), places=8),
    st.decimals(Decimal("0.01"), Decimal(10**6), places=8),
)
def test_an_affordable_size_is_the_largest_that_can_be_paid(
    lots: int, needed: Decimal, free: Decimal
) -> None:
    found = affordable_lots(lots, needed, free)

    assert Fraction(needed) * found <= Fraction(free) * lots
    assert Fraction(needed) * (found + 1) > Fraction(free) * lots


def test_nothing_is_affordable_without_free_margin() -> None:
    assert affordable_lots(10, Decimal(1), Decimal(0)) == 0
    assert affordable_lots(10, Decimal(1), Decimal(-5)) == 0


def test_a_tick_of_a_future_is_worth_its_multiplier() -> None:
    assert Units(resolve_instrument(GOLD)).tick_value == Decimal("0.1") * 100

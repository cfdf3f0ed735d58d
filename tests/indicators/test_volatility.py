"""Deviation of minute returns and the width of bins."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.volatility import BinWidth
from indicators.core.volatility import MinuteVolatility
from tests.indicators.market import quick


@quick
@given(
    st.integers(2, 8),
    st.lists(st.one_of(st.none(), st.integers(100_000, 110_000)), max_size=25),
)
def test_sigma_is_the_sample_deviation_of_the_last_returns(lookback, mids):
    volatility = MinuteVolatility(lookback)
    returns = []
    reference = None
    for mid2 in mids:
        volatility.close(mid2)
        if reference is not None:
            returns.append(0.0 if mid2 is None else math.log(mid2 / reference))
            assert volatility.last_return == pytest.approx(returns[-1], rel=1e-9, abs=1e-15)
        else:
            assert volatility.last_return is None
        reference = reference if mid2 is None else mid2
        window = returns[-lookback:]
        assert volatility.count == len(window)
        if len(window) < 2:
            assert volatility.value is None
        else:
            expected = statistics.stdev(window)
            assert volatility.value == pytest.approx(expected, rel=1e-9, abs=1e-15)


@quick
@given(
    st.integers(1, 20),
    st.integers(20, 200),
    st.integers(1, 2_000_000),
    st.floats(0, 0.01, allow_subnormal=False),
)
def test_a_width_is_a_whole_number_of_base_bins_within_the_limit(base, largest, mid2, sigma):
    width = BinWidth(0.25, base, largest)
    proposed = width.propose(mid2, sigma)

    assert base <= proposed <= largest
    assert proposed % base == 0
    assert width.raw == 0.25 * (mid2 * 0.5) * sigma
    if base == 1:
        assert proposed == max(1, min(largest, math.floor(width.raw + 0.5)))


def test_a_width_halfway_between_two_is_the_larger():
    width = BinWidth(1.0)
    assert [width.propose(2, sigma) for sigma in (62.5, 63.5, 0.4)] == [63, 64, 1]


def test_nothing_exists_before_its_first_input():
    width = BinWidth()
    assert width.value is None
    assert width.raw is None
    assert MinuteVolatility().value is None
    assert MinuteVolatility().last_return is None


def test_a_width_changes_by_a_quarter_or_at_the_interval():
    width = BinWidth()
    assert (width.decide(8, 1), width.value) == ("INITIAL", 8)
    assert (width.decide(9, 16), width.value) == (None, 8)
    assert (width.decide(10, 15), width.value) == ("CHANGE", 10)
    assert (width.decide(9, 30), width.value) == ("INTERVAL", 9)


@pytest.mark.parametrize("arguments", [(0, 0.1), (-1, 0.1), (10, -0.1), (10, math.nan)])
def test_a_width_needs_a_price_and_a_deviation(arguments):
    with pytest.raises(ValueError, match="`mid2` must be positive and `sigma` not negative"):
        BinWidth().propose(*arguments)


@pytest.mark.parametrize("mid2", [0, -3])
def test_a_mid_must_be_positive(mid2):
    with pytest.raises(ValueError, match=f"`mid2` must be positive, was {mid2}"):
        MinuteVolatility().close(mid2)

"""Imbalance and average spread of the best quotes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.quotes import QuoteImbalance
from indicators.core.quotes import SpreadAverage
from tests.indicators.market import START
from tests.indicators.market import quick
from tests.indicators.reference import MINUTE


quotes = st.lists(
    st.tuples(st.integers(0, 3_000_000_000), st.integers(0, 50), st.integers(0, 50)),
    min_size=1,
    max_size=30,
)


@quick
@given(quotes, st.lists(st.integers(1, 4), min_size=30, max_size=30))
def test_the_average_does_not_depend_on_the_update_rate(rows, repeats):
    plain, busy = QuoteImbalance(), QuoteImbalance()
    ts = START
    for (step, bid, ask), count in zip(rows, repeats, strict=False):
        ts += step
        for imbalance in (plain, busy):
            imbalance.update(ts, bid, ask)
        for i in range(count):
            busy.update(ts + i * 7_000_000, bid, ask)
        ts += count * 7_000_000
    assert busy.value == plain.value
    assert abs(busy.value_at(ts + MINUTE) - plain.value_at(ts + MINUTE)) <= 1e-15


@quick
@given(quotes)
def test_the_average_is_the_decayed_mean_of_the_imbalances(rows):
    imbalance = QuoteImbalance(60)
    ts, mean, value = START, None, 0.0
    for step, bid, ask in rows:
        if mean is not None:
            mean = value + (mean - value) * (59 / 61) ** (step / 1e9)
        ts += step
        value = (bid - ask) / (bid + ask) if bid + ask else 0.0
        mean = value if mean is None else mean
        imbalance.update(ts, bid, ask)

    assert imbalance.value == value
    assert -1.0 <= imbalance.value_at(ts) <= 1.0
    assert imbalance.value_at(ts) == pytest.approx(mean, rel=1e-12, abs=1e-12)


@quick
@given(quotes)
def test_columns_give_the_average_of_single_quotes(rows):
    table = np.array(rows, dtype=np.int64)
    ts = START + np.cumsum(table[:, 0])
    single, batch = QuoteImbalance(), QuoteImbalance()
    batch.update_many(ts, table[:, 1].copy(), table[:, 2].copy())
    for event, (_, bid, ask) in zip(ts.tolist(), rows, strict=True):
        single.update(event, bid, ask)
    assert batch.value == single.value
    assert batch.value_at(int(ts[-1]) + 5) == single.value_at(int(ts[-1]) + 5)


def test_a_minute_starts_from_the_imbalance_in_force():
    imbalance = QuoteImbalance()
    assert imbalance.value is None
    assert imbalance.value_at(START) is None
    imbalance.start_minute(START)
    assert imbalance.value_at(START) is None
    imbalance.update(START, 1, 0)
    imbalance.update(START + 1, 0, 1)
    assert imbalance.value_at(START + 1) > 0.99

    imbalance.start_minute(START + MINUTE)
    assert imbalance.value_at(START + MINUTE) == imbalance.value == -1.0


@pytest.mark.parametrize("sizes", [(-1, 2), (2, -1)])
def test_sizes_must_not_be_negative_in_both_faces(sizes):
    imbalance = QuoteImbalance()
    bid, ask = (np.array([size]) for size in sizes)

    with pytest.raises(ValueError, match="`bid_size` and `ask_size` must not be negative"):
        imbalance.update(START, *sizes)
    with pytest.raises(ValueError, match="`bid_size` and `ask_size` must not be negative"):
        imbalance.update_many(np.array([START]), bid, ask)
    assert imbalance.value is None


@quick
@given(st.integers(1, 5), st.lists(st.one_of(st.none(), st.integers(-3, 9)), max_size=20))
def test_the_spread_is_averaged_over_the_minutes_that_had_a_quote(minutes, spreads):
    average = SpreadAverage(minutes)
    for i, spread in enumerate(spreads):
        average.close(spread)
        known = [s for s in spreads[max(0, i + 1 - minutes) : i + 1] if s is not None]
        assert (average.spread_sum, average.count) == (sum(known), len(known))
        assert average.value == (sum(known) / len(known) if known else None)

"""When bars of any length open and close, against a plain account of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from errors import ParameterError
from indicators.core.minute import MinuteFeatures
from indicators.core.trade_bars import TradeBars
from indicators.core.trade_bars import trade_bars


MINUTE = 60_000_000_000

lengths = st.sampled_from((1, 7, 60, 1_000))
# A trade of a time, or the end of a time without one.
events = st.lists(st.tuples(st.booleans(), st.integers(-2_500, 2_500)), min_size=1, max_size=60)


def account(steps, length, *, with_empty):
    """Return start and number of trades of each bar, and the late trades, by a plain account."""
    closed, counts, late = [], {}, 0
    first = published = None  # the start of the first bar, and the end of the last that is closed

    def close(ts):
        nonlocal published
        end = ts // length * length
        published = end if published is None else max(published, end)
        ready = {start for start in counts if start < end}
        if with_empty and first is not None:
            begin = closed[-1][0] + length if closed else first
            ready |= set(range(begin, end, length))
        closed.extend((start, counts.pop(start, 0)) for start in sorted(ready))

    for is_trade, ts in steps:
        close(ts)
        if is_trade:
            own = ts // length * length
            earliest = max(filter(lambda x: x is not None, (published, own)), default=own)
            start = max([*counts, earliest]) if counts else earliest
            late += own < start
            counts[start] = counts.get(start, 0) + 1
            first = start if first is None else first
    close(max(ts for _, ts in steps) + length)
    return closed, late


@given(events, lengths, st.booleans())
@settings(max_examples=200, deadline=None)
def test_bars_close_as_a_plain_account_says(steps, length, with_empty):
    core = TradeBars(length, with_empty)
    for is_trade, ts in steps:
        if is_trade:
            core.update(ts, 100, 1)
        else:
            core.close_until(ts)
            core.close_until(ts)
    core.close_until(max(ts for _, ts in steps) + length)
    expected, late = account(steps, length, with_empty=with_empty)
    assert [(values[0], values[-1]) for values, _ in core.take()] == expected
    assert core.late_trades == late


@given(events, lengths, st.booleans())
@settings(max_examples=100, deadline=None)
def test_an_array_gives_the_bars_of_its_trades_one_by_one(steps, length, with_empty):
    times = np.array([ts for _, ts in steps], dtype=np.int64)
    ticks, sizes = np.arange(len(times)), np.arange(len(times)) % 5
    signs = (np.arange(len(times)) % 3 - 1).astype(np.int8)
    core = TradeBars(length, with_empty)
    for row in zip(times.tolist(), ticks.tolist(), sizes.tolist(), signs.tolist(), strict=True):
        core.update(*row)
    core.close_until(core.bar_end)
    batch = trade_bars(times, ticks, sizes, signs, length, with_empty)
    assert [list(values) for values, _ in core.take()] == batch.tolist()


def test_an_empty_bar_stands_at_the_last_close():
    core = TradeBars(10, with_empty=True)
    core.update(3, 50, 2, 1)
    core.update(4, 48, 1, -1)
    core.update(31, 49, 1)
    assert core.take() == [
        ((0, 50, 50, 48, 48, 2, 1, 0, 2), ([48, 50], [1, 2])),
        ((10, 48, 48, 48, 48, 0, 0, 0, 0), ([], [])),
        ((20, 48, 48, 48, 48, 0, 0, 0, 0), ([], [])),
    ]
    assert (core.bar_start, core.bar_end, core.is_open) == (30, 40, True)


@given(st.lists(st.integers(0, 20 * MINUTE), min_size=1, max_size=40).map(sorted))
@settings(max_examples=50, deadline=None)
def test_minute_features_close_the_minutes_of_the_bars(times):
    features, bars = MinuteFeatures("0.1", "0.001"), TradeBars(MINUTE, with_empty=True)
    for ts in times:
        features.update_trade(ts, 100, 1)
        bars.update(ts, 100, 1)
    for core in (features, bars):
        core.close_until(21 * MINUTE)
    minutes = [values[0] for values, _ in features.take()]
    assert minutes == [values[0] for values, _ in bars.take()]
    assert features.take() == []
    assert (features.bar_start, features.bar_end) == (bars.bar_start, bars.bar_end)


def test_a_time_of_another_unit_is_refused_where_empty_bars_would_close_for_hours():
    core = TradeBars(1_000_000_000, with_empty=True)
    core.update(0, 1, 1)
    with pytest.raises(ValueError, match="more than 6 days after the bar that ends at 1000000000"):
        core.update(MINUTE * 1_440 * 30, 1, 1)
    # Without empty bars there is nothing to close in between.
    core = TradeBars(1_000_000_000)
    core.update(0, 1, 1)
    core.update(MINUTE * 1_440 * 30, 1, 1)
    assert len(core.take()) == 1


@pytest.mark.parametrize("length", [0, -1])
def test_a_length_that_is_not_positive_is_refused(length):
    with pytest.raises(ParameterError, match="interval_ns: must be positive"):
        TradeBars(length)


def test_the_longest_length_does_not_overflow():
    core = TradeBars(2**61, with_empty=True)
    core.update(5, 1, 1)
    core.update(2**61, 2, 1)
    assert [values[0] for values, _ in core.take()] == [0]

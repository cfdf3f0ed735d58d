"""One-second bars, bucket profiles and market state: vectors, streaming against batch, edges."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from errors import ParameterError
from indicators.core.bucket_profile import BucketProfile
from indicators.core.bucket_profile import thin_buckets
from indicators.core.market_state import MarketState
from indicators.core.market_state import market_states
from indicators.core.trade_bars import TradeBars
from indicators.core.trade_bars import trade_bars
from tests.checks import some


SECOND = 1_000_000_000
VECTORS = Path(__file__).parents[1] / "vectors" / "000"


def cases(name, key="cases"):
    return json.loads((VECTORS / f"{name}.json").read_text())[key]


def column(rows, i, scale=None):
    values = [row[i] if scale is None else round(row[i] / scale) for row in rows]
    return np.array(values, dtype=np.int64)


prints = st.lists(
    st.tuples(
        st.integers(0, 5 * SECOND),
        st.integers(-40, 40),
        st.integers(0, 20),
        st.sampled_from((-1, 0, 1)),
    ),
    min_size=1,
    max_size=60,
)


@given(prints, st.booleans())
@settings(max_examples=150, deadline=None)
def test_streaming_and_batch_give_the_same_bars(trades, ordered):
    if ordered:
        trades.sort(key=lambda trade: trade[0])
    core = TradeBars(SECOND)
    for trade in trades:
        core.update(*trade)
    core.close_until(10 * SECOND)
    closed = core.take()
    signs = np.array([trade[3] for trade in trades], dtype=np.int8)
    batch = trade_bars(*(column(trades, i) for i in range(3)), signs, SECOND)
    assert [list(values) for values, _ in closed] == batch.tolist()
    array = TradeBars(SECOND)
    array.update_many(*(column(trades, i) for i in range(3)), signs)
    array.close_until(10 * SECOND)
    assert array.take() == closed
    assert sum(sum(volumes) for _, (_, volumes) in closed) == sum(trade[2] for trade in trades)
    for values, (ticks, volumes) in closed:
        assert ticks == sorted(set(ticks))
        assert (ticks[-1], ticks[0]) == values[2:4]
        assert sum(volumes) == sum(values[5:8])
    assert batch[:, 0].tolist() == sorted(set(batch[:, 0].tolist()))


@given(prints)
@settings(max_examples=100, deadline=None)
def test_alerts_at_the_end_of_each_second_change_no_bar(trades):
    trades.sort(key=lambda trade: trade[0])
    with_alerts, without = TradeBars(SECOND), TradeBars(SECOND)
    for trade in trades:
        for second in range(6):
            if second * SECOND <= trade[0]:
                with_alerts.close_until(second * SECOND)
        with_alerts.update(*trade)
        without.update(*trade)
    for core in (with_alerts, without):
        core.close_until(10 * SECOND)
    assert with_alerts.take() == without.take()
    assert with_alerts.late_trades == 0


def test_a_trade_of_a_published_second_goes_to_the_next_one():
    core = TradeBars(SECOND)
    core.update(5, 100, 1, 1)
    core.close_until(SECOND)
    core.update(7, 90, 2, -1)
    core.close_until(2 * SECOND)
    (first, _), (second, _) = core.take()
    assert first == (0, 100, 100, 100, 100, 1, 0, 0, 1)
    assert second == (SECOND, 90, 90, 90, 90, 0, 2, 0, 1)
    assert core.late_trades == 1


def test_an_open_second_is_not_closed_before_its_end():
    core = TradeBars(SECOND)
    core.update(5, 100, 1)
    core.close_until(SECOND - 1)
    assert core.take() == []
    core.close_until(SECOND)
    assert len(core.take()) == 1


@pytest.mark.parametrize("case", cases("lvn"), ids=lambda case: case["name"])
def test_thin_buckets(case):
    cents = case["name"] in {"cents", "negative_prices"}
    tick = 0.01 if cents else 0.25
    trades, width = case["trades"], round(0.5 / tick)
    ts, ticks, sizes = column(trades, 0), column(trades, 1, tick), column(trades, 2)
    found = thin_buckets(ts, ticks, sizes, case["t0"], case["t1"], width)
    rows = [[b.price * tick, b.volume, b.average, b.ratio] for b in found]
    assert rows == case["expected"]

    profile = BucketProfile(width)
    for at, price, size in zip(ts, ticks, sizes, strict=True):
        if case["t0"] <= at <= case["t1"]:
            profile.add(price, size)
    assert profile.thin_buckets() == found


@pytest.mark.parametrize("case", cases("daily", "value_area"), ids=lambda case: case["name"])
def test_value_area_of_buckets(case):
    tick = 0.01 if any(round(t[1] * 4) != t[1] * 4 for t in case["trades"]) else 0.25
    profile = BucketProfile(round(1 / tick))
    for _, price, size, *_ in case["trades"]:
        profile.add(round(price / tick), size)
    area, expected = profile.value_area(), case["expected"]
    assert area is not None
    assert [p * tick for p in (area.poc, area.vah, area.val)] == [
        expected["poc"],
        expected["vah"],
        expected["val"],
    ]


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(0, 50)), max_size=80))
@settings(max_examples=100, deadline=None)
def test_thin_buckets_and_value_area_by_hand(trades):
    width = 4
    profile, volumes = BucketProfile(width), {}
    profile.add_prints([tick for tick, _ in trades], [size for _, size in trades])
    for tick, size in trades:
        sign = -1 if tick < 0 else 1
        bucket = sign * ((2 * abs(tick) + width) // (2 * width))
        volumes[bucket] = volumes.get(bucket, 0) + size
    total, count = sum(volumes.values()), len(volumes)
    thin = [b * width for b, v in sorted(volumes.items()) if 100 * v * count < 15 * total]
    assert [b.price for b in profile.thin_buckets("0.15")] == thin
    if total == 0:
        assert profile.value_area() is None
        return
    poc = min(volumes, key=lambda b: (-volumes[b], b))
    taken, below = {poc}, sorted((b for b in volumes if b < poc), reverse=True)
    above = sorted(b for b in volumes if b > poc)
    while sum(volumes[b] for b in taken) < 7 * total // 10:
        down = not above or (below and volumes[below[0]] >= volumes[above[0]])
        taken.add((below if down else above).pop(0))
    assert profile.value_area() == (poc * width, min(taken) * width, max(taken) * width)


@pytest.mark.parametrize("case", cases("market_state"), ids=lambda case: case["name"])
def test_market_state(case):
    tick = 0.25
    bars = np.array(
        [[b[0], *(round(p / tick) for p in b[1:5]), *b[5:]] for b in case["bars"]],
        dtype=np.int64,
    )
    batch, state = market_states(bars), MarketState()
    for row, bar, expected in some(zip(batch, bars.tolist(), case["expected"], strict=True)):
        state.update(*bar[1:5], sum(bar[5:8]), bar[5] - bar[6])
        assert row.tolist() == [
            state.imbalanced,
            state.vwap,
            state.atr,
            state.crossings,
            state.ratio,
            state.delta_sum,
            state.trend,
        ]
        name, vwap, atr, crossings, ratio, delta, trend = expected
        assert state.imbalanced is (name == "Imbalanced")
        assert state.vwap * tick == pytest.approx(vwap, rel=1e-12)
        assert state.atr * tick == pytest.approx(atr, rel=1e-12)
        assert state.ratio == pytest.approx(ratio, rel=1e-12)
        assert (state.crossings, state.delta_sum, state.trend) == (crossings, delta, trend)


def test_a_reset_core_is_as_new():
    state, bars = MarketState(3), TradeBars(SECOND)
    for i in range(10):
        state.update(i, i + 2, i - 2, i, 5, 50)
        bars.update(i * SECOND, i, 1, 1)
    state.reset()
    bars.reset()
    assert (state.count, state.imbalanced, state.vwap, state.delta_sum) == (0, False, None, 0)
    bars.update(0, 7, 1)
    bars.close_until(SECOND)
    assert bars.take() == [((0, 7, 7, 7, 7, 0, 0, 1, 1), ([7], [1]))]


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: BucketProfile(0), "bucket_ticks"),
        (lambda: BucketProfile().add(1, 1) or BucketProfile().thin_buckets("0"), "ratio"),
        (lambda: BucketProfile().value_area("1.5"), "fraction"),
        (lambda: MarketState(0), "lookback"),
        (lambda: MarketState(60, "0"), "range_multiple"),
        (lambda: MarketState(60, "2", -1), "delta_limit"),
    ],
)
def test_errors_name_the_parameter(build, name):
    with pytest.raises(ParameterError) as caught:
        build()
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: TradeBars(SECOND).update(0, 1, -1), "size"),
        (lambda: BucketProfile().add(1, -1), "size"),
        (lambda: BucketProfile().add_prints([1], []), "ticks"),
    ],
)
def test_data_that_cannot_be_are_refused(build, name):
    with pytest.raises(ValueError, match=name):
        build()


def test_prices_too_far_apart_are_refused():
    profile = BucketProfile()
    profile.add(0, 1)
    with pytest.raises(ValueError, match="too far away"):
        profile.add(1 << 40, 1)
    assert profile.total_volume == 1

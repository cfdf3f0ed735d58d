"""Averages of the regime against the recorded series, and those of Wilder against a definition."""

import pytest

from actors.regime import averages
from tests.regime.vectors import vector


SERIES = vector("06_indicators")["series"]
APPROXIMATELY = {"abs": 1e-9, "rel": 0}


@pytest.fixture(params=SERIES, ids=lambda series: series["name"])
def series(request):
    return request.param


def in_ticks(series):
    _, highs, lows, closes, _ = zip(*series["bars_ohlcv"], strict=True)
    assert all((4 * price).is_integer() for prices in (highs, lows, closes) for price in prices)
    return [[int(4 * price) for price in prices] for prices in (highs, lows, closes)]


def test_averages_equal_the_recorded_ones(series):
    highs, lows, closes = in_ticks(series)
    ranges = averages.true_ranges(highs, lows, closes)
    plus, minus = averages.directional_movement(highs, lows)
    found = {
        "ema9": averages.ema(closes, 9),
        "ema21": averages.ema(closes, 21),
        "true_range": ranges,
        "atr14": averages.ema_atr(ranges),
        "plus_dm": plus,
        "minus_dm": minus,
    }
    for name, values in found.items():
        assert [value / 4 for value in values] == pytest.approx(series[name], **APPROXIMATELY), name
    assert averages.ema_adx(ranges, plus, minus) == pytest.approx(series["adx14"], **APPROXIMATELY)


def test_figures_of_the_last_bars_equal_the_recorded_ones(series):
    highs, lows, closes = in_ticks(series)
    atr = averages.ema_atr(averages.true_ranges(highs, lows, closes))
    for count in (5, 10):
        found = averages.slope(closes[-count:]) / 4
        assert found == pytest.approx(series[f"slope{count}"], **APPROXIMATELY)
    found = averages.share_below_last(atr[-50:])
    assert found == pytest.approx(series["atr_percentile"], **APPROXIMATELY)
    if len(closes) >= 10:
        assert averages.bars_in_box(highs[-10:], lows[-10:]) == series["range_bound10"]


def test_a_box_has_an_exact_edge():
    # 20 ticks high: 2 ticks of room.
    assert averages.bars_in_box([120, 122, 123], [100, 98, 100]) == 2


def test_wilder_adx_begins_with_the_28th_bar_and_has_a_slow_average():
    bars = 40
    highs = [100 + 2 * at + at % 3 for at in range(bars)]
    lows = [high - 5 - at % 2 for at, high in enumerate(highs)]
    closes = [low + 3 for low in lows]
    ranges = averages.true_ranges(highs, lows, closes)
    plus, minus = averages.directional_movement(highs, lows)

    def sums(values):
        # Wilder's own sums: each keeps 13 of 14 parts and takes the new value whole.
        total = sum(values[1:15])
        yield total
        for value in values[15:]:
            total = total - total / 14 + value
            yield total

    dx = []
    for true_range, up, down in zip(sums(ranges), sums(plus), sums(minus), strict=True):
        dx.append(100 * abs(up - down) / (up + down) if true_range else 0)
    adx = sum(dx[:14]) / 14
    expected = [0.0] * 27 + [adx]
    for value in dx[14:]:
        adx = (13 * adx + value) / 14
        expected.append(adx)
    assert averages.wilder_adx(ranges, plus, minus) == pytest.approx(expected, **APPROXIMATELY)
    assert averages.wilder_atr(ranges)[14] == pytest.approx(sum(ranges[1:15]) / 14)
    assert averages.wilder_adx(ranges[:27], plus[:27], minus[:27]) == [0.0] * 27

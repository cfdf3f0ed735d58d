"""POC and value area against the rules in plain Python."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ParameterError
from indicators.core.value_area import ValueArea
from indicators.core.value_area import rolling_value_area
from indicators.core.volume_profile import RollingProfile
from indicators.core.volume_profile import VolumeProfile
from tests.indicators import reference
from tests.indicators.market import START
from tests.indicators.market import quick
from tests.indicators.reference import MINUTE


REASONS = (None, "EMPTY", "NO_WIDTH", "MIN_BINS")

histograms = st.dictionaries(
    st.one_of(st.integers(-12, 12), st.integers(-300, 300)),
    st.integers(1, 9),
    max_size=40,
)
fractions = st.sampled_from(["0.7", "0.68", "0.5", "1", "0.000001", Fraction(1, 3), 0.9])
methods = st.sampled_from(["one_row", "two_row"])
widths = st.integers(1, 7)


def profile_of(hist):
    profile = VolumeProfile()
    for tick, volume in hist.items():
        profile.add(tick, volume)
    return profile


@quick
@given(histograms, fractions, methods, widths)
def test_levels_equal_the_rules_in_plain_python(hist, fraction, method, width):
    levels = ValueArea(fraction, 1, method).of_profile(profile_of(hist), width)
    bins = reference.bins_of(hist, width)
    expected = reference.value_area(bins, Fraction(str(fraction)), 1 + (method == "two_row"))

    if expected is None:
        assert levels.reason == "EMPTY"
        assert levels.poc is levels.val is levels.vah is levels.coverage is None
    else:
        assert (levels.poc, levels.val, levels.vah, levels.volume) == expected
        assert levels.valid
        assert levels.populated == len(bins)
    assert levels.total == sum(hist.values())


@quick
@given(histograms.filter(bool), fractions, methods, widths)
def test_the_area_is_one_run_that_holds_the_poc_and_the_fraction(hist, fraction, method, width):
    area = ValueArea(fraction, 1, method)
    levels = area.of_profile(profile_of(hist), width)
    bins = reference.bins_of(hist, width)

    assert bins[levels.poc] == max(bins.values())
    assert all(volume < bins[levels.poc] for level, volume in bins.items() if level < levels.poc)
    assert min(bins) <= levels.val <= levels.poc <= levels.vah <= max(bins)
    assert levels.bins == levels.vah - levels.val + 1
    assert sorted(area.order) == list(range(levels.val, levels.vah + 1))
    assert area.order[0] == levels.poc
    held = sum(bins.get(level, 0) for level in range(levels.val, levels.vah + 1))
    assert levels.volume == held >= Fraction(str(fraction)) * levels.total
    assert levels.coverage == levels.volume / levels.total


@quick
@given(histograms.filter(bool), methods, widths, st.integers(0, 9), st.integers(0, 9))
def test_empty_rows_outside_the_populated_ones_do_not_count(hist, method, width, before, after):
    area = ValueArea("0.7", 1, method)
    first = min(hist)
    volumes = np.zeros(max(hist) - first + 1, dtype=np.int64)
    for tick, volume in hist.items():
        volumes[tick - first] = volume
    padded = np.concatenate([np.zeros(before, np.int64), volumes, np.zeros(after, np.int64)])

    expected = area.of_profile(profile_of(hist), width)
    assert area.of_volumes(volumes, first, width) == expected
    assert area.of_volumes(padded, first - before, width) == expected


def test_too_few_populated_bins_give_levels_that_are_not_valid():
    levels = ValueArea("0.7", 3).of_volumes(np.array([4, 0, 0, 5]))

    assert not levels.valid
    assert levels.reason == "MIN_BINS"
    assert (levels.poc, levels.populated) == (3, 2)


def test_two_rows_add_the_heavier_pair_and_a_single_row_at_the_edge():
    area = ValueArea("0.7", 1, "two_row")
    area.of_volumes(np.array([6, 1, 20, 3, 3]))
    assert area.order == (2, 1, 0)
    area.of_volumes(np.array([5, 20, 3, 3, 9]))
    assert area.order == (1, 2, 3, 4)


@pytest.mark.parametrize("volumes", [[], [0], [0, 0, 0]])
def test_no_volume_is_empty(volumes):
    area = ValueArea()

    assert area.of_volumes(np.array(volumes, dtype=np.int64)).reason == "EMPTY"
    assert area.order == ()


def test_volumes_must_not_be_negative():
    with pytest.raises(ValueError, match="`volumes` must not be negative, was -1 at 1"):
        ValueArea().of_volumes(np.array([1, -1]))


@quick
@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(0, 50), st.integers(0, 4).map(lambda minutes: minutes * 60)),
            st.integers(-30, 30),
            st.integers(1, 9),
        ),
        min_size=1,
        max_size=60,
    ),
    st.integers(1, 6),
    methods,
    widths,
)
def test_rows_of_a_series_are_the_streaming_ones(rows, minutes, method, width):
    area = ValueArea("0.7", 4, method)
    ts = START + np.cumsum([row[0] for row in rows]) * 1_000_000_000
    ticks = np.array([row[1] for row in rows])
    sizes = np.array([row[2] for row in rows])
    result = rolling_value_area(ts, ticks, sizes, area, minutes, width)

    rolling = RollingProfile(minutes)
    expected = []

    def close():
        levels = area.of_profile(rolling.window, width)
        expected.append(
            [
                rolling.current_minute * MINUTE,
                REASONS.index(levels.reason),
                levels.poc or 0,
                levels.val or 0,
                levels.vah or 0,
                levels.volume,
                levels.total,
            ],
        )

    for event, tick, size in zip(ts.tolist(), ticks.tolist(), sizes.tolist(), strict=True):
        if not expected and not rolling.window.total_volume:
            rolling.advance(event)
        while event // MINUTE > rolling.current_minute:
            close()
            rolling.advance((rolling.current_minute + 1) * MINUTE)
        rolling.update(event, tick, size)
    close()
    assert result.tolist() == expected


@pytest.mark.parametrize(
    ("ts", "sizes", "message"),
    [
        ([0, 5, 4], [1, 1, 1], "`ts_event` must be ascending, was not at 2"),
        ([0, 4, 5], [1, 0, 1], "`sizes` must be positive, was 0 at 1"),
        ([0, 4], [1, 1, 1], "one length"),
    ],
)
def test_a_series_that_cannot_be_counted_is_refused(ts, sizes, message):
    with pytest.raises(ValueError, match=message):
        rolling_value_area(np.array(ts), np.array([1, 1, 1]), np.array(sizes), ValueArea())


@pytest.mark.parametrize("name", ["minutes", "bin_ticks"])
def test_a_series_needs_a_window_and_a_width(name):
    one = np.array([1])
    with pytest.raises(ParameterError) as caught:
        rolling_value_area(one, one, one, ValueArea(), **{name: 0})
    assert caught.value.name == name


def test_a_series_without_prints_has_no_rows():
    none = np.array([], dtype=np.int64)
    assert rolling_value_area(none, none, none, ValueArea()).shape == (0, 7)

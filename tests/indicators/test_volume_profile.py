"""Volume at price: nothing is lost, and a rolling window equals a new count."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.volume_profile import RollingProfile
from indicators.core.volume_profile import VolumeProfile
from tests.indicators.market import START
from tests.indicators.market import quick
from tests.indicators.reference import MINUTE


signs = st.integers(-1, 1)
ticks = st.one_of(st.integers(-20, 20), st.integers(-3_000, 3_000), st.integers(-400_000, 400_000))
prints = st.lists(st.tuples(ticks, st.integers(1, 10**9), signs), max_size=60)


def profile_of(rows):
    profile = VolumeProfile()
    for row in rows:
        profile.add(*row)
    return profile


def state(profile):
    return profile.low, profile.high, profile.total_volume, profile.levels()


def counted(rows):
    levels = {}
    for tick, size, sign in rows:
        level = levels.setdefault(tick, [tick, 0, 0, 0])
        level[{1: 1, -1: 2, 0: 3}[sign]] += size
    return [tuple(levels[tick]) for tick in sorted(levels)]


@quick
@given(prints)
def test_levels_equal_a_count_of_the_prints(rows):
    profile = profile_of(rows)

    assert profile.levels() == counted(rows)
    assert profile.total_volume == sum(size for _, size, _ in rows)
    assert profile.total_volume == sum(sum(level[1:]) for level in profile.levels())
    assert profile.low == min((tick for tick, _, _ in rows), default=None)
    assert profile.high == max((tick for tick, _, _ in rows), default=None)
    for tick, _, _ in rows:
        assert profile.volume_at(tick) == sum(row[1] for row in rows if row[0] == tick)


@quick
@given(prints)
def test_arrays_and_columns_hold_the_same_levels(rows):
    profile = VolumeProfile()
    profile.add_many(
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
        np.array([row[2] for row in rows], dtype=np.int8),
    )
    low, *parts = profile.arrays()

    assert profile.levels() == counted(rows)
    assert low == profile.low
    assert [
        (low + i, *level) for i, level in enumerate(np.stack(parts, axis=1).tolist()) if any(level)
    ] == counted(rows)


@quick
@given(prints, prints)
def test_merge_then_subtract_restores(rows, others):
    profile, other = profile_of(rows), profile_of(others)
    before = state(profile)
    profile.merge(other)

    assert profile.levels() == counted(rows + others)
    profile.subtract(other)
    assert state(profile) == before


@quick
@given(prints, st.tuples(ticks, st.integers(1, 10**9), signs))
def test_subtracting_more_than_is_held_changes_nothing(rows, extra):
    profile = profile_of(rows)
    other = profile_of([*rows, extra])
    before = state(profile)

    with pytest.raises(ValueError, match=f"tick {extra[0]}"):
        profile.subtract(other)
    assert state(profile) == before


@pytest.mark.parametrize("size", [0, -1])
def test_sizes_must_be_positive(size):
    profile = profile_of([(5, 2, 1)])
    before = state(profile)

    with pytest.raises(ValueError, match="`size` must be positive"):
        profile.add(6, size)
    with pytest.raises(ValueError, match="`sizes` must be positive"):
        profile.add_many(np.array([6, 7]), np.array([1, size]))
    with pytest.raises(ValueError, match="one length"):
        profile.add_many(np.array([6, 7]), np.array([1]))
    assert state(profile) == before


@pytest.mark.parametrize("tick", [10**9, -(10**9), 2**62, -(2**62), 2**63 - 1, -(2**63)])
def test_a_print_too_far_away_is_refused_and_leaves_no_trace(tick):
    profile = profile_of([(5, 2, 1)])
    before = state(profile)

    with pytest.raises(ValueError, match=f"tick {tick} "):
        profile.add(tick, 1)
    assert state(profile) == before


def test_memory_follows_the_populated_span_and_not_the_way_travelled():
    rolling = RollingProfile(2)
    for minute in range(0, 100_000, 50):
        rolling.update(START + minute * MINUTE, 1_000 * minute, 1)
    assert rolling.window.levels() == [(99_950_000, 0, 0, 1)]


def test_a_cleared_profile_is_a_new_one():
    profile = profile_of([(5, 2, 1), (4_000_000, 1, -1)])
    profile.clear()

    assert state(profile) == state(VolumeProfile())
    profile.add(-7, 3, -1)
    assert state(profile) == state(profile_of([(-7, 3, -1)]))


@quick
@given(
    st.integers(1, 6),
    st.lists(
        st.tuples(st.integers(-8, 15), ticks, st.integers(1, 9), signs),
        min_size=1,
        max_size=60,
    ),
)
def test_the_window_equals_a_new_count_after_every_print(minutes, rows):
    rolling = RollingProfile(minutes)
    current = None
    seen = []
    for step, tick, size, sign in rows:
        minute = START // MINUTE if current is None else current + step
        current = minute if current is None else max(current, minute)
        rolling.update(minute * MINUTE + 59, tick, size, sign)
        seen.append((minute, (tick, size, sign)))

        held = [row for minute, row in seen if minute > current - minutes]
        own = [
            row
            for i, (minute, row) in enumerate(seen)
            if minute == current and max(m for m, _ in seen[: i + 1]) == current
        ]
        assert rolling.window.levels() == counted(held)
        assert rolling.window.total_volume == sum(row[1] for row in held)
        assert rolling.minute.levels() == counted(own)
        assert rolling.current_minute == current


def test_a_gap_longer_than_the_window_empties_it():
    rolling = RollingProfile(240)
    for i in range(500):
        rolling.update(START + i * MINUTE, i, 1 + i)
    rolling.advance(START + (500 + 2_880) * MINUTE)

    assert state(rolling.window) == state(VolumeProfile())
    assert rolling.minute.levels() == []


def test_the_ring_of_levels_grows_without_losing_any():
    rolling = RollingProfile(3)
    held = Counter()
    for minute in range(6):
        for tick in range(2_000):
            rolling.update(START + minute * MINUTE, tick, 1 + minute)
            if minute >= 3:
                held[tick] += 1 + minute
    assert {level[0]: level[3] for level in rolling.window.levels()} == held

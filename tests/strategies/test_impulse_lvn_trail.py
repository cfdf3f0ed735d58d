"""The trailing stop that moves once a bar."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.impulse.bars import Second
from strategies.impulse_lvn.trail import BarTrail


SECOND = 1_000_000_000


def bar(number: int, low: int, high: int) -> Second:
    return Second(
        ts=number * SECOND, open=low, high=high, low=low, close=low, buy=1, sell=0, unsigned=0
    )


@pytest.mark.parametrize("side", [1, -1])
def test_the_stop_follows_from_the_profit_of_its_distance_on(side: int) -> None:
    trail = BarTrail(is_long=side > 0, distance=16, entered_at=10 * SECOND)
    ends = [sorted((0, side * best)) for best in (15, 16, 12, 30)]
    stops = [trail.on_bar(bar(10 + i, *end), Fraction(0)) for i, end in enumerate(ends)]
    assert stops == [None, 0, 0, side * 14]


def test_in_the_bar_of_the_entry_only_prints_after_the_fill_count() -> None:
    entered = 10 * SECOND + 400
    trail = BarTrail(is_long=True, distance=4, entered_at=entered)
    trail.on_print(entered - 1, 50)
    trail.on_print(entered + 1, 3)
    assert trail.on_bar(bar(10, 0, 50), Fraction(0)) is None
    trail.on_print(entered + 2, 9)
    assert trail.on_bar(bar(10, 0, 50), Fraction(0)) == 5


def test_a_print_of_the_next_second_waits_for_its_bar() -> None:
    trail = BarTrail(is_long=True, distance=4, entered_at=10 * SECOND + 1)
    trail.on_print(11 * SECOND, 50)
    assert trail.on_bar(bar(10, 0, 60), Fraction(0)) is None
    assert trail.on_bar(bar(11, 0, 50), Fraction(0)) == 46


@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 20)), min_size=1))
def test_a_stop_never_goes_back_and_mirrors(rows: list[tuple[int, int]]) -> None:
    long = BarTrail(is_long=True, distance=8, entered_at=0)
    short = BarTrail(is_long=False, distance=8, entered_at=0)
    last = None
    for i, (low, height) in enumerate(rows):
        stop = long.on_bar(bar(i, low, low + height), Fraction(0))
        mirrored = short.on_bar(bar(i, -low - height, -low), Fraction(0))
        assert mirrored == (None if stop is None else -stop)
        assert last is None or (stop is not None and stop >= last)
        last = stop

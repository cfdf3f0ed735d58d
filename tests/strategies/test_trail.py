"""The trailing stop that moves once a bar."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.impulse.bars import Second
from strategies.common.trail import BarTrail
from strategies.common.trail import Trail
from strategies.common.trail import TrailBasis
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SilentVenue


SECOND = 1_000_000_000


def bar(number: int, low: int, high: int) -> Second:
    return Second(
        ts=number * SECOND, open=low, high=high, low=low, close=low, buy=1, sell=0, unsigned=0
    )


def bar_trail(
    distance: int, *, is_long: bool, entered_at: int, activation: int | None = None
) -> BarTrail:
    trail = Trail(
        distance=distance,
        activation=distance if activation is None else activation,
        basis=TrailBasis.BAR,
    )
    return BarTrail(trail, is_long=is_long, entered_at=entered_at, interval_ns=SECOND)


@pytest.mark.parametrize("side", [1, -1])
def test_the_stop_follows_from_the_profit_of_its_distance_on(side: int) -> None:
    trail = bar_trail(16, is_long=side > 0, entered_at=10 * SECOND)
    ends = [sorted((0, side * best)) for best in (15, 16, 12, 30)]
    stops = [trail.on_bar(bar(10 + i, *end), Fraction(0)) for i, end in enumerate(ends)]
    assert stops == [None, 0, 0, side * 14]


def test_in_the_bar_of_the_entry_only_prints_after_the_fill_count() -> None:
    entered = 10 * SECOND + 400
    trail = bar_trail(4, is_long=True, entered_at=entered)
    trail.on_print(entered - 1, 50)
    trail.on_print(entered + 1, 3)
    assert trail.on_bar(bar(10, 0, 50), Fraction(0)) is None
    trail.on_print(entered + 2, 9)
    assert trail.on_bar(bar(10, 0, 50), Fraction(0)) == 5


def test_a_print_of_the_next_second_waits_for_its_bar() -> None:
    trail = bar_trail(4, is_long=True, entered_at=10 * SECOND + 1)
    trail.on_print(11 * SECOND, 50)
    assert trail.on_bar(bar(10, 0, 60), Fraction(0)) is None
    assert trail.on_bar(bar(11, 0, 50), Fraction(0)) == 46


@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 20)), min_size=1))
def test_a_stop_never_goes_back_and_mirrors(rows: list[tuple[int, int]]) -> None:
    long = bar_trail(8, is_long=True, entered_at=0)
    short = bar_trail(8, is_long=False, entered_at=0)
    last = None
    for i, (low, height) in enumerate(rows):
        stop = long.on_bar(bar(i, low, low + height), Fraction(0))
        mirrored = short.on_bar(bar(i, -low - height, -low), Fraction(0))
        assert mirrored == (None if stop is None else -stop)
        assert last is None or (stop is not None and stop >= last)
        last = stop


@pytest.mark.parametrize("activation", [0, 10])
def test_a_trail_begins_at_its_own_profit(activation: int) -> None:
    trail = bar_trail(4, is_long=True, entered_at=0, activation=activation)
    stops = [trail.on_bar(bar(i, price, price), Fraction(0)) for i, price in enumerate((0, 9, 10))]
    assert stops == ([-4, 5, 6] if activation == 0 else [None, None, 6])


def test_a_distance_is_positive() -> None:
    with pytest.raises(ValueError, match="trail_distance was not positive, was 0"):
        Trail(distance=0)


def test_the_trade_manager_leaves_a_stop_that_follows_bars_alone() -> None:
    venue = SilentVenue()
    terms = {"trail_distance": 100, "trail_activation": 200, "trail_basis": TrailBasis.BAR}
    venue.open_trade(replace(LONG, **terms))
    venue.print(ENTRY + 500)
    assert venue.strategy.manager.trade.stop == LONG.stop
    other = SilentVenue()
    other.open_trade(replace(LONG, **{**terms, "trail_basis": TrailBasis.PRINT}))
    other.print(ENTRY + 500)
    assert other.strategy.manager.trade.stop == ENTRY + 400

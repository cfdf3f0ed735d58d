"""Given bars reach an actor once each, in the order of time, history before live ones."""

from collections import Counter

import pytest

from actors.bar_feed import LATE
from actors.bar_feed import REPEATED
from actors.bar_feed import BarFeed
from actors.given_bars import GivenBar
from indicators.core.gaps import GapFinder


MINUTE = 60_000_000_000
ONE, FIVE = (f"BTCUSDT-LINEAR.BYBIT-{n}-MINUTE-LAST-EXTERNAL" for n in (1, 5))


def bar(minute, close=100, of=ONE):
    end = minute * MINUTE
    prices = {"open": 100, "high": 200, "low": 50, "close": close}
    return GivenBar(bar_type=of, ts_event=end, ts_init=end, volume=1, **prices)


class Taken:
    """Holds a feed and what it has handed on, as minutes and closes."""

    def __init__(self, *names, is_holding=False):
        self.bars, self.notices = [], Counter()
        self.feed = BarFeed(names or (ONE,), self.bars.append, self.notices, is_holding=is_holding)

    def release(self, stored=(), until=10**6, finder=None):
        for found in self.feed.release(stored, until * MINUTE, finder):
            self.feed.add_live(found)
        return self.rows

    @property
    def rows(self):
        return [(found.ts_event // MINUTE, found.close) for found in self.bars]


@pytest.fixture
def holding():
    return Taken(is_holding=True)


def test_a_bar_that_is_repeated_counts_once():
    taken = Taken()
    for found in (bar(1), bar(1), bar(2), bar(2), bar(1)):
        taken.feed.add_live(found)
    assert taken.rows == [(1, 100), (2, 100)]
    assert taken.notices == {LATE: 1}


def test_a_repeated_bar_with_other_values_is_noted_and_the_first_counts():
    taken = Taken()
    for found in (bar(1), bar(1, 101)):
        taken.feed.add_live(found)
    assert taken.rows == [(1, 100)]
    assert taken.notices == {REPEATED: 1}


def test_history_and_live_bars_join_without_a_hole_or_a_double(holding):
    holding.feed.add_live(bar(5, 105))
    holding.feed.add_past([bar(n) for n in (5, 4, 3)])
    holding.feed.add_live(bar(6, 106))
    assert holding.release([bar(n, 99) for n in (1, 2, 3)]) == [
        (1, 99),
        (2, 99),
        (3, 100),
        (4, 100),
        (5, 105),
        (6, 106),
    ]
    holding.feed.add_live(bar(6))
    holding.feed.add_live(bar(7, 107))
    assert holding.rows[-2:] == [(6, 106), (7, 107)]


def test_a_bar_that_may_be_unfinished_is_never_used(holding):
    holding.feed.add_past([bar(5, 1), bar(4), bar(3)])
    assert holding.release([bar(6, 2)], until=4) == [(3, 100), (4, 100)]
    # It comes when it has closed.
    holding.feed.add_live(bar(5, 105))
    assert holding.rows[-1] == (5, 105)


def test_what_lies_before_the_last_gap_is_left_out(holding):
    finder = GapFinder(1.0)
    bars = [bar(n) for n in range(1, 103)] + [bar(302), bar(303)]
    assert holding.release(bars, finder=finder) == [(302, 100), (303, 100)]


def test_bars_that_end_together_come_in_the_order_of_their_types():
    taken = Taken(ONE, FIVE, is_holding=True)
    taken.feed.add_past([bar(5, 5, FIVE), *(bar(n, 1) for n in (6, 5, 4))])
    assert taken.release() == [(4, 1), (5, 1), (5, 5), (6, 1)]
    taken.feed.add_live(bar(10, 5, FIVE))
    assert taken.rows[-1] == (10, 5)


def test_the_ends_of_what_is_known_are_told_apart_by_type(holding):
    assert holding.feed.first_held(ONE) is None
    assert holding.feed.past_end(ONE, 10 * MINUTE) is None
    holding.feed.add_live(bar(7))
    holding.feed.add_past([bar(5), bar(4)])
    assert holding.feed.first_held(ONE) == 7 * MINUTE
    assert holding.feed.past_end(ONE, 4 * MINUTE) == 4 * MINUTE
    assert holding.feed.last_end(ONE) is None
    holding.release()
    assert holding.feed.last_end(ONE) == 7 * MINUTE

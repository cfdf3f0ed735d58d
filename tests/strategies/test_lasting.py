"""Lasting conditions: told at their edge and again after a while."""

from hypothesis import given
from hypothesis import strategies as st

from strategies.common.alert_throttle import AlertThrottle
from strategies.common.trade_params import MINUTE_NS


def told(holds: list[bool]) -> list[int]:
    condition = AlertThrottle()
    return [i for i, held in enumerate(holds) if condition.is_due(i * MINUTE_NS, held)]


def test_it_is_told_when_it_begins_and_every_quarter_of_an_hour() -> None:
    assert told([False, True] + 35 * [True]) == [1, 16, 31]


def test_it_is_told_anew_when_it_comes_back() -> None:
    assert told([True, True, False, True]) == [0, 3]


@given(st.lists(st.booleans(), max_size=60))
def test_it_is_told_only_while_it_holds_and_at_each_edge(holds: list[bool]) -> None:
    times = told(holds)
    assert all(holds[i] for i in times)
    edges = {i for i, held in enumerate(holds) if held and (i == 0 or not holds[i - 1])}
    assert edges <= set(times)

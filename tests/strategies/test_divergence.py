"""The one comparison of decisions, for runs and for shadows."""

import pytest

from strategies.common.divergence import INTENT
from strategies.common.divergence import first_difference


ROW = {"action": "ENTER", "side": "BUY", "quantity": 1.0, "stop": 90.0, "tp1": 110.0, "tp2": 120.0}


def difference(tolerance=0.0, **changed):
    return first_difference(ROW, {**ROW, **changed}, INTENT, tolerance)


def test_equal_rows_have_no_difference():
    assert difference() is None
    assert difference(why="SAME_SIDE") is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "REFUSE"),
        ("side", "SELL"),
        ("quantity", 2.0),
        ("quantity", None),
        ("stop", 90.1),
        ("tp1", None),
        ("tp2", 120.1),
    ],
)
def test_each_column_of_an_intent_counts(column, value):
    assert difference(**{column: value}) == column


def test_the_first_of_several_is_told():
    assert difference(stop=91.0, action="REFUSE", tp2=0.0) == "action"


def test_sizes_may_differ_by_a_share_of_the_larger_one():
    assert difference(0.1, quantity=0.9) is None
    assert difference(0.1, quantity=1.1) is None
    assert difference(0.1, quantity=0.89) == "quantity"
    assert difference(0.1, quantity=None) == "quantity"
    assert difference(0.1, stop=90.1) == "stop"


def test_a_difference_of_exactly_the_share_is_none():
    assert difference(0.25, quantity=0.75) is None
    assert difference(0.2, quantity=0.75) == "quantity"

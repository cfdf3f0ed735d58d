"""Fills and refusals that a strategy cannot explain by its own orders."""

from types import SimpleNamespace
from typing import Any

import pytest

from strategies.common.events import Rejected
from strategies.common.foreign_fills import DOUBTED_REFUSALS
from strategies.common.foreign_fills import ForeignFill
from strategies.common.foreign_fills import casts_doubt


def trade(open_lots: int = 5, refusals: int = 0) -> Any:
    return SimpleNamespace(open=open_lots, exit_refusals=refusals)


def rejected(*, nothing_to_reduce: bool) -> Rejected:
    return Rejected(order_id=1, ts=0, message="x", nothing_to_reduce=nothing_to_reduce)


@pytest.mark.parametrize(
    ("of", "nothing_to_reduce", "expected"),
    [
        (None, True, False),
        (trade(open_lots=0), True, False),
        (trade(), True, True),
        (trade(refusals=DOUBTED_REFUSALS - 1), False, False),
        (trade(refusals=DOUBTED_REFUSALS), False, True),
    ],
)
def test_a_refused_exit_casts_doubt_on_an_open_position_alone(
    of: Any, nothing_to_reduce: bool, expected: bool
) -> None:
    assert casts_doubt(rejected(nothing_to_reduce=nothing_to_reduce), of) is expected


@pytest.mark.parametrize(("is_buy", "side"), [(True, "bought"), (False, "sold")])
def test_a_fill_is_described_by_its_order_side_size_and_price(is_buy: bool, side: str) -> None:
    fill = ForeignFill(
        client_order_id=SimpleNamespace(value="O-1"),
        ts=0,
        is_buy=is_buy,
        lots=10,
        price=500_000,
        size_text="0.010",
        price_text="50000.0",
    )
    assert fill.describe() == f"order O-1, not sent by this strategy, {side} 0.010 at 50000.0"

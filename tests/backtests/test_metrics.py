"""Figures of closed positions."""

from decimal import Decimal

import pytest

from backtests.metrics import ClosedPosition
from backtests.metrics import closed_metrics
from tests.vectors import close
from tests.vectors import load


CASES = load("004", "metrics_cases.json")
NAMES = {"avg": "average", "avg_win": "average_win", "avg_loss": "average_loss"}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_figures_equal_the_vector(case):
    positions = [
        ClosedPosition(
            Decimal(p["gross"]),
            Decimal(p["fees"]),
            Decimal(p["funding"]),
            p["ts_close"] * 1_000_000,
        )
        for p in case["positions"]
    ]
    metrics = closed_metrics(Decimal(case["capital"]), positions)
    for name, expected in case["expected"].items():
        actual = getattr(metrics, NAMES.get(name, name))
        if expected is None or name == "trades":
            assert actual == expected, name
        elif Decimal(expected) == 0:
            assert actual == 0, name
        else:
            assert close(float(actual), expected), name

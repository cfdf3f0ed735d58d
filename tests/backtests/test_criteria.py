"""The criteria of a system: met, not met, or not known, beside the figures of the reference."""

from decimal import Decimal
from typing import Any

import pytest

from backtests.report.criteria import criteria_table
from backtests.results.metrics import ClosedPosition
from backtests.results.metrics import closed_metrics
from backtests.results.metrics import divide
from backtests.results.metrics import mean
from strategies.common.views import Criterion
from tests.vectors import load


DAY_NS = 86_400_000_000_000
METRICS = load("003", "misc_cases.json")["metrics"]
WINS = Criterion(label="Win rate", figure="win_rate", above=0.5, is_share=True)
REWARD = Criterion(label="R:R", figure="average_win", over="average_loss", above=1.5)
DRAWDOWN = Criterion(label="Drawdown", figure="max_drawdown_pct", below=0.1, is_share=True)


@pytest.mark.parametrize("case", METRICS, ids=lambda case: case["name"])
def test_the_figures_are_those_of_the_reference(case: dict[str, Any]) -> None:
    nets = [(Decimal(net), Decimal(risk), day) for net, risk, day in case["trades"]]
    zero = Decimal(0)
    closed = [ClosedPosition(net, zero, zero, day * DAY_NS) for net, _, day in nets]
    metrics = closed_metrics(Decimal(case["capital"]), closed, 252)
    reward = None
    if metrics.average_win is not None and metrics.average_loss is not None:
        reward = divide(metrics.average_win, -metrics.average_loss)
    found = {
        "trades": metrics.trades,
        "win_rate": metrics.win_rate,
        "avg_r": mean([net / risk for net, risk, _ in nets]),
        "avg_rr": reward,
        "profit_factor": metrics.profit_factor,
        "max_drawdown_pct": metrics.max_drawdown_pct,
        "sharpe": metrics.sharpe,
    }
    for name, expected in case["expected"].items():
        value = found[name]
        if expected is None or value is None:
            assert value is expected, name
        else:
            assert abs(Decimal(value) - Decimal(expected)) <= Decimal("1e-12"), name


@pytest.mark.parametrize(
    ("criterion", "summary", "is_met"),
    [
        (WINS, {"win_rate": 0.51}, True),
        (WINS, {"win_rate": 0.5}, False),
        (WINS, {"win_rate": None}, None),
        (DRAWDOWN, {"max_drawdown_pct": 0.1}, False),
        (DRAWDOWN, {"max_drawdown_pct": 0.09}, True),
        (REWARD, {"average_win": 30.0, "average_loss": -10.0}, True),
        (REWARD, {"average_win": 15.0, "average_loss": -10.0}, False),
        (REWARD, {"average_win": 15.0, "average_loss": None}, None),
        (REWARD, {"average_win": 15.0, "average_loss": 0.0}, None),
    ],
)
def test_a_criterion_is_met_beyond_its_bound_and_unknown_without_a_figure(
    criterion: Criterion, summary: dict[str, float | None], is_met: bool | None
) -> None:
    assert criterion.is_met(summary) is is_met


@pytest.mark.parametrize("bounds", [{}, {"above": 1.0, "below": 2.0}])
def test_a_criterion_has_one_bound(bounds: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="one bound"):
        Criterion(label="Sharpe", figure="sharpe", **bounds)


def test_the_table_says_what_was_wanted_and_what_was_reached() -> None:
    summary = {"win_rate": 0.6, "max_drawdown_pct": 0.2, "average_win": None, "average_loss": None}
    table = criteria_table((WINS, DRAWDOWN, REWARD), summary)
    for text in ("&gt; 50.0 %", "60.0 %", "&lt; 10.0 %", "20.0 %"):
        assert text in table
    assert [table.count(f"<td>{word}</td>") for word in ("met", "not met", "not known")] == [1] * 3

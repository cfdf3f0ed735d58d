"""Figures of closed positions."""

from decimal import Decimal
from statistics import mean
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from backtests.results.metrics import NANOS_PER_DAY
from backtests.results.metrics import ClosedPosition
from backtests.results.metrics import Spread
from backtests.results.metrics import closed_metrics
from backtests.results.metrics import spread
from tests.checks import some
from tests.vectors import close
from tests.vectors import load


quick = settings(max_examples=60, deadline=None)


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
    for name, expected in some(case["expected"].items()):
        actual = getattr(metrics, NAMES.get(name, name))
        if expected is None or name == "trades":
            assert actual == expected, name
        elif Decimal(expected) == 0:
            assert actual == 0, name
        else:
            assert close(float(actual), expected), name


COSTS = ("gross", "fees", "funding")
RUNS = ("run_default", "run_immediate_outer", "run_strict")


@pytest.mark.parametrize("name", RUNS)
def test_figures_of_a_whole_run_equal_the_vector(name):
    run = load("004", f"{name}.json.gz")
    positions = [
        ClosedPosition(
            Decimal(p["gross"]),
            Decimal(p["fees"]),
            Decimal(p["funding"]),
            p["ts_close"] * 1_000_000,
        )
        for p in run["positions"]
    ]
    metrics = closed_metrics(Decimal(10_000), positions)
    for key, expected in some(run["metrics"].items()):
        actual = getattr(metrics, NAMES.get(key, key))
        assert actual == expected if expected is None else close(float(actual), str(expected)), key


AMOUNT = st.decimals(-1000, 1000, places=2)
POSITIONS = st.lists(
    st.builds(ClosedPosition, AMOUNT, AMOUNT, AMOUNT, st.integers(0, 30 * NANOS_PER_DAY)),
    max_size=12,
)
ORDERLESS = (
    "trades",
    "gross",
    "fees",
    "funding",
    "net",
    "average",
    "win_rate",
    "average_win",
    "average_loss",
    "profit_factor",
    "final_equity",
    "sharpe",
)


@quick
@given(POSITIONS, st.randoms(use_true_random=False), st.sampled_from((252, 365)))
def test_the_order_of_closing_matters_to_the_drawdown_alone(positions, random, year):
    capital = Decimal(1_000_000)
    shuffled = random.sample(positions, len(positions))
    first, second = (closed_metrics(capital, rows, year) for rows in (positions, shuffled))
    for name in ORDERLESS:
        assert getattr(first, name) == getattr(second, name), name
    assert first.net == first.gross - first.fees - first.funding
    assert first.final_equity == capital + first.net
    # Within the lowest and highest of all partial sums no order can fall further.
    swings = sum(abs(position.net) for position in positions)
    assert 0 <= first.max_drawdown <= swings
    assert max(0, -first.net) <= first.max_drawdown


FRIDAY = 1  # the second day of the epoch


def at(day, net):
    return ClosedPosition(Decimal(net), Decimal(0), Decimal(0), day * NANOS_PER_DAY + 1)


def test_a_year_of_futures_has_252_days_and_no_idle_weekends():
    rows = [at(FRIDAY, 10), at(FRIDAY + 3, 30)]
    futures, crypto = (closed_metrics(Decimal(1000), rows, year).sharpe for year in (252, 365))
    returns = [0.01, 30 / 1010]
    assert float(futures) == pytest.approx(mean(returns) / stdev(returns) * 252**0.5)
    returns = [0.01, 0, 0, 30 / 1010]
    assert float(crypto) == pytest.approx(mean(returns) / stdev(returns) * 365**0.5)


def test_a_sunday_with_trades_is_a_day_of_futures():
    rows = [at(FRIDAY, 10), at(FRIDAY + 2, 20), at(FRIDAY + 3, 30)]
    returns = [0.01, 20 / 1010, 30 / 1030]
    sharpe = closed_metrics(Decimal(1000), rows, 252).sharpe
    assert float(sharpe) == pytest.approx(mean(returns) / stdev(returns) * 252**0.5)


def test_a_spread_of_nothing_has_no_figures():
    assert spread([]) == Spread(0, None, None, None, None)
    assert spread([3.0, 1.0, 2.0]) == Spread(3, 2.0, 2.0, 2.8, pytest.approx(2.98))


@pytest.mark.parametrize("days", [19, 20])
def test_a_sharpe_ratio_of_fewer_than_twenty_days_is_not_shown(days):
    rows = [at(day, 10 + day % 3) for day in range(days)]
    metrics = closed_metrics(Decimal(10_000), rows)
    assert metrics.sharpe is not None
    assert metrics.return_days == days
    assert metrics.shown_sharpe == (metrics.sharpe if days == 20 else None)

"""Edges that are there are found, and chance is called noise, over synthetic markets."""

import numpy as np
import pytest

from research.points import PointConfig
from research.power.driftless import DriftlessMarket
from research.power.study import Verdicts
from research.power.study import verdicts
from research.power.synthetic import HOURS_A_YEAR
from research.power.synthetic import SyntheticMarket
from research.statistics.selection import select_best
from research.statistics.selection import share_of_chance
from research.statistics.sharpe import deflated_sharpe
from research.statistics.sharpe import moments
from research.sweeps.space import Parameter
from research.sweeps.space import grid
from tests.markets import BTC


SEEDS = range(1, 21)


def test_the_best_of_driftless_markets_is_called_noise() -> None:
    found = verdicts(SyntheticMarket(days=60, trials=30), SEEDS)
    assert found.markets == 20
    assert found.edges <= 2
    # Without deflation most of them would pass as an edge above zero.
    assert np.median(found.best_sharpes) * HOURS_A_YEAR**0.5 > 3


def test_a_large_edge_is_found() -> None:
    found = verdicts(SyntheticMarket(days=180, trials=20, edge=14.0), SEEDS)
    assert found.edges >= 16


def test_the_edge_lies_in_neighbouring_trials_and_has_its_size() -> None:
    edge = 12.0
    returns = SyntheticMarket(days=2_000, trials=12, edge=edge, plateau=3)(1)
    ratios = returns.mean(axis=0) / returns.std(axis=0) * HOURS_A_YEAR**0.5
    planted = np.flatnonzero(ratios > edge / 2)
    assert planted.tolist() == list(range(planted[0], planted[0] + 3))
    # The deviation of a ratio over 5.5 years is 0.43.
    assert ratios[planted] == pytest.approx(edge, abs=1.5)
    assert abs(np.delete(ratios, planted)).max() < 2


def test_the_same_seed_makes_the_same_market() -> None:
    market = SyntheticMarket(days=3, trials=6)
    assert np.array_equal(market(4), market(4))
    assert not np.array_equal(market(4), market(5))


def test_the_best_trial_is_deflated_by_all_that_were_tried() -> None:
    returns = SyntheticMarket(days=30, trials=9)(1)
    returns[:, 2] = 0.0
    best = select_best(returns)
    assert best is not None
    valid = np.delete(returns, 2, axis=1)
    ratios = valid.mean(axis=0) / valid.std(axis=0, ddof=1)
    found = moments(returns[:, best.column])
    assert found is not None
    assert best.sharpe == pytest.approx(ratios.max())
    # The trial without a trade has no ratio, but it was tried.
    expected = deflated_sharpe(found, 9, float(ratios.var(ddof=1)))
    assert best.deflated == pytest.approx(expected, rel=1e-9)


def test_trials_without_a_trade_give_no_best() -> None:
    assert select_best(np.zeros((100, 3))) is None
    assert verdicts(lambda seed: np.zeros((100, 3)), [1]) == Verdicts(1, 0, (0.0,))


def test_no_market_is_an_error() -> None:
    with pytest.raises(ValueError, match="no seeds"):
        verdicts(SyntheticMarket(days=3, trials=6), [])


def test_interval_of_a_share() -> None:
    # Wilson: 8 of 10, a standard table.
    low, high = Verdicts(10, 8, ()).interval()
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_rank_of_a_winner_among_driftless_markets() -> None:
    assert share_of_chance(3.0, [1.0, 2.0, 3.0, 4.0]) == 3 / 5
    assert share_of_chance(9.0, [1.0] * 19) == 0.05


def test_points_of_a_system_are_evaluated_over_a_driftless_market() -> None:
    key = "strategies.0.config.accept_outside_k"
    points = tuple(grid([Parameter(key, (2, 4))]))
    base = PointConfig("btc_value_area", overrides={"end": "2026-01-05T10:00"})
    market = DriftlessMarket(base, points, (BTC,), days=1)
    returns = market(1)
    assert returns.shape == (10, 2)
    # Warm after four hours.
    assert not returns[:4].any()
    assert returns[4:].any(axis=0).all()

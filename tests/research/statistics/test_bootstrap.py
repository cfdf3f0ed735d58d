"""Intervals hold the figure as often as they say, also where returns follow each other."""

import numpy as np

from research.statistics.bootstrap import bootstrap_interval
from research.statistics.bootstrap import sharpe_of_rows
from research.statistics.bootstrap import total_of_rows


def test_the_same_seed_gives_the_same_interval() -> None:
    returns = np.random.default_rng(0).standard_normal(240)
    first = bootstrap_interval(returns, sharpe_of_rows, 7)
    assert first is not None
    assert bootstrap_interval(returns, sharpe_of_rows, 7) == first
    assert bootstrap_interval(returns, sharpe_of_rows, 8) != first


def test_too_few_returns_have_no_interval() -> None:
    assert bootstrap_interval(np.ones(239), total_of_rows, 1) is None


def test_the_width_is_that_of_the_mean() -> None:
    returns = np.random.default_rng(3).standard_normal(1_000)
    found = bootstrap_interval(returns, total_of_rows, 1)
    assert found is not None
    # 1.96 deviations of a sum of 1,000 independent normal returns on either side.
    assert 100 < found[1] - found[0] < 145
    assert found[0] < returns.sum() < found[1]


def test_returns_that_follow_each_other_have_wider_intervals() -> None:
    noise = np.random.default_rng(5).standard_normal(1_000)
    runs = np.convolve(noise, np.ones(10) / np.sqrt(10), mode="same")
    wide, narrow = (bootstrap_interval(r, total_of_rows, 1) for r in (runs, noise))
    assert wide is not None
    assert narrow is not None
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_rows_that_do_not_vary_have_a_ratio_of_zero() -> None:
    assert sharpe_of_rows(np.ones((2, 5))).tolist() == [0.0, 0.0]

"""The ratios against the worked examples of their papers."""

from math import sqrt

import numpy as np
import pytest

from research.statistics.sharpe import Moments
from research.statistics.sharpe import deflated_sharpe
from research.statistics.sharpe import expected_maximum_sharpe
from research.statistics.sharpe import minimum_track_record
from research.statistics.sharpe import moments
from research.statistics.sharpe import probabilistic_sharpe


# Bailey and Lopez de Prado 2014, "The Deflated Sharpe Ratio", numerical example: 1,250 days, a
# ratio of 2.5 a year, 100 trials with a variance of 1/2 a year, 250 days a year.
DAYS_A_YEAR = 250
DEFLATED = Moments(periods=1_250, sharpe=2.5 / sqrt(DAYS_A_YEAR), skew=-3.0, kurtosis=10.0)
VARIANCE = 0.5 / DAYS_A_YEAR


def test_expected_maximum_of_the_published_example() -> None:
    assert expected_maximum_sharpe(100, VARIANCE) == pytest.approx(0.1132, abs=5e-5)


def test_deflated_ratio_of_the_published_example() -> None:
    assert deflated_sharpe(DEFLATED, 100, VARIANCE) == pytest.approx(0.9004, abs=5e-5)


def test_fewer_trials_make_the_published_example_significant() -> None:
    # The same paper: with 46 trials the strategy would be accepted at 95 %.
    assert deflated_sharpe(DEFLATED, 46, VARIANCE) == pytest.approx(0.9505, abs=5e-5)
    assert deflated_sharpe(DEFLATED, 46, VARIANCE) > 0.95


# Bailey and Lopez de Prado 2012, "The Sharpe Ratio Efficient Frontier": 24 months of a ratio of
# 0.458 a month.
def test_probabilistic_ratio_of_the_published_example() -> None:
    normal = Moments(periods=24, sharpe=0.458, skew=0.0, kurtosis=3.0)
    skewed = Moments(periods=24, sharpe=0.458, skew=-2.448, kurtosis=10.164)
    assert probabilistic_sharpe(normal) == pytest.approx(0.982, abs=5e-4)
    assert probabilistic_sharpe(skewed) == pytest.approx(0.913, abs=5e-4)


def test_minimum_track_record_is_where_the_probability_reaches_the_confidence() -> None:
    found = Moments(periods=24, sharpe=0.2, skew=-1.0, kurtosis=6.0)
    needed = minimum_track_record(found, 0.05)
    assert needed is not None
    at = Moments(periods=round(needed), sharpe=0.2, skew=-1.0, kurtosis=6.0)
    assert probabilistic_sharpe(at, 0.05) == pytest.approx(0.95, abs=1e-3)


def test_a_ratio_below_the_benchmark_has_no_track_record() -> None:
    assert minimum_track_record(Moments(100, 0.1, 0.0, 3.0), 0.1) is None


def test_moments_of_returns() -> None:
    returns = np.random.default_rng(1).standard_gamma(4.0, 200_000)
    found = moments(returns)
    assert found is not None
    # A gamma distribution of shape 4: mean 4, deviation 2, skew 1, kurtosis 4.5.
    assert found.sharpe == pytest.approx(2.0, rel=0.01)
    assert found.skew == pytest.approx(1.0, rel=0.03)
    assert found.kurtosis == pytest.approx(4.5, rel=0.05)


@pytest.mark.parametrize("returns", [np.arange(29.0), np.zeros(100), np.full(100, np.nan)])
def test_too_few_or_equal_returns_have_no_moments(returns: np.ndarray) -> None:
    assert moments(returns) is None


def test_one_trial_is_not_deflated() -> None:
    assert expected_maximum_sharpe(1, VARIANCE) == 0.0


def test_expected_maximum_is_that_of_normal_ratios() -> None:
    draws = np.random.default_rng(2).standard_normal((20_000, 50)).max(axis=1)
    assert expected_maximum_sharpe(50, 1.0) == pytest.approx(draws.mean(), rel=0.02)

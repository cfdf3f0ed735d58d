"""Cross-validation over blocks of time, against a plain one and where the answer is known."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from research.statistics.overfitting import probability_of_overfitting


def plain(returns: NDArray[np.float64], blocks: int) -> float:
    parts = np.array_split(returns, blocks)
    overfit = splits = 0
    for chosen in combinations(range(blocks), blocks // 2):
        rest = [number for number in range(blocks) if number not in chosen]
        one, other = (np.concatenate([parts[n] for n in names]) for names in (chosen, rest))
        best = int(np.argmax(one.mean(axis=0) / one.std(axis=0)))
        ratios = other.mean(axis=0) / other.std(axis=0)
        rank = 1 + int((ratios < ratios[best]).sum())
        overfit += rank / (len(ratios) + 1) <= 0.5
        splits += 1
    return overfit / splits


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_block_sums_give_what_concatenated_returns_give(seed: int) -> None:
    returns = np.random.default_rng(seed).standard_normal((8 * 20, 7))
    assert probability_of_overfitting(returns, 8) == plain(returns, 8)


def test_a_true_edge_is_not_overfit() -> None:
    returns = np.random.default_rng(4).standard_normal((16 * 40, 20))
    returns[:, 3] += 0.5
    assert probability_of_overfitting(returns) == 0.0


def test_noise_is_overfit_about_half_the_time() -> None:
    draws = [np.random.default_rng(seed).standard_normal((160, 20)) for seed in range(40)]
    found = [probability_of_overfitting(draw, 8) for draw in draws]
    values = [value for value in found if isinstance(value, float)]
    assert len(values) == 40
    assert 0.4 < float(np.mean(values)) < 0.65


def test_too_little_data_is_stated() -> None:
    assert probability_of_overfitting(np.zeros((319, 5))) == "319 hours: 320 at least"
    assert isinstance(probability_of_overfitting(np.zeros((320, 1))), str)

"""The control of the sample: prices that walk at random."""

import numpy as np
import pytest

from catalog.sample import MARKETS
from catalog.sample import make_market
from catalog.sample import random_walk
from catalog.sample import write_sample
from catalog.sample.market import make_paths
from errors import AuctionError


def moves_of(name, seed, days=8):
    """Return the moves of seconds in units of their deviation, of all stretches."""
    found = []
    for paths, _ in make_paths(random_walk(MARKETS[name]), seed, days):
        found += [np.diff(path.price[: len(path.sigma) + 1]) / path.sigma for path in paths]
    return np.concatenate(found) / 1000


@pytest.mark.parametrize("name", ["CL", "NQ"])
def test_moves_are_standard_normal_and_independent_of_the_past(name):
    moves = moves_of(name, 7)
    count = len(moves)
    assert count > 500_000
    assert abs(moves.mean()) < 3 / np.sqrt(count)
    assert moves.std() == pytest.approx(1, abs=0.005)
    assert np.mean(moves**4) == pytest.approx(3, abs=0.05)
    for lag in (1, 60, 600):
        assert abs(np.mean(moves[lag:] * moves[:-lag])) < 4 / np.sqrt(count)
        # Nor does a large move announce another.
        assert abs(np.mean((moves[lag:] ** 2 - 1) * (moves[:-lag] ** 2 - 1))) < 8 / np.sqrt(count)


def test_a_walk_has_the_hours_of_its_market_and_no_scenes():
    market = MARKETS["CL"]
    for made, of in zip(make_market(random_walk(market), 7), make_market(market, 7), strict=True):
        assert made.path.start_ns == of.path.start_ns
        assert len(made.path.price) == len(of.path.price)
        assert [name for name, _ in made.path.scenes] == ["random walk"]
        assert not np.array_equal(made.path.price, of.path.price)


def test_a_seed_is_a_market():
    first, again, other = (moves_of("CL", seed, 2) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_walk_is_written_and_never_mixed_with_the_sample(tmp_path):
    report = write_sample(tmp_path, 3, 1, ["AAPL"], is_random_walk=True)
    assert report.is_random_walk
    assert report.markets[0].scenes == {"random walk": 1}
    assert report.markets[0].written.rows["trade_tick"] > 10_000
    with pytest.raises(AuctionError):
        write_sample(tmp_path, 3, 1, ["AAPL"])

"""Nothing in a fair market of the sample says where its price goes next."""

from collections.abc import Iterable
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.batches import BUYER
from catalog.sample import MARKETS
from catalog.sample import make_market
from catalog.sample.fine import STEP
from catalog.sample.fine import STEPS
from catalog.sample.fine import FinePrice
from catalog.sample.market import make_paths
from catalog.sample.walk import PricePath
from catalog.sample.walk import PriceWalk
from tests.checks import some


SECOND_NS = 1_000_000_000
SEEDS = range(20)
VALUE_WINDOW = 14_400
Moves = tuple[NDArray[np.float64], NDArray[np.float64]]


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.fixture(scope="module")
def paths() -> list[PricePath]:
    return paths_of("BTCUSDT", SEEDS)


def paths_of(name: str, seeds: Iterable[int], days: int = 2) -> list[PricePath]:
    blocks = (block for seed in seeds for block, _ in make_paths(MARKETS[name], seed, days))
    return [path for block in blocks for path in block]


def deviations(samples: Iterator[Moves]) -> float:
    """Return the sum of the moves on the side of a signal in standard errors."""
    total = square = 0.0
    count = 0
    for signal, move in samples:
        total += float(np.sum(np.sign(signal) * move))
        square += float(np.sum(np.sign(signal) ** 2 * move**2))
        count += int(np.count_nonzero(signal))
    assert count > 1000
    return total / square**0.5


@pytest.mark.parametrize("horizon", [1, 60, 900])
@pytest.mark.parametrize("back", [1, 30, 300])
def test_no_move_says_where_the_next_one_goes(
    paths: list[PricePath], back: int, horizon: int
) -> None:
    def samples() -> Iterator[Moves]:
        for path in paths:
            at = np.arange(300, len(path.price) - horizon, horizon)
            price = path.price / 1000
            yield price[at] - price[at - back], price[at + horizon] - price[at]

    assert abs(deviations(samples())) < 3


@pytest.mark.parametrize("signal", ["outside value", "nearest edge"])
def test_no_edge_of_value_draws_the_price_or_throws_it_back(
    paths: list[PricePath], signal: str
) -> None:
    def samples() -> Iterator[Moves]:
        for path in paths:
            price = path.price / 1000
            at = np.arange(VALUE_WINDOW, len(price) - 600, 600)
            past = np.lib.stride_tricks.sliding_window_view(price, VALUE_WINDOW)[at - VALUE_WINDOW]
            low, high = np.quantile(past[:, ::20], (0.15, 0.85), axis=1)
            now = price[at]
            outside = np.where(now > high, 1.0, np.where(now < low, -1.0, 0.0))
            nearest = np.where(high - now < now - low, high - now, low - now)
            yield {"outside value": outside, "nearest edge": nearest}[signal], price[at + 600] - now

    assert abs(deviations(samples())) < 3


def test_the_price_has_no_drift_and_a_scene_no_direction(paths: list[PricePath]) -> None:
    moves = [np.diff(path.price / 1000) for path in paths]
    assert abs(deviations((np.ones(len(move)), move) for move in moves)) < 3
    # In its own deviation each move is standard normal, whichever scene is played.
    scaled = [m / path.sigma for m, path in zip(moves, paths, strict=True)]
    everything = np.concatenate(scaled)
    assert np.mean(everything**2) == pytest.approx(1.0, abs=0.01)
    assert np.mean(everything**4) == pytest.approx(3.0, abs=0.1)


def test_within_a_second_the_price_does_not_announce_its_end(
    paths: list[PricePath],
) -> None:
    path = paths[0]
    fine = FinePrice(path, generator(1))
    steps = fine.at(np.arange(len(path.sigma) * STEPS, dtype=np.int64) * STEP).reshape(-1, STEPS)
    assert np.array_equal(steps[:, 0], path.price[:-1])
    grid = np.diff(steps, axis=1) / 1000
    busy = path.sigma > 1
    assert np.mean((grid[busy] / path.sigma[busy, None]) ** 2) * STEPS == pytest.approx(1, abs=0.01)
    first, rest = steps[:, 10] - steps[:, 0], path.price[1:] - steps[:, 10]
    assert abs(deviations(iter([(first.astype(float), rest / 1000)]))) < 3


@pytest.mark.parametrize("horizon", [1, 60])
def test_quotes_and_sides_do_not_announce_the_next_move(horizon: int) -> None:
    found: dict[str, list[Moves]] = {"move": [], "tilt": [], "side": []}
    for seed in range(3):
        for session in some(make_market(MARKETS["BTCUSDT"], seed)):
            quotes, trades = session.quotes, session.trades
            start, length = session.path.start_ns, len(session.path.sigma)
            boundaries = start + SECOND_NS * np.arange(120, length, horizon)
            quote = np.searchsorted(quotes.ts_event, boundaries) - 1
            trade = np.searchsorted(trades.ts_event, boundaries) - 1
            mid = (quotes.bid + quotes.ask) / 2
            move = np.diff(mid[quote])
            now = quote[:-1]
            tilt = quotes.bid_size[now] - quotes.ask_size[now]
            # Without the last mid price: the width of its spread is in the next move as well.
            found["move"].append((mid[now - 1] - mid[now - 4], move))
            found["tilt"].append((tilt.astype(float), move))
            found["side"].append((np.where(trades.side[trade[:-1]] == BUYER, 1.0, -1.0), move))
    assert {
        name: abs(deviations(iter(pairs))) < 3 for name, pairs in found.items()
    } == dict.fromkeys(found, True)


def test_sides_go_with_the_price_of_their_own_minute() -> None:
    (session,) = make_market(MARKETS["BTCUSDT"], 7)
    trades = session.trades
    minute = (trades.ts_event - session.path.start_ns) // (60 * SECOND_NS)
    signed = np.where(trades.side == BUYER, 1, -1) * np.sqrt(trades.size)
    flow = np.bincount(minute, weights=signed, minlength=2 * 24 * 60)
    assert np.corrcoef(flow, np.diff(session.path.price[::60]))[0, 1] > 0.3


def test_a_race_is_won_in_the_shares_of_a_driftless_walk_and_ends_in_time() -> None:
    won = []
    for seed in range(2000):
        walk = PriceWalk(generator(seed), 1000, np.ones(3000), np.ones(3000))
        won.append(walk.race(10, 30, 3000))
    assert won.count(0) < 20
    assert won.count(1) / (2000 - won.count(0)) == pytest.approx(0.75, abs=0.03)
    walk = PriceWalk(generator(1), 1000, np.ones(3000), np.ones(3000))
    assert (walk.race(10_000, 10_000, 600), walk.now) == (0, 600)
    assert (walk.race(10_000, 10_000, 9000), walk.now) == (0, 3000)


@pytest.mark.parametrize("name", ["ES", "CL", "GC", "AAPL"])
def test_the_other_markets_are_as_fair(name: str) -> None:
    paths = paths_of(name, range(3), 6)
    moves = [np.diff(path.price / 1000) for path in paths]
    scaled = np.concatenate([m / path.sigma for m, path in zip(moves, paths, strict=True)])
    # Rounding to a thousandth of a tick is all that is not normal.
    assert np.mean(scaled**2) == pytest.approx(1.0, abs=0.01)
    assert np.mean(scaled**4) == pytest.approx(3.0, abs=0.1)
    found = {"drift": deviations((np.ones(len(move)), move) for move in moves)}
    for back, horizon in ((1, 1), (30, 60), (300, 300)):
        prices = [path.price / 1000 for path in paths]
        grids = [np.arange(300, len(price) - horizon, horizon) for price in prices]
        found[f"{back} {horizon}"] = deviations(
            (price[at] - price[at - back], price[at + horizon] - price[at])
            for price, at in zip(prices, grids, strict=True)
        )
    assert {key: value for key, value in found.items() if abs(value) > 3} == {}


@pytest.mark.parametrize("name", ["ES", "CL", "GC", "AAPL"])
def test_their_quotes_and_sides_do_not_announce_the_next_move(name: str) -> None:
    found: dict[str, list[Moves]] = {"move": [], "tilt": [], "side": []}
    for session in some(make_market(MARKETS[name], 7)):
        quotes, trades = session.quotes, session.trades
        start, length = session.path.start_ns, len(session.path.sigma)
        boundaries = start + SECOND_NS * np.arange(120, length, 10)
        quote = np.searchsorted(quotes.ts_event, boundaries) - 1
        trade = np.searchsorted(trades.ts_event, boundaries) - 1
        price = session.path.price[120:length:10] / 1000
        now = quote[:-1]
        tilt = quotes.bid_size[now] - quotes.ask_size[now]
        mid = (quotes.bid + quotes.ask) / 2
        move = np.diff(price)
        found["move"].append((mid[now - 1] - mid[now - 4], move))
        found["tilt"].append((tilt.astype(float), move))
        found["side"].append((np.where(trades.side[trade[:-1]] == BUYER, 1.0, -1.0), move))
    far = {key: deviations(iter(pairs)) for key, pairs in found.items()}
    assert {key: value for key, value in far.items() if abs(value) > 3} == {}

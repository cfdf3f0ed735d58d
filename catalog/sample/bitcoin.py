"""
Two days of a bitcoin perpetual: balance, spikes, breakouts that hold or fail, quiet hours.

What decides whether a trade can pay its costs stands in the proportion of the real market, so that
a result on the sample is no better and no worse in that than one on real data. `REAL_MARKET` holds
the figures of recorded markets, with where they are from:

- a tick of 0.1 USD, a hundredth of a basis point;
- a spread of one tick most of the time, 1.6 in the mean of all quotes (real: 2.0);
- a standard deviation of 7.5 to 9.9 bp of a minute's return (real: 9.9; single days 5 to 18);
- a median distance of high and low of a minute of 7 to 8.9 bp (real: 8.6);
- fees of the base tier, 2 bp for makers and 5.5 for takers: those of a round trip at market are 1.4
  times that distance (real: 1.3). A stop behind the extreme of one minute mostly lies within them.
"""

import numpy as np

from catalog.sample.noise import Knots
from catalog.sample.noise import by_minute
from catalog.sample.orders import Floats
from catalog.sample.orders import TickModel
from catalog.sample.walk import PricePath
from catalog.sample.walk import PriceWalk


INSTRUMENT = "BTCUSDT-LINEAR.BYBIT"
REAL_MARKET = {
    # Minutes of a BTC perpetual of January 2022 (45,031), basis points.
    "minute_sigma": 9.9,
    "minute_range": 8.6,
    # Quotes of BTCUSDT of 8 August 2024 (66,089), ticks of 0.1 USD.
    "mean_spread": 2.0,
}
START_NS = 1_767_571_200_000_000_000  # 2026-01-05 00:00 UTC
MINUTES = 2 * 24 * 60
OPEN = 912_000  # ticks
SIGMA = 95.0  # ticks of a usual second's move: 8 bp of a minute
ROW = 125  # ticks
WINDOW = 240 * 60  # seconds
FARTHEST = 3750  # ticks of the longest approach to an edge of value


def _sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.lognormal(2.75, 2.0, count), 40_000.0)


MODEL = TickModel(
    resolution=1_000_000,
    followers=0.25,
    prints_tail=1.2,
    prints_max=320,
    walk=0.4,
    level_gap=0.15,
    tight=0.9,
    hidden=0.03,
    quote_rate=1.6,
    depth=(1500.0, 1.3),
    follow=1.2,
    chase=1.0,
    split=0.3,
    sizes=_sizes,
)
VOLATILITY = [(0, 1.0), (5, 0.6), (9, 1.1), (12, 0.8), (15, 1.6), (19, 1.0), (24, 0.9)]
ACTIVITY = [(0, 1.0), (5, 0.6), (9, 1.0), (12, 0.8), (15, 1.7), (19, 1.0), (24, 0.9)]


def bitcoin_paths(rng: np.random.Generator) -> tuple[PricePath, ...]:
    """Return the path of the two days."""
    walk = PriceWalk(
        rng,
        OPEN,
        SIGMA * _two_days(rng, VOLATILITY, 0.25),
        0.32 * _two_days(rng, ACTIVITY, 0.35),
    )
    _first_balance(walk, rng)
    while walk.running:
        for scene in rng.permutation(len(_SCENES)):
            _SCENES[scene](walk, rng)
    return (walk.finish(START_NS),)


def _two_days(rng: np.random.Generator, day: Knots, spread: float) -> Floats:
    second = [(hour + 24.0, factor) for hour, factor in day]
    return by_minute(rng, [*day, *second], MINUTES, spread)


def _first_balance(walk: PriceWalk, rng: np.random.Generator) -> None:
    walk.scene("balance")
    side = walk.turn(1, 1)
    while walk.now < WINDOW + 600:
        edge = OPEN + side * int(rng.integers(2250, 3250))
        walk.travel(edge - walk.position, 1.2)
        side = -side


def _approach(walk: PriceWalk) -> tuple[int, int]:
    low, _, high = walk.value_area(walk.now - WINDOW, walk.now, ROW)
    # Side 0 is no edge: the walk gives up and stays outside or inside value.
    edges = [(low - walk.position, -1), (high - walk.position, 1), (FARTHEST, 0), (-FARTHEST, 0)]
    above = min(edge for edge in edges if edge[0] > 0)
    below = max(edge for edge in edges if edge[0] < 0)
    move, side = above if walk.turn(above[0], -below[0]) > 0 else below
    walk.travel(move, 0.9)
    return side, max(1500, (high - low) // 4)


def _spike(walk: PriceWalk, rng: np.random.Generator) -> None:
    side, size = _approach(walk)
    if side == 0:
        return
    walk.wander(60 - walk.now % 60 + 5, 0.3)
    walk.scene("spike")
    reach = side * size // 2
    walk.leg(reach, int(rng.integers(8, 20)), 0.4, 8.0)
    walk.leg(-reach, int(rng.integers(10, 24)), 0.4, 5.0)
    walk.wander(60 - walk.now % 60, 0.3)
    walk.travel(side * size * walk.outcome("spike"), 1.0, 1.0, 1.2)


def _breakout(walk: PriceWalk, rng: np.random.Generator) -> None:
    side, size = _approach(walk)
    away = size // 3
    if side == 0:
        return
    if walk.outcome("attempt", away, 3 * away) < 0:
        walk.travel(-side * 3 * away, 1.0)
        return
    walk.scene("breakout")
    walk.travel(side * away, 3.0, 0.7, 3.0)
    walk.leg(0, 60 * int(rng.integers(1, 7)), 0.35, 1.5)
    holds = walk.outcome("breakout")
    walk.travel(holds * side * size, float(rng.uniform(1.3, 3.0)), 0.8, 2.0)
    if holds < 0:
        return
    returns = walk.outcome("return")
    walk.travel(-returns * side * (size + away), 1.0)
    if returns > 0:
        walk.scene("retest")
        walk.leg(0, 100, 0.5)
        walk.travel(walk.outcome("retest") * side * size, 1.2, 1.0, 1.5)


def _balance(walk: PriceWalk, rng: np.random.Generator) -> None:
    walk.scene("balance")
    walk.wander(60 * int(rng.integers(25, 50)), 0.55, 1.0)


def _quiet(walk: PriceWalk, rng: np.random.Generator) -> None:
    walk.scene("quiet")
    walk.wander(60 * int(rng.integers(7, 14)), 0.2, 0.06)
    walk.wander(60 * int(rng.integers(1, 4)), 0.05, 0.0)


def _storm(walk: PriceWalk, rng: np.random.Generator) -> None:
    walk.scene("storm")
    walk.wander(60 * int(rng.integers(6, 15)), 1.8, 2.5)


_SCENES = (_spike, _breakout, _balance, _spike, _breakout, _quiet, _spike, _breakout, _storm)

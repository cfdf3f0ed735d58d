"""
Two days of a bitcoin perpetual: balance, spikes, breakouts that hold or fail, quiet hours.

What decides whether a trade can pay its costs stands in the proportion of the real market, so that
a result on the sample is no better and no worse in that than one on real data. `REAL_MARKET` holds
the figures of recorded markets, with where they are from:

- a tick of 0.1 USD, a hundredth of a basis point;
- a spread of one tick most of the time, 1.7 in the mean of all quotes (real: 2.0);
- a standard deviation of 7.5 to 10.5 bp of a minute's return (real: 9.9; single days 5 to 18);
- a median distance of high and low of a minute of 7 to 8.9 bp (real: 8.6);
- fees of the base tier, 2 bp for makers and 5.5 for takers: those of a round trip at market are 1.4
  times that distance (real: 1.3). A stop behind the extreme of one minute mostly lies within them.

One proportion is not kept: there are two quotes a second instead of dozens, so that a backtest
takes seconds, and the price moves by 70 ticks from one to the next instead of a few. An order at
market pays the spread as it would at the venue; a limit order that the price runs over is filled
some 50 ticks (0.5 bp) from the quote that did it.
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
SIGMA = 112.0  # ticks of a usual second's move: 8 bp of a minute
ROW = 125  # ticks
WINDOW = 240 * 60  # seconds
FARTHEST = 3750  # ticks of the longest approach to an edge of value
LONGEST = 2 * 3600  # seconds of any race


def _sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.lognormal(2.75, 2.0, count), 40_000.0)


MODEL = TickModel(
    resolution=1_000_000,
    followers=0.25,
    prints_tail=1.2,
    prints_max=320,
    walk=0.4,
    level_gap=0.15,
    tight=0.72,
    hidden=0.014,
    quote_rate=0.0,
    quote_move=86,
    depth=(1500.0, 1.3),
    follow=1.2,
    chase=1.0,
    split=0.3,
    sizes=_sizes,
)
VOLATILITY = [(0, 1.0), (5, 0.6), (9, 1.1), (12, 0.8), (15, 1.6), (19, 1.0), (24, 0.9)]
ACTIVITY = [(0, 1.0), (5, 0.6), (9, 1.0), (12, 0.8), (15, 1.7), (19, 1.0), (24, 0.9)]


def bitcoin_paths(rng: np.random.Generator) -> tuple[PricePath, ...]:
    """
    Return the path of the two days.

    It is a martingale: scenes choose volatility, activity and how long a stretch lasts from what
    was before, never a direction, and are named by what the price did in them.
    """
    walk = PriceWalk(
        rng,
        OPEN,
        SIGMA * _two_days(rng, VOLATILITY, 0.25),
        0.32 * _two_days(rng, ACTIVITY, 0.35),
    )
    _first_balance(walk)
    while walk.running:
        for scene in rng.permutation(len(_SCENES)):
            _SCENES[scene](walk, rng)
    return (walk.finish(START_NS),)


def _two_days(rng: np.random.Generator, day: Knots, spread: float) -> Floats:
    second = [(hour + 24.0, factor) for hour, factor in day]
    return by_minute(rng, [*day, *second], MINUTES, spread)


def _first_balance(walk: PriceWalk) -> None:
    walk.scene("balance")
    walk.wander(WINDOW + 600, 0.5)


def _approach(walk: PriceWalk) -> tuple[int, int]:
    low, _, high = walk.value_area(walk.now - WINDOW, walk.now, ROW)
    # Side 0 is no edge: the walk gives up and stays outside or inside value.
    edges = [(low - walk.position, -1), (high - walk.position, 1), (FARTHEST, 0), (-FARTHEST, 0)]
    above = min(edge for edge in edges if edge[0] > 0)
    below = max(edge for edge in edges if edge[0] < 0)
    reached = walk.race(above[0], -below[0], LONGEST, 0.9)
    side = above[1] if reached > 0 else below[1] if reached < 0 else 0
    return side, max(1500, (high - low) // 4)


def _outward(
    walk: PriceWalk,
    side: int,
    out: int,
    back: int,
    seconds: int = LONGEST,
    noise: float = 1.0,
    activity: float = 1.0,
) -> int:
    """Return +1 if the price went out on a side of value, -1 if it came back, else 0."""
    up, down = (out, back) if side > 0 else (back, out)
    return side * walk.race(up, down, seconds, noise, activity)


def _spike(walk: PriceWalk, rng: np.random.Generator) -> None:
    side, size = _approach(walk)
    if side == 0:
        return
    walk.wander(60 - walk.now % 60 + 5, 0.3)
    start, reach = walk.now, size // 2
    if _outward(walk, side, reach, reach, 40, 4.0, 8.0) > 0:
        ended = _outward(walk, side, reach, reach, 40, 3.0, 5.0)
        walk.scene("spike" if ended < 0 else "breakout", start)
    walk.wander(60 - walk.now % 60, 0.3)
    _outward(walk, side, size, size, LONGEST, 1.0, 1.2)


def _breakout(walk: PriceWalk, rng: np.random.Generator) -> None:
    side, size = _approach(walk)
    away = size // 3
    if side == 0 or _outward(walk, side, away, 2 * away) <= 0:
        return
    start = walk.now
    walk.wander(60 * int(rng.integers(1, 7)), 0.5, 1.5)
    if _outward(walk, side, size, away, LONGEST, float(rng.uniform(1.2, 2.0)), 2.0) <= 0:
        return
    walk.scene("breakout", start)
    if _outward(walk, side, 2 * size, size) < 0:
        walk.scene("retest")
        walk.wander(100, 0.5)
        _outward(walk, side, size, size, LONGEST, 1.2, 1.5)


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

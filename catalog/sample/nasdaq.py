"""Two sessions of the E-mini Nasdaq-100 future with overnight trade, opening drives and breaks."""

import numpy as np

from catalog.sample.noise import by_minute
from catalog.sample.orders import Floats
from catalog.sample.orders import TickModel
from catalog.sample.walk import PricePath
from catalog.sample.walk import PriceWalk


INSTRUMENT = "NQH6.XCME"
STARTS_NS = (
    1_767_567_600_000_000_000,  # 2026-01-04 18:00 New York
    1_767_654_000_000_000_000,  # 2026-01-05 18:00 New York
)
OPEN = 102_400  # ticks
MINUTES = 23 * 60
BELL = 15 * 3600 + 1800  # 09:30 New York, seconds from the start
CLOSE = 22 * 3600
POINT = 4  # ticks
GAP = 18  # ticks from a level at which an approach ends
FARTHEST = 110  # ticks of the longest approach


def _sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.pareto(2.2, count), 120.0)


MODEL = TickModel(
    resolution=1,
    followers=0.35,
    prints_tail=3.0,
    prints_max=60,
    walk=1.0,
    level_gap=0.7,
    tight=0.65,
    hidden=0.01,
    quote_rate=0.15,
    quote_move=8,
    depth=(3.0, 0.7),
    follow=0.5,
    chase=0.15,
    split=0.45,
    sizes=_sizes,
)
VOLATILITY = [(0, 0.35), (1, 0.22), (8, 0.22), (9.2, 0.4), (15.4, 0.3), (15.5, 1.9), (16.5, 1.2)]
VOLATILITY += [(18.5, 0.7), (21, 1.0), (22, 1.2), (22.1, 0.3), (23, 0.3)]
ACTIVITY = [(0, 0.5), (0.5, 0.2), (8, 0.2), (9.2, 0.5), (15.4, 0.6), (15.5, 4.5), (16.2, 2.2)]
ACTIVITY += [(18.5, 0.8), (21, 1.2), (21.9, 2.2), (22, 2.0), (22.1, 0.2), (23, 0.1)]


def nasdaq_paths(rng: np.random.Generator) -> tuple[PricePath, ...]:
    """Return the paths of the two sessions; the second knows the levels of the first."""
    first = _new_walk(rng, OPEN)
    _overnight(first, rng)
    _regular_hours(first, rng, [*first.extremes(0, BELL)])
    low, _, high = first.value_area(BELL, CLOSE, POINT)
    levels = [*first.extremes(BELL, CLOSE), low, high]
    second = _new_walk(rng, (low + high) // 2 + int(rng.integers(-40, 41)))
    _overnight(second, rng)
    _regular_hours(second, rng, [*levels, *second.extremes(0, BELL)])
    return first.finish(STARTS_NS[0]), second.finish(STARTS_NS[1])


def _new_walk(rng: np.random.Generator, start: int) -> PriceWalk:
    volatility = 3.4 * by_minute(rng, VOLATILITY, MINUTES, 0.2)
    return PriceWalk(rng, start, volatility, 0.94 * by_minute(rng, ACTIVITY, MINUTES, 0.3))


def _overnight(walk: PriceWalk, rng: np.random.Generator) -> None:
    walk.limit = BELL
    walk.scene("overnight")
    while walk.running:
        walk.wander(60 * int(rng.integers(40, 120)))
        walk.travel(walk.turn(1, 1) * int(rng.integers(20, 60)), 1.3, 1.0, 2.0)
        walk.wander(60 * int(rng.integers(8, 20)), 0.3, 0.15)


def _regular_hours(walk: PriceWalk, rng: np.random.Generator, levels: list[int]) -> None:
    walk.limit = CLOSE
    walk.scene("opening drive")
    walk.travel(walk.turn(1, 1) * int(rng.integers(150, 260)), 1.2, 1.0, 1.5)
    while walk.running:
        walk.wander(int(rng.integers(30, 180)), 0.7)
        side = _approach(walk, [*levels, *walk.extremes(BELL, walk.now)])
        if side is not None and walk.running:
            _level(walk, rng, side)
    walk.limit = 60 * MINUTES
    walk.wander(60 * MINUTES - walk.now)


def _approach(walk: PriceWalk, levels: list[int]) -> int | None:
    x = walk.position
    up = min((level - x - GAP for level in levels if level - x > 2 * GAP), default=FARTHEST)
    down = min((x - level - GAP for level in levels if x - level > 2 * GAP), default=FARTHEST)
    up, down = min(up, FARTHEST), min(down, FARTHEST)
    side = walk.turn(up, down)
    distance = up if side > 0 else down
    walk.travel(side * distance, 1.0, 0.8)
    return side if distance < FARTHEST else None


def _level(walk: PriceWalk, rng: np.random.Generator, side: int) -> None:
    walk.leg(0, int(rng.integers(40, 90)), 0.25, 0.7)
    drive = int(rng.integers(140, 200))
    breaks = walk.outcome("break")
    walk.scene("break" if breaks > 0 else "rejection")
    _impulse(walk, breaks * side * drive)
    _after_impulse(walk, rng, breaks * side, drive)


def _impulse(walk: PriceWalk, move: int) -> None:
    walk.leg(move * 3 // 10, 9, 0.3, 6.0)
    walk.leg(move // 4, 2, 0.3, 1.5)
    walk.leg(move - move * 3 // 10 - move // 4, 13, 0.3, 6.0)


def _after_impulse(walk: PriceWalk, rng: np.random.Generator, side: int, drive: int) -> None:
    # Five of six come back, more than in a fair bet: it pays for the run within the impulse.
    if walk.outcome("return", 1, 5) < 0:
        walk.travel(side * drive * 12 // 10, 1.2, 1.0, 1.5)
        return
    walk.travel(-side * drive * 6 // 10, 2.0)
    away = walk.turn(1, 1) * int(rng.integers(40, 52))
    walk.travel(away, 2.0)
    if walk.outcome("revisit", 1, 2) < 0:
        walk.travel(2 * away, 1.0)
        return
    walk.scene("retest")
    walk.travel(-away, 2.0)
    buyer = walk.turn(1, 1)
    for sign in (buyer, -buyer, buyer, -buyer):
        walk.block(sign, int(rng.integers(32, 48)))
        walk.leg(0, int(rng.integers(4, 12)), 0.2, 0.8)
    walk.travel(side * walk.outcome("retest") * drive // 2, 1.1, 1.0, 1.5)

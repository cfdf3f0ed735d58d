"""
Overnight trade, opening drives, and impulses through levels that hold or break.

Only the turns are fair: whether a break holds or a node bounces is drawn with the chances of a
driftless price, but within the seconds of an impulse and on the way to a level the price has a
direction.
"""

from dataclasses import dataclass

import numpy as np

from catalog.sample.market import Played
from catalog.sample.schedule import Stretch
from catalog.sample.walk import PriceWalk


@dataclass(frozen=True, slots=True)
class ImpulseScript:
    """
    Impulses at the levels of the session before and of the night.

    Attributes
    ----------
    row : int
        The height of the rows of the value area (ticks).
    short : int
        The distance from a level at which an approach ends (ticks).
    farthest : int
        The longest approach (ticks).
    gap : float
        The deviation of the first price after a halt from the last one before it (ticks).

    """

    row: int
    short: int
    farthest: int
    gap: float

    def opening(self, before: Played, rng: np.random.Generator) -> int:
        """Return the first price (ticks) after a halt."""
        if before.number == 0:
            # The first two sessions are recorded results: the second opens in value of the first.
            low, _, high = before.walk.value_area(*_regular(before), self.row)
            return (low + high) // 2 + int(rng.integers(-40, 41))
        return before.walk.position + int(np.rint(self.gap * rng.standard_normal()))

    def play(
        self,
        walk: PriceWalk,
        stretch: Stretch,
        before: Played | None,
        rng: np.random.Generator,
    ) -> None:
        """Walk to the end of a stretch: a night, and a regular session where there is one."""
        end = 60 * stretch.minutes
        bell, close = stretch.regular or (end, end)
        _overnight(walk, bell, rng)
        if stretch.regular is not None:
            levels = [] if before is None else self._levels(before)
            self._regular_hours(walk, rng, bell, close, [*levels, *walk.extremes(0, bell)])
        walk.limit = end
        walk.wander(end - walk.now)

    def _levels(self, before: Played) -> list[int]:
        start, stop = _regular(before)
        low, _, high = before.walk.value_area(start, stop, self.row)
        return [*before.walk.extremes(start, stop), low, high]

    def _regular_hours(
        self,
        walk: PriceWalk,
        rng: np.random.Generator,
        bell: int,
        close: int,
        levels: list[int],
    ) -> None:
        walk.limit = close
        walk.scene("opening drive")
        walk.travel(walk.turn(1, 1) * int(rng.integers(150, 260)), 1.2, 1.0, 1.5)
        while walk.running:
            walk.wander(int(rng.integers(30, 180)), 0.7)
            side = self._approach(walk, [*levels, *walk.extremes(bell, walk.now)])
            if side is not None and walk.running:
                _level(walk, rng, side)

    def _approach(self, walk: PriceWalk, levels: list[int]) -> int | None:
        x, near = walk.position, self.short
        up = min((v - x - near for v in levels if v - x > 2 * near), default=self.farthest)
        down = min((x - v - near for v in levels if x - v > 2 * near), default=self.farthest)
        up, down = min(up, self.farthest), min(down, self.farthest)
        side = walk.turn(up, down)
        distance = up if side > 0 else down
        walk.travel(side * distance, 1.0, 0.8)
        return side if distance < self.farthest else None


def _regular(played: Played) -> tuple[int, int]:
    """Return the seconds of the regular session; all of a session without one."""
    return played.stretch.regular or (0, 60 * played.stretch.minutes)


def _overnight(walk: PriceWalk, bell: int, rng: np.random.Generator) -> None:
    walk.limit = bell
    walk.scene("overnight")
    while walk.running:
        walk.wander(60 * int(rng.integers(40, 120)))
        walk.travel(walk.turn(1, 1) * int(rng.integers(20, 60)), 1.3, 1.0, 2.0)
        walk.wander(60 * int(rng.integers(8, 20)), 0.3, 0.15)


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

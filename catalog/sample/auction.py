"""
Balance, spikes, breakouts that hold or fail, quiet hours: a price that is a martingale.

Scenes choose volatility, activity and the duration of a stretch from the past, never a direction,
and are named by their outcome.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from catalog.sample.market import Played
from catalog.sample.schedule import Stretch
from catalog.sample.walk import PriceWalk


LONGEST = 2 * 3600  # seconds of any race


@dataclass(frozen=True, slots=True)
class AuctionScript:
    """
    Scenes at the edges of a rolling value area.

    Attributes
    ----------
    window : int
        The length of the window of the value area (seconds).
    row : int
        The height of its rows (ticks).
    farthest : int
        The longest approach to an edge (ticks).
    least : int
        The smallest move of a scene (ticks); a quarter of the value area where that is more.
    gap : float
        The deviation of the first price after a halt from the last one before it (ticks).

    """

    window: int
    row: int
    farthest: int
    least: int
    gap: float = 0.0

    def opening(self, before: Played, rng: np.random.Generator) -> int:
        """Return the first price (ticks) after a halt: up or down alike from the last one."""
        return before.walk.position + int(np.rint(self.gap * rng.standard_normal()))

    def play(
        self,
        walk: PriceWalk,
        stretch: Stretch,
        before: Played | None,
        rng: np.random.Generator,
    ) -> None:
        """Walk to the end of a stretch: a balance, then one scene after the other."""
        walk.scene("balance")
        walk.wander(self.window + 600, 0.5)
        while walk.running:
            for scene in rng.permutation(len(_SCENES)):
                _SCENES[scene](self, walk, rng)

    def _approach(self, walk: PriceWalk) -> tuple[int, int]:
        low, _, high = walk.value_area(walk.now - self.window, walk.now, self.row)
        # Side 0 is not an edge: the walk stays outside or inside value.
        edges = [
            (low - walk.position, -1),
            (high - walk.position, 1),
            (self.farthest, 0),
            (-self.farthest, 0),
        ]
        above = min(edge for edge in edges if edge[0] > 0)
        below = max(edge for edge in edges if edge[0] < 0)
        reached = walk.race(above[0], -below[0], LONGEST, 0.9)
        side = above[1] if reached > 0 else below[1] if reached < 0 else 0
        return side, max(self.least, (high - low) // 4)

    def _spike(self, walk: PriceWalk, rng: np.random.Generator) -> None:
        side, size = self._approach(walk)
        if side == 0:
            return
        walk.wander(60 - walk.now % 60 + 5, 0.3)
        start, reach = walk.now, size // 2
        if _outward(walk, side, reach, reach, 40, 4.0, 8.0) > 0:
            ended = _outward(walk, side, reach, reach, 40, 3.0, 5.0)
            walk.scene("spike" if ended < 0 else "breakout", start)
        walk.wander(60 - walk.now % 60, 0.3)
        _outward(walk, side, size, size, LONGEST, 1.0, 1.2)

    def _breakout(self, walk: PriceWalk, rng: np.random.Generator) -> None:
        side, size = self._approach(walk)
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

    def _balance(self, walk: PriceWalk, rng: np.random.Generator) -> None:
        walk.scene("balance")
        walk.wander(60 * int(rng.integers(25, 50)), 0.55, 1.0)

    def _quiet(self, walk: PriceWalk, rng: np.random.Generator) -> None:
        walk.scene("quiet")
        walk.wander(60 * int(rng.integers(7, 14)), 0.2, 0.06)
        walk.wander(60 * int(rng.integers(1, 4)), 0.05, 0.0)

    def _storm(self, walk: PriceWalk, rng: np.random.Generator) -> None:
        walk.scene("storm")
        walk.wander(60 * int(rng.integers(6, 15)), 1.8, 2.5)


type _Scene = Callable[[AuctionScript, PriceWalk, np.random.Generator], None]

_SCENES: tuple[_Scene, ...] = (
    AuctionScript._spike,
    AuctionScript._breakout,
    AuctionScript._balance,
    AuctionScript._spike,
    AuctionScript._breakout,
    AuctionScript._quiet,
    AuctionScript._spike,
    AuctionScript._breakout,
    AuctionScript._storm,
)


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

"""The control of the sample: the same market with a driftless random walk for its price."""

from dataclasses import dataclass
from dataclasses import replace

import numpy as np

from catalog.sample.market import Market
from catalog.sample.market import Played
from catalog.sample.schedule import Stretch
from catalog.sample.walk import PriceWalk


# Of neither market of the sample: a walk shares no chance with any.
FIRST_STREAM = 1_000


@dataclass(frozen=True, slots=True)
class RandomWalkScript:
    """
    Walk without scenes: each second's move is normal with mean zero and independent of the past.

    Attributes
    ----------
    gap : float
        The deviation of the first price after a halt from the last one before it (ticks).

    """

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
        """Walk to the end of a stretch."""
        walk.scene("random walk")
        walk.wander(60 * stretch.minutes)


def random_walk(market: Market) -> Market:
    """
    Return a market with a driftless random walk for its price.

    Hours, first price, spread, orders and their sizes are those of the market. Volatility and
    activity follow its clock and nothing else: they neither drift nor cluster. What a system earns
    or loses there is chance and costs.
    """
    price, orders = market.streams
    return replace(
        market,
        volatility=replace(market.volatility, drift=0.0),
        activity=replace(market.activity, drift=0.0),
        script=RandomWalkScript(market.script.gap),
        streams=(FIRST_STREAM + price, FIRST_STREAM + orders),
    )

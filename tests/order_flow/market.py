"""A small seeded market that goes up and down, and settings with which it is traded soon."""

from functools import cache

import numpy as np

from tests.order_flow.test_hours import WHOLE
from tests.order_flow.test_hours import ns


SECOND = 1_000_000_000
START = ns(WHOLE, "10:00")
PRICE = 27_000
BAR_SECONDS = 30
# Bars of half a minute with patterns of some contracts, and any regime that is not NO_TRADE.
SETTINGS = (
    f"actors.0.config.bar_size={BAR_SECONDS}",
    "actors.0.config.detectors.profile=ES",
    "actors.0.config.detectors.imbalance_min_volume=4",
    "actors.0.config.detectors.absorption_min_volume=8",
    "actors.0.config.regime.skip_open_minutes=0",
    "actors.0.config.regime.min_volume_ratio=0",
    "actors.0.config.regime.min_score=1",
    "strategies.0.config.rules.router.min_strength=0.1",
    "strategies.0.config.rules.router.min_confidence=0",
    "strategies.0.config.rules.entry.stop_ticks=16",
    "strategies.0.config.rules.entry.target_ticks=24",
    "strategies.0.config.min_reward_fee_ratio=null",
    "strategies.0.config.min_stop_fee_ratio=null",
    "strategies.0.config.min_stop_spreads=null",
)


@cache
def rows(minutes: int = 45, seed: int = 3) -> list[tuple[int, ...]]:
    """Return four quotes and prints a second, as `write_catalog` takes them."""
    rng = np.random.default_rng(seed)
    found: list[tuple[int, ...]] = []
    bid = PRICE
    for number in range(minutes * 240):
        # Five minutes one way, five the other.
        drift = 0.015 if number // 1_200 % 2 else -0.015
        move = rng.random()
        bid += int(move < 0.2 + drift) - int(move > 0.8 + drift)
        at = START + number * SECOND // 4
        found.append((0, at, bid, 40, bid + 1, 40))
        buys = bool(rng.random() < 0.5 + 3 * drift)
        size = int(rng.geometric(0.4))
        found.append((1, at + SECOND // 8, bid + buys, size, 1 if buys else 2))
    return found

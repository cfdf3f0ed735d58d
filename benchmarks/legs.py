"""
The cores of legs alone, fed with arrays of 1,000,000 one-minute bars.

The bars are a seeded walk of 16 steps a minute in crude oil's ticks. Every sixth of them confirms a
pivot; in a month of real bars every fourth does. Legs of which half the bars are flat have bins of
a millionth with the older rules, and cost most of their time.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Row
from benchmarks.measure import alternate
from benchmarks.measure import cpu_seconds
from indicators.core.ema_trend import ema_trend
from indicators.core.leg_nodes import PRESETS
from indicators.core.leg_nodes import LegNodes
from indicators.core.legs import leg_structures


BARS = 1_000_000
STEPS = 16
SIGMA = 1.2
TICK = "0.01"
MINUTE_NS = 60_000_000_000


def run() -> list[Row]:
    """Return the figures."""
    ts, high, low, close, volume = make_bars()
    tasks = {
        f"zigzag, legs and nodes, 1 M bars: {name}": partial(
            cpu_seconds,
            partial(leg_structures, ts, high, low, volume, TICK, LegNodes(**rules)),
        )
        for name, rules in PRESETS.items()
    }
    tasks["averages and trend, 1 M bars"] = partial(cpu_seconds, partial(ema_trend, close, TICK))
    figures = alternate(tasks, repetitions=5)
    return [Row.of(name, values, "s", at_most=1.5) for name, values in figures.items()]


def make_bars(count: int = BARS) -> list[NDArray[np.int64]]:
    """Return times (ns UTC), highs, lows, closes (ticks) and volumes (lots) of some bars."""
    random = np.random.default_rng(20241027)
    walk = np.cumsum(random.normal(0.0, SIGMA, count * STEPS)).reshape(count, STEPS)
    # A mean to which it returns keeps the price, and with it the share of pivots, where it was.
    walk -= np.linspace(0.0, walk[-1, -1], count)[:, None]
    prices = np.rint(7_000 + 1_500 * np.sin(walk / 1_500)).astype(np.int64)
    volume = random.integers(0, 300, count)
    ts = MINUTE_NS * np.arange(count, dtype=np.int64)
    columns = ts, prices.max(axis=1), prices.min(axis=1), prices[:, -1], volume
    return [np.ascontiguousarray(column, dtype=np.int64) for column in columns]

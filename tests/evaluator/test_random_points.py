"""
Random points of every system, through the evaluator and through Nautilus.

`make test-equality` runs them: each point is a backtest in a process of its own.
"""

import os
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from catalog.sample import MARKETS
from catalog.sample import write_sample
from configs.system_file import load_system
from errors import UsageError
from research.evaluation import difference
from research.evaluator.evaluator import FastEvaluator
from research.nautilus_evaluator import NautilusEvaluator
from research.points import PointConfig
from tests.contract.entry import SYSTEMS
from tests.contract.entry import entry_of


POINTS = int(os.environ.get("POINTS", "20"))
MARKET_SEEDS = (7, 11, 23)
PRESETS = ("default", "pessimistic", "optimistic")
# What every strategy can vary.
COMMON = {
    "risk_pct": (0.005, 0.01, 0.02),
    "max_hold_minutes": (10, 30, 60),
    "tp1_pct": (0.2, 0.5),
    "cooldown_minutes": (0, 3),
    "use_limit_for_entry": (True, False),
    "entry_timeout_cancels": (True, False),
    "enable_flip_on_signal": (True, False),
    "move_stop_to_breakeven_after_tp1": (True, False),
    "max_daily_loss": (None, 300),
    "kill_flatten": (True, False),
    "min_stop_spreads": (None, 4),
    "min_stop_fee_ratio": (None, 2),
    "min_reward_fee_ratio": (None, 2),
    "max_leverage": (2, 10),
    "accept_outside_k": (2, 3),
    "stop_buffer_ticks": (2, 20),
    "va_edge": ("key", "outer"),
    "qimb_source": ("ema", "close"),
}


def point(draw: random.Random, system: Path, config: PointConfig) -> dict[str, Any]:
    """Return random values for some of the parameters that the strategies of a system take."""
    found: dict[str, Any] = {}
    for number, section in enumerate(load_system(str(system))["strategies"]):
        for name, values in COMMON.items():
            if name in section["config"] and draw.random() < 0.5:
                added = {f"strategies.{number}.config.{name}": draw.choice(values)}
                with suppress(UsageError):
                    config.run(found | added)
                    found |= added
    return found


@pytest.mark.equality
@pytest.mark.parametrize("seed", MARKET_SEEDS)
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda path: path.stem)
def test_random_points_are_equal_to_nautilus(system: Path, seed: int, tmp_path: Path) -> None:
    entry = entry_of(system)
    instrument_id = str(load_system(str(system))["instrument_id"])
    (name,) = (key for key, market in MARKETS.items() if market.instrument_id == instrument_id)
    catalog = tmp_path / "catalog"
    write_sample(catalog, seed, entry.days, [name])
    base: dict[str, Any] = {"catalog": catalog, "start": entry.start, "end": entry.end}
    for text in (*entry.settings, *entry.prepare(catalog, tmp_path)):
        key, _, value = text.partition("=")
        base[key] = value
    config = PointConfig(str(system), overrides=base)
    fast, reference = FastEvaluator(config, tmp_path / "cache"), NautilusEvaluator(config)
    draw = random.Random(f"{seed} {system.stem}")
    found = 0
    for _ in range(POINTS):
        overrides, preset = point(draw, system, config), draw.choice(PRESETS)
        own = fast.evaluate(overrides, market=preset)
        found_difference = difference(own, reference.evaluate(overrides, market=preset))
        assert found_difference is None, f"{overrides} {preset}: {found_difference}"
        found += len(own.fills)
    # The settings of an entry make it trade in the market of the first seed.
    assert found > 0 or seed != MARKET_SEEDS[0]

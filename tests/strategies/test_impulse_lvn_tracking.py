"""Visits to nodes and signals against the vectors."""

from datetime import UTC
from datetime import datetime

import pytest

from actors.impulse.leg import LowVolumeNode
from actors.impulse.levels import Direction
from catalog.sessions import NewYorkClock
from indicators.core.market_state import MarketState
from strategies.impulse_lvn.params import SignalParams
from strategies.impulse_lvn.tracking import LevelTracker
from tests.impulse_vectors import named
from tests.impulse_vectors import second
from tests.impulse_vectors import ticks_of as price_in


CASES = named("levels")
TICK = 0.125  # One case has a price between the quarters.


def ticks_of(price):
    return price_in(price, TICK)


def signal_params(config):
    return SignalParams(
        level_tolerance=ticks_of(config["level_tolerance"]),
        retest_distance=ticks_of(config["retest_distance"]),
        min_delta=config["min_delta"],
        max_range=ticks_of(config["max_range"]),
        cooldown_bars=config["cooldown_bars"],
        level_cooldown_bars=config["level_cooldown_bars"],
        max_lvn_ratio=config["max_lvn_ratio"],
        same_day_only=config["same_day_only"],
    )


def nodes(impulse, direction, day, rows):
    start = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 10**9
    return [
        LowVolumeNode(
            impulse_id=impulse,
            direction=Direction(direction),
            price=ticks_of(price),
            volume=volume,
            average=average,
            ratio=ratio,
            start=start,
            end=start,
        )
        for price, volume, average, ratio in rows
    ]


@pytest.mark.parametrize("name", CASES)
def test_visits_and_signals(name):
    case = CASES[name]
    config = case["config"]
    tracker, state, clock = LevelTracker(signal_params(config)), MarketState(), NewYorkClock()
    states, signals = [], []
    for i, row in enumerate(case["bars"]):
        for at, what, *arguments in case["ops"]:
            if at == i and what == "add":
                tracker.add(nodes(*arguments))
            elif at == i:
                tracker.drop(*arguments)
        bar = second(row, TICK)
        state.update(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.delta)
        in_hours = config["start"] <= clock.minute_of_day(bar.ts) < config["end"]
        _, signal = tracker.on_bar(
            bar,
            imbalanced=state.imbalanced,
            may_signal=in_hours or not config["rth_only"],
        )
        if signal is not None:
            side = "Long" if signal.is_long else "Short"
            signals.append([i, side, signal.node.price * TICK])
        states.append("".join(level.visit[0] for _, level in sorted(tracker.levels.items())))
    assert signals == case["recommended"]["signals"]
    assert states == case["recommended"]["states"]

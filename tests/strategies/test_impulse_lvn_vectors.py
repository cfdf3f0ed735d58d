"""Whole runs of the impulse system: transitions, signals, levels, stops and exit reasons."""

import pytest

from tests.impulse_vectors import named
from tests.impulse_vectors import seconds
from tests.strategies.impulse_lvn_desk import Desk
from tests.strategies.impulse_lvn_desk import engine_of
from tests.strategies.impulse_lvn_desk import trades_of


RUNS = named("e2e")


def run(case):
    desk = Desk(engine_of(case), case["trader"])
    for number, day in enumerate(case["days"]):
        desk.run_day(number, seconds(trades_of(day)), day["levels"])
    return desk


@pytest.mark.parametrize("name", RUNS)
def test_runs(name):
    case = RUNS[name]
    desk, expected = run(case), case["recommended"]
    assert desk.bars == expected["bars"]
    assert desk.log == expected["log"]
    figures = {key: float(value) for key, value in expected["summary"].items()}
    assert desk.summary() == pytest.approx(figures, rel=1e-12)

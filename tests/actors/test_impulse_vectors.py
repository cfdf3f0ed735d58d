"""The impulse's bars, marks, states and minute legs against the vectors."""

from fractions import Fraction

import pytest

from actors.impulse.leg import ImpulseLeg
from actors.impulse.levels import Direction
from actors.impulse.levels import find_breakout
from actors.impulse.machine import ImpulseMachine
from actors.impulse.params import ImpulseParams
from actors.impulse.transition import Event
from tests.checks import some
from tests.impulse_vectors import LETTERS
from tests.impulse_vectors import TICK
from tests.impulse_vectors import cases
from tests.impulse_vectors import impulse_params
from tests.impulse_vectors import levels
from tests.impulse_vectors import named
from tests.impulse_vectors import second
from tests.impulse_vectors import seconds
from tests.impulse_vectors import ticks_of


BARS = named("bars")
IMPULSES = named("impulse")
MACHINES = named("machine")


def row_of(bar):
    return [
        bar.ts,
        *(price * TICK for price in (bar.open, bar.high, bar.low, bar.close)),
        bar.buy,
        bar.sell,
        bar.unsigned,
        bar.trade_count,
    ]


@pytest.mark.parametrize("name", BARS)
def test_second_bars(name):
    case = BARS[name]
    trades = [
        (ts, ticks_of(price), size, LETTERS.get(letter.upper(), 0))
        for ts, price, size, letter in case["ticks"]
    ]
    assert [row_of(bar) for bar in seconds(trades)] == case["recommended"]


@pytest.mark.parametrize("case", cases("daily", "breakout"), ids=lambda case: str(case["levels"]))
def test_breakouts(case):
    threshold = ticks_of(case["threshold"])
    for price, expected in some(zip(case["prices"], case["expected"], strict=True)):
        found = find_breakout(ticks_of(price), levels(case["levels"]), threshold)
        assert (found and list(found)) == expected, price


@pytest.mark.parametrize("name", IMPULSES)
def test_marks_of_an_impulse(name):
    case = IMPULSES[name]
    base = case["volume_base"]
    tick = 0.05  # One case has a price between the quarters.
    leg = ImpulseLeg(
        1,
        Direction(case["direction"]),
        ImpulseParams(min_impulse_size=ticks_of(25.0, tick)),
        None if base is None else Fraction(base),
        broke_swing=case["broke_swing"],
    )
    for row in case["bars"]:
        leg.add(second(row, tick))
    expected = dict(case["recommended_min25"])
    marks = leg.marks()
    assert marks.score == expected.pop("score")
    assert leg.extent == ticks_of(expected.pop("extent"), tick)
    assert leg.extreme == ticks_of(expected.pop("extreme"), tick)
    assert {key: getattr(marks, key) for key in expected} == expected


def run(case, **changes):
    trades = [trade for _, delivered in case["steps"] for trade in delivered]
    bars = seconds([(ts, ticks_of(price), size, sign) for ts, price, size, sign in trades])
    bars = bars[: len(case["steps"])]
    for bar, (row, _) in zip(bars, case["steps"], strict=True):
        assert row_of(bar)[1:] == row[1:]
    machine = ImpulseMachine(impulse_params(case["config"], **changes))
    machine.levels = levels(case["levels"])
    states, events, nodes = "", [], {}
    for i, bar in enumerate(bars):
        for step in machine.on_bar(bar):
            if step.event is Event.BREAKOUT:
                row = ["BREAKOUT", step.level, step.direction, step.price * TICK]
            elif step.event is Event.COMPLETE:
                row = ["COMPLETE", len(step.nodes), step.direction]
                nodes[str(i)] = [
                    [node.price * TICK, node.volume, node.average, node.ratio]
                    for node in step.nodes
                ]
            elif step.event in {Event.INVALID_RETRACE, Event.INVALID_TIMEOUT}:
                row = ["INVALID", step.event.removeprefix("INVALID_").lower()]
            else:
                row = [step.event]
            events.append([i, *row])
        states += machine.state[0]
    return {"states": states, "events": events, "lvns": nodes}


@pytest.mark.parametrize("name", MACHINES)
def test_states_of_the_machine(name):
    assert run(MACHINES[name]) == MACHINES[name]["recommended"]


def test_a_breakout_elsewhere_replaces_a_small_impulse_where_switching_is_on():
    case = MACHINES["switch_candidate"]
    bars = case["config"]["min_bars_before_switch"]
    switched = run(case, switching=True, min_bars_before_switch=bars)
    expected = case["original_pipeline_copy"]
    assert switched["states"] == expected["states"]
    assert [row for row in switched["events"] if row[1] != "SWITCHED"] == expected["events"]
    assert len(switched["events"]) == len(expected["events"]) + 1

"""The machine after a restart: missed closes end sequences, repeated ones do not count."""

import json
from typing import Any

import pytest
from msgspec.structs import asdict

from strategies.common.position import FLAT
from strategies.value_area.acceptance import OutsideSequence
from strategies.value_area.machine import MinuteRow
from strategies.value_area.machine import ValueAreaMachine
from strategies.value_area.params import SignalParams
from tests.markets import MINUTE
from tests.strategies.value_area_market import minute_at


LAST = 100 * MINUTE
SEQUENCE = OutsideSequence(
    started_ns=98 * MINUTE, boundary=50_100, extreme=50_110, closes=1, count=1
)


def machine_after(state: dict[str, Any] | None) -> ValueAreaMachine:
    """Return a machine at the end of a start."""
    machine = ValueAreaMachine(SignalParams(), 0.35)
    machine.restore(state, FLAT, LAST)
    return machine


def row(number: int) -> MinuteRow:
    """Return a minute outside the value area; without facts where it may not be needed."""
    return MinuteRow(
        ts_min=number * MINUTE,
        minute=minute_at(number, 50_101, 50_120, 50_115) if number > 100 else None,
        warm=True,
        area_reason=None,
        ambiguous_share=0.0,
        is_area_crossed=True,
        is_closed_outside=True,
    )


@pytest.fixture
def state() -> dict[str, Any]:
    plain = {"last_ts_min": LAST, "sequences": {"UP": asdict(SEQUENCE), "DOWN": None}}
    restored: dict[str, Any] = json.loads(json.dumps(plain))
    return restored


def test_without_a_state_every_minute_is_taken() -> None:
    machine = machine_after(None)
    assert not machine.is_repeated(LAST)
    assert machine.step(row(101), FLAT) is not None
    with pytest.raises(ValueError, match="no facts"):
        machine_after(None).step(row(100), FLAT)


def test_a_state_is_that_of_the_machine_again(state: dict[str, Any]) -> None:
    assert machine_after(state).snapshot() == state


def test_next_minute_goes_on_with_the_sequence(state: dict[str, Any]) -> None:
    machine = machine_after(state)
    assert machine.step(row(101), FLAT) is not None
    assert machine.engine.up.sequence is not None
    assert machine.engine.up.sequence.started_ns == SEQUENCE.started_ns
    assert machine.engine.up.sequence.closes == 2


def test_repeated_minutes_are_left_out(state: dict[str, Any]) -> None:
    machine = machine_after(state)
    assert machine.is_repeated(LAST)
    assert machine.step(row(99), FLAT) is None
    assert machine.step(row(100), FLAT) is None
    assert machine.snapshot() == state
    assert machine.step(row(101), FLAT) is not None
    assert not machine.is_repeated(LAST)


def test_missed_closes_end_the_sequences(state: dict[str, Any]) -> None:
    machine = machine_after(state)
    assert machine.step(row(102), FLAT) is not None
    sequence = machine.engine.up.sequence
    assert sequence is not None
    assert sequence.started_ns == 102 * MINUTE


def test_state_of_a_new_engine_is_none_to_go_on_from() -> None:
    machine = machine_after({"last_ts_min": None, "sequences": {"UP": None, "DOWN": None}})
    assert not machine.is_repeated(LAST)
    assert machine.step(row(101), FLAT) is not None


def test_quotes_that_fall_silent_give_up_entries_once() -> None:
    machine = machine_after(None)
    rows = [row(101), row(102), row(103)]
    cold = [MinuteRow(**{**asdict(r), "warm": i == 0}) for i, r in enumerate(rows)]
    steps = [machine.step(r, FLAT) for r in cold]
    assert [step is not None and step.drop is not None for step in steps] == [False, True, False]
    assert not machine.warm

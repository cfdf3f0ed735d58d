"""The signal machines against the reference cases and the reference runs."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from strategies.common.gate import Refusal
from strategies.value_area.engine import Signal
from strategies.value_area.engine import SignalEngine
from strategies.value_area.inputs import Minute
from strategies.value_area.inputs import minute_from_row
from strategies.value_area.params import SignalParams
from tests.checks import some
from tests.strategies.value_area_vectors import RUNS
from tests.strategies.value_area_vectors import as_recorded
from tests.strategies.value_area_vectors import message_row
from tests.strategies.value_area_vectors import minute_from_case
from tests.strategies.value_area_vectors import minute_from_features
from tests.strategies.value_area_vectors import params_from
from tests.strategies.value_area_vectors import prints_by_minute
from tests.vectors import load


CASES = load("004", "setup_cases.json")
FEATURES = load("004", "features.json.gz")["rows"]
Converter = Callable[[dict[str, Any], SignalParams], Minute]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_setup_case(case: dict[str, Any]) -> None:
    params = params_from(case["config"])
    engine = SignalEngine(params)

    for bar, expected in some(zip(case["bars"], case["expected"], strict=True)):
        signal = engine.on_minute(minute_from_case(bar, params))
        assert as_recorded(signal) == expected
        if signal.best is not None:
            engine.take(signal.best)


def from_message(row: dict[str, Any], params: SignalParams) -> Minute:
    prints = prints_by_minute().get(row["ts_min"], ())
    return minute_from_row(message_row(row), prints, Decimal("0.1"), Decimal("0.001"), params)


def entered(recorded: dict[str, Any]) -> bool:
    return bool(recorded["action"].startswith("ENTER_"))


def replay(name: str, convert: Converter) -> list[tuple[Signal, dict[str, Any]]]:
    run = load("004", f"run_{name}.json.gz")
    params = params_from(run["signal_config"])
    engine = SignalEngine(params)
    decisions = []
    for row, recorded in zip(FEATURES, run["signals"], strict=True):
        signal = engine.on_minute(convert(row, params))
        decisions.append((signal, recorded))
        if entered(recorded):
            assert signal.best is not None
            engine.take(signal.best)
    return decisions


def comparable(signal: Signal) -> dict[str, Any]:
    decision = as_recorded(signal)
    decision["seq"] = {
        side: list(fields.values()) for side, fields in decision["seq"].items() if fields["active"]
    }
    return decision


@pytest.mark.parametrize("convert", [minute_from_features, from_message])
@pytest.mark.parametrize("name", RUNS)
def test_run_signals_equal_the_reference(name: str, convert: Converter) -> None:
    decisions = replay(name, convert)

    assert len(decisions) == 720
    for signal, recorded in decisions:
        decision = comparable(signal)
        assert decision == {key: recorded[key] for key in decision}
        assert signal.ts_min == recorded["ts_min"] * 1_000_000


@pytest.mark.parametrize("name", RUNS)
def test_run_actions_follow_from_the_signals(name: str) -> None:
    """
    Compares the recorded action where no fill decides it.

    These are: nothing without a candidate (an exit by time depends on fills and is left out),
    WARMUP, and side and code of an entry. Of COOLDOWN, SAME_SIDE and KILL_SWITCH, which depend on
    fills, only that they hold a candidate back.
    """
    for row, (signal, recorded) in some(
        zip(FEATURES, replay(name, minute_from_features), strict=True)
    ):
        action, why = recorded["action"], recorded["why"]
        if signal.best is None:
            assert (action, why) in {("HOLD", None), ("EXIT", "TIME")}
        elif not row["warm"]:
            assert (action, why) == ("HOLD", Refusal.WARMUP)
        elif entered(recorded):
            assert action == ("ENTER_LONG" if signal.best.is_long else "ENTER_SHORT")
            assert why.removeprefix("FLIP_") == signal.reason
        else:
            assert action == "HOLD"
            assert why in {Refusal.COOLDOWN, Refusal.SAME_SIDE, Refusal.KILL_SWITCH}


@pytest.mark.parametrize("name", RUNS)
def test_run_restored_from_a_snapshot_at_every_minute_is_the_uninterrupted_run(name: str) -> None:
    uninterrupted = replay(name, minute_from_features)
    params = params_from(load("004", f"run_{name}.json.gz")["signal_config"])
    state = SignalEngine(params).snapshot()

    for row, (expected, recorded) in some(zip(FEATURES, uninterrupted, strict=True)):
        engine = SignalEngine(params)
        engine.restore(json.loads(json.dumps(state)))
        signal = engine.on_minute(minute_from_features(row, params))
        assert signal == expected
        if entered(recorded):
            assert signal.best is not None
            engine.take(signal.best)
        state = engine.snapshot()

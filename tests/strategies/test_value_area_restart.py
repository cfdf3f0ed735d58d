"""Signals after a restart: missed closes end sequences, repeated ones do not count."""

import json
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import asdict
from nautilus_trader.model.identifiers import InstrumentId

from strategies.value_area.acceptance import OutsideSequence
from strategies.value_area.config import ValueAreaStrategyConfig
from strategies.value_area.engine import SignalEngine
from strategies.value_area.strategy import ValueAreaStrategy
from tests.markets import BTC
from tests.markets import MINUTE


LAST = 100 * MINUTE
SEQUENCE = OutsideSequence(started_ns=98 * MINUTE, boundary=1000, extreme=1010, closes=2, count=2)


def strategy_after(state: dict[str, Any] | None) -> ValueAreaStrategy:
    """Return a strategy at the end of its start."""
    config = ValueAreaStrategyConfig(instrument_id=InstrumentId.from_str(BTC))
    strategy = ValueAreaStrategy(config)
    strategy._params = config.signal_params(Decimal("0.001"))
    strategy.restored_signals = state
    assert strategy.signal_state() == state
    strategy.engine = SignalEngine(strategy._params)
    strategy._resumed_after = strategy._resume_signals()
    return strategy


@pytest.fixture
def state() -> dict[str, Any]:
    plain = {"last_ts_min": LAST, "sequences": {"UP": asdict(SEQUENCE), "DOWN": None}}
    restored: dict[str, Any] = json.loads(json.dumps(plain))
    return restored


def test_without_a_state_nothing_is_left_out() -> None:
    strategy = strategy_after(None)
    assert strategy._is_before_restart(LAST) is False


def test_next_minute_goes_on_with_the_sequence(state: dict[str, Any]) -> None:
    strategy = strategy_after(state)
    assert strategy._is_before_restart(LAST + MINUTE) is False
    assert strategy.engine is not None
    assert strategy.engine.up.sequence == SEQUENCE
    assert strategy.signal_state() == state


def test_repeated_minutes_are_left_out(state: dict[str, Any]) -> None:
    strategy = strategy_after(state)
    assert strategy._is_before_restart(LAST - MINUTE) is True
    assert strategy._is_before_restart(LAST) is True
    assert strategy._is_before_restart(LAST + MINUTE) is False
    assert strategy.engine is not None
    assert strategy.engine.up.sequence == SEQUENCE


def test_missed_closes_end_the_sequences(state: dict[str, Any]) -> None:
    strategy = strategy_after(state)
    assert strategy._is_before_restart(LAST + 2 * MINUTE) is False
    assert strategy.engine is not None
    assert strategy.engine.up.sequence is None
    assert strategy._is_before_restart(LAST) is False


def test_state_of_a_new_engine_is_none_to_go_on_from() -> None:
    strategy = strategy_after({"last_ts_min": None, "sequences": {"UP": None, "DOWN": None}})
    assert strategy._resumed_after is None
    assert strategy._is_before_restart(LAST) is False

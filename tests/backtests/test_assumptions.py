"""The market assumptions in words follow the venue's configuration."""

import pytest

from backtests.assumptions import describe_assumptions
from catalog.instruments import resolve_instrument
from tests.markets import BTC


GOLD = "GCZ3.XCEC"


def described(instrument_id=BTC, **venue):
    instrument = resolve_instrument(instrument_id)
    name = instrument.id.venue.value
    texts = describe_assumptions({name: venue}, {instrument_id: instrument})
    return {key.removeprefix(f"{name} "): text for key, text in texts.items()}


def test_without_trade_execution_trades_fill_and_trigger_nothing():
    texts = described(trade_execution=False, queue_position=False)
    assert texts["resting limit orders"] == (
        "fill when the opposite quote reaches their price; trades alone fill nothing"
    )
    assert texts["stop triggers"].endswith("trades trigger nothing")
    assert "the bid" in texts["stop triggers"]


@pytest.mark.parametrize(("queue", "expected"), [(True, "displayed ahead"), (False, "as soon as")])
def test_with_trade_execution_trades_fill_and_trigger(queue, expected):
    texts = described(trade_execution=True, queue_position=queue)
    assert expected in texts["resting limit orders"]
    assert "or when a trade prints at it" in texts["stop triggers"]


def test_latency_and_fill_model_are_named():
    texts = described(
        latency_model={"config": {"base_latency_nanos": 20_000_000}},
        fill_model={"config": {"prob_fill_on_limit": 0.5, "prob_slippage": 0.25}},
    )
    assert "20 ms after they are sent" in texts["latency"]
    assert "with probability 0.5" in texts["resting limit orders"]
    assert "slippage with probability 0.25" in texts["market and stop orders"]
    assert described()["latency"].startswith("none")
    assert "first quote after the decision" in described()["entries"]


def test_funding_is_a_matter_of_perpetuals():
    assert described()["funding"] == "not charged"
    assert "funding" not in described(GOLD)

"""The market assumptions in words follow the venue's configuration."""

import pytest

from backtests.results.assumptions import describe_assumptions
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from tests.markets import BTC


GOLD = "GCZ3.XCEC"


def described(instrument_id=BTC, preset="default", settings=()):
    run = load_backtest(
        "btc_value_area",
        overrides=[f"instrument_id={instrument_id}", *settings],
        preset=preset,
    )
    instrument = resolve_instrument(instrument_id)
    name = instrument.id.venue.value
    texts = describe_assumptions(run.document["venues"], {instrument_id: instrument})
    return {key.removeprefix(f"{name} "): text for key, text in texts.items()}


def test_every_assumption_of_the_default_is_named():
    texts = described()
    assert texts["latency"] == "orders meet the first event 20 ms after they are sent"
    assert "first quote after the decision" in texts["entries"]
    assert "worse by 1 tick on entries and 1 tick on exits" in texts["market orders"]
    assert "set off by a trade" in texts["stop orders"]
    assert "displayed ahead" in texts["resting limit orders"]
    assert texts["fees"] == f"{BTC}: maker 2 bp, taker 5.5 bp"
    assert texts["funding"] == "1 bp every 8 hours"
    assert texts["leverage"] == "10x; no liquidation"


def test_the_presets_change_what_is_named():
    pessimistic, optimistic = described(preset="pessimistic"), described(preset="optimistic")
    assert "100 ms" in pessimistic["latency"]
    assert (
        "2 ticks and 0.25 bp on entries and 2 ticks and 0.25 bp on exits"
        in pessimistic["market orders"]
    )
    assert "only when the market trades through" in pessimistic["resting limit orders"]
    assert pessimistic["funding"] == (
        "1 bp every 8 hours, what is paid times 2, what is received times 0"
    )
    assert "1 ms" in optimistic["latency"]
    assert "0 ticks" in optimistic["market orders"]
    assert optimistic["resting limit orders"].startswith("fill as soon as")


@pytest.mark.parametrize(
    ("setting", "key", "text"),
    [
        ("latency_model=null", "latency", "none: orders meet the market in force"),
        ("fee_model.config.maker_bps=-1", "fees", "maker -1 bp, taker 5.5 bp"),
        ("fee_model.config.per_contract=1 USDT", "fees", "1 USDT a contract and side"),
        ("fee_model=null", "fees", "own model decides"),
        ("modules.0.config.schedule=catalog", "funding", "the rates of the catalog"),
        ("modules.0.config.rate_bps=-0.5", "funding", "-0.5 bp every 8 hours"),
        ("modules=[] fill_model=null", "funding", "not charged"),
        ("modules=[] fill_model=null", "market orders", "own models decide"),
    ],
)
def test_a_setting_changes_what_is_named(setting, key, text):
    settings = [f"venues.BYBIT.{one}" for one in setting.split()] if "[]" in setting else None
    assert text in described(settings=settings or [f"venues.BYBIT.{setting}"])[key]


def test_funding_is_a_matter_of_perpetuals():
    texts = described(GOLD)
    assert "funding" not in texts
    assert texts["fees"] == "2.25 USD a contract and side"


def test_a_stock_pays_by_the_share_and_what_is_not_charged_is_named():
    texts = described("AAPL.XNAS")
    assert texts["fees"] == "0.005 USD a share and side, no minimum per order"
    assert texts["leverage"] == (
        "AAPL.XNAS: margin 50 % of the value to open and 25 % to hold; no liquidation"
    )
    assert texts["financing"].startswith("no interest on borrowed money, no fee for borrowed")
    assert "funding" not in texts
    assert not described(GOLD).keys() & {"financing", "funding"}

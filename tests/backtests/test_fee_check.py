"""A warning where a strategy reckons with other fees than its venue charges."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from backtests.results.fee_check import fee_warnings
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from tests.markets import BTC


NQ = "NQH6.XCME"
STOCK = "AAPL.XNAS"


def warned(instrument_id, *settings, taker="5.5", commission=None):
    run = load_backtest("btc_value_area", overrides=[f"instrument_id={instrument_id}", *settings])
    costs = SimpleNamespace(
        instrument=resolve_instrument(instrument_id),
        taker_fee_bps=Decimal(taker),
        fee_per_contract=Decimal(commission or 0),
    )
    strategies = [SimpleNamespace(id="S-000", costs=costs), SimpleNamespace(costs=None)]
    return fee_warnings(run.document["venues"], strategies)


FEE_MODEL = "venues.BYBIT.fee_model"


@pytest.mark.parametrize(
    ("instrument_id", "settings", "known"),
    [
        (BTC, [], {}),
        (BTC, [f"{FEE_MODEL}.config.taker_bps=5"], {"taker": "5"}),
        (BTC, [f"{FEE_MODEL}=null"], {"taker": "1"}),
        (NQ, [], {"taker": "0", "commission": "2.25"}),
        (STOCK, [], {"taker": "0", "commission": "0.005"}),
    ],
)
def test_fees_that_are_known_are_not_warned_of(instrument_id, settings, known):
    assert warned(instrument_id, *settings, **known) == []


def test_fees_that_are_not_known_are_named_with_what_to_set():
    assert warned(NQ, taker="0") == [
        "S-000 reckons with taker fees of 0 bp, XCME charges 2.25 a contract and side: set "
        "taker_fee_bps and fee_per_contract to what is charged."
    ]
    (text,) = warned(STOCK, taker="0")
    assert "0 bp, XNAS charges 0.005 a share and side" in text
    (text,) = warned(BTC, f"{FEE_MODEL}.config.taker_bps=7.5", commission="1")
    assert "5.5 bp and 1 a contract and side, BYBIT charges 7.5 bp" in text


def test_the_futures_system_reckons_with_the_commission_of_the_environment():
    run = load_backtest("nq_impulse_lvn")
    (strategy,) = run.node.engine.strategies
    charged = run.document["venues"]["XCME"]["fee_model"]["config"]["per_contract"]
    assert f"{Decimal(str(strategy.config['fee_per_contract']))} USD" == charged

"""What a run will find: the end of the data and the balance at the start."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from nautilus_trader.model.currencies import EUR
from nautilus_trader.model.identifiers import InstrumentId

from backtests.preflight import preflight
from backtests.preflight import starting_balance
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from errors import UsageError
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import iso
from tests.markets import vector_stream
from tests.markets import write_catalog


START = vector_stream()[0]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    rows = [(0, START, 500_000, 5, 500_001, 5), (1, START + 3 * MINUTE, 500_000, 5)]
    return write_catalog(tmp_path_factory.mktemp("catalog"), rows)


def load(catalog, *settings):
    return load_backtest("btc_value_area", overrides=[f"catalog={catalog}", *settings])


@pytest.mark.parametrize(
    ("asked", "found"),
    [(4 * MINUTE - 1, 4 * MINUTE - 1), (4 * MINUTE, 4 * MINUTE), (10**15, 4 * MINUTE)],
)
def test_the_end_is_clipped_to_the_first_boundary_after_the_last_event(catalog, asked, found):
    run = load(catalog, f"end='{iso(START + asked)}'")
    before = preflight(run)
    assert before.end_ns == START + found
    assert run.until(before.end_ns).end == iso(START + found - 1)


def test_without_an_end_the_configuration_stays_as_it_is(catalog):
    run = load(catalog)
    before = preflight(run)
    assert before.end_ns is None
    assert run.until(before.end_ns) is run.node


def test_the_starting_balance_is_that_of_the_settlement_currency(catalog):
    run = load(catalog, "venues.BYBIT.starting_balances=[7 BTC, 12_500.5 USDT]")
    assert preflight(run).starting_balance == Decimal("12500.5")


def test_a_balance_of_nothing_is_no_balance(catalog):
    with pytest.raises(UsageError, match="holds no USDT"):
        preflight(load(catalog, "venues.BYBIT.starting_balances=[0 USDT]"))


def test_instruments_of_several_currencies_are_refused(catalog):
    euro = SimpleNamespace(
        id=InstrumentId.from_str("FDAX.XEUR"), get_settlement_currency=lambda: EUR
    )
    instruments = {BTC: resolve_instrument(BTC), "FDAX.XEUR": euro}
    with pytest.raises(UsageError, match="instruments settle in EUR, USDT: run them apart"):
        starting_balance(load(catalog), instruments)


def test_dollars_and_their_stablecoins_count_one_to_one(catalog):
    instruments = {name: resolve_instrument(name) for name in (BTC, "GCZ3.XCEC")}
    run = load(catalog)
    venues = {"XCEC": {"starting_balances": ["2500 USD"]}, **run.document["venues"]}
    run = replace(run, document={**run.document, "venues": venues})
    assert starting_balance(run, instruments) == Decimal(12_500)

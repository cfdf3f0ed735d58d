import json
import os
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from nautilus_trader.adapters.databento import DatabentoDataLoader
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from catalog.instruments import BTCUSDT
from catalog.instruments import bybit_perpetual_from_definition
from catalog.instruments import resolve_instrument
from catalog.instruments import trading_life
from catalog.margins import with_margins
from errors import AuctionError
from errors import UsageError
from tests.catalog.market import BTC


real_data = pytest.mark.skipif(
    "AUCTION_REAL_DATA" not in os.environ,
    reason="AUCTION_REAL_DATA is not set",
)


def test_btcusdt_has_the_increments_limits_and_fees_of_the_venue() -> None:
    instrument = resolve_instrument(BTC)

    assert instrument.price_increment == Price.from_str("0.10")
    assert instrument.price_precision == 2
    assert instrument.size_increment == Quantity.from_str("0.001")
    assert instrument.min_quantity == Quantity.from_str("0.001")
    assert str(instrument.min_notional) == "5.00000000 USDT"
    assert instrument.maker_fee == Decimal("0.0002")
    assert instrument.taker_fee == Decimal("0.00055")
    assert instrument.settlement_currency.code == "USDT"
    assert not instrument.is_inverse


def test_a_stock_is_quoted_in_cents_and_traded_in_single_shares() -> None:
    stock = resolve_instrument("AAPL.XNAS")

    assert str(stock.price_increment) == "0.01"
    assert stock.size_increment.as_decimal() == 1
    assert str(stock.quote_currency) == "USD"
    assert trading_life(stock)[0] == 0


def test_a_stock_that_is_defined_without_margins_gets_those_of_regulation_t() -> None:
    built_in = resolve_instrument("AAPL.XNAS")
    values = Equity.to_dict(built_in) | {"id": "MSFT.XNAS", "raw_symbol": "MSFT"}
    defined = Equity.from_dict(values | {"margin_init": "0", "margin_maint": "0"})

    known = with_margins(defined)

    assert (known.margin_init, known.margin_maint) == (Decimal("0.5"), Decimal("0.25"))
    assert str(known.id) == "MSFT.XNAS"


def test_leverage_of_ten_locks_a_tenth_of_a_perpetual_order() -> None:
    instrument = resolve_instrument(BTC)

    assert instrument.margin_init / 10 == Decimal("0.1")
    assert instrument.margin_maint / 10 == Decimal("0.1")


@pytest.mark.parametrize(
    ("instrument_id", "tick", "multiplier"),
    [
        ("ESH4.XCME", "0.25", 50),
        ("MESH4.XCME", "0.25", 5),
        ("NQH4.XCME", "0.25", 20),
        ("MNQH4.XCME", "0.25", 2),
        ("CLX4.XNYM", "0.01", 1000),
        ("MCLX4.XNYM", "0.01", 100),
        ("GCZ3.XCEC", "0.1", 100),
    ],
)
def test_futures_have_the_tick_and_multiplier_of_the_contract(
    instrument_id: str,
    tick: str,
    multiplier: int,
) -> None:
    instrument = resolve_instrument(instrument_id, date(2023, 10, 2))

    assert str(instrument.id) == instrument_id
    assert instrument.price_increment == Price.from_str(tick)
    assert instrument.price_precision == Price.from_str(tick).precision
    assert instrument.multiplier == multiplier
    assert instrument.quote_currency.code == "USD"
    assert instrument.exchange == instrument_id.rpartition(".")[2]
    assert instrument.margin_init > instrument.margin_maint > 0


@pytest.mark.parametrize(
    ("instrument_id", "on", "year"),
    [
        ("GCZ3.XCEC", date(2013, 10, 7), 2013),
        ("NQZ5.XCME", date(2025, 11, 28), 2025),
        ("NQH6.XCME", date(2025, 12, 21), 2026),
        ("CLZ1.XNYM", date(2025, 6, 2), 2031),
        ("ESH0.XCME", date(2019, 12, 30), 2020),
        ("CLX24.XNYM", date(2013, 1, 2), 2024),
    ],
)
def test_contract_year_is_the_one_that_traded_on_the_day(
    instrument_id: str,
    on: date,
    year: int,
) -> None:
    instrument = resolve_instrument(instrument_id, on)

    assert instrument.expiration_utc.year == year
    assert str(instrument.id) == instrument_id


def test_contract_year_without_a_day_is_near_the_present() -> None:
    now = datetime.now(UTC).year

    for digit in range(10):
        expiry = resolve_instrument(f"ESH{digit}.XCME").expiration_utc
        assert expiry.year % 10 == digit
        assert now - 4 <= expiry.year <= now + 5


def test_two_digit_year_gets_the_one_digit_symbol_of_the_exchange() -> None:
    assert str(resolve_instrument("CLX24.XNYM").raw_symbol) == "CLX4"


@pytest.mark.parametrize(
    ("instrument_id", "message"),
    [
        ("SOLUSDT-LINEAR.BYBIT", "only BTCUSDT-LINEAR.BYBIT is"),
        ("ESH4.XNYM", "ES trades at XCME"),
        ("ESF4.XCME", "ES has the contract months HMUZ"),
        ("ZBH4.XCME", "'ZB' is unknown"),
        ("ESH4.NASDAQ", "ES.XCME, MES.XCME, NQ.XCME, MNQ.XCME, CL.XNYM, MCL.XNYM, GC.XCEC"),
        ("nonsense", "is unknown"),
        ("", "is unknown"),
    ],
)
def test_unknown_instrument_is_refused_with_what_is_known(
    instrument_id: str,
    message: str,
) -> None:
    with pytest.raises(UsageError, match=message):
        resolve_instrument(instrument_id)


def test_definition_of_the_venue_gives_the_instrument() -> None:
    definition = {
        **BTCUSDT,
        "symbol": "ETHUSDT",
        "baseCoin": "ETH",
        "priceFilter": {"minPrice": "0.01", "maxPrice": "100000", "tickSize": "0.01"},
        "lotSizeFilter": {
            "maxOrderQty": "1000",
            "minOrderQty": "0.1",
            "qtyStep": "0.01",
            "minNotionalValue": "5",
        },
    }

    instrument = bybit_perpetual_from_definition(definition)

    assert str(instrument.id) == "ETHUSDT-LINEAR.BYBIT"
    assert instrument.price_precision == 2
    assert instrument.min_quantity == Quantity.from_str("0.10")
    assert instrument.base_currency.code == "ETH"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contractType": "InversePerpetual"}, "only 'LinearPerpetual' is supported"),
        ({"priceFilter": {"minPrice": "0.1"}}, "'tickSize' is missing|'maxPrice' is missing"),
        ({"launchTime": "soon"}, "invalid literal"),
    ],
)
def test_wrong_definition_is_refused_with_its_field(
    change: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(AuctionError, match=message):
        bybit_perpetual_from_definition({**BTCUSDT, **change})


@real_data
def test_recorded_definitions_of_the_venue_are_understood() -> None:
    path = Path(os.environ["AUCTION_REAL_DATA"]) / "bybit_messages/http_get_instruments_linear.json"
    definitions = json.loads(path.read_bytes())["result"]["list"]

    ids = [str(bybit_perpetual_from_definition(definition).id) for definition in definitions]

    assert ids == ["BTCUSDT-LINEAR.BYBIT", "ETHUSDT-LINEAR.BYBIT"]


@real_data
def test_built_in_future_agrees_with_the_definition_of_databento() -> None:
    path = Path(os.environ["AUCTION_REAL_DATA"]) / "es_databento/futures_definition.dbn.zst"
    definitions = DatabentoDataLoader().from_dbn_file(path, use_exchange_as_venue=True)

    assert len(definitions) > 0
    for theirs in definitions:
        ours = resolve_instrument(str(theirs.id), date(2024, 7, 1))
        assert ours.raw_symbol == theirs.raw_symbol
        assert ours.price_increment == theirs.price_increment
        assert ours.price_precision == theirs.price_precision
        assert ours.multiplier == theirs.multiplier
        assert ours.asset_class == theirs.asset_class
        assert ours.underlying == theirs.underlying
        assert ours.exchange == theirs.exchange
        assert ours.expiration_ns == theirs.expiration_ns
        assert ours.activation_ns <= 1_719_800_000_000_000_000

from decimal import Decimal
from pathlib import Path

import pytest
from nautilus_trader.model.instruments import Instrument

from catalog.definitions import read_instrument
from catalog.definitions import write_instrument
from catalog.increments import read_increments
from catalog.instruments import BTCUSDT
from catalog.instruments import bybit_perpetual_from_definition
from catalog.units import order_steps
from catalog.writer import write_ticks
from errors import AuctionError
from tests.catalog.market import BTC
from tests.catalog.market import contents
from tests.catalog.market import trades


def other_tick(launch_time: str = BTCUSDT["launchTime"]) -> Instrument:
    prices = {"minPrice": "0.5", "maxPrice": "1999999.5", "tickSize": "0.5"}
    return bybit_perpetual_from_definition(
        {**BTCUSDT, "priceFilter": prices, "launchTime": launch_time},
    )


def test_instrument_comes_back_as_written(
    catalog: Path,
    perpetual: Instrument,
    future: Instrument,
) -> None:
    for instrument in (perpetual, future):
        write_instrument(catalog, instrument)

    for instrument in (perpetual, future):
        read = read_instrument(catalog, str(instrument.id))
        assert type(read).to_dict(read) == {**type(read).to_dict(instrument), "info": read.info}


def test_increments_are_read_in_fixed_point(
    catalog: Path,
    perpetual: Instrument,
    future: Instrument,
) -> None:
    for instrument in (perpetual, future):
        write_instrument(catalog, instrument)

    btc, nq = read_increments(catalog, BTC), read_increments(catalog, "NQZ5.XCME")

    assert (btc.tick_raw, btc.lot_raw) == (10**15, 10**13)
    assert (str(btc.tick_size), str(btc.lot_size)) == ("0.10", "0.001")
    assert (nq.tick_raw, nq.lot_raw) == (25 * 10**14, 10**16)
    assert (nq.price_precision, nq.size_precision) == (2, 0)


def test_later_definition_takes_the_place_of_the_earlier(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_instrument(catalog, perpetual)

    path = write_instrument(catalog, other_tick(launch_time="1600000000000"))

    assert list(contents(catalog)) == [str(path.relative_to(catalog))]
    assert str(read_increments(catalog, BTC).tick_size) == "0.5"


def test_definition_with_a_coarser_step_keeps_the_unit_of_the_data(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "venue side")

    write_instrument(catalog, other_tick())

    assert str(read_increments(catalog, BTC).tick_size) == "0.10"
    assert order_steps(read_instrument(catalog, BTC)).tick == Decimal("0.5")


def test_rows_in_another_unit_than_the_data_are_refused(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "venue side")
    before = contents(catalog)

    with pytest.raises(AuctionError, match=r"tick 0\.10 and lot 0\.001, .* has 0\.5 and 0\.001"):
        write_ticks(catalog, other_tick(), [trades([10**15])], None, "venue side")
    assert contents(catalog) == before


def test_writing_a_definition_twice_changes_nothing(catalog: Path, perpetual: Instrument) -> None:
    write_instrument(catalog, perpetual)
    before = contents(catalog)

    write_instrument(catalog, perpetual)

    assert contents(catalog) == before


def test_missing_instrument_is_named(catalog: Path) -> None:
    with pytest.raises(AuctionError, match=f"has no instrument {BTC}: ingest its data first"):
        read_instrument(catalog, BTC)


def test_damaged_definition_is_named(catalog: Path, perpetual: Instrument) -> None:
    path = write_instrument(catalog, perpetual)
    path.write_bytes(b"PAR1 no longer")

    with pytest.raises(AuctionError, match=r"Z\.parquet: the instrument cannot be read"):
        read_increments(catalog, BTC)

"""Rows on finer or coarser steps than the venue's present ones."""

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from adapters.bybit.ingest import ingest_bybit
from adapters.files.ingest import ingest_csv
from catalog.checks import check_catalog
from catalog.definitions import read_instrument
from catalog.definitions import write_instrument
from catalog.increments import read_increments
from catalog.instruments import BTCUSDT
from catalog.instruments import bybit_perpetual_from_definition
from catalog.units import in_catalog_unit
from catalog.units import order_steps
from catalog.units import with_unit
from errors import AuctionError
from strategies.common.nautilus.units import Units
from tests.adapters.ticks import is_empty


SOL = "SOLUSDT-LINEAR.BYBIT"
T0 = 1_717_200_000
HEADER = "timestamp,symbol,side,size,price,tickDirection,trdMatchID\n"


def definition(tick: str = "0.01", lot: str = "1") -> Instrument:
    return bybit_perpetual_from_definition(
        {
            **BTCUSDT,
            "symbol": "SOLUSDT",
            "baseCoin": "SOL",
            "launchTime": "1634515200000",
            "priceFilter": {"minPrice": tick, "maxPrice": "2000", "tickSize": tick},
            "lotSizeFilter": {
                "maxOrderQty": "79770",
                "minOrderQty": lot,
                "qtyStep": lot,
                "minNotionalValue": "5",
            },
        }
    )


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    def make(*trades: tuple[str, str], day: int = 0) -> Path:
        """Return an archive of trades of a price and a size, one each second of a day."""
        rows = "".join(
            f"{T0 + day * 86_400 + at},SOLUSDT,Buy,{size},{price},PlusTick,{day}-{at}\n"
            for at, (price, size) in enumerate(trades)
        )
        path = tmp_path / f"SOLUSDT-{day}.csv.gz"
        path.write_bytes(gzip.compress((HEADER + rows).encode()))
        return path

    return make


def stored(catalog_path: Path) -> list[tuple[Decimal, Decimal]]:
    """Return prices and sizes as Nautilus reads them."""
    ticks = ParquetDataCatalog(catalog_path).trade_ticks(instrument_ids=[SOL])
    return [(tick.price.as_decimal(), tick.size.as_decimal()) for tick in ticks]


@pytest.mark.parametrize(
    ("sizes", "unit"),
    [(["1", "0.5", "2"], "0.5"), (["0.1", "7"], "0.1"), (["0.5", "0.2"], "0.1"), (["3"], "1")],
)
def test_archive_of_a_smaller_lot_is_kept_whole(
    sizes: list[str], unit: str, archive: Callable[..., Path], catalog_path: Path
) -> None:
    write_instrument(catalog_path, definition())
    rows = [("150.01", size) for size in sizes]

    report = ingest_bybit(catalog_path, [archive(*rows)])

    assert report.accepted == len(rows)
    assert stored(catalog_path) == [(Decimal("150.01"), Decimal(size)) for size in sizes]
    assert read_increments(catalog_path, SOL).lot_size == Decimal(unit)
    assert order_steps(read_instrument(catalog_path, SOL)).lot == 1
    told = [line for line in report.warnings if "the venue's is 1 now" in line]
    assert len(told) == (unit != "1")
    assert check_catalog(catalog_path).ok


def test_archive_of_a_smaller_tick_is_kept_whole(
    archive: Callable[..., Path], catalog_path: Path
) -> None:
    write_instrument(catalog_path, definition())
    rows = [("150.01", "1"), ("150.005", "1"), ("150.025", "2")]

    ingest_bybit(catalog_path, [archive(*rows)])

    assert stored(catalog_path) == [(Decimal(price), Decimal(size)) for price, size in rows]
    assert str(read_increments(catalog_path, SOL).tick_size) == "0.005"


def test_older_rows_after_newer_ones_refine_the_catalog(
    archive: Callable[..., Path], catalog_path: Path
) -> None:
    write_instrument(catalog_path, definition())
    newer, older = [("150.01", "3")] * 2, [("149.5", "0.25")] * 3
    first = archive(*newer, day=1)
    ingest_bybit(catalog_path, [first])

    report = ingest_bybit(catalog_path, [archive(*older)])

    assert any("got a finer unit" in line for line in report.warnings)
    assert stored(catalog_path) == [
        (Decimal(price), Decimal(size)) for price, size in (*older, *newer)
    ]
    assert check_catalog(catalog_path).ok
    again = ingest_bybit(catalog_path, [first])
    assert (again.files_written, again.files_unchanged) == (0, 1)


def test_newer_rows_after_older_ones_keep_the_finer_unit(
    archive: Callable[..., Path], catalog_path: Path
) -> None:
    write_instrument(catalog_path, definition())
    ingest_bybit(catalog_path, [archive(("149.5", "0.25"))])

    # A later definition, with another step again.
    write_instrument(catalog_path, definition("0.05", "10"))
    ingest_bybit(catalog_path, [archive(("150.05", "20"), day=1)])

    read = read_instrument(catalog_path, SOL)
    assert (str(read.price_increment), str(read.size_increment)) == ("0.01", "0.25")
    assert (order_steps(read).tick, order_steps(read).lot) == (Decimal("0.05"), 10)
    assert len(stored(catalog_path)) == 2
    assert check_catalog(catalog_path).ok


def test_orders_keep_the_step_of_the_venue(
    archive: Callable[..., Path], catalog_path: Path
) -> None:
    write_instrument(catalog_path, definition())
    ingest_bybit(catalog_path, [archive(("149.5", "0.25"))])

    units = Units(read_instrument(catalog_path, SOL))

    assert (units.lot, units.order_lots) == (Decimal("0.25"), 4)
    assert units.least_lots(ticks=15_000) == 4
    assert Units(definition()).order_lots == 1


def test_failed_ingest_leaves_the_catalog_in_its_unit(
    archive: Callable[..., Path], catalog_path: Path
) -> None:
    write_instrument(catalog_path, definition())
    ingest_bybit(catalog_path, [archive(("150.01", "3"), ("150.02", "4"))])
    before = {path: path.read_bytes() for path in catalog_path.rglob("*") if path.is_file()}

    with pytest.raises(AuctionError, match="with other content"):
        ingest_bybit(catalog_path, [archive(("150.01", "0.5"), ("150.02", "4"))])

    assert {p: p.read_bytes() for p in catalog_path.rglob("*") if p.is_file()} == before


def test_price_far_below_a_tick_is_a_bad_row(
    archive: Callable[..., Path], catalog_path: Path
) -> None:
    write_instrument(catalog_path, definition())

    report = ingest_bybit(catalog_path, [archive(("150", "1"), ("150", "1"), ("0.00000001", "1"))])

    assert (report.accepted, report.files[0].rejected_rows) == (2, 1)
    assert read_increments(catalog_path, SOL).tick_size == Decimal("0.01")


def test_csv_needs_a_word_that_its_steps_are_older(tmp_path: Path, catalog_path: Path) -> None:
    write_instrument(catalog_path, definition())
    path = tmp_path / "in.csv"
    rows = "".join(f"{T0 + at},150.01,{at % 2 + 0.5}\n" for at in range(8))
    path.write_text("ts,price,size\n" + rows)

    with pytest.raises(AuctionError, match=r"multiple of the lot 1.*pass --finer-steps"):
        ingest_csv(catalog_path, SOL, trades=[path])
    report = ingest_csv(catalog_path, SOL, trades=[path], finer_steps=True)

    assert report.accepted == len(stored(catalog_path)) == 8


def test_part_of_a_contract_is_no_older_step(tmp_path: Path, catalog_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("ts,price,size\n" + f"{T0},18000.25,0.5\n" * 8)

    with pytest.raises(AuctionError, match=r"8 of 8 rows rejected, .*multiple of the lot 1"):
        ingest_csv(catalog_path, "NQU4.XCME", trades=[path], finer_steps=True)

    assert is_empty(catalog_path)


def test_steps_without_a_common_unit_are_refused(
    archive: Callable[..., Path], catalog_path: Path
) -> None:
    write_instrument(catalog_path, definition("0.07", "1"))
    ingest_bybit(catalog_path, [archive(("150.01", "1"))])

    with pytest.raises(AuctionError, match="use another catalog"):
        in_catalog_unit(catalog_path, definition("0.00013", "1"))


def test_unit_keeps_the_steps_for_orders() -> None:
    twice = with_unit(
        with_unit(definition(), Decimal("0.005"), Decimal("0.5")),
        Decimal("0.001"),
        Decimal("0.1"),
    )

    assert (order_steps(twice).tick, order_steps(twice).lot) == (Decimal("0.01"), 1)
    assert (twice.price_precision, twice.size_precision) == (3, 1)
    assert twice.max_quantity.as_decimal() == 79_770

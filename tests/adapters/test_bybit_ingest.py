import gzip
from pathlib import Path

import pytest

from adapters.bybit.ingest import ingest_bybit
from catalog.batches import BUYER
from catalog.batches import SELLER
from catalog.definitions import write_instrument
from catalog.instruments import BTCUSDT
from catalog.instruments import bybit_perpetual_from_definition
from errors import AuctionError
from errors import UsageError
from tests.adapters.ticks import BTC
from tests.adapters.ticks import all_ticks
from tests.adapters.ticks import is_empty
from tests.adapters.ticks import trade_ids


HEADER = (
    "timestamp,symbol,side,size,price,tickDirection,trdMatchID,"
    "grossValue,homeNotional,foreignNotional"
)
OLDEST_FIRST = [
    "1723075200.0256,BTCUSDT,Sell,0.006,55100.20,ZeroMinusTick,id-1,3.3e+10,0.006,330.6",
    "1723075200.0256,BTCUSDT,Buy,1.5,55100.30,PlusTick,id-2,8.2e+12,1.5,82650.45",
    "1723075200.0256,BTCUSDT,Buy,0.001,55100.40,PlusTick,id-3,5.5e+09,0.001,55.1",
    "1723075201.5,BTCUSDT,Sell,0.002,55100.10,MinusTick,id-4,1.1e+10,0.002,110.2",
]


def archive(path: Path, rows: list[str], columns: str = "") -> Path:
    path.write_bytes(gzip.compress("\n".join([HEADER + columns, *rows, ""]).encode()))
    return path


@pytest.mark.parametrize("newest_first", [False, True])
def test_archive_of_either_order_gives_the_trades_as_they_happened(
    newest_first: bool,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    rows = OLDEST_FIRST[::-1] if newest_first else OLDEST_FIRST
    path = archive(tmp_path / "BTCUSDT2024-08-08.csv.gz", rows)

    report = ingest_bybit(catalog_path, [path])

    ticks = all_ticks(catalog_path)
    assert report.instrument_ids == (BTC,)
    assert ticks.ts_event.tolist() == [1723075200025600000] * 3 + [1723075201500000000]
    assert ticks.a.tolist() == [551002, 551003, 551004, 551001]
    assert ticks.a_size.tolist() == [6, 1500, 1, 2]
    assert ticks.side.tolist() == [SELLER, BUYER, BUYER, SELLER]
    assert trade_ids(catalog_path) == ["id-1", "id-2", "id-3", "id-4"]
    assert bool(report.files[0].warnings) == newest_first


def test_newer_archives_with_a_further_column_are_read(tmp_path: Path, catalog_path: Path) -> None:
    path = archive(tmp_path / "x.csv.gz", [row + ",0" for row in OLDEST_FIRST], ",RPI")

    assert ingest_bybit(catalog_path, [path], BTC).accepted == 4


def test_archives_of_several_days_may_come_in_any_order(tmp_path: Path, catalog_path: Path) -> None:
    next_day = [row.replace("17230752", "17231616") for row in OLDEST_FIRST]
    second = archive(tmp_path / "b.csv.gz", next_day)
    first = archive(tmp_path / "a.csv.gz", OLDEST_FIRST)

    report = ingest_bybit(catalog_path, [second, first])

    assert [file.path.name for file in report.files] == ["a.csv.gz", "b.csv.gz"]
    assert not any("not in order" in warning for warning in report.warnings)
    assert len(list(catalog_path.rglob("trade_tick/**/*.parquet"))) == 2


def test_definition_in_the_catalog_makes_other_symbols_known(
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    definition = {**BTCUSDT, "symbol": "XRPUSDT", "baseCoin": "XRP"}
    definition["priceFilter"] = {"minPrice": "0.0001", "maxPrice": "9", "tickSize": "0.0001"}
    write_instrument(catalog_path, bybit_perpetual_from_definition(definition))
    row = OLDEST_FIRST[0].replace("BTCUSDT", "XRPUSDT").replace("55100.20", "0.6123")

    ingest_bybit(catalog_path, [archive(tmp_path / "x.csv.gz", [row])])

    assert all_ticks(catalog_path, "XRPUSDT-LINEAR.BYBIT").a.tolist() == [6123]


@pytest.mark.parametrize(
    ("rows", "instrument_id", "error", "message"),
    [
        (OLDEST_FIRST, "ETHUSDT-LINEAR.BYBIT", UsageError, "trades of BTCUSDT-LINEAR.BYBIT, not"),
        ([OLDEST_FIRST[0].replace("BTCUSDT", "BTCUSD")], None, UsageError, "BTCUSD is inverse"),
        ([OLDEST_FIRST[0].replace("BTCUSDT", "XUSDT")], None, UsageError, "XUSDT-LINEAR.BYBIT"),
        ([], None, AuctionError, "the file has no rows"),
        (
            [OLDEST_FIRST[0], OLDEST_FIRST[1].replace("BTCUSDT", "ETHUSDT")],
            None,
            AuctionError,
            "row 3 is of symbol ETHUSDT",
        ),
    ],
)
def test_other_instruments_are_refused(
    rows: list[str],
    instrument_id: str | None,
    error: type[Exception],
    message: str,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    path = archive(tmp_path / "x.csv.gz", rows)

    with pytest.raises(error, match=message):
        ingest_bybit(catalog_path, [path], instrument_id)

    assert is_empty(catalog_path)


def test_files_that_are_no_archives_are_refused(tmp_path: Path, catalog_path: Path) -> None:
    spot = tmp_path / "spot.csv"
    spot.write_text("id,timestamp,price,volume,side\n1,1723075200025,55100.2,0.1,buy\n")
    btc = archive(tmp_path / "btc.csv.gz", OLDEST_FIRST)
    eth = archive(tmp_path / "eth.csv.gz", [OLDEST_FIRST[0].replace("BTCUSDT", "ETHUSDT")])

    with pytest.raises(AuctionError, match=r"spot\.csv: no column for symbol"):
        ingest_bybit(catalog_path, [spot])
    with pytest.raises(UsageError, match="archives of BTCUSDT, ETHUSDT: import one symbol"):
        ingest_bybit(catalog_path, [btc, eth])
    with pytest.raises(UsageError, match="no Bybit archive given"):
        ingest_bybit(catalog_path, [])


def test_an_archive_that_would_lose_all_buys_is_refused(tmp_path: Path, catalog_path: Path) -> None:
    rows = [f"{1723075200 + at},BTCUSDT,Sell,0.006,55100.20,X,s-{at},,," for at in range(400)]
    rows += [f"{1723075600 + at},BTCUSDT,Buy,0,55100.30,X,b-{at},,," for at in range(3)]

    with pytest.raises(AuctionError, match="3 of 403 rows rejected, all 3 BUY trades of the file"):
        ingest_bybit(catalog_path, [archive(tmp_path / "x.csv.gz", rows)])

    assert is_empty(catalog_path)

import io
import os
from datetime import date
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import zstandard
from nautilus_trader.model.instruments import Instrument

from catalog.batches import TradeBatch
from catalog.checks import CatalogCheck
from catalog.checks import check_catalog
from catalog.checks import print_check
from catalog.columns import CONVERT
from catalog.definitions import write_instrument
from catalog.file_stats import FileStats
from catalog.instruments import resolve_instrument
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import utc_text
from catalog.writer import write_bars
from catalog.writer import write_ticks
from errors import AuctionError
from tests.catalog.market import BTC
from tests.catalog.market import DAY
from tests.catalog.market import HOUR
from tests.catalog.market import MINUTE_BARS
from tests.catalog.market import SECOND
from tests.catalog.market import START
from tests.catalog.market import bars
from tests.catalog.market import contents
from tests.catalog.market import quotes
from tests.catalog.market import trades
from tests.catalog.test_reader import write_with_nautilus


MINUTE = 60 * SECOND


def tally(check: CatalogCheck, data_type: str) -> FileStats:
    (found,) = (tally for tally in check.tallies if tally.data_type == data_type)
    return found


def texts(check: CatalogCheck, severity: str) -> list[str]:
    return [problem.text for problem in check.problems if problem.severity == severity]


def data_file(catalog: Path, data_type: str) -> Path:
    return catalog / next(name for name in contents(catalog) if data_type in name)


def test_clean_catalog_has_no_problems(catalog: Path, perpetual: Instrument) -> None:
    times = range(0, HOUR, MINUTE)
    write_ticks(catalog, perpetual, [trades(times)], [quotes(times)], "venue side")
    write_bars(catalog, perpetual, [bars(times)], MINUTE_BARS, "venue side")

    check = check_catalog(catalog)

    assert check.ok
    assert check.problems == ()
    assert [tally.rows for tally in check.tallies] == [60, 60, 60]
    assert tally(check, TRADES).quality == {"venue side"}


def test_gaps_are_reported_longest_first_also_between_files(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    times = [0, 16 * MINUTE, 31 * MINUTE, DAY + MINUTE]
    write_ticks(catalog, perpetual, [trades(times)], None, "venue side")

    check = check_catalog(catalog)

    found = tally(check, TRADES)
    assert found.gap_count == 2
    assert [(gap.start_ns - START, gap.end_ns - START) for gap in found.gaps] == [
        (31 * MINUTE, DAY + MINUTE),
        (0, 16 * MINUTE),
    ]
    assert check.ok
    assert texts(check, "warn") == [
        "times without trades for more than 0:15:00: 2, the longest 23:30:00 from "
        "2024-08-09 00:31:00.000 to 2024-08-10 00:01:00.000 UTC",
    ]


def test_the_closed_hours_of_a_venue_are_no_gap(catalog: Path) -> None:
    # Friday 9 August 2024: the future stops at 21:00 UTC and trades on at 22:00 on Sunday.
    future = resolve_instrument("NQU4.XCME", date(2024, 8, 9))
    close, reopening = 21 * HOUR, 2 * DAY + 22 * HOUR
    times = [close - 5 * MINUTE, close - SECOND, reopening + SECOND, reopening + 20 * MINUTE]
    write_ticks(catalog, future, [trades(times, price=80_000)], None, "venue side")

    found = tally(check_catalog(catalog), TRADES)

    assert [(gap.start_ns - START, gap.end_ns - START) for gap in found.gaps] == [
        (reopening + SECOND, reopening + 20 * MINUTE),
    ]


def test_limit_of_gaps_can_be_set(catalog: Path, perpetual: Instrument) -> None:
    write_ticks(catalog, perpetual, [trades([0, 2 * SECOND])], None, "venue side")

    assert tally(check_catalog(catalog), TRADES).gap_count == 0
    assert tally(check_catalog(catalog, gap_limit=timedelta(seconds=1)), TRADES).gap_count == 1


def test_distance_of_hourly_bars_is_no_gap(catalog: Path, perpetual: Instrument) -> None:
    bar_type = f"{BTC}-1-HOUR-LAST-EXTERNAL"
    write_bars(catalog, perpetual, [bars([HOUR, 2 * HOUR, 4 * HOUR])], bar_type, "venue side")

    assert tally(check_catalog(catalog), "bar").gap_count == 1


def test_quotes_and_sides_are_counted(catalog: Path, perpetual: Instrument) -> None:
    write_ticks(
        catalog,
        perpetual,
        [trades(range(4), side=[0, 1, 2, 0])],
        [quotes(range(4), bid=[1, 2, 3, 4], ask=[2, 2, 2, 5])],
        "venue side",
    )

    check = check_catalog(catalog)

    assert (tally(check, QUOTES).crossed, tally(check, QUOTES).locked) == (1, 1)
    assert tally(check, TRADES).unknown_side_share == 0.5
    assert texts(check, "warn") == [
        "quotes with a bid above the ask: 1",
        "trades without an aggressor side: 50.0%",
    ]


def test_repeated_trade_ids_matter_where_they_are_unique(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    batch = trades([1, 2, 3], ids=["a", "b", "a"])
    write_ticks(catalog, perpetual, [batch], None, "venue side", unique_trade_ids=True)
    shared = trades([DAY, DAY + 1], ids=["c", "c"])

    assert texts(check_catalog(catalog), "warn") == [
        "trades with an id that another trade of the day has: 1"
    ]

    write_ticks(catalog, perpetual, [shared], None, "venue side")
    assert tally(check_catalog(catalog, gap_limit=timedelta(days=2)), TRADES).repeated_ids == 2


def test_equal_times_of_other_writers_are_reported(catalog: Path, perpetual: Instrument) -> None:
    write_with_nautilus(catalog, perpetual, [0, 5, 5, 9], [1, 5, 9, 9])

    check = check_catalog(catalog)

    assert tally(check, TRADES).repeated_ts_init == 1
    assert texts(check, "warn") == [
        "quotes with the ts_init of the row before: 1",
        "trades with the ts_init of the row before: 1",
    ]
    assert texts(check, "error") == [
        "trades with the ts_init of a quote: 3; their order is not settled: ingest trades and "
        f"quotes in one command, or {CONVERT}",
    ]


def test_value_off_the_tick_is_an_error(catalog: Path, perpetual: Instrument) -> None:
    write_with_nautilus(catalog, perpetual, [0, 1], [2], price="60000.05")

    check = check_catalog(catalog)

    assert not check.ok
    assert texts(check, "error") == [f"trades off the instrument's tick or lot: 2: {CONVERT}"]


def test_missing_definition_is_an_error(catalog: Path, perpetual: Instrument) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "venue side")
    data_file(catalog, "crypto_perpetual").unlink()

    (text,) = texts(check_catalog(catalog), "error")
    assert "has no instrument" in text


def test_damaged_file_is_an_error_and_the_others_are_checked(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0, DAY, DAY + 1])], None, "venue side")
    data_file(catalog, "trade_tick").write_bytes(b"")

    check = check_catalog(catalog)

    (text,) = texts(check, "error")
    assert text.startswith(str(catalog))
    assert tally(check, TRADES).rows == 2


def test_overlapping_files_are_an_error(catalog: Path, perpetual: Instrument) -> None:
    write_ticks(catalog, perpetual, [trades([0, 10])], None, "venue side")
    file = data_file(catalog, "trade_tick")
    stamp = file.name.partition("_")[0]
    (file.parent / f"{stamp}_{stamp}.parquet").write_bytes(file.read_bytes())

    errors = texts(check_catalog(catalog), "error")

    assert any("overlap in time" in text for text in errors)
    assert any("outside the interval in the name of their file" in text for text in errors)
    assert any("with a ts_init earlier than that of the row before" in text for text in errors)


def test_other_precision_than_the_instrument_is_an_error(
    catalog: Path,
    perpetual: Instrument,
    tmp_path: Path,
) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "venue side")
    file = data_file(catalog, "trade_tick")
    table = pa.parquet.read_table(file)
    metadata = {**table.schema.metadata, b"price_precision": b"1"}
    pa.parquet.write_table(table.replace_schema_metadata(metadata), file)

    (text,) = texts(check_catalog(catalog), "error")
    assert "has prices of 1 and sizes of 3 decimals, the instrument 2 and 3" in text


def test_one_instrument_can_be_checked_alone(
    catalog: Path,
    perpetual: Instrument,
    future: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "venue side")
    write_ticks(catalog, future, [trades([0])], None, "venue side")

    assert [tally.identifier for tally in check_catalog(catalog, BTC).tallies] == [BTC]
    with pytest.raises(AuctionError, match=r"has no trades, quotes or bars of ESH4\.XCME"):
        check_catalog(catalog, "ESH4.XCME")


def test_catalog_with_an_instrument_only_is_refused(catalog: Path, perpetual: Instrument) -> None:
    write_instrument(catalog, perpetual)

    with pytest.raises(AuctionError, match="no trades, quotes or bars of any instrument"):
        check_catalog(catalog)


def test_check_is_printed_with_gaps_and_problems(
    catalog: Path,
    perpetual: Instrument,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    write_ticks(catalog, perpetual, [trades([0, HOUR], side=0)], None, "venue side")

    check = print_check(catalog)

    text = capsys.readouterr().out
    assert "gap of 1:00:00 from 2024-08-09 00:00:00.000" in text
    assert "warn BTCUSDT-LINEAR.BYBIT: trades without an aggressor side: 100.0%" in text
    assert check == check_catalog(catalog)


@pytest.mark.skipif("AUCTION_REAL_DATA" not in os.environ, reason="AUCTION_REAL_DATA is not set")
def test_outage_of_the_exchange_is_found(catalog: Path, future: Instrument) -> None:
    folder = Path(os.environ["AUCTION_REAL_DATA"]) / "nq_trades"
    with zstandard.open(folder / "glbx-mdp3-20251128.trades.csv.zst") as stream:
        rows = pyarrow.csv.read_csv(io.BytesIO(stream.read()))
    rows = rows.filter(pa.compute.equal(rows["symbol"], "NQZ5")).combine_chunks()
    batch = TradeBatch(
        ts_event=rows["ts_event"].cast(pa.int64()).to_numpy(),
        price=np.rint(rows["price"].to_numpy() * 4).astype(np.int64),
        size=rows["size"].to_numpy(),
        side=pa.compute.index_in(rows["side"], pa.array(["N", "B", "A"]))
        .to_numpy()
        .astype(np.uint8),
        trade_id=rows["sequence"].cast(pa.string()).combine_chunks(),
    )
    write_ticks(catalog, future, [batch], None, "venue side")

    (found,) = check_catalog(catalog).tallies

    assert (found.rows, found.unknown_sides, found.repeated_ids) == (90_562, 1, 8_953)
    assert utc_text(found.gaps[0].start_ns) == "2025-11-28 02:44:14.830"
    assert utc_text(found.gaps[0].end_ns) == "2025-11-28 13:30:00.000"


@pytest.mark.parametrize("trade_id", ["", " ", "a\0b", "x" * 37, "é"])
def test_trade_id_that_would_end_the_process_is_an_error(
    trade_id: str, catalog: Path, perpetual: Instrument
) -> None:
    write_ticks(catalog, perpetual, [trades([0, 1], ids=["a", "b"])], None, "venue side")
    (path,) = catalog.rglob("trade_tick/**/*.parquet")
    table = pq.read_table(path)
    at = table.schema.get_field_index("trade_id")
    ids = pa.array(["a", trade_id], pa.string())
    pq.write_table(table.set_column(at, table.schema.field(at), ids), path)

    check = check_catalog(catalog)

    assert [p.text for p in check.problems if p.severity == "error"] == [
        "trades with an id that is blank, too long or not printable: 1: "
        "bring it into order with `auction catalog convert`"
    ]

import csv
import io
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from databento import DBNStore
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from adapters.databento.ingest import ingest_databento
from adapters.files.ingest import ingest_csv
from catalog.batches import BUYER
from catalog.batches import NO_SIDE
from catalog.batches import SELLER
from catalog.reader import QUOTE
from catalog.reader import TRADE
from tests.adapters.dbn_files import write_dbn
from tests.adapters.ticks import all_ticks
from tests.gc_ticks import INSTRUMENT_ID as GC
from tests.gc_ticks import write_gc_csv


ES = "ESU4.XCME"
NQ = "NQZ5.XCME"
SIDES = {"A": SELLER, "B": BUYER, "N": NO_SIDE}


def es_records(path: Path) -> list[Any]:
    store = DBNStore.from_file(path)
    found = list(store)
    store.reader.close()
    return found


def test_nq_trades_of_28_november_keep_every_row_of_the_contract(
    real_data: Path,
    catalog_path: Path,
) -> None:
    path = real_data / "nq_trades" / "glbx-mdp3-20251128.trades.csv.zst"
    with path.open("rb") as file:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file))
        rows = [row for row in csv.DictReader(text) if row["symbol"] == "NQZ5"]

    report = ingest_databento(catalog_path, [path], symbols=["NQZ5"])

    ticks = all_ticks(catalog_path, NQ)
    assert len(rows) == len(ticks) == report.accepted == 90_562
    assert report.files[0].other_symbols == 392
    expected = Counter(SIDES[row["side"]] for row in rows)
    assert Counter(ticks.side.tolist()) == expected
    order = np.argsort([row["ts_event"] for row in rows], kind="stable")
    assert ticks.a.tolist() == [round(float(rows[at]["price"]) * 4) for at in order]
    assert ticks.a_size.tolist() == [int(rows[at]["size"]) for at in order]
    stamps = [np.datetime64(rows[at]["ts_event"].rstrip("Z"), "ns") for at in order]
    assert ticks.ts_event.tolist() == np.array(stamps).astype(np.int64).tolist()


@pytest.mark.parametrize("with_definition", [False, True])
def test_es_book_tops_and_trades_keep_the_order_of_the_records(
    with_definition: bool,
    real_data: Path,
    catalog_path: Path,
) -> None:
    folder = real_data / "es_databento"
    path = folder / "futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"
    expected = []
    for record in es_records(path):
        top = record.levels[0]
        if record.action == "T":
            expected.append((TRADE, record.ts_event, record.price // 250_000_000, record.size))
        bid = top.bid_px // 250_000_000
        expected.append((QUOTE, record.ts_event, bid, top.bid_sz))
    expected.sort(key=lambda tick: tick[1])
    definition = folder / "futures_definition.dbn.zst"

    ingest_databento(catalog_path, [path, definition] if with_definition else [path])

    ticks = all_ticks(catalog_path, ES)
    columns = (ticks.kind, ticks.ts_event, ticks.a, ticks.a_size)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected
    (instrument,) = ParquetDataCatalog(catalog_path).instruments(instrument_ids=[ES])
    assert (str(instrument.price_increment), int(instrument.multiplier)) == ("0.25", 50)
    assert instrument.margin_maint == Decimal("0.07")
    defined_ns = 1_655_472_600_000_000_000
    assert (instrument.activation_ns == defined_ns) == with_definition


def test_es_trades_have_the_published_sides(real_data: Path, catalog_path: Path) -> None:
    path = real_data / "es_databento" / "futures_trades_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"
    trades = es_records(path)

    ingest_databento(catalog_path, [path], definition=path.parent / "futures_definition.dbn.zst")

    ticks = all_ticks(catalog_path, ES)
    assert ticks.side.tolist() == [SIDES[trade.side] for trade in trades]
    assert ticks.ts_event.tolist() == [trade.ts_event for trade in trades]


def test_es_and_nq_bars_close_a_minute_after_their_record(
    real_data: Path,
    catalog_path: Path,
) -> None:
    folder = real_data / "es_databento"
    path = folder / "futures_ohlcv-1m_2024-07-01T23-40_2024-07-02T00-10.dbn.zst"
    volumes = {118: [], 4358: []}
    for record in es_records(path):
        volumes[record.instrument_id].append((record.ts_event, record.volume))

    ingest_databento(catalog_path, [path], symbols=["ESU4", "NQU4"])

    catalog = ParquetDataCatalog(catalog_path)
    for symbol, number in (("ESU4", 118), ("NQU4", 4358)):
        bars = catalog.bars([f"{symbol}.XCME-1-MINUTE-LAST-EXTERNAL"])
        found = [(bar.ts_event - 60 * 10**9, int(bar.volume)) for bar in bars]
        assert found == volumes[number]


def test_definition_names_the_contract_of_a_continuous_symbol(
    real_data: Path,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    folder = real_data / "es_databento"
    store = DBNStore.from_file(
        folder / "futures_trades_2024-07-01T23-58_2024-07-02T00-02.dbn.zst",
    )
    data = store.to_ndarray()
    store.reader.close()
    path = write_dbn(tmp_path / "x.dbn", "trades", data, "continuous", {"ES.c.0": 118})

    report = ingest_databento(
        catalog_path,
        [path],
        definition=folder / "futures_definition.dbn.zst",
    )

    assert (report.instrument_ids, report.accepted) == ((ES,), 120)


@pytest.mark.parametrize("schema", ["trades", "tbbo", "mbp-1", "ohlcv-1s", "ohlcv-1m", "ohlcv-1d"])
def test_sample_of_every_schema_is_read(
    schema: str,
    real_data: Path,
    catalog_path: Path,
) -> None:
    folder = real_data / "dbn_schemas" / "GLBX.MDP3"
    path = folder / f"test_data.{schema}.dbn.zst"

    report = ingest_databento(
        catalog_path,
        [path],
        definition=folder / "test_data.definition.dbn.zst",
    )

    assert report.instrument_ids == ("ESH1.XCME",)
    kept = {"tbbo": 8, "ohlcv-1d": 1}.get(schema, 4)
    assert report.accepted == kept


def test_gold_ticks_and_quotes_are_in_dollars(
    real_data: Path,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    trades, quotes = write_gc_csv(real_data, tmp_path)
    with trades.open() as file:
        rows = list(csv.DictReader(file))
    with quotes.open() as file:
        complete = [row for row in csv.DictReader(file) if row["bid"] and row["ask"]]
    traded = [row for row in rows if int(row["size"]) > 0]

    report = ingest_csv(catalog_path, GC, trades=[trades], quotes=[quotes])

    ticks = all_ticks(catalog_path, GC)
    is_trade = ticks.kind == TRADE
    assert len(rows) == 91_740
    assert ticks.a[is_trade].tolist() == [round(float(row["price"]) * 10) for row in traded]
    assert ticks.a_size[is_trade].sum() == sum(int(row["size"]) for row in traded)
    assert (ticks.a[is_trade].min(), ticks.a[is_trade].max()) == (13_079, 13_308)
    assert (~is_trade).sum() == len(complete) == 2_726
    # Bid and ask of a bar close at their own last times, so that some cross by a tick or two.
    assert np.mean(ticks.a[~is_trade] < ticks.b[~is_trade]) > 0.9
    reasons = {reason for file in report.files for reason in file.rejected}
    assert reasons == {"size not above zero", "one side of the book is empty"}


def test_gold_trades_lie_near_the_quotes_of_their_minute(
    real_data: Path,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    trades, quotes = write_gc_csv(real_data, tmp_path)
    ingest_csv(catalog_path, GC, trades=[trades], quotes=[quotes])

    ticks = all_ticks(catalog_path, GC)
    is_quote = ticks.kind == QUOTE
    quote_at = np.maximum.accumulate(np.where(is_quote, np.arange(len(ticks)), -1))
    known = ~is_quote & (quote_at >= 0)
    mid = (ticks.a[quote_at[known]] + ticks.b[quote_at[known]]) / 2
    # A wrong time zone or scale would put trades far from the last quote.
    assert np.median(np.abs(ticks.a[known] - mid)) < 5

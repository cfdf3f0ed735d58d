"""Quotes and trades of Databento's book schemas, and damaged files."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from adapters.databento.dbn_stream import read_metadata
from adapters.databento.dbn_stream import read_records
from adapters.databento.ingest import ingest_databento
from catalog.reader import QUOTE
from catalog.reader import TRADE
from errors import AuctionError
from errors import UsageError
from tests.adapters.dbn_files import records
from tests.adapters.dbn_files import write_dbn
from tests.adapters.ticks import all_ticks


NQ = "NQZ5.XCME"
T0 = 1_764_338_400 * 10**9  # 2025-11-28 14:00 UTC
LAST = 128


def best(bid: float, ask: float) -> dict[str, Any]:
    return {"bid_px_00": bid, "ask_px_00": ask, "bid_sz_00": 3, "ask_sz_00": 4}


def test_the_best_level_of_mbp_10_is_that_of_mbp_1(tmp_path: Path) -> None:
    rows = [
        {"ts_event": T0, "action": b"A", "price": 25400.0, "size": 1, **best(25400, 25400.25)},
        {"ts_event": T0 + 1, "price": 25400.25, "size": 2, "side": b"B", **best(25400, 25400.5)},
    ]
    found = []
    for schema in ("mbp-1", "mbp-10"):
        path = write_dbn(tmp_path / f"x.{schema}.dbn", schema, records(schema, rows))
        ingest_databento(tmp_path / schema, [path])
        ticks = all_ticks(tmp_path / schema, NQ)
        found.append((ticks.kind.tolist(), ticks.a.tolist(), ticks.b.tolist()))

    assert found[0] == found[1]
    assert found[0][0] == [QUOTE, TRADE, QUOTE]


def test_a_sampled_quote_has_the_time_of_its_sample(tmp_path: Path, catalog_path: Path) -> None:
    trades = records("trades", [{"ts_event": T0, "price": 25400.25, "size": 1, "side": b"B"}])
    sampled = records("bbo-1s", [{"ts_event": T0, **best(25400, 25400.25)}])
    sampled["ts_recv"] = T0 + 10**9

    report = ingest_databento(
        catalog_path,
        [
            write_dbn(tmp_path / "x.trades.dbn", "trades", trades),
            write_dbn(tmp_path / "x.bbo-1s.dbn", "bbo-1s", sampled),
        ],
    )

    ticks = all_ticks(catalog_path, NQ)
    assert [file.kind for file in report.files] == ["NQZ5 trades", "NQZ5 quotes"]
    assert ticks.kind.tolist() == [TRADE, QUOTE]
    assert ticks.ts_event.tolist() == [T0, T0 + 10**9]


def test_two_schemas_with_the_same_quotes_are_refused(tmp_path: Path, catalog_path: Path) -> None:
    row = {"ts_event": T0, "price": 25400.0, "size": 1, **best(25400, 25400.25)}
    files = [
        write_dbn(tmp_path / f"x.{schema}.dbn", schema, records(schema, [row]))
        for schema in ("mbp-1", "bbo-1s")
    ]

    with pytest.raises(UsageError, match="bbo-1s and mbp-1 carry the same quotes"):
        ingest_databento(catalog_path, files)


def order(step: int, action: bytes, side: bytes, number: int, price: float, size: int) -> dict:
    return {
        "ts_event": T0 + step,
        "action": action,
        "side": side,
        "order_id": number,
        "price": price,
        "size": size,
        "flags": LAST,
    }


def test_orders_give_trades_and_the_best_prices(tmp_path: Path, catalog_path: Path) -> None:
    rows = [
        order(0, b"A", b"B", 1, 25400.0, 2),
        order(1, b"A", b"A", 2, 25400.25, 5),
        order(2, b"T", b"B", 0, 25400.25, 5) | {"flags": 0},
        order(2, b"F", b"A", 2, 25400.25, 5) | {"flags": 0},
        order(2, b"C", b"A", 2, 25400.25, 5) | {"flags": 0},
        order(2, b"A", b"A", 3, 25400.5, 1),
    ]
    path = write_dbn(tmp_path / "x.mbo.dbn", "mbo", records("mbo", rows))

    report = ingest_databento(catalog_path, [path])

    ticks = all_ticks(catalog_path, NQ)
    # The side of a trade is the aggressor's, and the trade precedes the quote it has led to.
    assert ticks.kind.tolist() == [QUOTE, TRADE, QUOTE]
    assert ticks.a.tolist() == [101_600, 101_601, 101_600]
    assert ticks.b[[0, 2]].tolist() == [101_601, 101_602]
    assert not report.warnings
    assert not any(file.warnings for file in report.files)


def test_orders_without_a_snapshot_are_reported(tmp_path: Path, catalog_path: Path) -> None:
    rows = [
        order(0, b"A", b"B", 1, 25400.0, 2),
        order(0, b"A", b"A", 2, 25400.25, 2),
        order(1, b"C", b"B", 99, 25399.0, 1),
        order(2, b"T", b"A", 0, 25400.0, 1),
    ]
    path = write_dbn(tmp_path / "x.mbo.dbn", "mbo", records("mbo", rows))

    report = ingest_databento(catalog_path, [path])

    assert [w for file in report.files for w in file.warnings] == [
        f"{path}: 1 messages about orders that the file never adds: it begins without a snapshot "
        "of the book, and quotes may lack sizes"
    ]


def test_best_prices_of_a_real_book_equal_the_reference(
    real_data: Path, catalog_path: Path
) -> None:
    path = real_data / "es_databento" / "esh4-glbx-mdp3-20231225.mbo.dbn.zst"
    folder = real_data / "es_databento"
    expected = pd.read_parquet(folder / "ESH4_20231225_bbo.parquet")
    trades = pd.read_parquet(folder / "ESH4_20231225_trades_with_bbo.parquet")

    ingest_databento(catalog_path, [path])

    ticks = all_ticks(catalog_path, "ESH4.XCME")
    quotes = ticks.kind == QUOTE
    assert int(quotes.sum()) == len(expected) == 25_439
    assert ticks.ts_event[quotes].tolist() == expected.ts_event.tolist()
    assert (ticks.a[quotes] / 4).tolist() == expected.bid_px.tolist()
    assert (ticks.b[quotes] / 4).tolist() == expected.ask_px.tolist()
    assert ticks.a_size[quotes].tolist() == expected.bid_sz.tolist()
    assert (ticks.a[~quotes] / 4).tolist() == trades.price.tolist()
    assert ticks.a_size[~quotes].tolist() == trades["size"].tolist()


def test_a_damaged_file_is_one_error_or_read_as_before(tmp_path: Path) -> None:
    rows = [{"ts_event": T0 + n, "price": 25400.0, "size": 1, "side": b"B"} for n in range(40)]
    whole = write_dbn(tmp_path / "whole.dbn", "trades", records("trades", rows)).read_bytes()
    packed = write_dbn(tmp_path / "p.dbn.zst", "trades", records("trades", rows)).read_bytes()
    generator = random.Random(20)
    path = tmp_path / "x.dbn"
    read, messages = 0, []
    for _ in range(600):
        content = bytearray(generator.choice((whole, packed)))
        if generator.random() < 0.5:
            del content[generator.randrange(len(content)) :]
        else:
            for _ in range(generator.randint(1, 4)):
                content[generator.randrange(len(content))] = generator.randrange(256)
        path.write_bytes(content)
        try:
            read_metadata(path)
            sum(len(part) for part in read_records(path, lambda _: None))
            read += 1
        except AuctionError as error:
            messages.append(str(error))

    assert read > 100
    assert len(messages) > 250
    assert all(message.startswith(str(path)) and "\n" not in message for message in messages)


@pytest.mark.parametrize("cut", [1, 47])
def test_a_file_that_ends_within_a_record_is_refused(cut: int, tmp_path: Path) -> None:
    rows = [{"ts_event": T0, "price": 25400.0, "size": 1}]
    path = write_dbn(tmp_path / "x.dbn", "trades", records("trades", rows))
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(AuctionError, match=r"x\.dbn: .*ends within a record"):
        list(read_records(path, lambda _: None))


def test_records_of_another_schema_are_refused(tmp_path: Path) -> None:
    data = records("ohlcv-1m", [{"ts_event": T0}])
    path = write_dbn(tmp_path / "x.dbn", "ohlcv-1m", data)
    data["rtype"] = 0
    path.write_bytes(path.read_bytes()[: -data.nbytes] + data.tobytes())

    with pytest.raises(AuctionError, match="record 1 is of type 0 and has 56 bytes, those of ohl"):
        list(read_records(path, lambda _: None))


def test_the_progress_is_that_of_the_file(tmp_path: Path) -> None:
    rows = [{"ts_event": T0, "price": 25400.0, "size": 1}] * 3
    path = write_dbn(tmp_path / "x.dbn.zst", "trades", records("trades", rows))
    steps: list[int] = []

    parts = list(read_records(path, steps.append))

    assert sum(len(part) for part in parts) == 3
    assert sum(steps) == path.stat().st_size
    assert np.all(np.array(steps) >= 0)

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from databento import DBNStore
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from adapters.databento.ingest import ingest_databento
from catalog.batches import BUYER
from catalog.batches import NO_SIDE
from catalog.batches import SELLER
from catalog.reader import QUOTE
from catalog.reader import TRADE
from errors import AuctionError
from errors import UsageError
from tests.adapters.dbn_files import IDS
from tests.adapters.dbn_files import records
from tests.adapters.dbn_files import write_dbn
from tests.adapters.ticks import all_ticks
from tests.adapters.ticks import is_empty
from tests.adapters.ticks import trade_ids


NQ = "NQZ5.XCME"
T0 = 1_764_338_400 * 10**9  # 2025-11-28 14:00 UTC
FAR = 2**63 - 1 - 400 * 86_400 * 10**9  # 2261

TRADES: list[dict[str, Any]] = [
    {"ts_event": T0, "price": 25400.25, "size": 2, "side": b"B", "sequence": 7},
    {"ts_event": T0, "price": 25400.0, "size": 1, "side": b"A", "sequence": 7},
    {"ts_event": T0 + 5, "price": 25399.75, "size": 3, "side": b"N", "sequence": 9},
]
OTHERS: list[dict[str, Any]] = [
    {"ts_event": T0 + 6, "symbol": "NQH6", "price": 25650.0, "size": 1, "side": b"B"},
    {"ts_event": T0 + 7, "symbol": "NQZ5-NQH6", "price": 241.55, "size": 1, "side": b"B"},
    {"ts_event": T0 + 8, "symbol": "NQZ5-NQH6", "price": 241.55, "size": 1, "side": b"B"},
]


def quote(bid: float | None, ask: float | None, bid_size: int = 3, ask_size: int = 4) -> dict:
    return {"bid_px_00": bid, "ask_px_00": ask, "bid_sz_00": bid_size, "ask_sz_00": ask_size}


@pytest.fixture(params=["dbn", "dbn.zst", "pretty csv", "raw csv.zst"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    def make_file(schema: str, rows: list[dict[str, Any]], name: str = "data") -> Path:
        style, _, suffix = request.param.rpartition(" ")
        data = records(schema, rows)
        if not style:
            return write_dbn(tmp_path / f"{name}.{schema}.{suffix}", schema, data)
        source = write_dbn(tmp_path / f"{name}.source.dbn", schema, data)
        path = tmp_path / f"{name}.{schema}.{suffix}"
        pretty = style == "pretty"
        store = DBNStore.from_file(source)
        compression = "zstd" if suffix.endswith("zst") else "none"
        store.to_csv(path, pretty_px=pretty, pretty_ts=pretty, compression=compression)
        store.reader.close()
        return path

    return make_file


def test_trades_keep_time_side_and_sequence(
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    report = ingest_databento(catalog_path, [make("trades", TRADES)])

    ticks = all_ticks(catalog_path, NQ)
    assert report.instrument_ids == (NQ,)
    assert ticks.ts_event.tolist() == [T0, T0, T0 + 5]
    assert ticks.a.tolist() == [101601, 101600, 101599]
    assert ticks.a_size.tolist() == [2, 1, 3]
    assert ticks.side.tolist() == [BUYER, SELLER, NO_SIDE]
    assert trade_ids(catalog_path, NQ) == ["7", "7", "9"]


def test_several_instruments_without_a_symbol_are_listed(
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    path = make("trades", TRADES + OTHERS)

    with pytest.raises(
        UsageError,
        match=r"contracts NQZ5 \(3 rows\), NQH6 \(1 rows\); spreads and options, not imported: "
        r"NQZ5-NQH6 \(2\): name the contracts to import with --symbol",
    ):
        ingest_databento(catalog_path, [path])

    assert is_empty(catalog_path)


def test_only_the_named_contracts_are_imported(
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    report = ingest_databento(
        catalog_path,
        [make("trades", TRADES + OTHERS)],
        symbols=["NQZ5", "NQH6"],
    )

    assert [(file.rows, file.other_symbols) for file in report.files] == [(3, 3), (1, 5)]
    assert len(all_ticks(catalog_path, NQ)) == 3
    assert all_ticks(catalog_path, "NQH6.XCME").a.tolist() == [102600]


def test_spreads_are_refused_even_by_name(make: Callable[..., Path], catalog_path: Path) -> None:
    path = make("trades", OTHERS[1:])

    with pytest.raises(UsageError, match="--symbol NQZ5-NQH6: only single contracts"):
        ingest_databento(catalog_path, [path], symbols=["NQZ5-NQH6"])
    with pytest.raises(UsageError, match=r"spreads and options, not imported: NQZ5-NQH6 \(2\)"):
        ingest_databento(catalog_path, [path])


def test_symbol_that_is_not_in_the_files_is_refused(
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    with pytest.raises(AuctionError, match="all 3 rows are of other instruments"):
        ingest_databento(catalog_path, [make("trades", TRADES)], symbols=["NQM6"])


def test_quote_of_tbbo_precedes_its_trade(make: Callable[..., Path], catalog_path: Path) -> None:
    rows = [
        {**TRADES[0], **quote(25400.0, 25400.25)},
        {**TRADES[1], **quote(25400.0, 25400.5)},
    ]

    ingest_databento(catalog_path, [make("tbbo", rows)])

    ticks = all_ticks(catalog_path, NQ)
    assert ticks.kind.tolist() == [QUOTE, TRADE, QUOTE, TRADE]
    assert ticks.a.tolist() == [101600, 101601, 101600, 101600]
    assert ticks.b.tolist() == [101601, 0, 101602, 0]


def test_quote_of_mbp_1_follows_the_trade_of_its_record(
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    rows = [
        {"ts_event": T0, "action": b"A", **quote(25400.0, 25400.25)},
        {**TRADES[0], **quote(25400.0, 25400.25)},
        {"ts_event": T0, "action": b"C", **quote(25400.0, 25400.25, 3, 2)},
    ]

    report = ingest_databento(catalog_path, [make("mbp-1", rows)])

    ticks = all_ticks(catalog_path, NQ)
    assert ticks.kind.tolist() == [QUOTE, TRADE, QUOTE, QUOTE]
    assert ticks.b_size.tolist() == [4, 0, 4, 2]
    assert [(file.kind, file.accepted) for file in report.files] == [
        ("NQZ5 trades", 1),
        ("NQZ5 quotes", 3),
    ]


def test_order_of_records_holds_over_several_files(
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    first = [{**TRADES[0], **quote(25400.0, 25400.25)}]
    second = [{**TRADES[1], **quote(25399.75, 25400.0)}]

    ingest_databento(catalog_path, [make("tbbo", first, "one"), make("tbbo", second, "two")])

    assert all_ticks(catalog_path, NQ).a.tolist() == [101600, 101601, 101599, 101600]


def test_quotes_with_an_empty_side_are_skipped(
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    rows = [
        {"ts_event": T0 + n, "action": b"A", **sides}
        for n, sides in enumerate(
            [
                quote(None, 25400.0, 0),
                quote(25400.0, None, 1, 0),
                quote(None, None, 0, 0),
                quote(25400.0, 25400.25),
            ],
        )
    ]

    report = ingest_databento(catalog_path, [make("mbp-1", rows)])

    assert report.files[1].rejected["one side of the book is empty"].count == 3
    assert all_ticks(catalog_path, NQ).kind.tolist() == [QUOTE]


def test_bad_trades_are_rejected(make: Callable[..., Path], catalog_path: Path) -> None:
    bad = [
        {**TRADES[0], "price": None},
        {**TRADES[0], "price": -0.25},
        {**TRADES[0], "price": 25400.1},
        {**TRADES[0], "size": 0},
    ]

    report = ingest_databento(catalog_path, [make("trades", [*TRADES, *TRADES, *bad])])

    assert {reason: rejection.count for reason, rejection in report.files[0].rejected.items()} == {
        "no valid price": 1,
        "price not above zero": 1,
        "price is not a multiple of the tick 0.25": 1,
        "size not above zero": 1,
    }


def test_a_file_that_would_lose_all_sells_is_refused(
    make: Callable[..., Path], catalog_path: Path
) -> None:
    buys = [{**TRADES[0], "side": b"B", "sequence": at} for at in range(400)]
    sells = [{**TRADES[0], "side": b"A", "price": 25400.1, "sequence": 400 + at} for at in range(3)]
    with pytest.raises(AuctionError, match="3 of 403 rows rejected, all 3 SELL trades of the file"):
        ingest_databento(catalog_path, [make("trades", [*buys, *sells])])
    kept = ingest_databento(catalog_path, [make("trades", [*buys, *sells[:2]])])
    assert kept.accepted == 400


@pytest.mark.parametrize(
    ("step", "name", "seconds"),
    [("1m", "1-MINUTE", 60), ("1s", "1-SECOND", 1), ("1h", "1-HOUR", 3600)],
)
def test_bars_are_stamped_at_their_close(
    step: str,
    name: str,
    seconds: int,
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    rows = [
        {"ts_event": T0, "open": 25400, "high": 25401, "low": 25399, "close": 25400.5, "volume": 8},
    ]

    ingest_databento(catalog_path, [make(f"ohlcv-{step}", rows)])

    (bar,) = ParquetDataCatalog(catalog_path).bars([f"{NQ}-{name}-LAST-EXTERNAL"])
    assert bar.ts_event == T0 + seconds * 10**9
    assert (bar.low.as_double(), bar.volume.as_double()) == (25399.0, 8.0)


def test_encodings_give_the_same_catalog(tmp_path: Path) -> None:
    data = records("trades", TRADES + OTHERS)
    plain = write_dbn(tmp_path / "plain.dbn", "trades", data)
    packed = write_dbn(tmp_path / "packed.dbn.zst", "trades", data)
    store = DBNStore.from_file(plain)
    store.to_csv(tmp_path / "pretty.csv")
    store.to_csv(tmp_path / "raw.csv", pretty_px=False, pretty_ts=False)
    store.reader.close()
    contents = []
    for source in (plain, packed, tmp_path / "pretty.csv", tmp_path / "raw.csv"):
        folder = tmp_path / source.stem
        ingest_databento(folder, [source], symbols=["NQZ5"])
        (path,) = folder.rglob("trade_tick/**/*.parquet")
        contents.append(path.read_bytes())

    assert len(set(contents)) == 1


def test_schemas_with_the_same_trades_are_refused_together(
    make: Callable[..., Path],
    catalog_path: Path,
) -> None:
    tbbo = make("tbbo", [{**TRADES[0], **quote(25400.0, 25400.25)}])

    with pytest.raises(UsageError, match="schemas tbbo and trades carry the same trades"):
        ingest_databento(catalog_path, [make("trades", TRADES), tbbo])


def test_contract_of_an_unknown_root_needs_a_definition(
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    data = records("trades", TRADES)
    path = write_dbn(tmp_path / "x.dbn", "trades", data, names={"6EZ5": IDS["NQZ5"]})

    with pytest.raises(UsageError, match=r"'6EZ5' is not a contract of .*--definition"):
        ingest_databento(catalog_path, [path])


def test_instrument_id_that_changes_its_contract_is_reported_by_the_day(
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    rows = [{**TRADES[0], "ts_event": T0 + day * 86_400 * 10**9} for day in range(4)]
    number = IDS["NQZ5"]
    path = write_dbn(
        tmp_path / "x.dbn",
        "trades",
        records("trades", rows),
        names={"NQZ5": number, "NQH6": number},
        days={"NQZ5": (0, 3), "NQH6": (3, 9)},
    )

    report = ingest_databento(catalog_path, [path], symbols=["NQZ5", "NQH6"])

    assert [(file.rows, file.other_symbols) for file in report.files] == [(3, 1), (1, 3)]


def test_continuous_symbols_need_a_definition(tmp_path: Path, catalog_path: Path) -> None:
    data = records("trades", TRADES)
    path = write_dbn(
        tmp_path / "x.dbn",
        "trades",
        data,
        stype_in="continuous",
        names={"NQ.c.0": IDS["NQZ5"]},
    )

    with pytest.raises(UsageError, match="requested by continuous symbols"):
        ingest_databento(catalog_path, [path])


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("x.dbn", b"nothing of the kind", AuctionError, "not a readable DBN file"),
        ("x.csv", b"a,b\n1,2\n", AuctionError, "no column rtype, symbol, ts_event"),
        ("x.parquet", b"PAR1", UsageError, "not a Databento file: give DBN"),
    ],
)
def test_other_files_are_refused(
    name: str,
    content: bytes,
    error: type[Exception],
    message: str,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(error, match=message):
        ingest_databento(catalog_path, [path])
    with pytest.raises(UsageError, match="no such file"):
        ingest_databento(catalog_path, [tmp_path / "none.dbn"])


@pytest.mark.parametrize("suffix", ["dbn", "dbn.zst"])
def test_truncated_file_writes_nothing(suffix: str, tmp_path: Path, catalog_path: Path) -> None:
    path = write_dbn(tmp_path / f"x.{suffix}", "trades", records("trades", TRADES * 2000))
    path.write_bytes(path.read_bytes()[:-21])

    with pytest.raises(AuctionError, match="not a readable DBN file"):
        ingest_databento(catalog_path, [path], symbols=["NQZ5"])

    assert is_empty(catalog_path)


def test_broken_lines_of_csv_are_counted(tmp_path: Path, catalog_path: Path) -> None:
    store = DBNStore.from_file(write_dbn(tmp_path / "x.dbn", "trades", records("trades", TRADES)))
    path = tmp_path / "x.trades.csv"
    store.to_csv(path)
    store.reader.close()
    path.write_text(path.read_text()[:-20] + "\n")

    report = ingest_databento(catalog_path, [path])

    ((reason, rejection),) = report.files[0].rejected.items()
    assert reason == "wrong number of columns"
    assert [example.row for example in rejection.examples] == [4]
    assert (report.files[0].rows, report.accepted) == (3, 2)


def test_csv_with_times_of_two_kinds_is_refused(tmp_path: Path, catalog_path: Path) -> None:
    path = tmp_path / "x.trades.csv"
    row = "1764338400000000000,{},0,1,5482,T,B,0,25400.250000000,1,0,13,7,NQZ5\n"
    path.write_text(
        "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,"
        "ts_in_delta,sequence,symbol\n"
        + row.format("1764338400000000000")
        + row.format("2025-11-28T14:00:00Z"),
    )

    with pytest.raises(AuctionError, match=r"x\.trades\.csv: row 3: time '2025-11-28T14:00:00Z'"):
        ingest_databento(catalog_path, [path])


def test_a_first_row_of_an_impossible_time_leaves_the_contract_of_the_others(
    tmp_path: Path, catalog_path: Path
) -> None:
    path = tmp_path / "x.trades.csv"
    row = "{0},{0},0,1,5482,T,B,0,25400.250000000,1,0,13,7,NQZ5\n"
    path.write_text(
        "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,"
        "ts_in_delta,sequence,symbol\n"
        + "".join(row.format(ns) for ns in (FAR, *range(T0, T0 + 200))),
    )

    report = ingest_databento(catalog_path, [path])

    assert {why: found.count for why, found in report.files[0].rejected.items()} == {
        "time before 1980 or in the future": 1
    }
    assert report.accepted == len(all_ticks(catalog_path, NQ)) == 200


def test_a_file_that_says_it_begins_in_the_far_future_is_one_line(
    tmp_path: Path, catalog_path: Path
) -> None:
    rows = [{**row, "ts_event": FAR} for row in TRADES]
    path = write_dbn(tmp_path / "x.dbn", "trades", records("trades", rows))

    with pytest.raises(AuctionError, match=r"x\.dbn: 3 of 3 rows rejected"):
        ingest_databento(catalog_path, [path], ["NQZ5"])

    assert is_empty(catalog_path)


def test_schema_without_ticks_or_bars_is_refused(tmp_path: Path, catalog_path: Path) -> None:
    data = records("status", [{"ts_event": T0, "action": 0}])
    path = write_dbn(tmp_path / "x.dbn", "status", data)

    with pytest.raises(UsageError, match=r"x\.dbn: schema status is not supported"):
        ingest_databento(catalog_path, [path])

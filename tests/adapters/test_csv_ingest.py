import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import zstandard
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from adapters.files.ingest import ingest_csv
from adapters.files.quoting import CheckedLines
from adapters.report import FileReport
from adapters.report import print_report
from catalog.batches import BUYER
from catalog.batches import NO_SIDE
from catalog.batches import SELLER
from catalog.contents import data_quality
from catalog.reader import QUOTE
from catalog.reader import TRADE
from errors import AuctionError
from errors import UsageError
from tests.adapters.ticks import BTC
from tests.adapters.ticks import all_ticks
from tests.adapters.ticks import is_empty
from tests.adapters.ticks import trade_ids


T0 = 1_723_075_200  # 2024-08-08 00:00 UTC
CL = "CLX4.XNYM"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_file(text: str, name: str = "in.csv") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write_file


def rejected(report: FileReport) -> dict[str, list[int]]:
    return {
        reason: [example.row for example in rejection.examples]
        for reason, rejection in report.rejected.items()
    }


def test_trades_and_quotes_become_ticks_and_lots(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    trades = write(
        f"ts,price,size,side,id\n{T0}.5,61800.3,0.006,buy,x1\n{T0 + 1},61800.2,1.5,sell,x2\n",
        "trades.csv",
    )
    quotes = write(
        f"ts,bid,bid_size,ask,ask_size\n{T0},61800.2,2.507,61800.3,0.001\n",
        "quotes.csv",
    )

    report = ingest_csv(catalog_path, BTC, trades=[trades], quotes=[quotes])

    ticks = all_ticks(catalog_path)
    assert report.accepted == 3
    assert ticks.kind.tolist() == [QUOTE, TRADE, TRADE]
    assert ticks.ts_event.tolist() == [T0 * 10**9, T0 * 10**9 + 500_000_000, (T0 + 1) * 10**9]
    assert ticks.a.tolist() == [618002, 618003, 618002]
    assert ticks.b.tolist() == [618003, 0, 0]
    assert ticks.a_size.tolist() == [2507, 6, 1500]
    assert ticks.b_size.tolist() == [1, 0, 0]
    assert ticks.side.tolist() == [NO_SIDE, BUYER, SELLER]
    assert trade_ids(catalog_path) == ["x1", "x2"]


@pytest.mark.parametrize(
    "header",
    [
        "timestamp,px,qty,taker_side",
        "time,last,amount,aggressor",
        "DateTime,Price,Volume,Side",
        "Trade Time,trade-price,quantity,direction",
    ],
)
def test_columns_are_found_under_other_names_in_any_order(
    header: str,
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    values = [str(T0), "100.5", "2", "sell"]
    order = [3, 1, 0, 2]
    names = header.split(",")
    text = "\n".join(",".join(row[i] for i in order) for row in (names, values))

    ingest_csv(catalog_path, BTC, trades=[write(text + "\n")])

    ticks = all_ticks(catalog_path)
    assert (ticks.ts_event[0], ticks.a[0], ticks.a_size[0]) == (T0 * 10**9, 1005, 2000)
    assert ticks.side[0] == SELLER


def test_bybit_names_of_quotes_are_known(write: Callable[..., Path], catalog_path: Path) -> None:
    path = write(
        f"ts,symbol,bid1Price,bid1Size,ask1Price,ask1Size\n{T0}000,BTCUSDT,100.1,1,100.2,2\n",
    )

    ingest_csv(catalog_path, BTC, quotes=[path])

    assert all_ticks(catalog_path).b.tolist() == [1002]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_compressed_files_give_the_same_catalog_files(
    suffix: str,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    text = "ts,price,size\n" + "".join(f"{T0 + n},100.{n % 10},1\n" for n in range(2000))
    plain = tmp_path / "plain.csv"
    plain.write_text(text)
    ingest_csv(catalog_path, BTC, trades=[plain])
    before = {path: path.read_bytes() for path in catalog_path.rglob("*.parquet")}
    data = text.encode()
    packed = tmp_path / f"packed.csv{suffix}"
    if suffix == ".gz":
        # Two members, as from files put together.
        packed.write_bytes(gzip.compress(data[:700]) + gzip.compress(data[700:]))
    elif suffix == ".zst":
        packed.write_bytes(zstandard.compress(data[:700]) + zstandard.compress(data[700:]))
    else:
        packed.write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))

    report = ingest_csv(catalog_path, BTC, trades=[packed])

    assert report.accepted == 2000
    assert (report.files_written, report.files_unchanged) == (0, 1)
    assert {path: path.read_bytes() for path in catalog_path.rglob("*.parquet")} == before


def test_bad_trades_are_rejected_with_their_line(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    good = "".join(f"{T0 + n},100.0,1,{n}\n" for n in range(20))
    path = write(
        "ts,price,size,seq\n"
        + good
        + "not a time,100.0,1,1\n"  # line 22
        + "\n"
        + f"{T0},,1,1\n"
        + f"{T0},0,1,1\n"  # 25
        + f"{T0},-1.5,1,1\n"
        + f"{T0},100.05,1,1\n"
        + f"{T0},100.0,0,1\n"
        + f"{T0},100.0,1\n"  # 29: a field is missing
        + f"{T0},100.0,0.0005,1\n"
        + f"{T0},100.0,abc,1\n"
        + f"{T0},100.0,1,first\n"  # 32
        + f"{T0},inf,1,1\n",
    )

    report = ingest_csv(catalog_path, BTC, trades=[path]).files[0]

    assert rejected(report) == {
        "no valid time": [22],
        "no valid price": [24, 33],
        "price not above zero": [25, 26],
        "price is not a multiple of the tick 0.1": [27],
        "size not above zero": [28],
        "wrong number of columns": [29],
        "size is not a multiple of the lot 0.001": [30],
        "no valid size": [31],
        "seq is not an integer": [32],
    }
    assert (report.rows, report.accepted, report.rejected_rows) == (31, 20, 11)
    assert report.rejected["price not above zero"].examples[1].text == f"{T0},-1.5,1,1"


def test_only_the_first_ten_rejected_rows_are_kept(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    rows = "".join(f"{T0 + n},{100 if n % 100 else 0}.0,1\n" for n in range(3000))

    report = ingest_csv(catalog_path, BTC, trades=[write("ts,price,size\n" + rows)]).files[0]

    rejection = report.rejected["price not above zero"]
    assert rejection.count == 30
    assert [example.row for example in rejection.examples] == list(range(2, 1002, 100))


def test_bad_quotes_are_rejected(write: Callable[..., Path], catalog_path: Path) -> None:
    good = "".join(f"{T0 + n},100.0,1,100.1,1\n" for n in range(10))
    path = write(
        "ts,bid,bid_size,ask,ask_size\n"
        + good
        + f"{T0},101.1,1,100.0,1\n"  # 12: crossed by more than 1 %
        + f"{T0 + 20},101.0,1,100.0,1\n"  # exactly 1 %: kept
        + f"{T0},100.0,0,100.1,1\n"
        + f"{T0},100.0,1,,1\n",
    )

    report = ingest_csv(catalog_path, BTC, quotes=[path]).files[0]

    assert rejected(report) == {
        "bid above ask by more than 1 %": [12],
        "one side of the book is empty": [14, 15],
    }
    assert report.accepted == 11


def tape(size_of_sells: str, sells: int, buys: int = 600, good_sells: int = 0) -> str:
    rows = [f"{T0 + at},100.0,0.001,buy" for at in range(buys)]
    rows += [f"{T0 + at},100.0,{size_of_sells},sell" for at in range(sells)]
    rows += [f"{T0 + at},100.0,0.001,sell" for at in range(good_sells)]
    return "\n".join(["ts,price,size,side", *rows]) + "\n"


@pytest.mark.parametrize(("size", "reason"), [("0.00111", "the lot 0.001"), ("0", "above zero")])
def test_a_file_that_would_lose_one_side_of_the_tape_is_refused(
    size: str, reason: str, write: Callable[..., Path], catalog_path: Path
) -> None:
    with pytest.raises(AuctionError) as raised:
        ingest_csv(catalog_path, BTC, trades=[write(tape(size, 3))])
    text = str(raised.value)
    assert "3 of 603 rows rejected, all 3 SELL trades of the file, mostly for" in text
    assert reason in text
    assert is_empty(catalog_path)


def test_several_reasons_together_may_lose_a_side(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    path = write(tape("0", 2) + f"{T0},99.999,0.001,sell\n{T0},0,0.001,sell\n")
    with pytest.raises(AuctionError, match="4 of 604 rows rejected, all 4 SELL trades of the file"):
        ingest_csv(catalog_path, BTC, trades=[path])


def test_sells_on_half_a_lot_are_a_finer_step_however_few(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    path = write(tape("0.0005", 3))
    with pytest.raises(AuctionError, match="--finer-steps"):
        ingest_csv(catalog_path, BTC, trades=[path])
    report = ingest_csv(catalog_path, BTC, trades=[path], finer_steps=True)
    assert report.accepted == 603


@pytest.mark.parametrize(("sells", "good"), [(2, 0), (3, 1)])
def test_single_bad_rows_are_no_lost_side(
    sells: int, good: int, write: Callable[..., Path], catalog_path: Path
) -> None:
    report = ingest_csv(catalog_path, BTC, trades=[write(tape("0", sells, good_sells=good))])
    assert report.accepted == 600 + good
    assert rejected(report.files[0]) == {"size not above zero": list(range(602, 602 + sells))}


def test_crude_oil_may_trade_below_zero(write: Callable[..., Path], catalog_path: Path) -> None:
    path = write("ts,price,size\n2024-10-01T00:00:00Z,-37.63,1\n2024-10-01T00:00:01Z,0,1\n")

    ingest_csv(catalog_path, CL, trades=[path])

    assert all_ticks(catalog_path, CL).a.tolist() == [-3763, 0]


def test_prices_of_another_instrument_are_refused(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    path = write(
        "ts,price,size\n" + "".join(f"{T0 + n},{25000 + n / 100:.2f},1\n" for n in range(100)),
    )

    with pytest.raises(AuctionError, match=r"in\.csv: 96 of 100 rows.*multiple of the tick 0\.25"):
        ingest_csv(catalog_path, "NQU4.XCME", trades=[path])

    assert is_empty(catalog_path)


def test_nothing_is_written_where_the_quotes_are_bad(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    trades = write(f"ts,price,size\n{T0},100,1\n", "trades.csv")
    quotes = write(f"ts,bid,bid_size,ask,ask_size\n{T0},0,1,0,1\n", "quotes.csv")

    with pytest.raises(AuctionError, match=r"quotes\.csv: 1 of 1 rows rejected"):
        ingest_csv(catalog_path, BTC, trades=[trades], quotes=[quotes])

    assert is_empty(catalog_path)


@pytest.mark.parametrize(
    ("header", "word", "side"),
    [
        ("side", "Buy", BUYER),
        ("side", "B", BUYER),
        ("side", "SELL", SELLER),
        ("side", "s", SELLER),
        ("side", "A", SELLER),
        ("side", "-1", SELLER),
        ("side", "", NO_SIDE),
        ("side", "N", NO_SIDE),
        ("is_buyer_maker", "true", SELLER),
        ("isBuyerMaker", "False", BUYER),
        ("buyer_is_maker", "1", SELLER),
        ("is_buyer_maker", "0", BUYER),
    ],
)
def test_side_is_that_of_the_aggressor(
    header: str,
    word: str,
    side: int,
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    path = write(f"ts,price,size,{header}\n{T0},100,1,{word}\n")

    report = ingest_csv(catalog_path, BTC, trades=[path])

    assert all_ticks(catalog_path).side.tolist() == [side]
    assert not report.files[0].warnings


def test_unknown_side_words_are_kept_without_side_and_counted(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    words = ("bid", "buy", "ask", "sell")
    path = write("ts,price,size,side\n" + "".join(f"{T0},100,1,{word}\n" for word in words))

    report = ingest_csv(catalog_path, BTC, trades=[path])

    assert all_ticks(catalog_path).side.tolist() == [NO_SIDE, BUYER, NO_SIDE, SELLER]
    assert report.files[0].warnings == [
        "in.csv: 2 trades have an unknown side (first: 'bid') and are kept without",
    ]


def test_file_of_unknown_side_words_is_refused(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    path = write(f"ts,price,size,side\n{T0},100,1,at bid\n{T0},100,1,at ask\n")

    with pytest.raises(AuctionError, match=r"2 trades have an unknown side \(first: 'at bid'\)"):
        ingest_csv(catalog_path, BTC, trades=[path])

    assert is_empty(catalog_path)


@pytest.mark.parametrize(
    ("columns", "row", "quality"),
    [(",side", ",buy", "venue side"), ("", "", "inferred")],
)
def test_quality_reports_whether_the_side_is_known(
    columns: str,
    row: str,
    quality: str,
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    ingest_csv(catalog_path, BTC, trades=[write(f"ts,price,size{columns}\n{T0},100,1{row}\n")])

    assert data_quality(catalog_path, BTC) == {quality}


def test_made_trade_ids_run_through_all_files(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    later = write(f"ts,price,size\n{T0 + 9},100,1\n", "a.csv")
    earlier = write(f"ts,price,size,id\n{T0},100,1,\n{T0},100,1,own\n{T0},100,1,\n", "b.csv")

    ingest_csv(catalog_path, BTC, trades=[later, earlier])

    assert trade_ids(catalog_path) == ["1", "own", "3", "4"]


def test_exact_repeats_are_dropped_and_counted_where_trades_have_ids(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    replayed = f"{T0},100,1,a\n{T0},100,1,b\n{T0},100,1,b\n{T0},100,1,b\n{T0},100,1,a\n"
    first = write("ts,price,size,id\n" + replayed, "a.csv")
    second = write(f"ts,price,size,id\n{T0 + 1},100,1,c\n{T0 + 1},100,1,\n{T0 + 1},100,1,\n")

    report = ingest_csv(catalog_path, BTC, trades=[first, second])

    assert trade_ids(catalog_path) == ["a", "b", "c", "7", "8"]
    assert report.warnings == ("rows dropped as repetitions of an earlier row: 3",)


@pytest.mark.parametrize("columns", ["ts,price,size", "ts,price,size,id"])
def test_nothing_is_dropped_where_a_trades_file_has_no_ids(
    columns: str,
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    row = f"{T0},100,1" + (",a" if "id" in columns else "")
    first = write(f"{columns}\n{row}\n{row}\n", "a.csv")
    second = write(f"ts,price,size\n{T0 + 1},100,1\n{T0 + 1},100,1\n")

    report = ingest_csv(catalog_path, BTC, trades=[first, second])

    assert len(all_ticks(catalog_path)) == 4
    assert report.warnings == ()


def test_too_long_trade_ids_are_rejected(write: Callable[..., Path], catalog_path: Path) -> None:
    path = write(f"ts,price,size,id\n{T0},100,1,{'x' * 36}\n{T0},100,1,{'x' * 37}\n")

    report = ingest_csv(catalog_path, BTC, trades=[path])

    assert list(report.files[0].rejected) == ["trade id is longer than 36 characters or not ASCII"]


def test_sequence_orders_trades_and_quotes_of_one_time(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    trades = write(f"ts,price,size,seq\n{T0},100.1,1,1\n{T0},100.2,1,3\n", "trades.csv")
    quotes = write(
        f"ts,bid,bid_size,ask,ask_size,seq\n{T0},100,1,100.1,1,2\n{T0},100,1,100.2,1,4\n",
        "quotes.csv",
    )

    ingest_csv(catalog_path, BTC, trades=[trades], quotes=[quotes])

    assert all_ticks(catalog_path).kind.tolist() == [TRADE, QUOTE, TRADE, QUOTE]


def test_sequence_is_left_out_where_not_all_files_have_it(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    first = write(f"ts,price,size,seq\n{T0},100.1,1,5\n", "a.csv")
    second = write(f"ts,price,size\n{T0 + 1},100.2,1\n", "b.csv")

    report = ingest_csv(catalog_path, BTC, trades=[first, second])

    assert report.accepted == 2


def test_files_of_several_symbols_are_refused(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    first = write(f"ts,price,size,symbol\n{T0},100,1,BTCUSDT\n", "a.csv")
    second = write(f"ts,price,size,symbol\n{T0},100,1,ETHUSDT\n", "b.csv")

    with pytest.raises(UsageError, match="files of BTCUSDT, ETHUSDT"):
        ingest_csv(catalog_path, BTC, trades=[first, second])


def test_unordered_rows_are_sorted_stably_with_a_warning(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    path = write(f"ts,price,size\n{T0 + 2},3,1\n{T0},1,1\n{T0},2,1\n{T0 + 5},4,1\n")

    report = ingest_csv(catalog_path, BTC, trades=[path])

    assert all_ticks(catalog_path).a.tolist() == [10, 20, 30, 40]
    assert any("not in order of time" in warning for warning in report.warnings)


@pytest.mark.parametrize("row", [50, 150])
def test_mixed_time_units_are_refused_with_file_and_row(
    row: int,
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    stamps = [str(T0 + n) for n in range(200)]
    stamps[row - 2] += "000"
    path = write("ts,price,size\n" + "".join(f"{ts},100,1\n" for ts in stamps))

    with pytest.raises(AuctionError, match=rf"in\.csv: row {row}: time '\d+' is in ms"):
        ingest_csv(catalog_path, BTC, trades=[path])

    assert is_empty(catalog_path)


def test_rows_of_another_symbol_are_refused(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    path = write(f"ts,price,size,symbol\n{T0},100,1,BTCUSDT\n{T0},100,1,ETHUSDT\n")

    with pytest.raises(AuctionError, match=r"row 3 is of symbol ETHUSDT, the first of BTCUSDT"):
        ingest_csv(catalog_path, BTC, trades=[path])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no header in line 1"),
        (b"ts,price,size\n", "the file has no rows"),
        (b"ts,price\n1,2\n", "no column for 'size' among ts, price"),
        (b"ts,price,size,TS\n", "two columns are named"),
        (b"ts,price,size\nmorning,1,1\n", r"column 'ts' has no time in its first 1 rows"),
        (
            gzip.compress(b"ts,price,size\n1723075200,1,1\n", mtime=0)[:-12],
            "not a readable CSV file",
        ),
        (b"ts,price,size\n1723075200,1,\xff\xfe\n", "not a readable CSV file"),
    ],
)
def test_unreadable_files_are_refused_in_one_line(
    content: bytes,
    message: str,
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)

    with pytest.raises(AuctionError, match=message) as error:
        ingest_csv(catalog_path, BTC, trades=[path])

    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert is_empty(catalog_path)


def test_missing_file_and_no_file_are_wrong_usage(tmp_path: Path, catalog_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv: no such file"):
        ingest_csv(catalog_path, BTC, trades=[tmp_path / "none.csv"])
    with pytest.raises(UsageError, match="no file given"):
        ingest_csv(catalog_path, BTC)


def test_window_of_bars_grows_day_by_day(write: Callable[..., Path], catalog_path: Path) -> None:
    rows = [f"{T0 + 60 * minute},100,100,100,100,1\n" for minute in range(3 * 1440)]

    outcomes = []
    for days in (1, 2, 3):
        path = write("ts,open,high,low,close,volume\n" + "".join(rows[: days * 1440]))
        report = ingest_csv(catalog_path, BTC, bars=[path])
        outcomes.append((report.files_written, report.files_unchanged))

    assert outcomes == [(1, 0), (1, 1), (1, 2)]
    bars = ParquetDataCatalog(catalog_path).bars([f"{BTC}-1-MINUTE-LAST-EXTERNAL"])
    assert [bar.ts_event // 10**9 - T0 for bar in bars] == [
        60 * minute for minute in range(1, 3 * 1440 + 1)
    ]


@pytest.mark.parametrize("bar_step", [None, "1m"])
def test_bars_are_stamped_at_their_close(
    bar_step: str | None,
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    path = write(
        "timestamp,open,high,low,close,volume\n"
        "2024-08-08 00:00:00,100.0,100.5,99.5,100.1,12.5\n"
        "2024-08-08 00:01:00,100.1,100.2,100.0,100.2,0\n"
        "2024-08-08 00:05:00,100.1,100.0,100.0,100.0,1\n"  # the open is above the high
        "2024-08-08 00:06:00,100.2,100.2,100.2,100.2,3\n",
    )

    report = ingest_csv(catalog_path, BTC, bars=[path], bar_step=bar_step)

    bars = ParquetDataCatalog(catalog_path).bars([f"{BTC}-1-MINUTE-LAST-EXTERNAL"])
    assert [bar.ts_event // 10**9 - T0 for bar in bars] == [60, 120, 420]
    assert str(bars[0]).endswith("100.00,100.50,99.50,100.10,12.500,1723075260000000000")
    assert rejected(report.files[0]) == {"open or close outside of low to high": [4]}
    assert report.files[0].warnings == ["in.csv: times without an offset are read as UTC"]


def test_bars_without_a_visible_step_need_one(
    write: Callable[..., Path],
    catalog_path: Path,
) -> None:
    path = write(f"ts,open,high,low,close\n{T0},1,1,1,1\n")

    with pytest.raises(UsageError, match="pass --bar-step"):
        ingest_csv(catalog_path, BTC, bars=[path])
    with pytest.raises(UsageError, match="--bar-step 'fast' is not a step"):
        ingest_csv(catalog_path, BTC, bars=[path], bar_step="fast")
    ingest_csv(catalog_path, BTC, bars=[path], bar_step="4h")

    bars = ParquetDataCatalog(catalog_path).bars([f"{BTC}-4-HOUR-LAST-EXTERNAL"])
    assert bars[0].ts_event == (T0 + 4 * 3600) * 10**9


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(st.integers(1, 20_000_000), st.integers(1, 10**9), st.integers(0, 10**6)),
        min_size=1,
        max_size=30,
    ),
)
def test_decimals_of_any_size_arrive_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, int, int]],
) -> None:
    folder = tmp_path_factory.mktemp("exact")
    path = folder / "in.csv"
    lines = [
        f"{T0}.{at:06},{Decimal(ticks).scaleb(-1)},{Decimal(lots).scaleb(-3):f}"
        for ticks, lots, at in sorted(rows, key=lambda row: row[2])
        if at < 10**6
    ] or [f"{T0}.000001,0.1,0.001"]
    path.write_text("ts,price,size\n" + "\n".join(lines) + "\n")

    ingest_csv(folder / "catalog", BTC, trades=[path])

    ticks = all_ticks(folder / "catalog")
    fields = [line.split(",") for line in lines]
    assert ticks.ts_event.tolist() == [int(Decimal(ts) * 10**9) for ts, _, _ in fields]
    assert ticks.a.tolist() == [int(Decimal(price) * 10) for _, price, _ in fields]
    assert ticks.a_size.tolist() == [int(Decimal(size) * 1000) for _, _, size in fields]


def test_result_does_not_depend_on_the_size_of_blocks(
    write: Callable[..., Path],
    catalog_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(7)
    rows = [
        f"{T0 + n}.{n % 7},{p / 10:.1f},0.00{n % 9 + 1},{'buy' if p % 2 else 'sell'}"
        for n, p in enumerate(rng.integers(1000, 1100, 500))
    ]
    rows[100] = "x,1,1,buy"
    rows[300] = "\n" + rows[300]
    rows[301] = "1,2"
    path = write("ts,price,size,side\n" + "\n".join(rows) + "\n")
    whole = ingest_csv(catalog_path, BTC, trades=[path])
    defaults = ("adapters.files.reading.read_blocks.__defaults__", (None, None, 300))
    monkeypatch.setattr(*defaults)

    blocks = ingest_csv(catalog_path, BTC, trades=[path])

    assert rejected(blocks.files[0]) == rejected(whole.files[0])
    assert rejected(whole.files[0]) == {"no valid time": [102], "wrong number of columns": [304]}
    assert (blocks.files_written, blocks.files_unchanged) == (0, 1)


def rows_of(count: int, row: Callable[[int], str]) -> str:
    return "".join(row(n) + "\n" for n in range(count))


@pytest.mark.parametrize("closed_at", [None, 249])
@pytest.mark.parametrize("column", ["note", "price"])
def test_a_quote_that_is_not_closed_on_its_line_is_refused(
    closed_at: int | None, column: str, write: Callable[..., Path], catalog_path: Path
) -> None:
    def row(n: int) -> str:
        quote = '"12 inch' if n in (5, closed_at) else ""
        price, note = ("100" + quote, "") if column == "price" else ("100", quote)
        return f"{T0 + n},{price},1,{note}"

    path = write("ts,price,size,note\n" + rows_of(300, row))

    with pytest.raises(AuctionError, match=r"line 7, column \d+: a quote is not closed"):
        ingest_csv(catalog_path, BTC, trades=[path])
    assert is_empty(catalog_path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quoted_fields_are_read(end: str, write: Callable[..., Path], catalog_path: Path) -> None:
    lines = ['"ts","price","size","note"']
    lines += [f'"{T0 + n}","100.5","1","a, ""b"" c"' for n in range(50)]
    path = write(end.join(lines) + end)

    assert ingest_csv(catalog_path, BTC, trades=[path]).accepted == 50


@pytest.mark.parametrize("block", [16, 17, 64, 1 << 20])
def test_the_line_of_a_quote_does_not_depend_on_the_blocks_read(block: int, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    lines = [b"a,b", *[b"1,2"] * 20, *[b'1,"2"'] * 20, b'1,"2', *[b"1,2"] * 9]
    path.write_bytes(b"\r\n".join(lines))
    with pa.OSFile(str(path), "rb") as stream:
        checked = CheckedLines(path, stream)
        with pytest.raises(AuctionError, match="line 42, column 3: "):
            list(iter(lambda: checked.read(block), b""))


def test_a_long_field_is_cut_in_the_report(
    write: Callable[..., Path], catalog_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = rows_of(10, lambda n: f"{T0 + n},100,1")
    path = write("ts,price,size\n" + good + f"{T0},{'7' * 200_000},1\n")

    print_report(ingest_csv(catalog_path, BTC, trades=[path]))

    assert max(map(len, capsys.readouterr().out.splitlines())) < 300


def test_a_file_of_broken_lines_is_not_an_empty_one(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    good = write("ts,price,size\n" + rows_of(20, lambda n: f"{T0 + n},100,1"), "a.csv")
    broken = write("ts,price,size\n" + rows_of(20, lambda n: f"{T0 + 60 + n},100,1,"), "b.csv")

    for trades in ([broken], [good, broken]):
        with pytest.raises(AuctionError, match="20 of 20 rows rejected, mostly for wrong number"):
            ingest_csv(catalog_path, BTC, trades=trades)
    assert is_empty(catalog_path)


@pytest.mark.parametrize(
    ("price", "size", "reason"),
    [
        ("1e308", "1", "price is not a multiple of the tick 0.1"),
        ("0.00000001", "1", "price is not a multiple of the tick 0.1"),
        ("42000.200001", "1", "price is not a multiple of the tick 0.1"),
        ("42000.2", "0.00200001", "size is not a multiple of the lot 0.001"),
        ("42000.2", "0.00000001", "size is not a multiple of the lot 0.001"),
        ("42000.2", "1e300", "size is not a multiple of the lot 0.001"),
    ],
)
def test_no_value_is_rounded_to_the_grid(
    price: str, size: str, reason: str, write: Callable[..., Path], catalog_path: Path
) -> None:
    good = rows_of(10, lambda n: f"{T0 + n},100.1,0.003")
    path = write("ts,price,size\n" + good + f"{T0 + 20},{price},{size}\n")

    report = ingest_csv(catalog_path, BTC, trades=[path]).files[0]

    assert rejected(report) == {reason: [12]}
    assert set(all_ticks(catalog_path).a.tolist()) == {1001}


@pytest.mark.parametrize("sells", [5, 45])
def test_a_side_in_the_sign_of_the_size_is_refused(
    sells: int, write: Callable[..., Path], catalog_path: Path
) -> None:
    path = write(
        "id,ts,size,price\n"
        + rows_of(100, lambda n: f"{n},{T0 + n},{'-' if n < sells else ''}0.5,100")
    )

    with pytest.raises(AuctionError, match=r"sign seems to be the side.*column `side`"):
        ingest_csv(catalog_path, BTC, trades=[path])
    assert is_empty(catalog_path)


def test_a_reason_for_more_than_one_row_in_a_hundred_refuses_the_file(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    def file(bad: int) -> Path:
        return write(
            "ts,price,size\n"
            + rows_of(1000, lambda n: f"{T0 + n},{'100.05' if n < bad else '100'},1")
        )

    assert ingest_csv(catalog_path, BTC, trades=[file(10)]).accepted == 990
    with pytest.raises(AuctionError, match=r"11 of 1,000 rows rejected.*multiple of the tick 0.1"):
        ingest_csv(catalog_path / "other", BTC, trades=[file(11)])


def test_bursts_sent_again_and_overlapping_files_are_counted_once(
    write: Callable[..., Path], catalog_path: Path, tmp_path: Path
) -> None:
    def rows(ids: str) -> str:
        return "".join(f"{T0 + ord(name) // 4},100.{ord(name) % 3},1,buy,{name}\n" for name in ids)

    head = "ts,price,size,side,id\n"
    burst = write(head + rows("abcabcdefdef"), "burst.csv")
    files = [write(head + rows(ids), f"{ids}.csv") for ids in ("abcdef", "defghi")]

    report = ingest_csv(catalog_path, BTC, trades=[burst])
    assert report.warnings == ("rows dropped as repetitions of an earlier row: 6",)
    assert sorted(trade_ids(catalog_path)) == list("abcdef")
    ingest_csv(tmp_path / "two", BTC, trades=files)
    assert sorted(trade_ids(tmp_path / "two")) == list("abcdefghi")


def test_an_id_with_other_fields_is_another_trade(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    path = write(f"ts,price,size,id\n{T0},100,1,a\n{T0},100,2,a\n{T0},100,1,b\n{T0},100,1,a\n")

    ingest_csv(catalog_path, BTC, trades=[path])

    assert trade_ids(catalog_path) == ["a", "a", "b"]


def test_bad_bars_leave_the_trades_out_as_well(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    trades = write(f"ts,price,size\n{T0},100,1\n", "trades.csv")
    bars = write(
        "ts,open,high,low,close\n" + "".join(f"{T0 + 60 * n},100,99,100,100\n" for n in range(9)),
        "bars.csv",
    )

    with pytest.raises(AuctionError, match=r"bars\.csv: 9 of 9 rows rejected"):
        ingest_csv(catalog_path, BTC, trades=[trades], bars=[bars])

    assert is_empty(catalog_path)


def test_lines_may_end_in_a_carriage_return_alone(tmp_path: Path, catalog_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(f"ts,price,size\r{T0},100.5,1\r{T0 + 1},100.6,2\r".encode())

    assert ingest_csv(catalog_path, BTC, trades=[path]).accepted == 2
    assert all_ticks(catalog_path).a.tolist() == [1005, 1006]


def test_file_without_lines_is_refused_before_it_is_read_whole(
    tmp_path: Path, catalog_path: Path
) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"x" * (1 << 20))

    with pytest.raises(AuctionError, match=r"in\.csv: no end of line 1"):
        ingest_csv(catalog_path, BTC, trades=[path])


@pytest.mark.parametrize("trade_id", [" ", "a\0b", "\0", "\x07"])
def test_trade_id_that_nautilus_cannot_hold_is_rejected(
    trade_id: str, write: Callable[..., Path], catalog_path: Path
) -> None:
    path = write(f"ts,price,size,id\n{T0},100,1,a\n{T0},100,1,{trade_id}\n{T0},100,1,\n")

    report = ingest_csv(catalog_path, BTC, trades=[path])

    assert rejected(report.files[0]) == {
        "trade id is blank or has characters that cannot be printed": [3]
    }
    assert len(trade_ids(catalog_path)) == 2

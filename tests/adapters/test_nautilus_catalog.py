"""Catalogs of other writers are brought into one order, or refused."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nautilus_trader.model.instruments import Instrument

from adapters.nautilus_catalog import convert_catalog
from catalog.gate import pass_gate
from catalog.instruments import resolve_instrument
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import data_folder
from catalog.reader import QUOTE
from catalog.reader import TRADE
from catalog.writer import write_ticks
from errors import AuctionError
from errors import UsageError
from tests.adapters.ticks import BTC
from tests.adapters.ticks import all_ticks
from tests.catalog.market import quotes
from tests.catalog.market import trades
from tests.catalog.test_reader import write_with_nautilus


@pytest.fixture
def perpetual() -> Instrument:
    return resolve_instrument(BTC)


def files(catalog: Path, data_type: str) -> list[Path]:
    return sorted(data_folder(catalog, data_type, BTC).glob("*.parquet"))


def test_quotes_come_before_trades_of_one_time(tmp_path: Path, perpetual: Instrument) -> None:
    write_with_nautilus(tmp_path / "old", perpetual, [0, 5, 5, 9], [1, 5, 9, 9])

    report = convert_catalog(tmp_path / "old", tmp_path / "new")

    pass_gate(tmp_path / "new", BTC)
    ticks = all_ticks(tmp_path / "new")
    assert report.accepted == 8
    assert ticks.kind.tolist() == [TRADE, QUOTE, QUOTE, TRADE, TRADE, QUOTE, QUOTE, TRADE]
    assert np.all(np.diff(ticks.ts_init) > 0)


def test_rows_out_of_order_and_other_names_are_put_right(
    tmp_path: Path, perpetual: Instrument
) -> None:
    old, times = tmp_path / "old", list(range(0, 5000, 10))
    write_ticks(old, perpetual, [trades(times)], [quotes([t + 1 for t in times])], "venue side")
    expected = all_ticks(old)
    (path,) = files(old, TRADES)
    table = pq.read_table(path)
    shuffled = np.random.default_rng(4).permutation(len(table))
    pq.write_table(table.take(pa.array(shuffled)), path.with_name("part-0.parquet"))
    path.unlink()

    report = convert_catalog(old, tmp_path / "new")

    assert report.files_written == 2
    ticks = all_ticks(tmp_path / "new")
    assert ticks.ts_event.tolist() == expected.ts_event.tolist()
    assert ticks.a.tolist() == expected.a.tolist()


def test_values_of_eight_bytes_are_read(tmp_path: Path, perpetual: Instrument) -> None:
    old = tmp_path / "old"
    write_ticks(old, perpetual, [trades([0, 5])], None, "venue side")
    expected = all_ticks(old)
    (path,) = files(old, TRADES)
    table = pq.read_table(path)
    for name in ("price", "size"):
        # Sixteen decimals in sixteen bytes become nine in eight.
        values = [int.from_bytes(v, "little") // 10**7 for v in table[name].to_pylist()]
        at = table.schema.get_field_index(name)
        table = table.set_column(at, pa.field(name, pa.int64()), pa.array(values, pa.int64()))
    pq.write_table(table, path)
    with pytest.raises(AuctionError, match="standard-precision"):
        pass_gate(old, BTC)

    convert_catalog(old, tmp_path / "new")

    assert all_ticks(tmp_path / "new").a.tolist() == expected.a.tolist()
    assert all_ticks(tmp_path / "new").a_size.tolist() == expected.a_size.tolist()


def test_what_is_not_converted_is_said(tmp_path: Path, perpetual: Instrument) -> None:
    old = tmp_path / "old"
    write_ticks(old, perpetual, [trades([0])], [quotes([1])], "venue side")
    folder = data_folder(old, "bar", f"{BTC}-1-MINUTE-LAST-EXTERNAL")
    folder.mkdir(parents=True)
    (folder / "x.parquet").write_bytes(b"")

    report = convert_catalog(old, tmp_path / "new")

    assert report.warnings == (f"{BTC}: its bars are not converted",)
    assert files(old, QUOTES)


def test_wrong_arguments_are_refused(tmp_path: Path, perpetual: Instrument) -> None:
    old = tmp_path / "old"
    write_ticks(old, perpetual, [trades([0])], None, "venue side")

    with pytest.raises(UsageError, match="another catalog than the one to convert"):
        convert_catalog(old, old)
    with pytest.raises(UsageError, match=r"no trades and no quotes of X\.Y"):
        convert_catalog(old, tmp_path / "new", ("X.Y",))
    with pytest.raises(AuctionError, match="does not exist"):
        convert_catalog(tmp_path / "none", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_file_that_would_lose_all_sells_is_refused(tmp_path: Path, perpetual: Instrument) -> None:
    old, count = tmp_path / "old", 403
    write_ticks(old, perpetual, [trades(list(range(count)))], None, "venue side")
    (path,) = files(old, TRADES)
    table = pq.read_table(path)
    sizes = [*table["size"].to_pylist()[:-3], *3 * [bytes(16)]]
    sides = [*(count - 3) * [1], *3 * [2]]
    for name, values in (("size", sizes), ("aggressor_side", sides)):
        field = table.schema.field(name)
        table = table.set_column(
            table.schema.get_field_index(name), field, pa.array(values, field.type)
        )
    pq.write_table(table, path)

    with pytest.raises(AuctionError, match="3 of 403 rows rejected, all 3 SELL trades of the file"):
        convert_catalog(old, tmp_path / "new")

"""The gate refuses what could not be served in one order or as it was written."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nautilus_trader.model.instruments import Instrument

from catalog.gate import pass_gate
from catalog.instruments import resolve_instrument
from catalog.layout import NS_PER_DAY
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import data_folder
from catalog.writer import write_ticks
from errors import AuctionError
from tests.catalog.market import BTC
from tests.catalog.market import HOUR
from tests.catalog.market import SECOND
from tests.catalog.market import START
from tests.catalog.market import quotes
from tests.catalog.market import trades


@pytest.fixture
def filled(catalog: Path, perpetual: Instrument) -> Path:
    times = range(0, HOUR, 2 * SECOND)
    write_ticks(catalog, perpetual, [trades(times)], [quotes([t + 1 for t in times])], "venue side")
    return catalog


def file_of(catalog: Path, data_type: str = TRADES) -> Path:
    (path,) = data_folder(catalog, data_type, BTC).glob("*.parquet")
    return path


def with_column(name: str, change: Callable[[list], list], kind: pa.DataType | None = None):
    def harm(path: Path) -> None:
        table = pq.read_table(path)
        at = table.schema.get_field_index(name)
        field = table.schema.field(name)
        values = pa.array(change(table[name].to_pylist()), kind or field.type)
        pq.write_table(table.set_column(at, pa.field(name, values.type), values), path)

    return harm


def at_500(value: object) -> Callable[[list], list]:
    return lambda values: [*values[:500], value, *values[501:]]


def with_metadata(key: bytes, value: bytes):
    def harm(path: Path) -> None:
        table = pq.read_table(path)
        pq.write_table(table.replace_schema_metadata({**table.schema.metadata, key: value}), path)

    return harm


def swapped(values: list) -> list:
    return [*values[:500], values[501], values[500], *values[502:]]


def copied_as(name: str):
    return lambda path: shutil.copy(path, path.with_name(name.format(path.name)))


DAMAGE = {
    "side": (with_column("aggressor_side", at_500(7)), "side that is none of 0, 1 and 2: 1"),
    "size": (with_column("size", at_500(bytes(16))), "size that is not above zero: 1"),
    "tick": (with_column("price", at_500(b"\1" + bytes(15))), "no multiples of the increment"),
    "order": (with_column("ts_init", swapped), "earlier than that of the row before: 1"),
    "far time": (with_column("ts_init", at_500(2**63 - 1)), "(?s)earlier than|of the future"),
    "old time": (with_column("ts_event", at_500(1)), "before 1980 or of the future: 1"),
    "nulls": (with_column("ts_event", lambda v: [None] * len(v)), "a value is missing"),
    "texts": (
        with_column("ts_event", lambda v: ["x"] * len(v), pa.string()),
        "ts_event holds string and not uint64",
    ),
    "bytes": (with_column("ts_init", lambda v: [b"1"] * len(v), pa.binary()), "holds binary"),
    "width": (
        with_column("price", lambda v: [1] * len(v), pa.int64()),
        "standard-precision build.*catalog convert",
    ),
    "instrument": (with_metadata(b"instrument_id", b"ETHUSDT-LINEAR.BYBIT"), "is of 'ETHUSDT"),
    "precision": (with_metadata(b"price_precision", b"17"), "no precision of prices and sizes"),
    "digits": (with_metadata(b"price_precision", b"1" * 400), "no precision of prices and sizes"),
    "double name": (copied_as("{}.parquet"), "name is not that of an interval"),
    "copy": (copied_as("copy.parquet"), "name is not that of an interval"),
    "empty": (lambda path: path.write_bytes(b""), "cannot be read"),
    "footer": (lambda path: path.write_bytes(path.read_bytes()[:-9]), "cannot be read"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_refused_in_one_line_that_names_the_instrument(name: str, filled: Path) -> None:
    harm, message = DAMAGE[name]
    pass_gate(filled, BTC)
    harm(file_of(filled))

    with pytest.raises(AuctionError, match=message) as refusal:
        pass_gate(filled, BTC)

    assert str(refusal.value).startswith(BTC)
    assert "\n" not in str(refusal.value)


def test_no_flipped_bit_passes(filled: Path) -> None:
    generator = random.Random(43)
    path = file_of(filled, QUOTES)
    whole = path.read_bytes()
    passed = []
    for _ in range(80):
        at, bit = generator.randrange(len(whole)), generator.randrange(8)
        content = bytearray(whole)
        content[at] ^= 1 << bit
        path.write_bytes(content)
        try:
            pass_gate(filled, BTC)
        except AuctionError:
            continue
        passed.append((at, bit))
    path.write_bytes(whole)
    expected = pq.read_table(path)

    for at, bit in passed:
        content = bytearray(whole)
        content[at] ^= 1 << bit
        path.write_bytes(content)
        # Bytes that say nothing about the rows, such as the name of the writing program.
        assert pq.read_table(path).equals(expected)
    assert len(passed) < 50


def test_a_common_time_of_trades_and_quotes_is_refused(
    catalog: Path, perpetual: Instrument
) -> None:
    write_ticks(catalog, perpetual, [trades([0, 5])], [quotes([3, 9])], "venue side")
    with_column("ts_init", lambda v: [v[0], v[0] + 3])(file_of(catalog))

    with pytest.raises(AuctionError, match="order is not settled.*catalog convert"):
        pass_gate(catalog, BTC)
    pass_gate(catalog, BTC, (TRADES,), 0, START)


def test_a_damaged_file_outside_of_the_window_is_not_read(
    catalog: Path, perpetual: Instrument
) -> None:
    times = [0, NS_PER_DAY]
    write_ticks(catalog, perpetual, [trades(times)], None, "venue side")
    second = sorted(data_folder(catalog, TRADES, BTC).glob("*.parquet"))[1]
    with_column("size", lambda v: [bytes(16)])(second)

    pass_gate(catalog, BTC, (TRADES,), 0, START + HOUR)
    with pytest.raises(AuctionError, match="size that is not above zero"):
        pass_gate(catalog, BTC, (TRADES,))


def test_data_of_before_a_contract_was_listed_is_refused(catalog: Path) -> None:
    contract = resolve_instrument("NQZ5.XCME")
    first = contract.activation_ns - START
    write_ticks(catalog, contract, [trades([first - 10 * NS_PER_DAY])], None, "venue side")

    with pytest.raises(AuctionError, match="the contract lives from"):
        pass_gate(catalog, "NQZ5.XCME", (TRADES,))

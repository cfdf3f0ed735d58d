"""Imports trades and quotes of another Nautilus catalog, of any precision and order."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adapters.checks import BAD_ID
from adapters.checks import ONE_SIDED
from adapters.checks import RowCheck
from adapters.checks import Units
from adapters.checks import units_of
from adapters.guard import accepted_batches
from adapters.instruments import find_instrument
from adapters.report import FileReport
from adapters.report import IngestReport
from catalog.arrow import PRICES
from catalog.arrow import SIZES
from catalog.arrow import valid_trade_ids
from catalog.batches import SELLER
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.batches import select_rows
from catalog.columns import UNREADABLE
from catalog.columns import damaged
from catalog.columns import raw_bytes
from catalog.contents import stored_data
from catalog.layout import INFERRED
from catalog.layout import QUOTES
from catalog.layout import TICK_TYPES
from catalog.layout import TRADES
from catalog.layout import VENUE_SIDE
from catalog.layout import data_folder
from catalog.layout import instrument_of
from catalog.protocols import Instrument
from catalog.transaction import catalog_writes
from catalog.units import in_catalog_unit
from catalog.writer import write_ticks
from errors import AuctionError
from errors import UsageError
from indicators.core.fixed_point import decode_raw


BATCH_ROWS = 100_000
# The decimals of a standard-precision build; those of this one are scaled to them.
_NANO_RAW = 10**7


def convert_catalog(source: Path, target: Path, instruments: tuple[str, ...] = ()) -> IngestReport:
    """
    Write the trades and quotes of a catalog of any Nautilus build into another catalog.

    Files may have any name and their rows any order; values may have 8 or 16 bytes. The rows are
    sorted by `ts_event`, then by their old `ts_init`, quotes before trades where both are equal,
    and get a new `ts_init` as in every import. Quotes with an empty side are skipped and counted.

    Parameters
    ----------
    source : Path
        The catalog to read; it is not changed.
    target : Path
        The catalog to write.
    instruments : tuple[str, ...], optional
        The instruments (default: all that have trades or quotes).

    Returns
    -------
    IngestReport
        What was read, rejected and written. Bars are named and not converted.

    Raises
    ------
    UsageError
        If both are one folder or an instrument has no data.
    AuctionError
        If a file cannot be read or most of its rows are bad.

    """
    started = time.perf_counter()
    if source.resolve() == target.resolve():
        raise UsageError(f"--catalog {target}: name another catalog than the one to convert")
    found: dict[str, list[str]] = {}
    warnings = []
    for data_type, identifier in _held(source):
        if data_type in TICK_TYPES:
            found.setdefault(identifier, []).append(data_type)
        else:
            warnings.append(f"{instrument_of(data_type, identifier)}: its bars are not converted")
    missing = sorted(set(instruments) - found.keys())
    if missing or not found:
        named = ", ".join(missing) or "any instrument"
        raise UsageError(f"{source}: no trades and no quotes of {named}")
    reports: list[FileReport] = []
    writes = []
    with catalog_writes(target) as catalog:
        for name in sorted(instruments or found):
            streams = {kind: _streams(source, kind, name, target, reports) for kind in found[name]}
            instrument = _instrument(source, target, name)
            trades, quotes = streams.get(TRADES), streams.get(QUOTES)
            has_sides = trades is not None and _has_sides(source, name)
            writes.append(
                write_ticks(
                    catalog,
                    instrument,
                    None if trades is None else accepted_batches(trades, may_be_empty=bool(quotes)),
                    None if quotes is None else accepted_batches(quotes),
                    VENUE_SIDE if has_sides else INFERRED,
                )
            )
    names = [write.identifier for write in writes]
    return IngestReport.of(names, reports, writes, started, warnings)


def _held(source: Path) -> list[tuple[str, str]]:
    root = source / "data"
    if not root.is_dir():
        stored_data(source)
        raise AuctionError(f"{source}: no folder `data`: it is no catalog")
    folders = sorted({path.parent for path in root.glob("*/*/*.parquet")})
    return [
        (folder.parent.name, folder.name)
        for folder in folders
        if folder.parent.name in (*TICK_TYPES, "bar")
    ]


def _instrument(source: Path, target: Path, name: str) -> Instrument:
    # A definition of an older build may be unreadable; those of the target and built-in ones are.
    for catalog in (target, source):
        try:
            return in_catalog_unit(target, find_instrument(catalog, name, _first_ns(source, name)))
        except (AuctionError, ValueError, KeyError, TypeError) as error:
            failure = error
    raise AuctionError(
        f"{name}: neither catalog has a definition that can be read ({failure}): ingest it first"
    )


def _paths(source: Path, data_type: str, name: str) -> list[Path]:
    return sorted(data_folder(source, data_type, name).glob("*.parquet"))


def _first_ns(source: Path, name: str) -> int:
    for data_type in TICK_TYPES:
        for path in _paths(source, data_type, name):
            for batch in _batches(path, ["ts_event"]):
                return int(batch["ts_event"][0].as_py())
    raise AuctionError(f"{source}: no rows of {name}")


def _has_sides(source: Path, name: str) -> bool:
    known = total = 0
    for path in _paths(source, TRADES, name):
        for batch in _batches(path, ["aggressor_side"]):
            sides = batch["aggressor_side"].to_numpy(zero_copy_only=False)
            known += int(np.count_nonzero(sides))
            total += len(sides)
    return known > 0.99 * total


def _streams(
    source: Path, data_type: str, name: str, target: Path, reports: list[FileReport]
) -> list[tuple[FileReport, Iterator[Any]]]:
    units = units_of(_instrument(source, target, name))
    read = _trades if data_type == TRADES else _quotes
    streams: list[tuple[FileReport, Iterator[Any]]] = []
    for path in _paths(source, data_type, name):
        report = FileReport(path, f"{name} {'trades' if data_type == TRADES else 'quotes'}")
        reports.append(report)
        streams.append((report, read(path, units, report)))
    return streams


def _trades(path: Path, units: Units, report: FileReport) -> Iterator[TradeBatch]:
    names = [*PRICES[TRADES], *SIZES[TRADES], "aggressor_side", "trade_id", "ts_event", "ts_init"]
    for batch, check, ts, seq in _checked(path, names, units, report):
        price = check.fixed_prices(*_nano(path, batch, "price"))
        size = check.sizes(_nano(path, batch, "size")[0] / 1e9)
        ids = batch["trade_id"].cast(pa.string())
        check.reject(~valid_trade_ids(ids), BAD_ID)
        sides = batch["aggressor_side"].to_numpy(zero_copy_only=False).astype(np.uint8)
        check.reject(sides > SELLER, "side is none of 0, 1 and 2")
        check.sides(sides)
        yield select_rows(TradeBatch(ts, price, size, sides, ids, seq + 1), check.good)


def _quotes(path: Path, units: Units, report: FileReport) -> Iterator[QuoteBatch]:
    names = [*PRICES[QUOTES], *SIZES[QUOTES], "ts_event", "ts_init"]
    for batch, check, ts, seq in _checked(path, names, units, report):
        sizes = [_nano(path, batch, name)[0] / 1e9 for name in SIZES[QUOTES]]
        check.reject((sizes[0] == 0) | (sizes[1] == 0), ONE_SIDED)
        bid, ask = (check.fixed_prices(*_nano(path, batch, name)) for name in PRICES[QUOTES])
        check.crossed(bid, ask)
        bid_size, ask_size = (check.sizes(size) for size in sizes)
        yield select_rows(QuoteBatch(ts, bid, ask, bid_size, ask_size, seq), check.good)


def _checked(
    path: Path, names: list[str], units: Units, report: FileReport
) -> Iterator[tuple[pa.RecordBatch, RowCheck, NDArray[np.int64], NDArray[np.int64]]]:
    done = 0
    for batch in _batches(path, names):
        rows = np.arange(done + 1, done + 1 + len(batch), dtype=np.int64)
        done += len(batch)
        report.rows += len(batch)

        def text(row: int, batch: pa.RecordBatch = batch) -> str:
            return ", ".join(f"{name}={batch[name][row]}" for name in ("ts_event", "ts_init"))

        check = RowCheck(report, rows, text, units)
        ts, init = (
            batch[name].to_numpy(zero_copy_only=False).astype(np.int64)
            for name in ("ts_event", "ts_init")
        )
        check.times(ts, (ts > 0) & (init > 0) & (init <= 2**62))
        # Rows of one time keep the order of their arrival, quotes before trades at the same one.
        yield batch, check, ts, np.where(check.good, init, 0) * 2


def _batches(path: Path, names: list[str]) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as parquet:
            missing = [name for name in names if name not in parquet.schema_arrow.names]
            if missing:
                raise damaged(path, f"no column {', '.join(missing)}")
            for batch in parquet.iter_batches(BATCH_ROWS, columns=names):
                if any(batch[name].null_count for name in names):
                    raise damaged(path, "a value is missing")
                if len(batch):
                    yield batch
    except UNREADABLE as e:
        raise damaged(path, e) from e


def _nano(
    path: Path, batch: pa.RecordBatch, name: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    column = batch[name]
    if column.type == pa.binary(16):
        try:
            values = decode_raw(raw_bytes(column), _NANO_RAW)
        except ValueError as e:
            raise damaged(path, f"{name} has more than nine decimals") from e
    elif column.type in (pa.int64(), pa.uint64()):
        values = column.to_numpy(zero_copy_only=False).astype(np.int64)
    elif column.type == pa.binary(8):
        data = np.frombuffer(column.buffers()[1], dtype="<i8")
        values = data[column.offset : column.offset + len(column)]
    else:
        raise damaged(path, f"column {name} holds {column.type}")
    return values, np.ones(len(values), dtype=np.bool_)

"""The features of a system computed straight from a catalog, without an engine."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import Message
from backtests.results.message_tables import message_schema
from catalog.bars import bar_rows
from catalog.gate import pass_gate
from catalog.layout import BARS
from catalog.layout import END_OF_TIME
from catalog.layout import TICK_TYPES
from catalog.layout import DataFile
from catalog.layout import data_files
from catalog.layout import instrument_of
from catalog.reader import QUOTE
from catalog.reader import read_ticks
from errors import AuctionError
from strategies.common.system import BarFeatureCore
from strategies.common.system import FeatureCore


NANOS_PER_MINUTE = 60_000_000_000


def write_table(table: pa.Table, path: Path) -> None:
    """Write a Parquet file as a whole or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        pq.write_table(table, temporary, compression="zstd")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def clipped_end(end_ns: int | None, files: Iterable[DataFile]) -> int | None:
    """
    Return an end that lies no further than the first minute boundary after the last event.

    Parameters
    ----------
    end_ns : int or None
        The requested end (ns UTC, excluded); None stays None.
    files : Iterable[DataFile]
        The files of the catalog that are read.

    """
    if end_ns is None:
        return None
    last = max((file.end_ns for file in files), default=end_ns)
    return min(end_ns, (last // NANOS_PER_MINUTE + 1) * NANOS_PER_MINUTE)


def catalog_features(
    catalog: Path,
    instrument_id: str,
    features: FeatureCore,
    message: type[Message],
    start_ns: int | None,
    end_ns: int | None,
    *,
    needs_quotes: bool = True,
) -> pa.Table:
    """
    Compute the features of every minute from the ticks of a catalog, without an engine.

    The rows are those that the actor of the features publishes over the same window, bit for bit.

    Parameters
    ----------
    catalog : Path
        The catalog.
    instrument_id : str
        The instrument.
    features : FeatureCore
        Computes them; it has seen nothing yet.
    message : type[Message]
        The message of a closed bar, whose columns the values are.
    start_ns, end_ns : int or None
        The window (ns UTC, the end excluded); None is all the data. The last minute is closed
        where the end lies at or past its boundary; no minute is closed after the one of the
        last tick.
    needs_quotes : bool, default True
        If a window without quotes is refused.

    Returns
    -------
    pa.Table
        The columns that the table of the message has in the folder of a run.

    Raises
    ------
    AuctionError
        If the catalog holds no ticks of the instrument in the window, or no quotes where they are
        needed, or no minute closed.

    """
    pass_gate(catalog, instrument_id, TICK_TYPES, start_ns or 0, _last(end_ns))
    last, has_quotes = None, False
    end = _last(end_ns)
    for ticks in read_ticks(catalog, instrument_id, start_ns or 0, end):
        features.update_many(
            ticks.kind,
            ticks.ts_event,
            ticks.a,
            ticks.b,
            ticks.a_size,
            ticks.b_size,
            ticks.side,
        )
        if len(ticks.ts_event):
            last = int(ticks.ts_event[-1])
            has_quotes = has_quotes or bool((ticks.kind == QUOTE).any())
    if last is None:
        raise AuctionError(
            f"{catalog}: no ticks of {instrument_id} in the window: see `auction catalog list`"
        )
    if needs_quotes and not has_quotes:
        raise AuctionError(
            f"{catalog}: no quotes of {instrument_id} in the window, and these features need them: "
            "ingest quotes"
        )
    files = (f for folder in TICK_TYPES for f in data_files(catalog, folder, instrument_id))
    until = clipped_end(end_ns, files)
    features.close_many(last if until is None else until)
    rows = features.values(features.take_rows())
    if not rows:
        raise AuctionError(f"{catalog}: the ticks of {instrument_id} do not span a whole minute")
    return _table(instrument_id, rows, message)


def bar_features(
    catalog: Path,
    bar_type: str,
    features: BarFeatureCore,
    message: type[Message],
    start_ns: int | None,
    end_ns: int | None,
) -> pa.Table:
    """
    Compute the features of every bar of a catalog, without an engine.

    The rows are those that the actor of the features publishes over the same window, bit for bit.

    Parameters
    ----------
    catalog : Path
        The catalog.
    bar_type : str
        The bar type, like ``BTCUSDT-LINEAR.BYBIT-1-MINUTE-LAST-EXTERNAL``.
    features : BarFeatureCore
        Computes them; it has seen nothing yet.
    message : type[Message]
        The message of a bar, whose columns the values are.
    start_ns, end_ns : int or None
        The window (ns UTC, the end excluded), by the time at which bars were known; None is all.

    Returns
    -------
    pa.Table
        The columns that the table of the message has in the folder of a run.

    Raises
    ------
    AuctionError
        If the catalog holds no such bars in the window.

    """
    instrument_id = instrument_of(BARS, bar_type)
    if not data_files(catalog, BARS, bar_type):
        raise AuctionError(f"{catalog}: no bars {bar_type}: ingest them")
    pass_gate(catalog, instrument_id, (BARS,), start_ns or 0, _last(end_ns))
    features.update_bars(bar_rows(catalog, bar_type, start_ns or 0, _last(end_ns)))
    rows = features.values(features.take_rows())
    if not rows:
        raise AuctionError(
            f"{catalog}: no bars {bar_type} in the window: see `auction catalog list`"
        )
    return _table(instrument_id, rows, message)


def _table(instrument_id: str, rows: list[tuple[Any, ...]], message: type[Message]) -> pa.Table:
    schema = message_schema(message)
    columns = [[instrument_id] * len(rows), *zip(*rows, strict=True)]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _last(end_ns: int | None) -> int:
    return END_OF_TIME if end_ns is None else end_ns - 1

"""Arrow tables of market data: as ingested (ticks and lots) and as stored in the catalog."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from catalog.batches import SELLER
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.increments import Increments
from catalog.layout import BARS
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import utc_text
from errors import AuctionError
from indicators.core.fixed_point import encode_raw


ROW_GROUP_ROWS = 100_000
MAX_TRADE_ID_LENGTH = 36

UNIQUE_IDS_KEY = b"auction.unique_trade_ids"

PRICES = {
    TRADES: ("price",),
    QUOTES: ("bid_price", "ask_price"),
    BARS: ("open", "high", "low", "close"),
}
SIZES = {TRADES: ("size",), QUOTES: ("bid_size", "ask_size"), BARS: ("volume",)}
_OTHERS = {
    TRADES: (("aggressor_side", pa.uint8()), ("trade_id", pa.string())),
    QUOTES: (),
    BARS: (),
}


def catalog_schema(
    data_type: str,
    increments: Increments,
    keys: Sequence[bytes] = (),
    bar_type: str | None = None,
) -> pa.Schema:
    """
    Return the schema of a file of the catalog, equal to Nautilus's except for additional keys.

    Parameters
    ----------
    data_type : str
        `TRADES`, `QUOTES` or `BARS`.
    increments : Increments
        The increments of the instrument.
    keys : Sequence[bytes], default ()
        Additional metadata keys, all with the same value: Nautilus reads the files of a folder as
        one table, and refuses files that give one key different values.
    bar_type : str, optional
        The bar type, for `BARS` only.

    """
    raw = pa.binary(16)
    fields: list[tuple[str, pa.DataType]] = [
        *((name, raw) for name in (*PRICES[data_type], *SIZES[data_type])),
        *_OTHERS[data_type],
        ("ts_event", pa.uint64()),
        ("ts_init", pa.uint64()),
    ]
    metadata = {
        b"instrument_id": increments.instrument_id.encode(),
        b"price_precision": str(increments.price_precision).encode(),
        b"size_precision": str(increments.size_precision).encode(),
    }
    if bar_type is not None:
        metadata[b"bar_type"] = bar_type.encode()
    metadata |= dict.fromkeys(keys, b"true")
    return pa.schema([pa.field(name, kind, False) for name, kind in fields], metadata)


def trade_table(batch: TradeBatch) -> pa.Table:
    """
    Return trades as a table of ticks and lots, in the order of the batch.

    Raises
    ------
    AuctionError
        If a size is not positive, a side is unknown or an id is invalid.

    """
    _check(batch.ts_event, batch.size > 0, "a trade's size is not positive")
    _check(batch.ts_event, batch.side <= SELLER, "a trade's side is none of 0, 1 and 2")
    id_fits = valid_trade_ids(batch.trade_id)
    _check(batch.ts_event, id_fits, "a trade's id does not have 1 to 36 characters")
    columns = {
        "ts_event": batch.ts_event,
        "price": batch.price,
        "size": batch.size,
        "aggressor_side": batch.side,
        "trade_id": batch.trade_id,
    }
    return _table(columns, batch.seq)


def valid_trade_ids(ids: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    """
    Return a mask of the trade ids that Nautilus can hold (shape `n`).

    Its core aborts the process at an id that is empty, blank, longer than 36 characters or with a
    zero byte; ids with other unprintable characters are invalid as well.
    """
    lengths = pc.binary_length(ids)
    fits = pc.and_(pc.greater(lengths, 0), pc.less_equal(lengths, MAX_TRADE_ID_LENGTH))
    is_text = pc.and_not(pc.ascii_is_printable(ids), pc.ascii_is_space(ids))
    valid: NDArray[np.bool_] = pc.and_(fits, is_text).to_numpy(zero_copy_only=False)
    return valid


def quote_table(batch: QuoteBatch) -> pa.Table:
    """
    Return quotes as a table of ticks and lots, in the order of the batch.

    Raises
    ------
    AuctionError
        If a size is negative.

    """
    sizes = (batch.bid_size >= 0) & (batch.ask_size >= 0)
    _check(batch.ts_event, sizes, "a quote's size is negative")
    columns = {
        "ts_event": batch.ts_event,
        "bid_price": batch.bid,
        "ask_price": batch.ask,
        "bid_size": batch.bid_size,
        "ask_size": batch.ask_size,
    }
    return _table(columns, batch.seq)


def bar_table(batch: BarBatch) -> pa.Table:
    """
    Return bars as a table of ticks and lots, in the order of the batch.

    Raises
    ------
    AuctionError
        If a volume is negative, or a bar's open or close lies outside its high and low.

    """
    _check(batch.ts_event, batch.volume >= 0, "a bar's volume is negative")
    inside = (batch.low <= np.minimum(batch.open, batch.close)) & (
        batch.high >= np.maximum(batch.open, batch.close)
    )
    _check(batch.ts_event, inside, "a bar's open or close lies outside its high and low")
    columns = {
        "ts_event": batch.ts_event,
        "open": batch.open,
        "high": batch.high,
        "low": batch.low,
        "close": batch.close,
        "volume": batch.volume,
    }
    return _table(columns, None)


def encode_table(
    table: pa.Table,
    ts_init: NDArray[np.int64],
    data_type: str,
    increments: Increments,
    schema: pa.Schema,
) -> pa.RecordBatch:
    """
    Encode a table of ticks and lots as the catalog stores it.

    Parameters
    ----------
    table : pa.Table
        The result of `trade_table`, `quote_table` or `bar_table` (`n` rows).
    ts_init : NDArray[np.int64]
        The initialization times (ns UTC, shape `n`).
    data_type : str
        `TRADES`, `QUOTES` or `BARS`.
    increments : Increments
        The increments of the instrument.
    schema : pa.Schema
        The result of `catalog_schema`.

    """
    columns: dict[str, Any] = {
        name: _fixed(column(table, name), increments.tick_raw) for name in PRICES[data_type]
    }
    for name in SIZES[data_type]:
        columns[name] = _fixed(column(table, name), increments.lot_raw)
    for name, _ in _OTHERS[data_type]:
        columns[name] = _one_chunk(table[name])
    columns["ts_event"] = pa.array(column(table, "ts_event").view(np.uint64))
    columns["ts_init"] = pa.array(ts_init.view(np.uint64))
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def column(table: pa.Table, name: str) -> NDArray[Any]:
    """Return a column without nulls as a NumPy array, without a copy where it is one chunk."""
    values: NDArray[Any] = _one_chunk(table[name]).to_numpy(zero_copy_only=True)
    return values


def parquet_writer(path: str, data_type: str, schema: pa.Schema) -> pq.ParquetWriter:
    """
    Return a writer of catalog files, with compression and encodings for fast reading.

    Few distinct prices, sizes and sides occur in a row group (dictionaries); times and trade ids
    rise (differences). Pages carry checksums: a byte that a disk has changed is found on reading.
    """
    encodings = {"ts_event": "DELTA_BINARY_PACKED", "ts_init": "DELTA_BINARY_PACKED"}
    dictionaries = [*PRICES[data_type], *SIZES[data_type]]
    if data_type == TRADES:
        encodings["trade_id"] = "DELTA_BYTE_ARRAY"
        dictionaries.append("aggressor_side")
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=dictionaries,
        column_encoding=encodings,
        write_page_checksum=True,
    )


def _table(columns: dict[str, Any], seq: NDArray[np.int64] | None) -> pa.Table:
    if seq is not None:
        columns["seq"] = seq
    _check(columns["ts_event"], columns["ts_event"] >= 0, "a time is before 1970")
    return pa.table(columns)


def _check(ts_event: NDArray[np.int64], good: NDArray[np.bool_], problem: str) -> None:
    if not good.all():
        row = int(np.argmin(good))
        at = int(ts_event[row])
        raise AuctionError(f"{problem}: row {row + 1} of a batch, {utc_text(at)} UTC; correct it")


def _one_chunk(values: pa.ChunkedArray) -> pa.Array:
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def _fixed(values: NDArray[np.int64], unit_raw: int) -> pa.Array:
    data = pa.py_buffer(encode_raw(np.ascontiguousarray(values), unit_raw))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(values), [None, data])

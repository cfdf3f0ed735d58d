"""Reads the columns of catalog files as NumPy arrays of ticks and lots, without NautilusTrader."""

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from catalog.arrow import PRICES
from catalog.arrow import SIZES
from catalog.increments import Increments
from catalog.layout import BARS
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import DataFile
from errors import LONGEST_ROW
from errors import AuctionError
from errors import shortened
from indicators.core.fixed_point import decode_raw


type Columns = dict[str, NDArray[Any]]

# All columns except the trade ids.
NUMBERS = {
    TRADES: (*PRICES[TRADES], *SIZES[TRADES], "aggressor_side", "ts_event"),
    QUOTES: (*PRICES[QUOTES], *SIZES[QUOTES], "ts_event"),
    BARS: (*PRICES[BARS], *SIZES[BARS], "ts_event"),
}


_TYPES = {
    "ts_event": pa.uint64(),
    "ts_init": pa.uint64(),
    "aggressor_side": pa.uint8(),
    "trade_id": pa.string(),
}
# What a reader of damaged files may raise.
UNREADABLE = (pa.ArrowException, OSError, ValueError, MemoryError)
CONVERT = "bring it into order with `auction catalog convert`"


def open_parquet(path: Path) -> pq.ParquetFile:
    """
    Open a Parquet file; the checksums of its pages, where it has any, are verified on reading.

    Raises
    ------
    AuctionError
        If it is not a readable Parquet file.

    """
    try:
        return pq.ParquetFile(path, page_checksum_verification=True)
    except UNREADABLE as e:
        raise damaged(path, e) from e


def damaged(path: Path, cause: Exception | str) -> AuctionError:
    """Return the error for a file that cannot be read."""
    reason = shortened(str(cause).partition("\n")[0], LONGEST_ROW)
    return AuctionError(f"{path} cannot be read ({reason}): delete it and ingest its day again")


def read_columns(
    files: Sequence[DataFile],
    names: Sequence[str],
    start_ns: int,
    end_ns: int,
    batch_rows: int,
) -> Iterator[tuple[Path, pa.RecordBatch]]:
    """
    Yield rows of consecutive files with `ts_init` in an interval, both ends included.

    Yields
    ------
    tuple[Path, pa.RecordBatch]
        The file and up to `batch_rows` of its rows, with the columns `names` and `ts_init`.

    Raises
    ------
    AuctionError
        If a file cannot be read.

    """
    for file in files:
        if not file.overlaps(start_ns, end_ns):
            continue
        with open_parquet(file.path) as parquet:
            wanted = [*names, "ts_init"]
            _check_schema(file.path, parquet.schema_arrow, wanted)
            groups = _groups_between(parquet, start_ns, end_ns)
            batches = parquet.iter_batches(batch_rows, row_groups=groups, columns=wanted)
            try:
                for batch in batches:
                    if any(batch[name].null_count for name in wanted):
                        raise damaged(file.path, "a value is missing")
                    ts_init = batch["ts_init"].to_numpy().view(np.int64)
                    first, last = np.searchsorted(ts_init, (start_ns, end_ns + 1)).tolist()
                    if first < last:
                        yield file.path, batch.slice(first, last - first)
            except UNREADABLE as e:
                raise damaged(file.path, e) from e


def decode_columns(
    path: Path,
    batch: pa.RecordBatch,
    data_type: str,
    increments: Increments,
) -> Columns:
    """
    Decode rows as the catalog stores them into ticks, lots and ns.

    Raises
    ------
    AuctionError
        If a price or size is not a multiple of the instrument's increment.

    """
    columns: Columns = {}
    for name in batch.schema.names:
        if name in PRICES[data_type] or name in SIZES[data_type]:
            is_price = name in PRICES[data_type]
            unit = increments.tick_raw if is_price else increments.lot_raw
            try:
                columns[name] = decode_raw(raw_bytes(batch[name]), unit)
            except ValueError as e:
                size = increments.tick_size if is_price else increments.lot_size
                raise AuctionError(
                    f"{path}: column {name} has values that are no multiples of the increment "
                    f"{size} of {increments.instrument_id}: see `auction catalog check`",
                ) from e
        else:
            values = batch[name].to_numpy(zero_copy_only=False)
            columns[name] = values.view(np.int64) if values.dtype == np.uint64 else values
    return columns


def raw_bytes(values: pa.Array) -> NDArray[np.uint8]:
    """Return the bytes of a fixed-point column (shape `16 * n`), without a copy."""
    data = np.frombuffer(values.buffers()[1], dtype=np.uint8)
    return data[16 * values.offset : 16 * (values.offset + len(values))]


def _check_schema(path: Path, schema: pa.Schema, names: Sequence[str]) -> None:
    for name in names:
        if name not in schema.names:
            raise damaged(path, f"no column {name}")
        kind, wanted = schema.field(name).type, _TYPES.get(name, pa.binary(16))
        if kind == wanted:
            continue
        if wanted == pa.binary(16) and kind in (pa.int64(), pa.uint64(), pa.binary(8)):
            raise AuctionError(
                f"{path}: column {name} is no 128-bit fixed-point number: the file comes from "
                f"a standard-precision build of NautilusTrader: {CONVERT}"
            )
        raise damaged(path, f"column {name} holds {kind} and not {wanted}")


def _groups_between(parquet: pq.ParquetFile, start_ns: int, end_ns: int) -> list[int]:
    index = parquet.schema_arrow.get_field_index("ts_init")
    groups = []
    for group in range(parquet.num_row_groups):
        statistics = parquet.metadata.row_group(group).column(index).statistics
        known = statistics is not None and statistics.has_min_max
        if not known or (statistics.min <= end_ns and start_ns <= statistics.max):
            groups.append(group)
    return groups

"""Metadata and footer of catalog files, and the check of rows against them."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.columns import UNREADABLE
from catalog.columns import damaged
from catalog.increments import FIXED_PRECISION
from catalog.increments import Increments
from catalog.layout import DataFile
from errors import AuctionError


def finest_increments(file: DataFile, metadata: Mapping[bytes, bytes]) -> Increments:
    """
    Return the finest increments that the values of a file can have, by its metadata.

    Raises
    ------
    AuctionError
        If the precision is missing.

    """
    try:
        price_precision = _precision(metadata[b"price_precision"])
        size_precision = _precision(metadata[b"size_precision"])
    except (KeyError, ValueError) as e:
        raise AuctionError(
            f"{file.path} names no precision of prices and sizes from 0 to {FIXED_PRECISION}: it "
            "is no catalog file, remove it",
        ) from e
    return Increments(
        instrument_id=metadata.get(b"instrument_id", b"").decode(errors="replace"),
        price_precision=price_precision,
        size_precision=size_precision,
        tick_raw=10 ** (FIXED_PRECISION - price_precision),
        lot_raw=10 ** (FIXED_PRECISION - size_precision),
    )


def check_statistics(parquet: pq.ParquetFile, file: DataFile) -> None:
    """
    Refuse a file whose footer does not match the times of its rows.

    Raises
    ------
    AuctionError
        If they do not match, or the file cannot be read.

    """
    # Readers choose row groups by the first and the last time in the footer.
    try:
        for group in range(parquet.num_row_groups):
            times = parquet.read_row_group(group, ["ts_init"])["ts_init"]
            index = parquet.schema_arrow.get_field_index("ts_init")
            found = parquet.metadata.row_group(group).column(index).statistics
            if found is None or not found.has_min_max or not len(times):
                continue
            bounds = pc.min_max(times).as_py()
            if (found.min, found.max) != (bounds["min"], bounds["max"]):
                raise damaged(file.path, "its footer names other times than its rows have")
    except (*UNREADABLE, KeyError) as e:
        raise damaged(file.path, e) from e


def _precision(text: bytes) -> int:
    if not text.isdigit() or len(text) > 2 or int(text) > FIXED_PRECISION:
        raise ValueError(f"no precision: {text[:20]!r}")
    return int(text)


def trade_ids(parquet: pq.ParquetFile, file: DataFile) -> pa.ChunkedArray:
    """
    Return the trade ids of a file as text.

    Raises
    ------
    AuctionError
        If they cannot be read.

    """
    try:
        ids = parquet.read(["trade_id"])["trade_id"]
        return ids.cast(pa.string())
    except (*UNREADABLE, KeyError) as e:
        raise damaged(file.path, e) from e

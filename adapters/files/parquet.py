"""Parquet files of other sources, as blocks of text columns like those of a CSV file."""

from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adapters.streams import first_bytes


ROWS = 1 << 15
_MAGIC = b"PAR1"
_UTC = pa.timestamp("ns", "UTC")


def is_parquet(path: Path) -> bool:
    """Return True if a file is Parquet, by its first bytes."""
    return first_bytes(path, len(_MAGIC)) == _MAGIC


def column_names(path: Path) -> list[str]:
    """Return the names of the columns."""
    with pq.ParquetFile(path) as file:
        return list(file.schema_arrow.names)


def read_texts(
    path: Path, columns: Mapping[str, str], rows: int = ROWS
) -> Iterator[dict[str, pa.Array]]:
    """
    Yield columns as text, with floating point values in their shortest form.

    A time is ISO 8601, with the offset of UTC where the file has a time zone; a null is empty.

    Parameters
    ----------
    path : Path
        The file.
    columns : Mapping[str, str]
        Our names of the columns and the names in the file.
    rows : int
        The largest number of rows of a block.

    Yields
    ------
    dict[str, pa.Array]
        The columns of consecutive rows under our names.

    """
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(rows, columns=list(columns.values())):
            yield {ours: _text(batch.column(name)) for ours, name in columns.items()}


def _text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        column = column.cast(_UTC)
    return pc.fill_null(column.cast(pa.string()), "")

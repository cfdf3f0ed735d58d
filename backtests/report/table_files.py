"""Reads the columns of one table of a run folder that a report needs."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from errors import AuctionError


TEXT, TIME, NUMBER = pa.string(), pa.timestamp("ns", tz="UTC"), pa.float64()
COUNT, FLAG = pa.int64(), pa.bool_()


def read_table(
    path: Path,
    schema: pa.Schema,
    filters: Collection[tuple[str, str, Collection[str]]] | None = None,
    optional: pa.Schema | None = None,
) -> pd.DataFrame:
    """
    Return the columns of a schema, in its types.

    Parameters
    ----------
    path : Path
        The Parquet file.
    schema : pa.Schema
        The columns; integers become times as ns UTC where the schema has a time.
    filters : Collection[tuple[str, str, Collection[str]]], optional
        The rows to keep, as pyarrow takes them.
    optional : pa.Schema, optional
        Columns that not every run has; they follow the others where they are there.

    Raises
    ------
    AuctionError
        If the file is missing, cannot be read or was written by another version.

    """
    try:
        present = set(pq.read_schema(path).names)
        missing = [name for name in schema.names if name not in present]
        if missing:
            raise AuctionError(f"{path}: column {missing[0]} is missing; run the backtest again")
        for field in optional or ():
            if field.name in present:
                schema = schema.append(field)
        rows = None if filters is None else list(filters)
        table = pq.read_table(path, columns=schema.names, filters=rows, partitioning=None)
        frame: pd.DataFrame = table.cast(schema).to_pandas()
    except FileNotFoundError:
        raise AuctionError(f"{path}: file is missing; run the backtest again") from None
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise AuctionError(f"{path}: not readable ({reason}); run the backtest again") from None
    return frame

"""Reads the rows of a run that parity compares, from its tables or from its recording."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import DataGap
from actors.messages import Message
from backtests.results.declared import table_path
from backtests.results.recording import Row
from backtests.results.recording import read_lines
from errors import AuctionError
from errors import UsageError


# The rows of one class by the values that name them, and their number among those of one name.
type Rows = dict[tuple[str, ...], Row]


def has_rows(path: Path, cls: type[Message]) -> bool:
    """
    Return True if a table of bars has a row; of any other table True.

    Raises
    ------
    AuctionError
        If it cannot be read.

    """
    if cls.TABLE is None or not cls.TABLE.bars:
        return True
    try:
        return path.stat().st_size > 0 if path.suffix == ".jsonl" else _rows_of(path) > 0
    except (OSError, pa.ArrowException) as error:
        raise AuctionError(f"{path}: not readable ({error})") from None


def _rows_of(path: Path) -> int:
    return int(pq.ParquetFile(path).metadata.num_rows)


def read_rows(run: Path, cls: type[Message], key: tuple[str, ...]) -> Rows:
    """
    Return the rows of a message class in a run, by their names.

    Parameters
    ----------
    run : Path
        The folder of the run.
    cls : type[Message]
        The class.
    key : tuple[str, ...]
        The columns that name a row; rows of one name are distinguished by their order.

    Raises
    ------
    UsageError
        If the folder has no table of the class.
    AuctionError
        If the table cannot be read.

    """
    path = table_path(run, cls)
    if path is None and cls is DataGap:
        # A run of an actor, or of a version, that finds none.
        return {}
    if path is None:
        raise UsageError(f"{run}: not the folder of a run: it has no {cls.__name__}")
    try:
        rows = _lines(path) if path.suffix == ".jsonl" else _table(path)
        return _named(rows, key)
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise AuctionError(f"{path}: not readable ({error})") from None


def align_totals(rows_a: Rows, rows_b: Rows, columns: tuple[str, ...]) -> None:
    """Subtract from totals of the first rows, in place, what they had before the second's began."""
    for column in columns:
        ahead: dict[str, Decimal] = {}
        for key in sorted(rows_a.keys() & rows_b.keys(), key=lambda key: int(key[1])):
            a, b = rows_a[key][column], rows_b[key][column]
            if a is not None and b is not None:
                ahead.setdefault(key[0], Decimal(repr(a)) - Decimal(repr(b)))
        for key, row in rows_a.items():
            if row[column] is not None and ahead.get(key[0]):
                kind = type(row[column])
                row[column] = kind(Decimal(repr(row[column])) - ahead[key[0]])


def _named(rows: list[Row], columns: tuple[str, ...]) -> Rows:
    found: Rows = {}
    numbers: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        key = tuple(str(row[column]) for column in columns)
        # An order that takes two prices fills twice at one time.
        found[*key, str(numbers[key])] = row
        numbers[key] += 1
    return found


def _lines(path: Path) -> list[Row]:
    # Tables call the time of an event `ts`.
    return [{**row, "ts": row["ts_event"]} for row in read_lines(path)]


def _table(path: Path) -> list[Row]:
    table = pq.read_table(path)
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            whole = table.column(index).cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64())
            table = table.set_column(index, field.name, whole)
    rows: list[Row] = table.to_pylist()
    return rows

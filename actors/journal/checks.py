"""Check rows against the tables of the journal before a database sees them."""

from math import isnan
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Double

from actors.journal.tables import META
from actors.journal.tables import METADATA


LARGEST = 2**63 - 1


class RowError(ValueError):
    """Represents a row that fits no table; the message names the fault."""


def checked(table: object, row: object) -> dict[str, Any]:
    """
    Return a row with every column of its table, null where it has none.

    Databases differ in what they let through: SQLite stores a text in a column of integers, and
    one row that an insert of many refuses takes all of them along.

    Parameters
    ----------
    table : object
        The name of the table.
    row : object
        The row.

    Raises
    ------
    RowError
        If there is no such table, a required value is missing, or one is of another type, out of
        the range of 64 bits, or too long.

    """
    columns = _COLUMNS.get(table) if isinstance(table, str) else None
    if columns is None:
        raise RowError(f"unknown table {str(table)[:40]!r}")
    if not isinstance(row, dict):
        raise RowError(f"{table}: no row")
    for name, is_valid, kind, is_required in columns:
        value = row.get(name)
        if value is None:
            if is_required:
                raise RowError(f"{table}.{name}: missing")
        elif not is_valid(value):
            raise RowError(f"{table}.{name}: not {kind}")
    return {column[0]: row.get(column[0]) for column in columns}


def unknown_columns(table: str, row: dict[str, Any]) -> list[str]:
    """Return the names in a row that are no columns of its table."""
    return sorted(str(name) for name in set(row) - _NAMES[table])


def _is_integer(value: object) -> bool:
    return type(value) is int and -LARGEST - 1 <= value <= LARGEST


def _is_number(value: object) -> bool:
    if type(value) is int:
        return -LARGEST - 1 <= value <= LARGEST
    return isinstance(value, float)


def _is_required_number(value: object) -> bool:
    # SQLite stores NaN as null.
    return _is_number(value) and not (isinstance(value, float) and isnan(value))


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_short_text(length: int) -> Any:
    return lambda value: isinstance(value, str) and len(value) <= length


def _rule(column: Column[Any]) -> tuple[str, Any, str, bool]:
    is_required = not column.nullable
    if isinstance(column.type, BigInteger):
        return column.name, _is_integer, "an integer of 64 bits", is_required
    if isinstance(column.type, Double):
        check = _is_required_number if is_required else _is_number
        return column.name, check, "a number", is_required
    if isinstance(column.type, Boolean):
        return column.name, _is_flag, "true or false", is_required
    length = getattr(column.type, "length", None)
    if length is not None:
        kind = f"a text of at most {length} characters"
        return column.name, _is_short_text(length), kind, is_required
    return column.name, _is_text, "a text", is_required


_COLUMNS = {
    table.name: tuple(_rule(column) for column in table.columns if not column.primary_key)
    for table in METADATA.tables.values()
    if table is not META
}
_NAMES = {name: {column[0] for column in columns} for name, columns in _COLUMNS.items()}

"""
Bring the tables of an older journal to the present schema.

Every change of a table raises `SCHEMA_VERSION`, and has its step here: `STEPS[n]` leads from schema
n to n + 1. Columns and tables that are new need nothing in `apply`: they are added by themselves,
a column as one that may be null. Steps must not use `METADATA`, which is that of the last schema.
A step also gets the rows that a fallback file has kept of an older program.

Own steps instead of Alembic: its versions are scripts in a folder with an environment, for people
who run a command. Here a node migrates at its start, in one transaction, or does not start.
"""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import MetaData
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.schema import CreateColumn

from actors.journal.tables import META
from actors.journal.tables import METADATA
from actors.journal.tables import SCHEMA_VERSION
from errors import UsageError


KEY = "schema"
# Two nodes that start at a time on one Postgres.
ADVISORY_LOCK = 7_233_001


class SchemaError(UsageError):
    """
    Represents tables that are those of no schema.

    Attributes
    ----------
    is_journal : bool
        If they were those of a journal once: most of its tables are there.

    """

    def __init__(self, where: str, fault: str, *, is_journal: bool) -> None:
        super().__init__(f"journal {where}: {fault}: name another database")
        self.fault = fault
        self.is_journal = is_journal


@dataclass(frozen=True, slots=True)
class Step:
    """
    Represents the way from one schema to the next.

    Attributes
    ----------
    apply : Callable[[Connection], None]
        Changes the tables.
    row : Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]
        Changes a row of a table, by default not at all.

    """

    apply: Callable[[Connection], None]
    row: Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]] = lambda table, row: (
        table,
        row,
    )


def _nothing(_: Connection) -> None:
    """Change nothing: columns that are new are added by themselves."""


# To 2: the columns of a decision from `targets` on, and the trades of strategies that may hold
# several.
STEPS: Mapping[int, Step] = {1: Step(_nothing)}


def migrate(
    connection: Connection,
    where: str,
    metadata: MetaData = METADATA,
    version: int = SCHEMA_VERSION,
    steps: Mapping[int, Step] = STEPS,
) -> list[str]:
    """
    Make the tables, or bring them to a schema, in the transaction of a connection.

    Parameters
    ----------
    connection : Connection
        The connection, in a transaction.
    where : str
        The database, as an error names it.
    metadata : MetaData
        The tables of the schema.
    version : int
        Its number.
    steps : Mapping[int, Step]
        The steps, by the number that they begin with.

    Returns
    -------
    list[str]
        What has been changed in a database that was a journal before, in words.

    Raises
    ------
    UsageError
        If the journal belongs to a newer program, or to none that is known.

    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
    names = set(metadata.tables)
    tables = names & set(inspect(connection).get_table_names())
    try:
        found = _version(connection, META.name in tables) if tables else version
        changes = _step(connection, where, found, version, steps)
        if tables:
            changes += [f"table {name} was missing" for name in sorted(names - tables)]
        metadata.create_all(connection)
        changes += _add_columns(connection, metadata)
    except _UnknownSchemaError as e:
        is_journal = 2 * len(tables) >= len(names)
        raise SchemaError(where, str(e), is_journal=is_journal) from None
    connection.execute(META.delete().where(META.c.key == KEY))
    connection.execute(META.insert().values(key=KEY, value=str(version)))
    return changes


class _UnknownSchemaError(Exception):
    pass


def _version(connection: Connection, has_meta: bool) -> int:
    columns = {c["name"] for c in inspect(connection).get_columns(META.name)} if has_meta else set()
    if columns != {"key", "value"}:
        raise _UnknownSchemaError("its tables have no schema version")
    found = connection.scalar(select(META.c.value).where(META.c.key == KEY))
    if not (isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 10):
        raise _UnknownSchemaError(f"its schema is {str(found)[:20]!r}, which is no number")
    return int(found)


def _step(
    connection: Connection, where: str, found: int, version: int, steps: Mapping[int, Step]
) -> list[str]:
    if found > version:
        raise UsageError(
            f"journal {where}: has schema {found}, this program writes {version}: it belongs to a "
            "newer version; use that one, or name another database"
        )
    for number in range(found, version):
        if number not in steps:
            raise _UnknownSchemaError(f"it has schema {found}, which no program has written")
        steps[number].apply(connection)
    return [f"schema {found} is now {version}"] if found < version else []


def _add_columns(connection: Connection, metadata: MetaData) -> list[str]:
    inspector = inspect(connection)
    quoted = connection.dialect.identifier_preparer.quote
    changes = []
    for table in metadata.sorted_tables:
        there = {column["name"]: column for column in inspector.get_columns(table.name)}
        missing = [column for column in table.columns if column.name not in there]
        for column in missing:
            if column.primary_key:
                raise _UnknownSchemaError(f"{table.name} has no {column.name}")
            # Rows that are there have no value for it.
            added = CreateColumn(Column(column.name, column.type))
            words = added.compile(dialect=connection.dialect)
            connection.execute(text(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {words}"))
            changes.append(f"column {table.name}.{column.name} was missing")
        for name, found in there.items():
            if name not in table.columns and not found["nullable"] and found["default"] is None:
                raise _UnknownSchemaError(f"{table.name} requires {name}, which no schema has")
    return changes


def migrated_row(
    table: str,
    row: dict[str, Any],
    found: int,
    version: int = SCHEMA_VERSION,
    steps: Mapping[int, Step] = STEPS,
) -> tuple[str, dict[str, Any]]:
    """
    Return table and row of an older schema as those of the present one.

    Raises
    ------
    KeyError
        If no step begins with that schema.

    """
    for number in range(found, version):
        table, row = steps[number].row(table, row)
    return table, row

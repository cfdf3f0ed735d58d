"""Inserts rows into the journal's database; those that are there already stay as they are."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from actors.journal.database import is_about_a_row
from actors.journal.database import reason_of
from actors.journal.tables import METADATA


SNAPSHOTS_KEPT = 100
OWNER = ("trader_id", "mode", "strategy_id")

type Entry = tuple[str, dict[str, Any]]
# The place of a row among those given, and why the database does not take it.
type Refusal = tuple[int, str]


def insert_rows(connection: Connection, entries: Iterable[Entry]) -> None:
    """
    Insert rows, and delete the oldest snapshots of a strategy that has written too many.

    Parameters
    ----------
    connection : Connection
        An open connection, within a transaction.
    entries : Iterable[tuple[str, dict[str, Any]]]
        Tables and rows.

    Raises
    ------
    SQLAlchemyError
        If the database does not take one of them.

    """
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, row in entries:
        rows[name].append(row)
    is_sqlite = connection.dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    for name, table_rows in rows.items():
        statement = insert(METADATA.tables[name]).on_conflict_do_nothing()
        connection.execute(statement, table_rows)
    owners = {tuple(row[name] for name in OWNER) for row in rows.get("snapshots", ())}
    for owner in owners:
        _drop_old_snapshots(connection, *owner)


def insert_singly(connection: Connection, entries: Iterable[Entry]) -> list[Refusal]:
    """
    Insert rows one by one, and return the places of those that the database does not take, and why.

    Parameters
    ----------
    connection : Connection
        An open connection, within a transaction.
    entries : Iterable[tuple[str, dict[str, Any]]]
        Tables and rows.

    Raises
    ------
    SQLAlchemyError
        If the database takes none.

    """
    refused = []
    for index, entry in enumerate(entries):
        try:
            with connection.begin_nested():
                insert_rows(connection, [entry])
        except Exception as e:
            if not is_about_a_row(e):
                raise
            refused.append((index, reason_of(e)))
    return refused


def _drop_old_snapshots(
    connection: Connection,
    trader_id: str,
    mode: str,
    strategy_id: str,
) -> None:
    table = METADATA.tables["snapshots"]
    own = (
        table.c.trader_id == trader_id,
        table.c.mode == mode,
        table.c.strategy_id == strategy_id,
    )
    kept = select(table.c.id).where(*own).order_by(table.c.id.desc()).limit(SNAPSHOTS_KEPT)
    connection.execute(delete(table).where(*own, table.c.id.not_in(kept)))

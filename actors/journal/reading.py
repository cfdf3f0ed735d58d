"""Read the rows of a journal without writing to it, also while a node writes or after it died."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from actors.journal.database import database_engine
from actors.journal.database import reason_of
from actors.journal.fallback import FallbackFile
from actors.journal.fallback import fallback_path
from actors.journal.tables import METADATA
from errors import AuctionError


TIMEOUT_S = 10.0

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReader:
    """
    Reads the rows of one node: those of the database, and those that wait in the fallback file.

    Parameters
    ----------
    database : URL
        The database.
    fallback : Path
        The folder of the fallback file.
    trader_id, mode : str
        The identity of the node.

    """

    database: URL
    fallback: Path
    trader_id: str
    mode: str

    def rows(self, start: int, end: int, tables: tuple[str, ...]) -> "JournalRows":
        """
        Return the rows with `ts_event` from a start (ns UTC) to an end, which is excluded.

        Rows are in the order in which they were written; each is there once.

        Raises
        ------
        AuctionError
            If there is no journal, or it cannot be read.

        """
        found = JournalRows({table: [] for table in tables})
        seen: set[tuple[str, str, int]] = set()
        try:
            with _connection(self.database) as connection:
                for table in tables:
                    for row in self._select(connection, table, start, end):
                        found.tables[table].append(row)
                        seen.add((table, row["session"], row["seq"]))
        except (SQLAlchemyError, sqlite3.Error) as error:
            where = self.database.render_as_string()
            raise AuctionError(f"journal {where}: cannot be read: {reason_of(error)}") from None
        waiting = FallbackFile(fallback_path(self.fallback, self.trader_id, self.mode))
        for table, row in waiting.entries():
            key = (table, row["session"], row["seq"])
            is_own = (row["trader_id"], row["mode"]) == (self.trader_id, self.mode)
            if is_own and key not in seen:
                found.waiting += 1
                if table in found.tables and start <= row["ts_event"] < end:
                    found.tables[table].append(row)
        return found

    def _select(
        self, connection: Connection, name: str, start: int, end: int
    ) -> Iterator[dict[str, Any]]:
        table = METADATA.tables[name]
        # A journal of an older schema lacks columns until a node has migrated it.
        there = {column["name"] for column in inspect(connection).get_columns(name)}
        columns = [column for column in table.columns if column.name in there]
        missing = dict.fromkeys(column.name for column in table.columns if column.name not in there)
        wanted = (
            select(*columns)
            .where(
                table.c.trader_id == self.trader_id,
                table.c.mode == self.mode,
                table.c.ts_event >= start,
                table.c.ts_event < end,
            )
            .order_by(table.c.id)
        )
        for row in connection.execute(wanted):
            yield {**missing, **row._mapping}


@dataclass(slots=True)
class JournalRows:
    """
    Represents rows read from a journal.

    Attributes
    ----------
    tables : dict[str, list[dict[str, Any]]]
        The rows by table.
    waiting : int
        The rows of the node, of any time, that the database has not taken yet.

    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    waiting: int = 0


@contextmanager
def _connection(url: URL) -> Iterator[Connection]:
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = database_engine(url, is_pooled=False)
        return engine.execution_options(postgresql_readonly=True)
    path = Path(str(url.database)).resolve()
    if not path.is_file():
        raise AuctionError(f"journal {path}: does not exist: has the node run with this journal?")
    address = f"file:{quote(str(path))}?mode=ro"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, timeout=TIMEOUT_S, uri=True),
        poolclass=NullPool,
    )

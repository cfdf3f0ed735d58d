"""Writes and reads the journal's database."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import delete
from sqlalchemy import event
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import NoSuchModuleError

from actors.journal.tables import META
from actors.journal.tables import METADATA
from actors.journal.tables import SCHEMA_VERSION
from catalog.errors import UsageError


CONNECT_TIMEOUT_S = 3
SNAPSHOTS_KEPT = 100
OWNER = ("trader_id", "mode", "strategy_id")

type Entry = tuple[str, dict[str, Any]]


def database_url(text: str) -> URL:
    """
    Return the address of a database.

    Raises
    ------
    UsageError
        If it is none, or neither of SQLite nor of Postgres.

    """
    try:
        url = make_url(text)
    except ArgumentError as e:
        raise UsageError(
            "journal: the address of the database cannot be read; write sqlite:///FILE or "
            "postgresql://USER@HOST/DATABASE",
        ) from e
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(
            f"journal: {url.get_backend_name()} is not supported; use sqlite or postgresql",
        )
    if url.get_backend_name() == "sqlite" and not url.database:
        raise UsageError("journal: a database in memory outlives nothing; write sqlite:///FILE")
    return url


class Store:
    """
    Holds the connection to the journal's database.

    Parameters
    ----------
    url : str
        The address, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`.

    Raises
    ------
    UsageError
        If the address cannot be used.

    """

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        arguments: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT_S}
        if self._is_sqlite:
            arguments = {"timeout": CONNECT_TIMEOUT_S}
        try:
            self._engine: Engine = create_engine(
                self.url,
                connect_args=arguments,
                pool_pre_ping=not self._is_sqlite,
            )
        except (ModuleNotFoundError, NoSuchModuleError) as e:
            raise UsageError(f"journal: no driver for {self.url.drivername}: {e}") from e
        if self._is_sqlite:
            event.listen(self._engine, "connect", _set_up_sqlite)
        self._is_ready = False

    def open(self) -> None:
        """
        Make the tables where there are none, and look at their version.

        Raises
        ------
        UsageError
            If the database belongs to another version of this program.
        SQLAlchemyError
            If the database cannot be reached.

        """
        if self._is_ready:
            return
        if self._is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        with self._engine.begin() as connection:
            METADATA.create_all(connection)
            found = connection.scalar(select(META.c.value).where(META.c.key == "schema"))
            if found is None:
                connection.execute(META.insert().values(key="schema", value=str(SCHEMA_VERSION)))
        if found not in (None, str(SCHEMA_VERSION)):
            self.close()
            raise UsageError(
                f"journal {self.url.render_as_string()}: has schema {found}, this program "
                f"writes {SCHEMA_VERSION}: name another database",
            )
        self._is_ready = True

    def write(self, entries: Iterable[Entry]) -> None:
        """Write rows in one transaction; those that are there already stay as they are."""
        rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for name, row in entries:
            rows[name].append(row)
        self.open()
        insert = sqlite.insert if self._is_sqlite else postgresql.insert
        with self._engine.begin() as connection:
            for name, table_rows in rows.items():
                statement = insert(METADATA.tables[name]).on_conflict_do_nothing()
                connection.execute(statement, table_rows)
            if "snapshots" in rows:
                owners = {tuple(row[name] for name in OWNER) for row in rows["snapshots"]}
                for owner in owners:
                    _drop_old_snapshots(connection, *owner)

    def last_snapshot(self, trader_id: str, mode: str, strategy_id: str) -> tuple[int, str] | None:
        """
        Return time (ns UTC) and state of the latest snapshot of a strategy in one mode.

        The latest is the one written last: a clock that was put back makes it an earlier time.
        """
        self.open()
        table = METADATA.tables["snapshots"]
        latest = (
            select(table.c.ts_init, table.c.state)
            .where(
                table.c.trader_id == trader_id,
                table.c.mode == mode,
                table.c.strategy_id == strategy_id,
            )
            .order_by(table.c.id.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(latest).one_or_none()
        return None if row is None else (row.ts_init, row.state)

    def filled(self, trader_id: str, mode: str) -> dict[str, dict[str, Decimal]]:
        """Return the sizes of all fills in one mode, by client order id and identifier."""
        self.open()
        table = METADATA.tables["fills"]
        own = select(table.c.client_order_id, table.c.trade_id, table.c.quantity).where(
            table.c.trader_id == trader_id,
            table.c.mode == mode,
        )
        found: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
        with self._engine.connect() as connection:
            for row in connection.execute(own):
                found[row.client_order_id][row.trade_id] = Decimal(row.quantity)
        return found

    def close(self) -> None:
        """Close all connections; the store may be used again."""
        self._engine.dispose()
        self._is_ready = False


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


def _set_up_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()

"""Writes and reads the journal's database."""

import sqlite3
from collections import defaultdict
from collections import deque
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from decimal import InvalidOperation
from threading import RLock
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import ProgrammingError

from actors.journal.database import database_engine
from actors.journal.database import database_url
from actors.journal.database import is_about_a_row
from actors.journal.migrations import SchemaError
from actors.journal.migrations import migrate
from actors.journal.sqlite_file import SqliteFile
from actors.journal.sqlite_file import is_damage
from actors.journal.tables import METADATA


SNAPSHOTS_KEPT = 100
OWNER = ("trader_id", "mode", "strategy_id")

type Entry = tuple[str, dict[str, Any]]
type Owner = tuple[str, str, str]
type Snapshot = tuple[int, str]
# The place of a row among those given, and why the database does not take it.
type Refusal = tuple[int, str]


class UnreadableRowError(ValueError):
    """Represents a row of the database that holds something else than was written."""


class Store:
    """
    Holds the connection to the journal's database.

    An SQLite file that is damaged is renamed, and a new one begins. The methods may be called from
    several threads.

    Parameters
    ----------
    url : str
        The address, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`.

    Attributes
    ----------
    generation : int
        The number of the database: it rises where another one has taken its place.
    notes : deque[tuple[str, str]]
        What an operator should know, as kinds and texts of alerts.

    Raises
    ------
    UsageError
        If the address cannot be used.

    """

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.generation = 0
        self.notes: deque[tuple[str, str]] = deque()
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        self._file: SqliteFile | None = None
        if self._is_sqlite and self.url.database:
            self._file = SqliteFile(self.url.database)
        self._engine: Engine = database_engine(self.url)
        self._is_ready = False
        self._lock = RLock()

    @property
    def is_ready(self) -> bool:
        """Return True if the database is open and has the present schema."""
        return self._is_ready

    def open(self) -> None:
        """
        Make the tables where there are none, or bring them to the present schema.

        Raises
        ------
        UsageError
            If the database belongs to a newer program, or to another one.
        SQLAlchemyError, OSError
            If the database cannot be reached.

        """
        with self._lock:
            if self._is_ready and self._file is not None and self._file.is_replaced():
                text = f"{self._file.path.name} was removed or replaced while it was in use"
                self.notes.append(("JOURNAL_DAMAGED", text))
                self._reset()
                self.generation += 1
            if self._is_ready:
                return
            if self._file is None:
                self._migrate()
                self._is_ready = True
            else:
                self._open_file(self._file)

    def _open_file(self, file: SqliteFile, known_fault: str | None = None) -> None:
        with file.opening(known_fault) as notes:
            self._take(notes)
            try:
                self._migrate()
            except Exception as e:
                self._reset()
                fault = _fault_of(e)
                if fault is None:
                    raise
                self._take([file.set_aside(fault)])
                file.make()
                self._migrate()
        self._is_ready = True

    def _take(self, notes: Iterable[tuple[str, str]]) -> None:
        for note in notes:
            self.notes.append(note)
            self.generation += note[0] == "JOURNAL_DAMAGED"

    def _migrate(self) -> None:
        where = self.url.render_as_string()
        with self._engine.begin() as connection:
            changes = migrate(connection, where)
        if changes:
            self.notes.append(("JOURNAL_MIGRATED", f"{where}: {'; '.join(changes)}"))

    def write(self, entries: Iterable[Entry]) -> list[Refusal]:
        """
        Write rows in one transaction; those that are there already stay as they are.

        Returns
        -------
        list[tuple[int, str]]
            The places of the rows that the database does not take, and why; the others are in.

        Raises
        ------
        SQLAlchemyError, OSError
            If the database takes none.

        """
        rows = list(entries)
        with self._lock:
            self.open()
            try:
                with self._engine.begin() as connection:
                    self._insert(connection, rows)
            except Exception as e:
                if not is_about_a_row(e):
                    self._reopen_after(e)
                    raise
            else:
                return []
            return self._write_singly(rows)

    def _write_singly(self, rows: Sequence[Entry]) -> list[Refusal]:
        refused = []
        with self._engine.begin() as connection:
            for index, row in enumerate(rows):
                try:
                    with connection.begin_nested():
                        self._insert(connection, [row])
                except Exception as e:
                    if not is_about_a_row(e):
                        raise
                    refused.append((index, reason_of(e)))
        return refused

    def _insert(self, connection: Connection, entries: Iterable[Entry]) -> None:
        rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for name, row in entries:
            rows[name].append(row)
        insert = sqlite_dialect.insert if self._is_sqlite else postgresql.insert
        for name, table_rows in rows.items():
            statement = insert(METADATA.tables[name]).on_conflict_do_nothing()
            connection.execute(statement, table_rows)
        owners = {tuple(row[name] for name in OWNER) for row in rows.get("snapshots", ())}
        for owner in owners:
            _drop_old_snapshots(connection, *owner)

    def _reopen_after(self, error: Exception) -> None:
        # A table or a column that is gone is made anew, a damaged file is set aside.
        orig = getattr(error, "orig", None)
        is_gone = getattr(orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        if is_gone or is_damage(orig) or isinstance(error, ProgrammingError):
            self._reset()

    def check(self, latest: Mapping[Owner, Snapshot]) -> None:
        """
        Find out whether an SQLite file still holds what it was given, and begin another if not.

        Parameters
        ----------
        latest : Mapping[tuple[str, str, str], tuple[int, str]]
            The snapshots written last, by trader, mode and strategy.

        Raises
        ------
        UsageError, SQLAlchemyError, OSError
            As for `open`.

        """
        if self._file is None:
            return
        with self._lock:
            before = self.generation
            self.open()
            if self.generation != before:
                return
            fault = self._file.running_fault() or self._fault_of_snapshots(latest)
            if fault is not None:
                self._reset()
                self._open_file(self._file, fault)

    def _fault_of_snapshots(self, latest: Mapping[Owner, Snapshot]) -> str | None:
        # A connection that is open has pages of its own in memory.
        engine = database_engine(self.url, is_pooled=False)
        for owner, written in latest.items():
            try:
                found = _last_snapshot(engine, *owner)
            except (DBAPIError, UnreadableRowError) as e:
                orig = getattr(e, "orig", e)
                if is_damage(orig) or isinstance(orig, UnreadableRowError):
                    return str(orig)
                raise
            if found != written:
                return f"the last state of {owner[2]} cannot be read back"
        return None

    def last_snapshot(self, trader_id: str, mode: str, strategy_id: str) -> Snapshot | None:
        """
        Return time (ns UTC) and state of the latest snapshot of a strategy in one mode.

        The latest is the one written last: a clock that was put back makes it an earlier time.

        Raises
        ------
        UnreadableRowError
            If it holds no text.

        """
        with self._lock:
            self.open()
            return _last_snapshot(self._engine, trader_id, mode, strategy_id)

    def filled(self, trader_id: str, mode: str) -> dict[str, dict[str, Decimal]]:
        """
        Return the sizes of all fills in one mode, by client order id and identifier.

        Raises
        ------
        UnreadableRowError
            If a size is no number.

        """
        table = METADATA.tables["fills"]
        own = select(table.c.client_order_id, table.c.trade_id, table.c.quantity).where(
            table.c.trader_id == trader_id,
            table.c.mode == mode,
        )
        found: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
        with self._lock:
            self.open()
            with self._engine.connect() as connection:
                for row in connection.execute(own):
                    try:
                        size = Decimal(row.quantity)
                    except (InvalidOperation, TypeError, ValueError):
                        raise UnreadableRowError(f"{str(row.quantity)[:20]!r} is no size") from None
                    found[row.client_order_id][row.trade_id] = size
        return found

    def close(self) -> None:
        """Close all connections; the store may be used again."""
        with self._lock:
            self._reset()
            if self._file is not None:
                self._file.close()

    def _reset(self) -> None:
        self._engine.dispose()
        self._is_ready = False


def reason_of(error: Exception) -> str:
    """Return why a database or a disk has failed, in one line without statement and parameters."""
    cause = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split())
    return f"{type(cause).__name__}: {text[:200]}"


def _fault_of(error: Exception) -> str | None:
    if isinstance(error, SchemaError):
        return error.fault if error.is_journal else None
    orig = getattr(error, "orig", None)
    return str(orig) if is_damage(orig) else None


def _last_snapshot(engine: Engine, trader_id: str, mode: str, strategy_id: str) -> Snapshot | None:
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
    with engine.connect() as connection:
        row = connection.execute(latest).one_or_none()
    if row is None:
        return None
    if not (isinstance(row.ts_init, int) and isinstance(row.state, str)):
        raise UnreadableRowError("the last snapshot holds no text")
    return row.ts_init, row.state


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

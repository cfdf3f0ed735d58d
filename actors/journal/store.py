"""Writes and reads the journal's database."""

import sqlite3
from collections import deque
from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal
from threading import RLock

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import ProgrammingError

from actors.journal.database import database_engine
from actors.journal.database import database_url
from actors.journal.database import is_about_a_row
from actors.journal.inserts import Entry
from actors.journal.inserts import Refusal
from actors.journal.inserts import insert_rows
from actors.journal.inserts import insert_singly
from actors.journal.migrations import SchemaError
from actors.journal.migrations import migrate
from actors.journal.queries import Snapshot
from actors.journal.queries import UnreadableRowError
from actors.journal.queries import filled_sizes
from actors.journal.queries import last_snapshot
from actors.journal.sqlite_file import SqliteFile
from actors.journal.sqlite_file import is_damage


type Owner = tuple[str, str, str]


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
                    insert_rows(connection, rows)
            except Exception as e:
                if not is_about_a_row(e):
                    self._reopen_after(e)
                    raise
            else:
                return []
            with self._engine.begin() as connection:
                return insert_singly(connection, rows)

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
                with engine.connect() as connection:
                    found = last_snapshot(connection, *owner)
            except (DBAPIError, UnreadableRowError) as e:
                orig = getattr(e, "orig", e)
                if is_damage(orig) or isinstance(orig, UnreadableRowError):
                    return str(orig)
                raise
            if found != written:
                return f"the last state of {owner[2]} cannot be read back"
        return None

    def last_snapshot(self, trader_id: str, mode: str, strategy_id: str) -> Snapshot | None:
        """Return time (ns UTC) and state of the latest snapshot (`queries.last_snapshot`)."""
        with self._lock:
            self.open()
            with self._engine.connect() as connection:
                return last_snapshot(connection, trader_id, mode, strategy_id)

    def filled(self, trader_id: str, mode: str) -> dict[str, dict[str, Decimal]]:
        """Return the sizes of all fills in one mode (`queries.filled_sizes`)."""
        with self._lock:
            self.open()
            with self._engine.connect() as connection:
                return filled_sizes(connection, trader_id, mode)

    def close(self) -> None:
        """Close all connections; the store may be used again."""
        with self._lock:
            self._reset()
            if self._file is not None:
                self._file.close()

    def _reset(self) -> None:
        self._engine.dispose()
        self._is_ready = False


def _fault_of(error: Exception) -> str | None:
    if isinstance(error, SchemaError):
        return error.fault if error.is_journal else None
    orig = getattr(error, "orig", None)
    return str(orig) if is_damage(orig) else None

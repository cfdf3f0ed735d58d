"""The addresses of databases, their engines, and what their errors mean."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import CompileError
from sqlalchemy.exc import DataError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.exc import StatementError
from sqlalchemy.pool import NullPool

from catalog.credentials import credential
from errors import UsageError


CONNECT_TIMEOUT_S = 3


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
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UsageError("journal: a database in memory outlives nothing; write sqlite:///FILE")
        if url.database.startswith("file:") or url.query:
            raise UsageError("journal: SQLite takes no options here; write sqlite:///FILE")
    return url


def journal_places(config: Mapping[str, Any]) -> tuple[URL, Path]:
    """
    Return the database and the folder of the fallback file of a journal.

    Parameters
    ----------
    config : Mapping[str, Any]
        The values of a `JournalActorConfig`.

    Raises
    ------
    UsageError
        If the address of the database cannot be used.

    """
    folder = Path(os.environ.get("DATABASE_DIR", "journal"))
    url = config.get("database") or credential("JOURNAL_URL")
    fallback = config.get("fallback")
    return (
        database_url(url or f"sqlite:///{folder / 'journal.sqlite'}"),
        Path(fallback) if fallback else folder,
    )


def database_engine(url: URL, *, is_pooled: bool = True) -> Engine:
    """
    Return an engine; nothing is connected yet.

    Parameters
    ----------
    url : URL
        The address.
    is_pooled : bool, default True
        If its connections are kept and used again.

    Raises
    ------
    UsageError
        If there is no driver.

    """
    is_sqlite = url.get_backend_name() == "sqlite"
    name = "timeout" if is_sqlite else "connect_timeout"
    try:
        engine = create_engine(
            url,
            connect_args={name: CONNECT_TIMEOUT_S},
            pool_pre_ping=not is_sqlite,
            poolclass=None if is_pooled else NullPool,
        )
    except (ModuleNotFoundError, NoSuchModuleError) as e:
        raise UsageError(f"journal: no driver for {url.drivername}: {e}") from e
    if is_sqlite:
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    return engine


def is_about_a_row(error: Exception) -> bool:
    """Return True if an insert has failed because of a row, and not because of the database."""
    if isinstance(error, IntegrityError | DataError | CompileError):
        return True
    if isinstance(error, ProgrammingError):
        # A value that the driver cannot send has no SQLSTATE; a missing column has.
        return getattr(error.orig, "sqlstate", None) is None
    if isinstance(error, DBAPIError):
        return False
    # Values are converted before anything is sent.
    return isinstance(error, StatementError | OverflowError | TypeError | ValueError)


def reason_of(error: Exception) -> str:
    """Return why a database or a disk has failed, in one line without statement and parameters."""
    cause = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split())
    return f"{type(cause).__name__}: {text[:200]}"


def _set_up(connection: Any, _: Any) -> None:
    # Python's own transactions begin with the first row: a table would be made outside of them.
    connection.isolation_level = None
    cursor = connection.cursor()
    # A commit is on the disk, and in the log before its index: the check of the log relies on it.
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")

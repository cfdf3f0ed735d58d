"""An SQLite file: made private, shared between nodes, set aside where it is damaged."""

import fcntl
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from actors.journal.wal import wal_damage
from actors.private_files import is_open_to_others
from actors.private_files import make_private_folder
from actors.private_files import narrow
from actors.private_files import open_private


SIDECARS = ("-wal", "-shm", "-journal")
START_CHECK_S = 2.0
RUNNING_CHECK_S = 0.1
TIMEOUT_S = 3.0
OPCODES = 10_000
EMPTY = "it is empty"
MUTEX_S = 10.0
MUTEX_PAUSE_S = 0.01
# Errors that mean a file is unavailable at present, not that it is damaged.
PASSING = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# A page that the index of the log knows lies behind the end of the file.
CUT = sqlite3.SQLITE_IOERR_SHORT_READ

type Note = tuple[str, str]


class SqliteFile:
    """
    Prepares, checks and replaces the file of a database in WAL mode.

    A lock file beside it shows which processes have it open; it is empty, and never in the way.

    Parameters
    ----------
    database : str
        The path; links are followed.

    """

    def __init__(self, database: str) -> None:
        self.path = Path(database).resolve()
        self._lock: int | None = None
        self._identity: tuple[int, int] | None = None

    @contextmanager
    def opening(self, fault: str | None = None) -> Iterator[list[Note]]:
        """
        Make the file ready, and keep other nodes from making it so for the time of the context.

        Parameters
        ----------
        fault : str, optional
            What is known to be wrong with it; by default that is found out.

        Yields
        ------
        list[tuple[str, str]]
            What has been done about it, as kinds and texts of alerts.

        Raises
        ------
        OSError
            If the file is unavailable, or another node holds it for too long.

        """
        is_new = not self.path.parent.exists()
        make_private_folder(self.path.parent)
        with _folder_mutex(self.path.parent):
            is_alone = self._hold()
            try:
                notes = self._make_private(is_new)
                if fault is None or self.is_replaced():
                    fault = find_damage(self.path, is_alone=is_alone)
                if fault is not None:
                    notes.append(self.set_aside(fault))
                self.make()
                yield notes
            except BaseException:
                self.close()
                raise
            if self._lock is not None:
                fcntl.flock(self._lock, fcntl.LOCK_SH)

    def make(self) -> None:
        """Create an empty file if there is none."""
        with suppress(FileExistsError):
            open_private(self.path, "xb").close()
        found = self.path.stat()
        self._identity = found.st_dev, found.st_ino

    def set_aside(self, fault: str) -> Note:
        """
        Rename the file and the files SQLite keeps beside it, and return the note for the operator.

        The WAL goes first: SQLite would write the pages of one that is left into the next database.
        """
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
        kept = self.path.with_name(f"{self.path.stem}.damaged-{now}{self.path.suffix}")
        for suffix in (*SIDECARS, ""):
            file = beside(self.path, suffix)
            if file.exists():
                file.rename(beside(kept, suffix))
        text = f"{self.path.name} is damaged ({fault}): kept as {kept.name}, a new journal begins"
        return "JOURNAL_DAMAGED", text

    def is_replaced(self) -> bool:
        """Return True if the file that was opened is no longer the one at its path."""
        if self._identity is None:
            return False
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return True
        return self._identity != (found.st_dev, found.st_ino)

    def running_fault(self) -> str | None:
        """Return the fault that a new connection finds while the file is in use, else None."""
        try:
            # A new connection takes an empty file for a new database, whatever its log holds.
            if not self.path.stat().st_size:
                return EMPTY
            return _page_damage(self.path, RUNNING_CHECK_S)
        except OSError:
            return None

    def close(self) -> None:
        """Release the file; it may be opened again."""
        self._identity = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _hold(self) -> bool:
        if self._lock is not None:
            os.close(self._lock)
        with open_private(beside(self.path, ".lock"), "ab") as file:
            self._lock = os.dup(file.fileno())
        if _flocked(self._lock, fcntl.LOCK_EX):
            return True
        # Others hold it shared for as long as they run, and alone only under the mutex.
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        return False

    def _make_private(self, is_new: bool) -> list[Note]:
        files = [beside(self.path, suffix) for suffix in ("", *SIDECARS)]
        narrowed = [file.name for file in files if file.exists() and narrow(file)]
        texts = []
        if narrowed:
            texts.append(f"other users could read {', '.join(narrowed)}: now closed to them")
        folder = self.path.parent
        if not is_new and is_open_to_others(folder):
            texts.append(
                f"other users can read the folder {folder}: `chmod 700` it if only this user needs "
                "it; the journal's files in it are closed to them"
            )
        return [("JOURNAL_EXPOSED", text) for text in texts]


def beside(path: Path, suffix: str) -> Path:
    """Return the file that SQLite keeps beside a database."""
    return path.with_name(path.name + suffix)


def find_damage(path: Path, limit_s: float = START_CHECK_S, *, is_alone: bool) -> str | None:
    """
    Return the damage found in an SQLite database in WAL mode, None without any.

    Parameters
    ----------
    path : Path
        The file, of which this process has no connection open.
    limit_s : float
        How long its pages may be checked; of a large file some are then left unchecked (s).
    is_alone : bool
        If no other process has it open. Only then its WAL, or an empty file, is conclusive.

    Raises
    ------
    OSError
        If it is no file, or cannot be read now.

    """
    wal = beside(path, "-wal")
    try:
        found = path.stat()
    except FileNotFoundError:
        is_left = is_alone and wal.exists() and wal.stat().st_size > 0
        return f"it is gone, and its {wal.name} is left" if is_left else None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"{path} is no file")
    if is_alone:
        if not found.st_size:
            return EMPTY
        fault = wal_damage(wal, beside(path, "-shm"))
        if fault is not None:
            return fault
    return _page_damage(path, limit_s)


@contextmanager
def _folder_mutex(folder: Path) -> Iterator[None]:
    """
    Let one process at a time make, migrate or set aside a database in a folder.

    Raises
    ------
    OSError
        If another one takes too long.

    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + MUTEX_S
        while not _flocked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > end:
                raise OSError(f"another process has {folder} locked for {MUTEX_S:g} s")
            time.sleep(MUTEX_PAUSE_S)
        yield
    finally:
        os.close(descriptor)


def _flocked(descriptor: int, operation: int) -> bool:
    """Try to lock a file, and return whether it is."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _page_damage(path: Path, limit_s: float) -> str | None:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", timeout=TIMEOUT_S, isolation_level=None, uri=True
    )
    # A close would copy the log into a file that is damaged, and delete it.
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
    end = time.monotonic() + limit_s
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        connection.set_progress_handler(lambda: time.monotonic() > end, OPCODES)
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as e:
        if _is_passing(e, path):
            if e.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return None
            raise OSError(f"{path.name}: {e}") from e
        return str(e)
    finally:
        connection.close()
    return None if found == "ok" else " ".join(str(found).split())[:200]


def _is_passing(error: sqlite3.Error, path: Path) -> bool:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    # A file that may be written and that SQLite takes for read-only has a damaged header.
    if code & 0xFF == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK):
        return not os.access(path.parent, os.W_OK)
    return code & 0xFF in PASSING and code != CUT


def is_damage(error: BaseException | None) -> bool:
    """Return True if an error of SQLite means that the file is damaged."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code & 0xFF in DAMAGED or code == CUT)

"""The file that takes the journal's rows while its database does not."""

import json
import os
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import BinaryIO

from actors.journal.checks import RowError
from actors.journal.checks import checked
from actors.journal.checks import unknown_columns
from actors.journal.inserts import Entry
from actors.journal.migrations import migrated_row
from actors.journal.store import Store
from actors.journal.tables import SCHEMA_VERSION
from actors.private_files import make_private_folder
from actors.private_files import open_private


BATCH = 500
# Far above any row; one that is longer is damage, and must not fill the memory.
LONGEST_LINE = 16 * 2**20
# The version of the file, not of the tables: each line has the schema of its row.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Line:
    """
    Represents one line of the file.

    Attributes
    ----------
    raw : bytes
        The line as read, without its end.
    entry : tuple[str, dict[str, Any]] or None
        Its table and row; None where it cannot be used.
    fault : str or None
        Why it cannot be used, or not unchanged.

    """

    raw: bytes
    entry: Entry | None
    fault: str | None


@dataclass(slots=True)
class Moved:
    """
    Represents the outcome of moving the lines of the file.

    Attributes
    ----------
    written : int
        The rows that are in the database.
    damaged : int
        The lines kept in the file of damaged ones.
    fault : str or None
        What was wrong with the first of them.

    """

    written: int = 0
    damaged: int = 0
    fault: str | None = None


class FallbackFile:
    """
    Keeps rows as JSON lines `{"schema": ..., "table": ..., "row": {...}}`.

    A line that cannot be used costs no other: it is left out, and kept beside the file in one of
    the same name that ends in `.damaged`.

    Parameters
    ----------
    path : Path
        The file; it is made when the first row comes.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged_path = path.with_suffix(".damaged")

    def append(self, entries: Iterable[Entry]) -> None:
        """Add rows; OSError where the disk takes none."""
        _append(self.path, (_as_line(table, row) for table, row in entries))

    def keep_damaged(self, entries: Iterable[Entry]) -> None:
        """Add rows that no database takes to the file of damaged lines; OSError as above."""
        _append(self.damaged_path, (_as_line(table, row) for table, row in entries))

    def lines(self) -> Iterator[Line]:
        """Yield the lines in their order; none without a file."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        with file:
            is_rest = False
            while raw := file.readline(LONGEST_LINE):
                is_cut = not raw.endswith(b"\n") and len(raw) == LONGEST_LINE
                content = raw.rstrip(b"\n")
                if is_rest or is_cut:
                    yield Line(content, None, f"longer than {LONGEST_LINE} bytes")
                elif content:
                    yield _read(content)
                is_rest = is_cut

    def entries(self) -> Iterator[Entry]:
        """Yield the rows; lines that cannot be used are left out."""
        for line in self.lines():
            if line.entry is not None:
                yield line.entry

    def last_snapshot(self, trader_id: str, mode: str, strategy_id: str) -> tuple[int, str] | None:
        """Return time and state of the latest snapshot of a strategy in the file, or None."""
        found = None
        for table, row in self.entries():
            own = (row["trader_id"], row["mode"], row["strategy_id"])
            if table == "snapshots" and own == (trader_id, mode, strategy_id):
                found = row["ts_init"], row["state"]
        return found

    def move_into(self, store: Store) -> Moved:
        """
        Write all rows to the database, keep the lines that it does not take, and delete the file.

        The file stays as it is where that fails on the way; rows that are in the database already
        are not written again.

        Raises
        ------
        SQLAlchemyError
            If the database cannot be reached.
        OSError
            If the disk takes no damaged lines.

        """
        moved = Moved()
        damaged: list[bytes] = []
        batch: list[Line] = []

        def write() -> None:
            refused = store.write([line.entry for line in batch if line.entry is not None])
            for index, fault in refused:
                damaged.append(batch[index].raw)
                moved.fault = moved.fault or fault
            moved.written += len(batch) - len(refused)
            batch.clear()

        for line in self.lines():
            if line.fault is not None:
                damaged.append(line.raw)
                moved.fault = moved.fault or line.fault
            if line.entry is not None:
                batch.append(line)
            if len(batch) == BATCH:
                write()
        if batch:
            write()
        moved.damaged = len(damaged)
        if damaged:
            _append(self.damaged_path, damaged)
        self.path.unlink(missing_ok=True)
        return moved


def fallback_path(folder: Path, trader_id: str, mode: str) -> Path:
    """Return the fallback file of a node in a folder."""
    return folder / f"journal-{trader_id}-{mode}-{FORMAT}.jsonl"


def _read(raw: bytes) -> Line:
    try:
        found = json.loads(raw)
        table, row = _migrated(found["table"], found["row"], found.get("schema", 1))
        entry = table, checked(table, row)
    except RowError as e:
        return Line(raw, None, str(e))
    except UnicodeDecodeError:
        return Line(raw, None, "not UTF-8")
    # A number of thousands of digits is a ValueError, a hundred thousand brackets are the other.
    except (ValueError, RecursionError):
        return Line(raw, None, "not JSON")
    except (AttributeError, IndexError, KeyError, TypeError):
        return Line(raw, None, "no row of a table")
    unknown = unknown_columns(table, row)
    fault = f"{table}: taken without {', '.join(unknown)[:80]}" if unknown else None
    return Line(raw, entry, fault)


def _migrated(table: str, row: dict[str, Any], schema: object) -> Entry:
    if not isinstance(schema, int) or not 1 <= schema <= SCHEMA_VERSION:
        raise RowError(f"of schema {str(schema)[:20]}, this program writes {SCHEMA_VERSION}")
    return migrated_row(table, row, schema)


def _as_line(table: str, row: object) -> bytes:
    line = {"schema": SCHEMA_VERSION, "table": table, "row": row}
    try:
        return json.dumps(line, default=str).encode()
    except (ValueError, TypeError, RecursionError):
        return json.dumps({**line, "row": repr(row)}).encode()


def _append(path: Path, lines: Iterable[bytes]) -> None:
    make_private_folder(path.parent)
    with open_private(path, "a+b") as file:
        if file.tell() and not _ends_with_line(file):
            file.write(b"\n")
        file.write(b"".join(line + b"\n" for line in lines))


def _ends_with_line(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"

"""The file that takes the journal's rows while its database does not."""

import json
import os
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from typing import BinaryIO

from actors.journal.store import Entry
from actors.journal.store import Store


BATCH = 500


class FallbackFile:
    """
    Keeps rows as JSON lines `{"table": ..., "row": {...}}`.

    Parameters
    ----------
    path : Path
        The file; it is made when the first row comes.

    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entries: Iterable[Entry]) -> None:
        """Add rows; OSError where the disk takes none."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            json.dumps({"table": table, "row": row}, default=str) + "\n" for table, row in entries
        )
        with self.path.open("a+b") as file:
            if file.tell() and not _ends_with_line(file):
                file.write(b"\n")
            file.write("".join(lines).encode())

    def entries(self) -> Iterator[Entry]:
        """Yield the rows; lines that a full disk or the end of the process has cut are left out."""
        if not self.path.exists():
            return
        with self.path.open() as file:
            for line in file:
                try:
                    entry = json.loads(line)
                except json.JSONDecodeError:
                    continue
                yield entry["table"], entry["row"]

    def last_snapshot(self, trader_id: str, mode: str, strategy_id: str) -> tuple[int, str] | None:
        """Return time and state of the latest snapshot of a strategy in the file, or None."""
        found = None
        for table, row in self.entries():
            own = (row["trader_id"], row["mode"], row["strategy_id"])
            if table == "snapshots" and own == (trader_id, mode, strategy_id):
                found = row["ts_init"], row["state"]
        return found

    def move_into(self, store: Store) -> int:
        """
        Write all rows to the database; return how many there were.

        The file is then deleted, or kept as `.damaged` if not every line of it could be read.
        """
        count = 0
        for entries in batched(self.entries(), BATCH):
            store.write(entries)
            count += len(entries)
        if not self.path.exists():
            return 0
        with self.path.open("rb") as file:
            lines = sum(1 for _ in file)
        if lines == count:
            self.path.unlink()
        else:
            self.path.replace(self.path.with_suffix(".damaged"))
        return count


def _ends_with_line(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"

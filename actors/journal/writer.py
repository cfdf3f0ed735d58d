"""The thread that writes the journal's rows to the disk."""

import json
import queue
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from actors.journal.checks import RowError
from actors.journal.checks import checked
from actors.journal.database import reason_of
from actors.journal.fallback import FallbackFile
from actors.journal.inserts import Entry
from actors.journal.store import Owner
from actors.journal.store import Store
from actors.private_files import make_private_folder
from actors.private_files import open_private


BATCH = 1_000
IDLE_S = 0.2
# A thread that wakes up takes the GIL from the trading thread and delays its order.
GATHER_S = 0.003
RETRY_S = 5.0
# Longer than any write that will still finish.
WAIT_S = 60.0
# How often the database is read back, and how many rows are kept for one that is damaged.
CHECK_S = 10.0
REMEMBERED = 2_000
LOG = "log"


class JournalWriter:
    """
    Takes rows from the trading thread and writes them in their order.

    Live it waits a few milliseconds after the first row, so that the order which the row records
    leaves first. A process that is killed in between leaves an order unknown to its last state; a
    restart finds it at the venue by its client order id.

    Rows that the database does not accept go to the fallback file, and from there to the database
    once it works again. Rows that neither accepts wait in memory; they are lost, and counted, if
    the process ends first, or beyond the capacity. A row that the database refuses does not affect
    others: it is kept in the fallback's file of damaged lines.

    A database file that is damaged or removed is replaced by a new one, which receives the last
    rows of this process and the last snapshot of each strategy: a restart then still knows the
    trade.

    Parameters
    ----------
    store : Store
        The database.
    fallback : FallbackFile
        Takes the rows meanwhile.
    log : Path or None
        The file of JSON lines that gets the entries of the table `log`.
    capacity : int
        The rows that may wait for the thread, and as many that may wait for the disk.
    waits : bool
        If a row waits for room in the queue, as in a backtest; otherwise it is lost and counted.

    Attributes
    ----------
    written, fallen_back, lost, overflow, refused, log_lost : int
        The rows in the database, in the fallback file, in neither, those for which there was no
        room, and those that no database takes; log lines not written.
    refusal : str
        What was wrong with the last of those that no database takes.
    failure : str or None
        Why the database takes no rows, while it takes none.

    """

    def __init__(
        self,
        store: Store,
        fallback: FallbackFile,
        log: Path | None,
        capacity: int,
        *,
        waits: bool,
    ) -> None:
        self.written = self.fallen_back = self.lost = self.overflow = self.log_lost = 0
        self.refused = 0
        self.refusal = ""
        self.failure: str | None = None
        self._store = store
        self._fallback = fallback
        self._log = log
        self._waits = waits
        self._capacity = capacity
        self._waiting: list[Entry] = []
        self._queue: queue.Queue[Entry | None] = queue.Queue(capacity)
        self._retry_at = 0.0
        self._check_at = time.monotonic() + CHECK_S
        self._generation = store.generation
        self._recent: deque[Entry] = deque(maxlen=REMEMBERED)
        self._latest: dict[Owner, dict[str, Any]] = {}
        self._pause = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    @property
    def waiting(self) -> int:
        """Return the rows that neither database nor file has taken yet."""
        return len(self._waiting)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, table: str, row: dict[str, Any]) -> None:
        """Hand over a row; it must not be changed any more."""
        try:
            self._queue.put((table, row), block=self._waits, timeout=WAIT_S)
        except queue.Full:
            self.overflow += 1

    def flush(self, timeout_s: float) -> bool:
        """Wait until all rows are dealt with; return False if that takes too long."""
        end = time.monotonic() + timeout_s
        while self._queue.unfinished_tasks and self._thread.is_alive():
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def stop(self, timeout_s: float) -> bool:
        """Write what waits and end the thread; return False if that takes too long."""
        if not self._thread.is_alive():
            return True
        try:
            self._queue.put(None, timeout=timeout_s)
        except queue.Full:
            return False
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            taken = self._take()
            goes_on = None not in taken
            entries = [entry for entry in taken if entry is not None]
            try:
                self._deal_with(entries)
            # Any error affects these rows alone, and is reported.
            except Exception as e:
                self.failure = reason_of(e)
                self.lost += len(entries)
            for _ in taken:
                self._queue.task_done()
        self.lost += len(self._waiting)
        self._store.close()

    def _deal_with(self, entries: list[Entry]) -> None:
        rows = [entry for entry in entries if entry[0] != LOG]
        self._write_log([row for table, row in entries if table == LOG])
        is_due = time.monotonic() >= self._check_at
        if rows or self._waiting or is_due or self._fallback.path.exists():
            self._write(rows)

    def _take(self) -> list[Entry | None]:
        taken: list[Entry | None] = []
        try:
            taken.append(self._queue.get(timeout=IDLE_S))
            if not self._waits and taken[0] is not None:
                # Not `sleep`, which fails if the clock is set back meanwhile.
                self._pause.wait(GATHER_S)
            while len(taken) < BATCH:
                taken.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return taken

    def _write(self, new: list[Entry]) -> None:
        rows = self._waiting + self._checked(new)
        if time.monotonic() >= self._retry_at:
            was_ready = self._store.is_ready
            if self._has_written(rows):
                return
            # One that was found damaged, or without a table, is another one the second time.
            if was_ready and not self._store.is_ready and self._has_written(rows):
                return
            self._retry_at = time.monotonic() + RETRY_S
        elif self._waiting:
            # The file did not take them a moment ago.
            self._keep(rows)
            return
        if not rows:
            return
        try:
            self._fallback.append(rows)
            self.fallen_back += len(rows)
            self._waiting = []
        except OSError as e:
            self._keep(rows)
            self.failure = f"{self.failure}; {self._fallback.path}: {reason_of(e)}"

    def _checked(self, new: list[Entry]) -> list[Entry]:
        good: list[Entry] = []
        for table, row in new:
            try:
                good.append((table, checked(table, row)))
            except RowError as e:
                self._refuse([(table, row)], str(e))
        for table, row in good:
            if table == "snapshots":
                self._latest[row["trader_id"], row["mode"], row["strategy_id"]] = row
        self._recent.extend(good)
        return good

    def _has_written(self, rows: list[Entry]) -> bool:
        try:
            self._store.open()
            self._restore()
            # What waits in the file is older: it goes first.
            moved = self._fallback.move_into(self._store)
            self.written += moved.written
            self._count_refused(moved.damaged, moved.fault)
            if rows:
                refused = self._store.write(rows)
                self.written += len(rows) - len(refused)
                for index, fault in refused:
                    self._refuse([rows[index]], fault)
                    self._forget(*rows[index])
            self._waiting = []
            self._check()
        # On any error the rows must be kept.
        except Exception as e:
            self.failure = reason_of(e)
            return False
        self.failure = None
        return True

    def _restore(self) -> None:
        """Write the rows remembered by this process into a database that replaces another."""
        generation = self._store.generation
        if generation == self._generation:
            return
        lasting = [("snapshots", row) for row in self._latest.values()]
        rows = sorted([*lasting, *self._recent], key=lambda entry: int(entry[1]["seq"]))
        if rows:
            self._store.write(rows)
        self._generation = generation

    def _check(self) -> None:
        now = time.monotonic()
        if now < self._check_at:
            return
        self._check_at = now + CHECK_S
        latest = {owner: (row["ts_init"], row["state"]) for owner, row in self._latest.items()}
        self._store.check(latest)
        self._restore()

    def _refuse(self, entries: list[Entry], fault: str) -> None:
        try:
            self._fallback.keep_damaged(entries)
            self._count_refused(len(entries), fault)
        except OSError as e:
            self.lost += len(entries)
            self.failure = f"{self._fallback.damaged_path}: {reason_of(e)}"

    def _forget(self, table: str, row: dict[str, Any]) -> None:
        owner = (row["trader_id"], row["mode"], row["strategy_id"])
        if table == "snapshots" and self._latest.get(owner) is row:
            del self._latest[owner]

    def _count_refused(self, count: int, fault: str | None) -> None:
        self.refused += count
        if count and fault is not None:
            self.refusal = fault

    def _keep(self, rows: list[Entry]) -> None:
        self._waiting = rows[-self._capacity :]
        self.lost += len(rows) - len(self._waiting)

    def _write_log(self, lines: list[dict[str, Any]]) -> None:
        if not lines or self._log is None:
            return
        try:
            make_private_folder(self._log.parent)
            with open_private(self._log, "ab") as file:
                text = "".join(json.dumps(line, default=str) + "\n" for line in lines)
                file.write(text.encode())
        except OSError:
            self.log_lost += len(lines)

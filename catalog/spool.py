"""Sorts a stream of tables by time on disk, in bounded memory."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from catalog.arrow import column


RUN_ROWS = 500_000
BATCH_ROWS = 1 << 14


class SortingSpool:
    """
    Collects tables in any order of time and returns their rows sorted stably by `ts_event`.

    An external merge sort: runs of rows are sorted in memory and written out, then read back in
    small batches and merged. Memory holds one run, later one batch of each run that reaches over
    the same time: one or two runs of input in order or nearly so, at any density.

    Parameters
    ----------
    folder : Path
        An existing folder for the runs.
    name : str
        Distinguishes this spool's files from those of others in the folder.
    run_rows : int
        The number of rows held in memory before they are written out.
    batch_rows : int
        The number of rows of a run read back at once.

    """

    def __init__(
        self,
        folder: Path,
        name: str,
        run_rows: int = RUN_ROWS,
        batch_rows: int = BATCH_ROWS,
    ) -> None:
        self.rows = 0
        self.unordered = 0
        self._folder = folder
        self._name = name
        self._run_rows = run_rows
        self._batch_rows = batch_rows
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._latest = -1
        # The first time of each batch of each run.
        self._starts: list[list[int]] = []

    def add(self, table: pa.Table) -> None:
        """Append rows, in any order of time."""
        if len(table) == 0:
            return
        ts_event = column(table, "ts_event")
        highest = np.maximum(np.maximum.accumulate(ts_event), self._latest)
        self._latest = int(highest[-1])
        self.unordered += int(np.count_nonzero(ts_event < highest))
        self.rows += len(table)
        self._waiting.append(table)
        self._waiting_rows += len(table)
        if self._waiting_rows >= self._run_rows:
            self._write_run()

    def drain(self) -> Iterator[pa.Table]:
        """Remove and yield all rows in order; rows of equal time are in one table."""
        if self._waiting:
            self._write_run()
        batches = sorted(
            (start, run, number)
            for run, starts in enumerate(self._starts)
            for number, start in enumerate(starts)
        )
        bounds = [start for start, _, _ in batches[1:]]
        held: dict[int, pa.Table] = {}
        for (_, run, number), bound in zip_longest(batches, bounds):
            batch = self._read(run, number)
            held[run] = pa.concat_tables([held[run], batch]) if run in held else batch
            # Rows before the bound can no longer be preceded by one that is still on disk.
            ready = []
            for other in sorted(held):
                table = held.pop(other).combine_chunks()
                ts_event = column(table, "ts_event")
                count = len(table) if bound is None else int(np.searchsorted(ts_event, bound))
                if count > 0:
                    ready.append(table.slice(0, count))
                if count < len(table):
                    held[other] = table.slice(count)
            if ready:
                yield _sorted(pa.concat_tables(ready).combine_chunks())

    def _write_run(self) -> None:
        table = _sorted(pa.concat_tables(self._waiting).combine_chunks())
        self._waiting.clear()
        self._waiting_rows = 0
        self._starts.append(column(table, "ts_event")[:: self._batch_rows].tolist())
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        path = self._path(len(self._starts) - 1)
        with pa.ipc.new_file(path, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=self._batch_rows)

    def _read(self, run: int, number: int) -> pa.Table:
        path = self._path(run)
        with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
            table = pa.Table.from_batches([reader.get_batch(number)])
        if number == len(self._starts[run]) - 1:
            path.unlink()
        return table

    def _path(self, run: int) -> Path:
        return self._folder / f"{self._name}-{run}.arrow"


def _sorted(table: pa.Table) -> pa.Table:
    ts_event = column(table, "ts_event")
    if np.any(ts_event[1:] < ts_event[:-1]):
        return table.take(pa.array(np.argsort(ts_event, kind="stable")))
    return table

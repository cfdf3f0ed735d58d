"""Sorts tables of any total size by time: kept by UTC hour, on disk beyond a number of rows."""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from catalog.arrow import column
from catalog.layout import NS_PER_HOUR


SPILL_ROWS = 1_000_000


class HourSpool:
    """
    Collects tables and returns them hour by hour, sorted stably by `ts_event`.

    Memory holds the rows not yet on disk and one hour at a time.

    Parameters
    ----------
    folder : Path
        An existing folder for the rows beyond `spill_rows`.
    name : str
        Distinguishes this spool's files from those of others in the folder.
    spill_rows : int
        How many rows to hold in memory before they are written out.

    """

    def __init__(self, folder: Path, name: str, spill_rows: int = SPILL_ROWS) -> None:
        self.rows = 0
        self.unordered = 0
        self._folder = folder
        self._name = name
        self._spill_rows = spill_rows
        self._waiting: dict[int, list[pa.Table]] = defaultdict(list)
        self._waiting_rows = 0
        self._spilled: dict[int, list[Path]] = defaultdict(list)
        self._latest = -1

    @property
    def hours(self) -> set[int]:
        """Return the hours (since the epoch) that hold rows."""
        return self._waiting.keys() | self._spilled.keys()

    def add(self, table: pa.Table) -> None:
        """Append rows, in any order of time."""
        if len(table) == 0:
            return
        ts_event = column(table, "ts_event")
        highest = np.maximum(np.maximum.accumulate(ts_event), self._latest)
        unordered = int(np.count_nonzero(ts_event < highest))
        hour = ts_event // NS_PER_HOUR
        if unordered:
            by_hour = np.argsort(hour, kind="stable")
            table, hour = table.take(pa.array(by_hour)), hour[by_hour]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(hour)) + 1, [len(hour)])).tolist()
        for start, end in pairwise(starts):
            self._waiting[int(hour[start])].append(table.slice(start, end - start))
        self.rows += len(table)
        self.unordered += unordered
        self._latest = int(highest[-1])
        self._waiting_rows += len(table)
        if self._waiting_rows > self._spill_rows:
            self._spill()

    def take(self, hour: int) -> pa.Table | None:
        """Remove and return the rows of an hour, sorted stably, or None if there are none."""
        paths = self._spilled.pop(hour, [])
        parts = [pa.ipc.open_file(path).read_all() for path in paths]
        for path in paths:
            path.unlink()
        parts += self._waiting.pop(hour, [])
        if not parts:
            return None
        table = pa.concat_tables(parts).combine_chunks()
        ts_event = column(table, "ts_event")
        if np.any(ts_event[1:] < ts_event[:-1]):
            table = table.take(pa.array(np.argsort(ts_event, kind="stable")))
        return table

    def _spill(self) -> None:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        for hour, tables in self._waiting.items():
            path = self._folder / f"{self._name}-{hour}-{len(self._spilled[hour])}.arrow"
            with pa.ipc.new_file(path, tables[0].schema, options=options) as writer:
                for table in tables:
                    writer.write_table(table)
            self._spilled[hour].append(path)
        self._waiting.clear()
        self._waiting_rows = 0

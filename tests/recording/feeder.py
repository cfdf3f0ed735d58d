"""A recorder in a process of its own, fed from a file of ticks at speed, until it is killed."""

import os
import sys
import threading
from pathlib import Path

import numpy as np

from catalog.increments import read_increments
from catalog.recording.compaction import compact
from catalog.recording.fold import fold_segment
from catalog.recording.merge_journal import finish_merge
from catalog.recording.recording import Recording
from catalog.recording.records import QUOTE
from catalog.recording.records import TRADE
from catalog.recording.records import Record
from catalog.recording.segments import segment_paths
from catalog.recording.tail import last_ticks
from catalog.recording.tail import last_trade_ids


# What a recorder in standby would hold.
BUFFER = 300


def record_of(number: int, row: list[int]) -> Record:
    kind, ts, a, b, a_size, b_size, side = row
    text = f"n{number}" if kind == TRADE else ""
    return Record(kind or QUOTE, ts, ts, a, b, a_size, b_size, 0, side, text)


def main(catalog: Path, ticks: Path, progress: Path, instrument_id: str) -> None:
    # A kill spares what the system has; only a power failure needs the disk, which is slow.
    os.fsync = os.fdatasync = lambda descriptor: None
    rows = np.load(ticks, mmap_mode="r")
    descriptor = os.open(progress, os.O_RDWR | os.O_CREAT, 0o600)
    delivered = int.from_bytes(os.pread(descriptor, 8, 0), "little")
    increments = read_increments(catalog, instrument_id)
    finish_merge(catalog)
    for path in segment_paths(catalog, instrument_id):
        fold_segment(catalog, path)
    recording = Recording(catalog, increments)
    recording.know_ids(last_trade_ids(catalog, instrument_id, 5_000))
    first = max(0, delivered - BUFFER)
    buffered = [record_of(i, rows[i].tolist()) for i in range(first, delivered)]
    if buffered:
        since_ns = min(record.ts_event for record in buffered)
        recording.take_over(buffered, last_ticks(catalog, increments, since_ns))
    is_over = threading.Event()

    def fold() -> None:
        while not is_over.wait(0.05):
            is_due = bool(recording.closed)
            while recording.closed:
                fold_segment(catalog, recording.closed.popleft())
            if is_due:
                compact(catalog, recording.last_ns)

    folding = threading.Thread(target=fold, daemon=True)
    folding.start()
    for number in range(delivered, len(rows)):
        # Received, and then recorded: a kill between the two is what a standby is for.
        os.pwrite(descriptor, (number + 1).to_bytes(8, "little"), 0)
        recording.add(record_of(number, rows[number].tolist()))
    is_over.set()
    folding.join()
    recording.close()
    while recording.closed:
        fold_segment(catalog, recording.closed.popleft())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])

"""Reads the last records of a recorded catalog: those of open segments, and of its files."""

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.columns import decode_columns
from catalog.columns import read_columns
from catalog.increments import Increments
from catalog.layout import END_OF_TIME
from catalog.layout import QUOTES
from catalog.layout import TICK_TYPES
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.reader import MergedTicks
from catalog.reader import read_ticks
from catalog.recording.fold import folded_until
from catalog.recording.fold import ordered
from catalog.recording.records import BAR
from catalog.recording.records import QUOTE
from catalog.recording.records import TRADE
from catalog.recording.records import Record
from catalog.recording.segments import read_segment
from catalog.recording.segments import segment_paths


ROWS = 100_000


def open_ticks(catalog: Path, instrument_id: str) -> list[Record]:
    """Return the ticks that are not yet in Parquet files, in their order."""
    found: list[Record] = []
    for path in segment_paths(catalog, instrument_id):
        segment = read_segment(path)
        found += [] if segment is None else ordered(segment.records)
    return found


def open_bars(catalog: Path, instrument_id: str, bar_type: str) -> list[Record]:
    """Return the bars of a type that are not yet in Parquet files."""
    found: list[Record] = []
    for path in segment_paths(catalog, instrument_id):
        segment = read_segment(path)
        found += [] if segment is None else segment.records
    return [record for record in found if record.kind == BAR and record.text == bar_type]


def recorded_ticks(
    catalog: Path,
    increments: Increments,
    opened: Sequence[Record],
    since_ns: int,
    until_ns: int = END_OF_TIME,
) -> Iterator[MergedTicks]:
    """
    Read the files of a recording, and behind them ticks of open segments, in the common order.

    Hold the locks (`locks.reading`) from reading the open segments on.

    Parameters
    ----------
    catalog : Path
        The catalog.
    increments : Increments
        The units to count in.
    opened : Sequence[Record]
        The ticks of open segments (`open_ticks`), read once: their number grows.
    since_ns, until_ns : int
        The interval (ns UTC), both ends included.

    Raises
    ------
    AuctionError
        If a file is damaged.

    """
    name = increments.instrument_id
    # A recorder that has crashed may have left a part of a segment in the files as well.
    end_ns = min(until_ns, folded_until(catalog, name))
    if any(data_files(catalog, data_type, name) for data_type in TICK_TYPES):
        yield from read_ticks(catalog, name, since_ns, end_ns, increments=increments)
    left = [tick for tick in opened if since_ns <= tick.ts_event <= until_ns]
    if left:
        yield _merged(left)


def _merged(records: list[Record]) -> MergedTicks:
    def column(name: str) -> NDArray[np.int64]:
        return np.array([getattr(record, name) for record in records], np.int64)

    times = column("ts_event")
    return MergedTicks(
        kind=column("kind").astype(np.uint8),
        ts_event=times,
        ts_init=times,
        a=column("a"),
        b=column("b"),
        a_size=column("a_size"),
        b_size=column("b_size"),
        side=column("side").astype(np.uint8),
    )


def last_ticks(catalog: Path, increments: Increments, since_ns: int) -> list[Record]:
    """
    Return the recorded ticks since a time (`ts_init`, ns UTC), all of them in Parquet files.

    Parameters
    ----------
    catalog : Path
        The catalog.
    increments : Increments
        The units to count in.
    since_ns : int
        The time.

    Raises
    ------
    AuctionError
        If a file is damaged.

    """
    found = [
        *_rows(catalog, increments, QUOTES, since_ns),
        *_rows(catalog, increments, TRADES, since_ns),
    ]
    return [record for _, record in sorted(found, key=lambda row: row[0])]


def last_trade_ids(catalog: Path, instrument_id: str, count: int) -> list[str]:
    """Return the ids of the last trades of an instrument, at least a number if there are."""
    found: list[str] = []
    for file in reversed(data_files(catalog, TRADES, instrument_id)):
        rows = read_columns([file], ("trade_id",), 0, END_OF_TIME, ROWS)
        found = [text for _, batch in rows for text in batch["trade_id"].to_pylist()] + found
        if len(found) >= count:
            break
    return found


def _rows(
    catalog: Path, increments: Increments, data_type: str, since_ns: int
) -> Iterator[tuple[int, Record]]:
    files = data_files(catalog, data_type, increments.instrument_id)
    is_quote = data_type == QUOTES
    names = ("bid_price", "ask_price", "bid_size", "ask_size") if is_quote else ("price", "size")
    extra = () if is_quote else ("aggressor_side", "trade_id")
    wanted = (*names, *extra, "ts_event")
    for path, batch in read_columns(files, wanted, since_ns, END_OF_TIME, ROWS):
        ids = [""] * len(batch) if is_quote else batch["trade_id"].to_pylist()
        numbers: pa.RecordBatch = batch if is_quote else batch.drop_columns(["trade_id"])
        columns = decode_columns(path, numbers, data_type, increments)
        times, events = columns["ts_init"].tolist(), columns["ts_event"].tolist()
        values = [columns[name].tolist() for name in names]
        if is_quote:
            for ts, event, a, b, a_size, b_size in zip(times, events, *values, strict=True):
                yield ts, Record(QUOTE, event, ts, a, b, a_size, b_size)
            continue
        sides = columns["aggressor_side"].tolist()
        rows = zip(times, events, *values, sides, ids, strict=True)
        for ts, event, price, size, side, trade_id in rows:
            yield ts, Record(TRADE, event, ts, price, 0, size, 0, 0, side, trade_id)

"""Reads the last records of a recorded catalog: those of open segments, and of its files."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from catalog.columns import decode_columns
from catalog.columns import read_columns
from catalog.increments import Increments
from catalog.layout import END_OF_TIME
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.recording.fold import ordered
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

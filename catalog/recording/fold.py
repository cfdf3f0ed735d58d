"""Folds a segment of a recorder into the Parquet files of its minute."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.arrow import UNIQUE_IDS_KEY
from catalog.arrow import bar_table
from catalog.arrow import catalog_schema
from catalog.arrow import encode_table
from catalog.arrow import parquet_writer
from catalog.arrow import quote_table
from catalog.arrow import trade_table
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.increments import Increments
from catalog.layout import BARS
from catalog.layout import END_OF_TIME
from catalog.layout import QUOTES
from catalog.layout import TICK_TYPES
from catalog.layout import VENUE_SIDE
from catalog.layout import data_files
from catalog.layout import data_folder
from catalog.layout import file_name
from catalog.ordering import rising_ts_init
from catalog.quality import labels_path
from catalog.quality import write_labels
from catalog.recording.digests import Digest
from catalog.recording.digests import add_digest
from catalog.recording.digests import tick_hash
from catalog.recording.disk import sync_file
from catalog.recording.disk import sync_folder
from catalog.recording.disk import write_synced
from catalog.recording.records import BAR
from catalog.recording.records import QUOTE
from catalog.recording.records import Record
from catalog.recording.segments import Segment
from catalog.recording.segments import read_segment
from catalog.recording.segments import recording_folder
from catalog.recording.segments import segment_paths
from errors import AuctionError


INTENT = ".fold"
# A venue whose trade ids name one trade each. At CME Globex all trades of a packet share one.
UNIQUE_TRADE_IDS = frozenset({"BYBIT"})


def has_unique_ids(instrument_id: str) -> bool:
    """Return True if a trade id names one trade at the venue of an instrument."""
    return instrument_id.rpartition(".")[2] in UNIQUE_TRADE_IDS


def ordered(records: Sequence[Record]) -> list[Record]:
    """
    Return the ticks of a segment in their common order.

    It is the order of arrival, which a node has seen too. Trades that were requested after a lost
    connection stand before the first tick that is younger.
    """
    late = sorted((r for r in records if r.is_late), key=lambda record: record.ts_event)
    found: list[Record] = []
    at = 0
    for record in records:
        if record.kind == BAR or record.is_late:
            continue
        while at < len(late) and late[at].ts_event < record.ts_event:
            found.append(late[at])
            at += 1
        found.append(record)
    return found + late[at:]


def last_tick_ns(catalog: Path, instrument_id: str) -> int:
    """Return the last `ts_init` (ns UTC) of an instrument's quotes and trades, -1 without any."""
    ends = [
        files[-1].end_ns
        for data_type in TICK_TYPES
        if (files := data_files(catalog, data_type, instrument_id))
    ]
    return max(ends, default=-1)


def fold_segment(catalog: Path, path: Path) -> int:
    """
    Write the records of a closed segment as Parquet files, and remove it.

    `ts_init` follows the order of arrival as ``max(ts_event, ts_init before + 1)``. A crash at any
    moment leaves the segment, and folding it again gives the same files.

    Parameters
    ----------
    catalog : Path
        The catalog.
    path : Path
        The segment.

    Returns
    -------
    int
        The number of bytes of the segment that could not be read.

    Raises
    ------
    AuctionError
        If a value is impossible.
    OSError
        If a file cannot be written.

    """
    segment = read_segment(path)
    lost = path.stat().st_size if segment is None else segment.lost_bytes
    if segment is not None and segment.records:
        _write(catalog, path, segment)
    path.unlink()
    path.with_suffix(INTENT).unlink(missing_ok=True)
    return lost


def _write(catalog: Path, path: Path, segment: Segment) -> None:
    name = segment.increments.instrument_id
    staging = recording_folder(catalog) / "staging" / path.stem / name.replace("/", "")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    files: list[tuple[Path, Path]] = []
    ticks = ordered(segment.records)
    if ticks:
        after = _known_end(catalog, path, name)
        # A tick that arrived late has its place behind the one that arrived before it.
        rising = np.maximum.accumulate(_column(ticks, "ts_event"))
        times = rising_ts_init(rising, after)
        files += _stage_ticks(catalog, staging, segment.increments, ticks, times.tolist())
        add_digest(catalog, name, _digest(segment.increments, ticks, times))
    files += _stage_bars(catalog, staging, segment)
    for source, target in files:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        sync_folder(target.parent)
    shutil.rmtree(staging.parent)


def _digest(increments: Increments, ticks: Sequence[Record], times: NDArray[np.int64]) -> Digest:
    names = ("kind", "ts_event", "a", "b", "a_size", "b_size", "side")
    columns = {name: _column(ticks, name) for name in names}
    units = increments.tick_raw, increments.lot_raw
    span = int(times[0]), int(times[-1])
    return Digest(*span, len(ticks), *units, tick_hash(ts_init=times, **columns))


def folded_until(catalog: Path, instrument_id: str) -> int:
    """Return the `ts_init` (ns UTC) behind which the files may hold a part of a segment."""
    segments = segment_paths(catalog, instrument_id)
    ends = (_intended(path.with_suffix(INTENT)) for path in segments)
    return min((end for end in ends if end is not None), default=END_OF_TIME)


def _intended(intent: Path) -> int | None:
    try:
        return int(json.loads(intent.read_bytes())["after_ns"])
    except (FileNotFoundError, ValueError):
        return None


def _known_end(catalog: Path, path: Path, instrument_id: str) -> int:
    # After a crash between two files of the minute, the first of them is already there.
    intent = path.with_suffix(INTENT)
    known = _intended(intent)
    if known is not None:
        return known
    after = last_tick_ns(catalog, instrument_id)
    write_synced(intent, json.dumps({"after_ns": after}).encode())
    return after


def _stage_ticks(
    catalog: Path,
    staging: Path,
    increments: Increments,
    ticks: Sequence[Record],
    times: Sequence[int],
) -> list[tuple[Path, Path]]:
    files = []
    name = increments.instrument_id
    for data_type in TICK_TYPES:
        wanted = data_type == QUOTES
        rows = [i for i, tick in enumerate(ticks) if (tick.kind == QUOTE) == wanted]
        if not rows:
            continue
        own, keys = [ticks[i] for i in rows], []
        if data_type == QUOTES:
            table = quote_table(_quotes(own))
        else:
            table = trade_table(_trades(own))
            keys = [UNIQUE_IDS_KEY] if has_unique_ids(name) else []
        schema = catalog_schema(data_type, increments, keys)
        at = np.array([times[i] for i in rows], np.int64)
        batch = encode_table(table, at, data_type, increments, schema)
        files += _stage(catalog, staging, data_type, name, batch, (int(at[0]), int(at[-1])))
    return files


def _stage_bars(catalog: Path, staging: Path, segment: Segment) -> list[tuple[Path, Path]]:
    files = []
    bar_types = dict.fromkeys(r.text for r in segment.records if r.kind == BAR)
    for bar_type in bar_types:
        known = data_files(catalog, BARS, bar_type)
        after = known[-1].end_ns if known else -1
        rows = {
            r.ts_event: r
            for r in segment.records
            if r.kind == BAR and r.text == bar_type and r.ts_event > after
        }
        if not rows:
            continue
        found = [rows[ts] for ts in sorted(rows)]
        schema = catalog_schema(BARS, segment.increments, bar_type=bar_type)
        at = _column(found, "ts_event")
        batch = encode_table(bar_table(_bars(found)), at, BARS, segment.increments, schema)
        folder = staging / bar_type.replace("/", "")
        folder.mkdir()
        files += _stage(catalog, folder, BARS, bar_type, batch, (int(at[0]), int(at[-1])))
    return files


def _stage(
    catalog: Path,
    staging: Path,
    data_type: str,
    identifier: str,
    batch: pa.RecordBatch,
    span: tuple[int, int],
) -> list[tuple[Path, Path]]:
    path = staging / f"{data_type}.parquet"
    with parquet_writer(str(path), data_type, batch.schema) as writer:
        writer.write_table(pa.Table.from_batches([batch]))
    sync_file(path)
    labels = staging / f"{data_type}.json"
    write_labels(labels, [VENUE_SIDE])
    sync_file(labels)
    target = data_folder(catalog, data_type, identifier) / file_name(*span)
    # Labels first: data without them would count as data of other origin.
    return [(labels, labels_path(target)), (path, target)]


def _column(records: Sequence[Record], name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([getattr(record, name) for record in records], np.int64)


def _quotes(records: Sequence[Record]) -> QuoteBatch:
    names = {"bid": "a", "ask": "b", "bid_size": "a_size", "ask_size": "b_size"}
    columns = {name: _column(records, field) for name, field in names.items()}
    return QuoteBatch(ts_event=_column(records, "ts_event"), **columns)


def _trades(records: Sequence[Record]) -> TradeBatch:
    return TradeBatch(
        ts_event=_column(records, "ts_event"),
        price=_column(records, "a"),
        size=_column(records, "a_size"),
        side=_column(records, "side").astype(np.uint8),
        trade_id=pa.array([record.text for record in records], pa.string()),
    )


def _bars(records: Sequence[Record]) -> BarBatch:
    names = {"open": "a", "high": "b", "low": "a_size", "close": "b_size", "volume": "volume"}
    columns = {name: _column(records, field) for name, field in names.items()}
    return BarBatch(ts_event=_column(records, "ts_event"), **columns)


def set_aside(path: Path, error: AuctionError) -> Path:
    """Move a segment that cannot be folded out of the way, with the reason beside it."""
    folder = path.parents[1].parent / "refused"
    folder.mkdir(exist_ok=True)
    target = folder / f"{path.parent.name}-{path.name}"
    write_synced(target.with_suffix(".txt"), f"{error}\n".encode())
    path.replace(target)
    path.with_suffix(INTENT).unlink(missing_ok=True)
    return target

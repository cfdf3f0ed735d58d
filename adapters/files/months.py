"""Splits a file of one-minute bars into one file for each calendar month in New York."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adapters.bar_types import detect_bar_step
from adapters.bar_types import step_text
from adapters.checks import NO_PRICE
from adapters.checks import NO_SIZE
from adapters.checks import NO_TIME
from adapters.files.columns import BAR_COLUMNS
from adapters.files.layout import FileLayout
from adapters.files.layout import TimedBlock
from adapters.files.layout import inspect_file
from adapters.files.local_time import UTC_ZONE
from adapters.files.local_time import find_zone
from adapters.files.reading import read_header
from adapters.guard import refuse_misread
from adapters.report import EXAMPLES_KEPT
from adapters.report import FileReport
from adapters.text import parse_floats
from adapters.wall_clock import WallClock
from adapters.wall_clock import refuse_wall_clock
from catalog.layout import NS_PER_SECOND
from errors import AuctionError
from errors import UsageError
from errors import shortened


PRICES = ("open", "high", "low", "close")
QUOTES = ("bid", "ask")
MINUTE_NS = 60 * NS_PER_SECOND
NEW_YORK = "America/New_York"
WITHOUT_VOLUME = "no column of volume: the months have none either"
NOT_WHOLE = "volume is not whole"
# Beyond it, binary floating point does not represent every whole number.
_LARGEST = 2.0**53


@dataclass(frozen=True, slots=True)
class MonthSplit:
    """
    Represents the months of a file.

    Attributes
    ----------
    report : FileReport
        The counts of rows read and rejected.
    months : dict[str, int]
        The bars of each month (`2024-10`) by New York.
    files : dict[str, Path]
        The file of each month.
    unchanged : int
        The number of files that existed before with the same bytes.

    """

    report: FileReport
    months: dict[str, int]
    files: dict[str, Path]
    unchanged: int


def split_months(
    source: Path, output: Path, symbol: str, time_zone: str | None = None
) -> MonthSplit:
    """
    Split a file of one-minute bars at the ends of calendar months in New York.

    The files are named `{symbol}_1m_{YYYY-MM}.parquet`: `timestamp` (UTC, the open of the bar),
    `open`, `high`, `low`, `close`, `volume` (int64), and `bid`, `ask` if the file has them; no
    index, snappy; by time, rows of one time in the order of the file. All are written or none.

    Parameters
    ----------
    source : Path
        A CSV (plain, gzip or zstandard) or Parquet file with the columns of bars under their usual
        names. Rows without a time, price or volume are rejected and counted.
    output : Path
        The folder, created if missing. A file there that differs is refused, never overwritten.
    symbol : str
        The product in the names of the files (`CL`).
    time_zone : str, optional
        The time zone of the times, as for the ingest; UTC by default. Times of an exchange's wall
        clock labelled UTC are refused.

    Returns
    -------
    MonthSplit

    Raises
    ------
    UsageError
        If the file does not exist, the symbol is not valid in a file name, the times are a wall
        clock labelled UTC, the bars are not of one minute or a file of the output differs.
    AuctionError
        If the file cannot be read, has no rows or most of them are bad.

    """
    if not re.fullmatch(r"[A-Za-z0-9._-]+", symbol):
        raise UsageError(f"--symbol {shortened(symbol)!r}: write a product like CL")
    zone = None if time_zone in (None, UTC_ZONE) else find_zone(str(time_zone))
    names = {name.lower() for name in read_header(source)}
    wanted = {**BAR_COLUMNS, **{name: name for name in QUOTES if name in names}}
    layout = inspect_file(source, wanted, zone)
    if layout is None:
        raise AuctionError(f"{source}: the file has no rows: nothing was written")
    report = layout.new_report("bars")
    bars = _read(layout, report)
    ts = bars["timestamp"].cast(pa.int64()).to_numpy()
    if time_zone is None:
        clock = WallClock()
        clock.add(ts)
        refuse_wall_clock(clock, source)
    step_ns = detect_bar_step(ts)
    if step_ns is not None and step_ns != MINUTE_NS:
        raise UsageError(f"{source}: bars of {step_text(step_ns)}: give bars of one minute")
    if "volume" not in layout.columns:
        report.warnings.append(f"{source.name}: {WITHOUT_VOLUME}")
    months = pc.strftime(
        pc.cast(bars["timestamp"], pa.timestamp("s", NEW_YORK), safe=False), "%Y-%m"
    )
    counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(months).to_pylist()}
    files = {month: output / f"{symbol}_1m_{month}.parquet" for month in counts}
    with _staged(output) as folder:
        for month, path in files.items():
            rows = bars.filter(pc.equal(months, month))
            pq.write_table(rows, folder / path.name, compression="snappy")
        unchanged = _move(folder, list(files.values()))
    return MonthSplit(report, counts, files, unchanged)


def split_lines(split: MonthSplit) -> Iterator[str]:
    """Yield the report of a split, line by line."""
    report = split.report
    for month, path in split.files.items():
        yield f"{path}: {split.months[month]:,} bars"
    for reason, rejection in report.rejected.items():
        row = rejection.examples[0].row
        yield f"{report.path.name}: {rejection.count:,} rejected, {reason} (first row {row})"
    yield from report.warnings
    if split.unchanged:
        yield f"{split.unchanged} files were there before and have not changed"


def _read(layout: FileLayout, report: FileReport) -> pa.Table:
    tables = [_checked(layout, timed, report) for timed in layout.read(report)]
    refuse_misread(report)
    if not report.accepted:
        raise AuctionError(f"{layout.path}: the file has no rows: nothing was written")
    table = pa.concat_tables(tables).combine_chunks()
    order = np.argsort(table["timestamp"].cast(pa.int64()).to_numpy(), kind="stable")
    return table.take(pa.array(order))


def _checked(layout: FileLayout, timed: TimedBlock, report: FileReport) -> pa.Table:
    block, ts, valid, skipped = timed
    bad = {f"time that the clocks of {layout.zone} skip": skipped, NO_TIME: ~valid}
    columns = {"timestamp": pa.array(ts, pa.timestamp("ns", UTC_ZONE))}
    prices = {name: parse_floats(block.columns[name]) for name in PRICES}
    bad[NO_PRICE] = ~np.isfinite(np.array(list(prices.values()))).all(axis=0)
    columns |= {name: pa.array(values) for name, values in prices.items()}
    if "volume" in block.columns:
        volume = parse_floats(block.columns["volume"])
        bad[NO_SIZE] = ~((volume >= 0) & (volume < _LARGEST))
        bad[NOT_WHOLE] = volume % 1 != 0
        columns["volume"] = pa.array(np.nan_to_num(volume).clip(0, _LARGEST).astype(np.int64))
    for name in QUOTES:
        if name in block.columns:
            # A bar without a quote is valid.
            columns[name] = pa.array(parse_floats(block.columns[name]), from_pandas=True)
    good = np.ones(len(ts), dtype=np.bool_)
    for reason, mask in bad.items():
        rows = np.flatnonzero(mask & good)
        if len(rows):
            texts = [block.text(int(row)) for row in rows[:EXAMPLES_KEPT]]
            shown = block.lines[rows[:EXAMPLES_KEPT]].tolist()
            report.reject(reason, shown, texts.__getitem__, len(rows))
        good[rows] = False
    kept = pa.table(columns).filter(pa.array(good))
    report.accepted += len(kept)
    return kept


@contextmanager
def _staged(output: Path) -> Iterator[Path]:
    try:
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".split-", dir=output) as folder:
            yield Path(folder)
    except OSError as e:
        raise UsageError(f"--output {output}: {e.strerror}: name a folder to write to") from e


def _move(folder: Path, targets: list[Path]) -> int:
    there = [path for path in targets if path.exists()]
    for path in there:
        if path.read_bytes() != (folder / path.name).read_bytes():
            raise UsageError(f"{path}: another file is there: name another --output, or remove it")
    new = [path for path in targets if path not in there]
    for path in new:
        (folder / path.name).rename(path)
    return len(there)

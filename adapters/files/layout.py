"""The layout of a file of rows: its columns, the unit of its times, and its first times."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.files.columns import find_columns
from adapters.files.local_time import LocalClock
from adapters.files.local_time import has_other_offset
from adapters.files.reading import Block
from adapters.files.reading import read_blocks
from adapters.files.reading import read_header
from adapters.files.timestamps import MixedTimeUnitsError
from adapters.files.timestamps import TimeUnit
from adapters.files.timestamps import detect_units
from adapters.files.timestamps import lacks_offset
from adapters.files.timestamps import parse_times
from adapters.guard import refuse_misread
from adapters.progress import Advance
from adapters.report import FileReport
from errors import AuctionError
from errors import UsageError
from errors import shortened


ROWS_INSPECTED = 100
_INSPECTED_BYTES = 1 << 18


class TimedBlock(NamedTuple):
    """
    Represents consecutive rows of a file with their times.

    Attributes
    ----------
    block : Block
        The rows.
    ts : NDArray[np.int64]
        Their times (ns UTC).
    valid : NDArray[np.bool_]
        A mask of the valid times.
    skipped : NDArray[np.bool_]
        A mask of the times that do not exist in the time zone.

    """

    block: Block
    ts: NDArray[np.int64]
    valid: NDArray[np.bool_]
    skipped: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FileLayout:
    """
    Represents the layout of one CSV or Parquet file.

    Attributes
    ----------
    path : Path
        The file.
    columns : dict[str, str]
        Our names of the columns and the names in the file.
    unit : TimeUnit
        The unit of all its times.
    head : NDArray[np.int64]
        The valid times of the first 100 rows (ns UTC).
    symbol : str
        The symbol of the first row; empty without such a column.
    warnings : tuple[str, ...]
        Remarks about the times.
    header : tuple[str, ...]
        The names of all columns in the file.
    zone : ZoneInfo, optional
        The time zone of the times, regardless of their label; UTC by default.

    """

    path: Path
    columns: dict[str, str]
    unit: TimeUnit
    head: NDArray[np.int64]
    symbol: str
    warnings: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    zone: ZoneInfo | None = None
    part: tuple[int, int] | None = None

    def new_report(self, kind: str) -> FileReport:
        """Return a report with the layout of the file, without counts."""
        used = set(self.columns.values())
        return FileReport(
            self.path,
            kind,
            warnings=list(self.warnings),
            columns=dict(self.columns),
            skipped_columns=tuple(name for name in self.header if name not in used),
            time_unit=self.unit,
        )

    def read(self, report: FileReport, advance: Advance | None = None) -> Iterator[TimedBlock]:
        """
        Read the rows block by block, with their times.

        Parameters
        ----------
        report : FileReport
            Counts rows and rejected rows, and takes remarks about the times.
        advance : Advance, optional
            Is called with the bytes read from the file.

        Yields
        ------
        TimedBlock
            Rows in the order of the file.

        Raises
        ------
        AuctionError
            If the file is damaged, or a time is of another unit than those before it.
        UsageError
            If a time zone is given and a time has an offset from UTC of its own.

        """
        clock = None if self.zone is None else LocalClock(self.zone)
        for block in read_blocks(self.path, self.columns, report, advance):
            self.require_one_symbol(block)
            ts, valid = self._times(block)
            skipped = np.zeros(len(ts), dtype=np.bool_)
            if clock is not None:
                require_no_offset(self.path, block.columns["ts"], self.unit)
                ts, skipped = clock.read(ts)
            timed = TimedBlock(block, ts, valid, skipped)
            yield timed if self.part is None else _within(timed, self.part, report)
        if clock is not None:
            report.warnings += [f"{self.path.name}: {note}" for note in clock.notes()]

    def _times(self, block: Block) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        try:
            return parse_times(block.columns["ts"], self.unit)
        except MixedTimeUnitsError as error:
            raise _mixed(self.path, block, error.row, error.unit, self.unit) from None

    def require_one_symbol(self, block: Block) -> None:
        """
        Check that all rows of a block have the symbol of the first row.

        Raises
        ------
        AuctionError
            If there is another symbol.

        """
        if "symbol" not in block.columns:
            return
        other = (block.columns["symbol"].to_numpy(zero_copy_only=False) != self.symbol).nonzero()[0]
        if len(other) > 0:
            raise AuctionError(
                f"{self.path}: row {block.lines[other[0]]} is of symbol "
                f"{shortened(block.columns['symbol'][int(other[0])])}, the first of "
                f"{shortened(self.symbol)}: "
                "split the file by symbol",
            )


def _within(timed: TimedBlock, part: tuple[int, int], report: FileReport) -> TimedBlock:
    begin, end = part
    rows = (timed.ts >= begin) & (timed.ts < end)
    others = len(rows) - int(rows.sum())
    report.rows -= others
    report.other_symbols += others
    kept = pa.array(rows)
    texts = {name: column.filter(kept) for name, column in timed.block.columns.items()}
    block = Block(timed.block.lines[rows], texts)
    return TimedBlock(block, timed.ts[rows], timed.valid[rows], timed.skipped[rows])


def require_no_offset(path: Path, texts: pa.Array, unit: TimeUnit) -> None:
    """
    Check that times to be read as a wall clock have no offset from UTC of their own.

    Raises
    ------
    UsageError
        If one has an offset from UTC that is not zero.

    """
    if unit == "iso" and has_other_offset(texts):
        raise UsageError(
            f"{path}: times have an offset from UTC ({shortened(texts[0])}): leave --time-zone out"
        )


def inspect_file(
    path: Path, wanted: Mapping[str, str], zone: ZoneInfo | None = None
) -> FileLayout | None:
    """
    Find the columns of a file and, from its first 100 rows, the unit of its times.

    Parameters
    ----------
    path : Path
        The file.
    wanted : Mapping[str, str]
        Our column names and their aliases.
    zone : ZoneInfo, optional
        The time zone whose wall clock the times are.

    Returns
    -------
    FileLayout or None
        None if the file has a header and no row.

    Raises
    ------
    AuctionError
        If a column is missing, no row has a time or the units are mixed.
    UsageError
        If there is no such file.

    """
    header = read_header(path)
    columns = find_columns(path, header, wanted)
    lines = FileReport(path, "rows")
    block = next(read_blocks(path, columns, lines, block_bytes=_INSPECTED_BYTES), None)
    if block is None:
        # A file with only malformed lines is not empty.
        refuse_misread(lines)
        return None
    texts = block.columns["ts"][:ROWS_INSPECTED]
    units = detect_units(texts)
    unit = next((unit for unit in units if unit is not None), None)
    if unit is None:
        raise AuctionError(
            f"{path}: column {columns['ts']!r} has no time in its first {len(units)} rows "
            f"(row {block.lines[0]}: {shortened(texts[0])!r}): use epoch numbers or ISO 8601",
        )
    for row, other in enumerate(units):
        if other not in (None, unit):
            raise _mixed(path, block, row, other, unit)
    ts, valid = parse_times(texts, unit)
    if not valid.any():
        raise AuctionError(
            f"{path}: row {block.lines[0]}: time {shortened(texts[0])!r} is outside of 1970 to "
            "2262",
        )
    warnings: tuple[str, ...] = ()
    head = ts[valid]
    if zone is not None:
        require_no_offset(path, texts, unit)
        head = LocalClock(zone).read(head).ts
        warnings = (f"{path.name}: times are read as the wall clock of {zone}",)
    elif unit == "iso" and lacks_offset(texts.filter(pa.array(valid))):
        warnings = (f"{path.name}: times without an offset are read as UTC",)
    symbol = str(block.columns["symbol"][0]) if "symbol" in block.columns else ""
    return FileLayout(path, columns, unit, head, symbol, warnings, tuple(header), zone)


def _mixed(
    path: Path,
    block: Block,
    row: int,
    other: TimeUnit | None,
    unit: TimeUnit,
) -> AuctionError:
    return AuctionError(
        f"{path}: row {block.lines[row]}: time {shortened(block.columns['ts'][row])!r} is in "
        f"{other}, "
        f"the rows before it in {unit}: use one unit in a file",
    )

"""What a CSV file holds: its columns, the unit of its times and where it begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.files.columns import find_columns
from adapters.files.reading import Block
from adapters.files.reading import read_blocks
from adapters.files.reading import read_header
from adapters.files.timestamps import MixedTimeUnitsError
from adapters.files.timestamps import TimeUnit
from adapters.files.timestamps import detect_units
from adapters.files.timestamps import lacks_offset
from adapters.files.timestamps import parse_times
from adapters.guard import refuse_misread
from adapters.report import FileReport
from errors import AuctionError
from errors import shortened


ROWS_INSPECTED = 100
_INSPECTED_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """
    Represents how one CSV file is to be read.

    Attributes
    ----------
    path : Path
        The file.
    columns : dict[str, str]
        Our names of the columns and the names in the file.
    unit : TimeUnit
        The unit of all its times.
    head : NDArray[np.int64]
        The times of the first 100 rows (ns UTC), those that are valid.
    symbol : str
        The symbol of the first row; empty without such a column.
    warnings : tuple[str, ...]
        Remarks about the times.
    header : tuple[str, ...]
        The names of all columns in the file.

    """

    path: Path
    columns: dict[str, str]
    unit: TimeUnit
    head: NDArray[np.int64]
    symbol: str
    warnings: tuple[str, ...] = ()
    header: tuple[str, ...] = ()

    def new_report(self, kind: str) -> FileReport:
        """Return a report that says how the file is read, without counts so far."""
        used = set(self.columns.values())
        return FileReport(
            self.path,
            kind,
            warnings=list(self.warnings),
            columns=dict(self.columns),
            passed_over=tuple(name for name in self.header if name not in used),
            time_unit=self.unit,
        )

    def times(self, block: Block) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """
        Return the times of a block (ns UTC) and which of them are valid.

        Raises
        ------
        AuctionError
            If a time is of another unit than those before it.

        """
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


def inspect_csv(path: Path, wanted: Mapping[str, str]) -> CsvLayout | None:
    """
    Find the columns of a file and, from its first 100 rows, the unit of its times.

    Parameters
    ----------
    path : Path
        The file.
    wanted : Mapping[str, str]
        Our column names and their aliases.

    Returns
    -------
    CsvLayout or None
        None where the file has a header and no row.

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
        # A file of broken lines alone is not an empty one.
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
    if unit == "iso" and lacks_offset(texts.filter(pa.array(valid))):
        warnings = (f"{path.name}: times without an offset are read as UTC",)
    symbol = str(block.columns["symbol"][0]) if "symbol" in block.columns else ""
    return CsvLayout(path, columns, unit, ts[valid], symbol, warnings, tuple(header))


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

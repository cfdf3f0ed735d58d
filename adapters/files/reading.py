"""Blocks of text columns from CSV (plain, gzip or zstandard) and Parquet, in flat memory."""

import csv
import re
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from adapters.files.parquet import column_names
from adapters.files.parquet import is_parquet
from adapters.files.parquet import read_texts
from adapters.files.quoting import CheckedLines
from adapters.progress import Advance
from adapters.report import FileReport
from adapters.streams import open_stream
from errors import AuctionError


WRONG_COLUMN_COUNT = "wrong number of columns"
BLOCK_BYTES = 1 << 20
LONGEST_HEADER = 1 << 18
_LINE_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Block:
    """
    Represents consecutive rows of a file.

    Attributes
    ----------
    lines : NDArray[np.int64]
        The line of each row (the header is line 1); of a Parquet file its number from 1.
    columns : dict[str, pa.Array]
        The text columns under our names.

    """

    lines: NDArray[np.int64]
    columns: dict[str, pa.Array]

    def text(self, row: int) -> str:
        """Return the values of a row for a message."""
        return ",".join(str(column[row]) for column in self.columns.values())


def read_header(path: Path) -> list[str]:
    """
    Return the column names of a CSV or a Parquet file.

    Raises
    ------
    UsageError
        If there is no such file.
    AuctionError
        If the file is empty or cannot be read.

    """
    if is_parquet(path):
        with _reported(path, "Parquet"):
            return column_names(path)
    with open_stream(path) as (_, stream), _reported(path):
        head = b""
        while not _LINE_END.search(head) and (chunk := stream.read(1 << 16)):
            head += chunk
            if len(head) > LONGEST_HEADER:
                raise AuctionError(f"{path}: no end of line 1: it is no CSV file with a header")
        names = next(csv.reader([_LINE_END.split(head, 1)[0].decode("utf-8-sig")]), [])
    if not any(names):
        raise AuctionError(f"{path}: no header in line 1: write the column names there")
    return names


def read_blocks(
    path: Path,
    columns: Mapping[str, str],
    report: FileReport | None = None,
    advance: Advance | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Block]:
    """
    Yield columns of a CSV or a Parquet file block by block, as text; its content decides which.

    Blank lines are skipped. A line with another number of fields is rejected and counted. A
    quoted field ends on its line.

    Parameters
    ----------
    path : Path
        The file.
    columns : Mapping[str, str]
        Our names of the columns and the names in the file.
    report : FileReport, optional
        Counts rows and rejected rows.
    advance : Advance, optional
        Called with the number of bytes read from the file.
    block_bytes : int
        The size of a block (bytes of text); a block of Parquet has a number of rows.

    Yields
    ------
    Block
        Rows in the order of the file.

    Raises
    ------
    AuctionError
        If the file is damaged, is not CSV or has a quote that is not closed on its line.

    """
    if is_parquet(path):
        yield from _parquet_blocks(path, columns, report, advance)
        return
    skipped: list[int] = []

    def on_invalid(row: pacsv.InvalidRow) -> str:
        skipped.append(row.number)
        if report is not None:
            report.rows += 1
            report.reject(WRONG_COLUMN_COUNT, [row.number], lambda _: str(row.text))
        return "skip"

    with open_stream(path) as (file, stream):
        done = read = 0
        with _reported(path):
            reader = pacsv.open_csv(
                pa.PythonFile(CheckedLines(path, stream), mode="r"),
                pacsv.ReadOptions(use_threads=False, block_size=block_bytes),
                pacsv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=on_invalid),
                pacsv.ConvertOptions(
                    column_types=dict.fromkeys(columns.values(), pa.string()),
                    include_columns=list(columns.values()),
                ),
            )
        while True:
            with _reported(path):
                batch = next(reader, None)
            if advance is not None:
                advance(file.tell() - read)
                read = file.tell()
            if batch is None:
                return
            block = _block(batch, columns, done, skipped)
            done += batch.num_rows
            if report is not None:
                report.rows += len(block.lines)
            if len(block.lines) > 0:
                yield block


def _parquet_blocks(
    path: Path,
    columns: Mapping[str, str],
    report: FileReport | None,
    advance: Advance | None,
) -> Iterator[Block]:
    blocks, done = read_texts(path, columns), 0
    while True:
        with _reported(path, "Parquet"):
            texts = next(blocks, None)
        if texts is None:
            break
        rows = len(next(iter(texts.values())))
        if report is not None:
            report.rows += rows
        if rows:
            yield Block(np.arange(done + 1, done + 1 + rows, dtype=np.int64), texts)
        done += rows
    if advance is not None:
        advance(path.stat().st_size)


def _block(
    batch: pa.RecordBatch,
    columns: Mapping[str, str],
    done: int,
    skipped: list[int],
) -> Block:
    lines = np.arange(done + 2, done + 2 + batch.num_rows, dtype=np.int64)
    if skipped:
        # The n-th skipped line is before row `line - n`, counted without skipped lines.
        shifts = [line - count for count, line in enumerate(skipped)]
        lines += np.searchsorted(np.array(shifts), lines, side="right")
    texts = {name: batch.column(header) for name, header in columns.items()}
    filled = np.zeros(batch.num_rows, dtype=np.bool_)
    for column in texts.values():
        filled |= pc.not_equal(column, "").to_numpy(zero_copy_only=False)
        if filled.all():
            return Block(lines, texts)
    kept = pa.array(filled)
    return Block(lines[filled], {name: text.filter(kept) for name, text in texts.items()})


@contextmanager
def _reported(path: Path, kind: str = "CSV") -> Iterator[None]:
    try:
        yield
    except AuctionError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        reason = " ".join(str(error).split())
        raise AuctionError(
            f"{path}: not a readable {kind} file ({reason}): export it again"
        ) from None

"""Day files that are staged and then moved into the catalog together, or not at all."""

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Set
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.arrow import ROW_GROUP_ROWS
from catalog.arrow import parquet_writer
from catalog.layout import BARS
from catalog.layout import DATA_TYPES
from catalog.layout import NOUNS
from catalog.layout import NS_PER_DAY
from catalog.layout import TICK_TYPES
from catalog.layout import DataFile
from catalog.layout import data_files
from catalog.layout import data_folder
from catalog.layout import file_name
from catalog.layout import utc_text
from catalog.quality import labels_path
from catalog.quality import quality_labels
from catalog.quality import without_labels
from catalog.quality import write_labels
from errors import AuctionError


@dataclass(frozen=True, slots=True)
class StagedFile:
    """
    Represents a finished file that is not yet in the catalog.

    Attributes
    ----------
    path : Path
        The path in the staging folder.
    target : Path
        The path in the catalog.
    data_type : str
        The data type of its rows.
    start_ns, end_ns : int
        Its first and last `ts_init` (ns UTC).

    """

    path: Path
    target: Path
    data_type: str
    start_ns: int
    end_ns: int


@contextmanager
def staging_folder(catalog_path: Path) -> Iterator[Path]:
    """Create a folder in the catalog for work in progress; it is always removed."""
    catalog_path = Path(catalog_path)
    catalog_path.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".ingest-", dir=catalog_path))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        # Only a catalog that this ingest created and did not fill is empty.
        with suppress(OSError):
            catalog_path.rmdir()


class DayFiles:
    """
    Writes the rows of one data type, one Parquet file for each UTC day of their `ts_event`.

    A bar that closes at midnight belongs to the day that ends there.

    Parameters
    ----------
    folder : Path
        The staging folder.
    catalog_path : Path
        The catalog.
    data_type, identifier : str
        The data type and the instrument id (bar type for bars).
    schema : pa.Schema
        The schema of the files.

    """

    def __init__(
        self,
        folder: Path,
        catalog_path: Path,
        data_type: str,
        identifier: str,
        schema: pa.Schema,
    ) -> None:
        self._folder = folder
        self._catalog_path = catalog_path
        self._data_type = data_type
        self._identifier = identifier
        self._schema = schema
        self._day = -1
        self._writer: pq.ParquetWriter | None = None
        self._path = folder
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._start_ns = 0
        self._end_ns = 0
        self._files: list[StagedFile] = []

    def append(self, batch: pa.RecordBatch) -> None:
        """Append rows that are not empty and not earlier than the rows before."""
        ts_event = batch["ts_event"].to_numpy().view(np.int64)
        day = (ts_event - (self._data_type == BARS)) // NS_PER_DAY
        starts = np.flatnonzero(np.diff(day)) + 1
        for start, end in pairwise([0, *starts.tolist(), len(batch)]):
            self._append_to_day(int(day[start]), batch.slice(start, end - start))

    def close(self) -> list[StagedFile]:
        """Finish the last day and return all files."""
        self._finish_day()
        return self._files

    def _append_to_day(self, day: int, batch: pa.RecordBatch) -> None:
        if self._writer is None or day != self._day:
            self._finish_day()
            self._day = day
            self._path = self._folder / f"{self._data_type}-{day}.parquet"
            self._writer = parquet_writer(str(self._path), self._data_type, self._schema)
            self._start_ns = batch["ts_init"][0].as_py()
        self._end_ns = batch["ts_init"][-1].as_py()
        self._waiting.append(batch)
        self._waiting_rows += len(batch)
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self._write(self._writer, self._waiting_rows - self._waiting_rows % ROW_GROUP_ROWS)

    def _write(self, writer: pq.ParquetWriter, rows: int) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        writer.write_table(table.slice(0, rows), row_group_size=ROW_GROUP_ROWS)
        self._waiting = table.slice(rows).to_batches()
        self._waiting_rows = len(table) - rows

    def _finish_day(self) -> None:
        if self._writer is None:
            return
        if self._waiting_rows:
            self._write(self._writer, self._waiting_rows)
        self._writer.close()
        self._writer = None
        folder = data_folder(self._catalog_path, self._data_type, self._identifier)
        target = folder / file_name(self._start_ns, self._end_ns)
        self._files.append(
            StagedFile(self._path, target, self._data_type, self._start_ns, self._end_ns),
        )


def new_files(
    catalog_path: Path,
    identifier: str,
    staged: list[StagedFile],
    labels: Set[str],
    replaced: Mapping[Path, Path] = MappingProxyType({}),
) -> list[StagedFile]:
    """
    Return the staged files that the catalog does not hold yet.

    A file of the same name, content and quality is already there. Anything else that overlaps in
    time is refused: of the same type it would double rows; of the other tick type its order
    relative to the new rows was never settled, because `ts_init` orders trades and quotes jointly.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    identifier : str
        The instrument id, or the bar type.
    staged : list[StagedFile]
        The files.
    labels : Set[str]
        Their quality labels.
    replaced : Mapping[Path, Path]
        Files of the catalog and what takes their place together with the staged files.

    Raises
    ------
    AuctionError
        If existing data overlaps.

    """
    known = {
        file.target
        for file in staged
        if _is_same(file, replaced.get(file.target, file.target), labels)
    }
    new = [file for file in staged if file.target not in known]
    for data_type in DATA_TYPES:
        for own in {file.data_type for file in new}:
            if own != data_type and not (own in TICK_TYPES and data_type in TICK_TYPES):
                continue
            spans = [(file.start_ns, file.end_ns) for file in new if file.data_type == own]
            overlapping = [
                existing
                for existing in data_files(catalog_path, data_type, identifier)
                if existing.path not in known and any(existing.overlaps(*span) for span in spans)
            ]
            if overlapping:
                raise _overlap_error(identifier, own, data_type, overlapping)
    return new


def _overlap_error(
    identifier: str,
    data_type: str,
    existing_type: str,
    existing: list[DataFile],
) -> AuctionError:
    held = (
        f"{identifier}: the catalog has {NOUNS[existing_type]} from "
        f"{utc_text(existing[0].start_ns)} to {utc_text(existing[-1].end_ns)} UTC already"
    )
    path = existing[0].path
    delete = (
        f"delete {path}"
        if len(existing) == 1
        else (f"delete the {len(existing)} files from {path.name} on in {path.parent}")
    )
    if data_type == existing_type:
        return AuctionError(
            f"{held}, with other content: to replace them {delete} and ingest again"
        )
    return AuctionError(
        f"{held}, ingested without these {NOUNS[data_type]}: {delete}, then ingest trades and "
        "quotes in one command, so that their common order is known",
    )


def move_into_place(files: list[StagedFile]) -> None:
    """Move staged files to their targets, replacing existing files, all or none."""
    moved: list[Path] = []
    before: dict[Path, Path] = {}
    try:
        for file in files:
            file.target.parent.mkdir(parents=True, exist_ok=True)
            if file.target.exists():
                before[file.target] = file.path.with_suffix(".before")
                os.link(file.target, before[file.target])
            file.path.replace(file.target)
            moved.append(file.target)
    except BaseException:
        for target in moved:
            if target in before:
                before[target].replace(target)
                continue
            target.unlink()
            with suppress(OSError):
                target.parent.rmdir()
        raise


def staged_labels(file: StagedFile, labels: Set[str]) -> StagedFile:
    """Write the quality labels of a staged file beside it, and return the file with them."""
    path = file.path.with_suffix(".json")
    write_labels(path, labels)
    return replace(file, path=path, target=labels_path(file.target))


def _is_same(file: StagedFile, existing: Path, labels: Set[str]) -> bool:
    if not existing.exists():
        return False
    if quality_labels(file.target, pq.read_schema(existing)) != labels:
        return False
    # Another version of the Parquet library may write the same rows in other bytes.
    return filecmp.cmp(file.path, existing, shallow=False) or pq.read_table(file.path).equals(
        without_labels(pq.read_table(existing)),
        check_metadata=True,
    )

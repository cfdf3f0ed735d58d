"""The write-ahead log of a recorder: one append-only file for each minute of an instrument."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from catalog.increments import Increments
from catalog.recording.disk import sync_folder
from catalog.recording.records import Record
from catalog.recording.records import decode
from catalog.recording.records import encode
from catalog.recording.records import encode_header
from errors import AuctionError


NS_PER_MINUTE = 60_000_000_000
FOLDER = "recording"
SUFFIX = ".seg"
VERSION = 1


def recording_folder(catalog: Path) -> Path:
    """Return the folder that marks a catalog as a recorder's."""
    return Path(catalog) / FOLDER


def segment_folder(catalog: Path, instrument_id: str) -> Path:
    """Return the folder of an instrument's segments."""
    return recording_folder(catalog) / "segments" / instrument_id.replace("/", "")


def segment_paths(catalog: Path, instrument_id: str) -> list[Path]:
    """Return the segments of an instrument that are not folded yet, in the order of recording."""
    return sorted(segment_folder(catalog, instrument_id).glob(f"*{SUFFIX}"))


@dataclass(frozen=True, slots=True)
class Segment:
    """
    Represents the readable content of a segment.

    Attributes
    ----------
    increments : Increments
        The units of its records.
    records : list[Record]
        The records in the order of arrival.
    lost_bytes : int
        The bytes behind the last readable record: one record cut by a crash, or damage.

    """

    increments: Increments
    records: list[Record]
    lost_bytes: int


class SegmentWriter:
    """
    Appends records to the segment of a minute.

    Each record is handed to the operating system at once, so that a killed process loses none;
    `sync` brings them to the disk, so that a machine without power loses those since then.

    Parameters
    ----------
    folder : Path
        The folder of the instrument's segments, created if missing.
    increments : Increments
        The units of the records.
    minute : int
        The minute (minutes since 1970, UTC).

    Raises
    ------
    OSError
        If it cannot be created.

    """

    def __init__(self, folder: Path, increments: Increments, minute: int) -> None:
        self.minute = minute
        folder.mkdir(parents=True, exist_ok=True)
        number = len(list(folder.glob(f"{minute:012d}-*{SUFFIX}")))
        while True:
            self.path = folder / f"{minute:012d}-{number:04d}{SUFFIX}"
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                self._descriptor = os.open(self.path, flags, 0o600)
                break
            except FileExistsError:
                number += 1
        self._size = 0
        self._is_cut = False
        self._is_synced = False
        header = {
            "version": VERSION,
            "instrument_id": increments.instrument_id,
            "price_precision": increments.price_precision,
            "size_precision": increments.size_precision,
            "tick_raw": increments.tick_raw,
            "lot_raw": increments.lot_raw,
        }
        try:
            self._write(encode_header(json.dumps(header)))
        except OSError:
            os.close(self._descriptor)
            self.path.unlink()
            raise
        sync_folder(folder)

    def append(self, record: Record) -> None:
        """
        Write a record.

        Raises
        ------
        OSError
            If it does not fit on the disk; what was written of it is removed with the next one.

        """
        self._write(encode(record))

    def sync(self) -> None:
        """Bring the records to the disk."""
        if not self._is_synced:
            self._is_synced = True
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Bring the records to the disk and close the file."""
        try:
            self.sync()
        finally:
            os.close(self._descriptor)

    def _write(self, content: bytes) -> None:
        if self._is_cut:
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            self._is_cut = False
        self._is_synced = False
        written = 0
        try:
            while written < len(content):
                written += os.write(self._descriptor, content[written:])
        except OSError:
            self._is_cut = True
            raise
        self._size += len(content)


def read_segment(path: Path) -> Segment | None:
    """
    Read a segment, also one that is being written.

    Returns
    -------
    Segment or None
        Its content; None if not even its header is complete.

    Raises
    ------
    AuctionError
        If a later version of the recorder wrote it.
    OSError
        If it cannot be read.

    """
    content = path.read_bytes()
    increments: Increments | None = None
    records: list[Record] = []
    at = 0
    for at, found in decode(content):  # noqa: B007
        if isinstance(found, Record):
            records.append(found)
            continue
        header = json.loads(found)
        if header.pop("version") != VERSION:
            raise AuctionError(f"{path}: written by another version: use that to read it")
        increments = Increments(**header)
    return None if increments is None else Segment(increments, records, len(content) - at)

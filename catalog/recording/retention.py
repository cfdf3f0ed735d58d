"""Removes the oldest data of a recorded catalog, by age and by size."""

from dataclasses import dataclass
from pathlib import Path

from catalog.layout import DATA_TYPES
from catalog.layout import NS_PER_DAY
from catalog.layout import NS_PER_HOUR
from catalog.layout import DataFile
from catalog.layout import files_in
from catalog.quality import labels_path
from catalog.recording.digests import remove_digests
from catalog.recording.locks import FILES
from catalog.recording.locks import changing


@dataclass(frozen=True, slots=True)
class Removed:
    """
    Represents what a retention has removed.

    Attributes
    ----------
    files : int
        The number of files.
    until_ns : int
        The end of the youngest of them (`ts_init`, ns UTC), 0 without any.
    is_by_size : bool
        If the size bound was the reason, and the days would have allowed more.

    """

    files: int
    until_ns: int = 0
    is_by_size: bool = False


def retain(catalog: Path, now_ns: int, days: int, most_bytes: int) -> Removed:
    """
    Remove whole files that are older than a number of days, then the oldest above a size.

    Days are UTC days before the present one. The last hour is always kept. Nothing is removed
    while another process reads.

    Parameters
    ----------
    catalog : Path
        The catalog of a recorder.
    now_ns : int
        The time of the recording (ns UTC).
    days : int
        How many days are kept.
    most_bytes : int
        How many bytes the Parquet files may have.

    """
    with changing(catalog, FILES) as is_alone:
        if not is_alone:
            return Removed(0)
        files = sorted(_files(catalog), key=lambda file: file.end_ns)
        oldest_ns = (now_ns // NS_PER_DAY - days) * NS_PER_DAY
        by_age = [file for file in files if file.end_ns < oldest_ns]
        left = files[len(by_age) :]
        size = sum(file.path.stat().st_size for file in left)
        by_size: list[DataFile] = []
        for file in left:
            if size <= most_bytes or file.end_ns > now_ns - NS_PER_HOUR:
                break
            size -= file.path.stat().st_size
            by_size.append(file)
        gone = by_age + by_size
        for file in gone:
            file.path.unlink()
            labels_path(file.path).unlink(missing_ok=True)
        remove_digests(catalog, oldest_ns)
    until_ns = max((file.end_ns for file in gone), default=0)
    return Removed(len(gone), until_ns, bool(by_size))


def recorded_bytes(catalog: Path) -> int:
    """Return the size of the Parquet files of a catalog (bytes)."""
    return sum(file.path.stat().st_size for file in _files(catalog))


def _files(catalog: Path) -> list[DataFile]:
    return [
        file
        for data_type in DATA_TYPES
        for folder in (catalog / "data" / data_type).glob("*")
        for file in files_in(folder)
    ]

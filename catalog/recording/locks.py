"""Locks that keep readers of a recorded catalog and the changes of its recorder apart."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from catalog.recording.merge_journal import finish_merge
from catalog.recording.merge_journal import is_interrupted
from catalog.recording.segments import recording_folder
from errors import AuctionError


# Held by a reader of segments: the recorder must not fold any meanwhile.
FOLD = "fold"
# Held by a reader of Parquet files: the recorder must not merge or remove any meanwhile.
FILES = "files"


@contextmanager
def reading(catalog: Path, *names: str) -> Iterator[None]:
    """
    Keep a recorder from changing its files while the context is open; others may read as well.

    Does nothing for a catalog of another origin. The kernel ends the lock with the process. A merge
    that a killed recorder has left is finished first: its files are neither old nor new.

    Parameters
    ----------
    catalog : Path
        The catalog.
    *names : str
        `FOLD`, `FILES` or both.

    Raises
    ------
    AuctionError
        If the files may not be locked, and are being merged.

    """
    folder = recording_folder(catalog)
    descriptors = []
    try:
        for name in names if folder.is_dir() else ():
            # A catalog on a disk that cannot be written to has no recorder.
            with suppress(OSError):
                descriptors.append(_open(folder, name))
                fcntl.flock(descriptors[-1], fcntl.LOCK_SH)
                if name == FILES:
                    _finish_merge(catalog, descriptors[-1])
        if FILES in names and is_interrupted(catalog):
            raise AuctionError(
                f"{catalog}: its files are being merged, and this user may not lock them: try "
                "again, or start the recorder if it was killed"
            )
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@contextmanager
def changing(catalog: Path, name: str) -> Iterator[bool]:
    """Yield True with exclusive access to the files; False while another process reads them."""
    descriptor = _open(recording_folder(catalog), name)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def _finish_merge(catalog: Path, descriptor: int) -> None:
    # A merge holds the lock alone: with the shared one held, its process is dead.
    while is_interrupted(catalog):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        finish_merge(catalog)
        # Releases it for a moment: another recorder may begin a merge, and die.
        fcntl.flock(descriptor, fcntl.LOCK_SH)


def _open(folder: Path, name: str) -> int:
    return os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

"""
Create folders and files that only their owner can read.

The files of a node contain positions, sizes and results. A folder that is created gets the mode
0700, a file 0600, whatever the umask; an existing file of ours that others could read is narrowed
when it is opened. An existing folder keeps its mode, which is its owner's decision.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO
from typing import Literal


FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_private_folder(path: Path) -> None:
    """Create a folder, and missing ones above it."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        try:
            folder.mkdir(FOLDER_MODE)
        except FileExistsError:
            continue
        folder.chmod(FOLDER_MODE)
    if not path.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(path))


def open_private(
    path: Path, mode: Literal["wb", "ab", "a+b", "xb"], buffering: int = -1
) -> BinaryIO:
    """Open a file to write."""
    file = open(path, mode, buffering, opener=_opener)  # noqa: SIM115
    try:
        if _is_wide(os.fstat(file.fileno())):
            os.fchmod(file.fileno(), FILE_MODE)
    except OSError:
        file.close()
        raise
    return file


def write_private(path: Path, text: str) -> None:
    """Write a file of text."""
    with open_private(path, "wb") as file:
        file.write(text.encode())


def narrow(path: Path) -> bool:
    """Remove the access of other users to a file of ours; return True if they had any."""
    found = path.stat()
    if not _is_wide(found):
        return False
    # Not by a descriptor: closing one would release the locks that SQLite has on the file.
    path.chmod(FILE_MODE)
    return bool(stat.S_IMODE(found.st_mode) & 0o077)


def is_open_to_others(path: Path) -> bool:
    """Return True if other users can read or write a file or a folder."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, FILE_MODE)


def _is_wide(found: os.stat_result) -> bool:
    # Neither devices nor files of other users.
    is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
    return is_ours and stat.S_IMODE(found.st_mode) != FILE_MODE

"""
Make folders and files that their owner alone can read.

What a node writes tells positions, sizes and results. A folder that is made gets the mode 0700, a
file 0600, whatever the umask; a file of ours that others could read is narrowed when it is opened.
A folder that was there before belongs to somebody else's decision, and keeps its mode.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO
from typing import Literal


FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing."""
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
    """Take a file of ours from other users; return True if they could use it until now."""
    found = path.stat()
    if not _is_wide(found):
        return False
    # Not by a descriptor: to close one ends the locks that SQLite has on the file.
    path.chmod(FILE_MODE)
    return bool(stat.S_IMODE(found.st_mode) & 0o077)


def is_open_to_others(path: Path) -> bool:
    """Return True if other users can read or write a file or a folder."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, FILE_MODE)


def _is_wide(found: os.stat_result) -> bool:
    # Neither a device, nor what belongs to somebody else.
    is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
    return is_ours and stat.S_IMODE(found.st_mode) != FILE_MODE

"""Folders of cached data that appear whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


def identity(path: Path) -> tuple[str, int, int]:
    """Return path, size and time of a file, which change with its content."""
    stat = path.stat()
    return str(path.resolve()), stat.st_size, stat.st_mtime_ns


@contextmanager
def written_once(folder: Path) -> Iterator[Path | None]:
    """
    Yield a folder to write into, or None where the result is there already.

    What was written takes its place when the block ends without an error; of two processes that
    write the same, one wins.
    """
    if folder.is_dir():
        yield None
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = folder.parent / f".{folder.name}-{os.getpid()}-{uuid4().hex[:8]}"
    staging.mkdir()
    try:
        yield staging
        try:
            staging.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)

"""Writes several files into a folder so that all of them appear, or none."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import UsageError


@contextmanager
def whole_files(target: Path) -> Iterator[Path]:
    """
    Yield an empty folder whose files move to `target` at the end, in place of those of their names.

    Other files of `target` stay. After an error nothing has moved.

    Parameters
    ----------
    target : Path
        The folder, made if missing; the one above it has to exist.

    Raises
    ------
    UsageError
        If the folder cannot be written to.

    """
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as staged:
            yield Path(staged)
            for path in sorted(Path(staged).rglob("*")):
                moved = target / path.relative_to(staged)
                moved.parent.mkdir(parents=True, exist_ok=True)
                if path.is_file():
                    path.replace(moved)
    except OSError as e:
        raise UsageError(f"{target}: {e.strerror}: make the folder of the run writable") from e

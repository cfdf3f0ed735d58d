"""Hashes of the files of a run, by which a change after its end is found."""

import json
from hashlib import file_digest
from pathlib import Path

from errors import AuctionError


SUFFIXES = (".parquet", ".jsonl", ".yaml")


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each table, file of lines and configuration in a run's folder."""
    return {
        path.name: _hash(path)
        for path in sorted(folder.iterdir())
        if path.suffix in SUFFIXES and path.is_file()
    }


def changed_files(run: Path) -> list[str] | None:
    """
    Return the files of a node's run that are not as the node left them.

    None where that is unknown: the node was killed, still runs, or is of an earlier version.

    Raises
    ------
    AuctionError
        If the file of its end is not readable.

    """
    end = run / "end.json"
    try:
        written = json.loads(end.read_text(encoding="utf-8")).get("files")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError) as error:
        raise AuctionError(f"{end}: not readable ({error})") from None
    if not isinstance(written, dict):
        return None
    # Tables are made of the files of lines by `auction report`.
    found = file_hashes(run)
    return [name for name, hashed in sorted(written.items()) if found.get(name) != hashed]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()

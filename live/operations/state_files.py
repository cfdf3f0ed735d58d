"""
Files of a node beside its journal: dates of its schedule, its health, its digests.

They stand in the folder of the journal, and their names hold trader id and mode, as the journal's
rows do: what belongs to one node is never taken for another's.
"""

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from actors.journal import JournalActor
from actors.journal.database import journal_places
from actors.private_files import make_private_folder
from actors.private_files import open_private
from configs.documents import class_of
from configs.live import LiveConfig
from errors import UsageError


@dataclass(frozen=True, slots=True)
class StateFiles:
    """
    Represents the files of one node.

    Parameters
    ----------
    folder : Path
        The folder of the journal.
    trader_id, mode : str
        The identity of the node.

    """

    folder: Path
    trader_id: str
    mode: str

    @property
    def schedule(self) -> Path:
        """Return the file with the dates of the schedule."""
        return self._path("schedule")

    @property
    def health(self) -> Path:
        """Return the file with the health of the running node."""
        return self._path("health")

    @property
    def watchdog(self) -> Path:
        """Return the file with the dates of the watchdog's messages."""
        return self._path("watchdog")

    def digest(self, day: date) -> Path:
        """Return the file of the digest of a date."""
        return self._path(f"digest-{day}")

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}-{self.trader_id}-{self.mode}.json"


def has_journal(config: LiveConfig) -> bool:
    """Return True if a node writes a journal."""
    return any(class_of(actor.actor_path) is JournalActor for actor in config.node.actors)


def state_files(config: LiveConfig) -> StateFiles:
    """
    Return the files of a node.

    Raises
    ------
    UsageError
        If the environment has no journal: there is no other folder that outlives a run.

    """
    for actor in config.node.actors:
        if class_of(actor.actor_path) is JournalActor:
            _, folder = journal_places(actor.config)
            return StateFiles(folder, str(config.node.trader_id), config.mode)
    raise UsageError(
        f"{config.mode}: the environment has no JournalActor among its actors: schedules, digests "
        "and the watchdog need the journal"
    )


def write_json(path: Path, content: dict[str, Any], *, is_durable: bool = True) -> None:
    """
    Replace a file atomically; after a crash it holds the old or the new content.

    Parameters
    ----------
    path : Path
        The file.
    content : dict[str, Any]
        The new content.
    is_durable : bool, default True
        If the content is on the disk when this returns. A loop that trades must not wait for that.

    Raises
    ------
    OSError
        If the disk does not take it. The old content stays.

    """
    make_private_folder(path.parent)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with open_private(temporary, "wb") as file:
            file.write(json.dumps(content, indent=1).encode() + b"\n")
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any] | None:
    """
    Return the content of a file, None where there is none.

    Raises
    ------
    ValueError
        If it holds no JSON object.

    """
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not isinstance(content, dict):
        raise ValueError("holds no JSON object")  # noqa: TRY004
    return content


class DoneDates:
    """
    The dates on which the events of a schedule were done last, kept over restarts.

    Parameters
    ----------
    path : Path
        The file.

    Attributes
    ----------
    dates : dict[str, date]
        The dates by event.
    failure : str
        Why the file could not be read or written; empty if it could. Events then may come again
        after a restart.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.failure = ""
        self.dates: dict[str, date] = {}
        try:
            content = read_json(path) or {}
            self.dates = {key: date.fromisoformat(text) for key, text in content.items()}
        except (OSError, ValueError, TypeError) as error:
            self.failure = f"{path.name} cannot be read: {error}"

    def save(self) -> None:
        """Write the dates."""
        content = {key: day.isoformat() for key, day in sorted(self.dates.items())}
        try:
            write_json(self._path, content)
            self.failure = ""
        except OSError as error:
            self.failure = f"{self._path.name} cannot be written: {error.strerror}"

"""A file that shows a supervisor that a node's process is alive."""

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """
    Represents one heartbeat.

    Attributes
    ----------
    ts : float
        When it was written (s UTC), by the modification time of the file.
    pid : int
        The process id.
    state : str
        STARTING or RUNNING.
    control_port : int
        The port of the control channel.

    """

    ts: float
    pid: int
    state: str
    control_port: int


def write_heartbeat(path: Path, state: str, control_port: int) -> None:
    """
    Write a heartbeat atomically: a reader never sees half of one.

    On a full disk the file of the previous one gets a new modification time: a node that cannot
    write does not count as hung.
    """
    temporary = path.with_suffix(".tmp")
    beat = {"pid": os.getpid(), "state": state, "control_port": control_port}
    try:
        temporary.write_text(json.dumps(beat) + "\n")
        temporary.replace(path)
    except OSError:
        os.utime(path)


def read_heartbeat(path: Path) -> Heartbeat | None:
    """Return the last heartbeat, None before the first."""
    try:
        return Heartbeat(path.stat().st_mtime, **json.loads(path.read_text()))
    except FileNotFoundError:
        return None

"""A file that tells whoever watches a node's process that it lives."""

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """
    Represents one sign of life.

    Attributes
    ----------
    ts : float
        When it was given (s UTC), by the time of the file.
    pid : int
        The process.
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
    Write a sign of life; a reader never sees half of one.

    On a full disk the last one gets a new time: that a node cannot write does not mean that it
    hangs.
    """
    temporary = path.with_suffix(".tmp")
    beat = {"pid": os.getpid(), "state": state, "control_port": control_port}
    try:
        temporary.write_text(json.dumps(beat) + "\n")
        temporary.replace(path)
    except OSError:
        os.utime(path)


def read_heartbeat(path: Path) -> Heartbeat | None:
    """Return the last sign of life, None where there has been none."""
    try:
        return Heartbeat(path.stat().st_mtime, **json.loads(path.read_text()))
    except FileNotFoundError:
        return None

"""A file that tells whoever watches a node's process that it lives."""

import json
import os
import time
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """
    Represents one sign of life.

    Attributes
    ----------
    ts : float
        When it was given (s UTC).
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
    """Write a sign of life; a reader never sees half of one."""
    beat = Heartbeat(time.time(), os.getpid(), state, control_port)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(beat)) + "\n")
    temporary.replace(path)


def read_heartbeat(path: Path) -> Heartbeat | None:
    """Return the last sign of life, None where there has been none."""
    try:
        return Heartbeat(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None

"""The state of a recorder, in a file beside its recording."""

from pathlib import Path

import msgspec


NAME = "status.json"


class InstrumentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """
    Represents the state of one instrument.

    Attributes
    ----------
    last_ns : int
        The last event (`ts_event`, ns UTC), -1 before the first.
    records : int
        The quotes, trades and bars written since the start.
    repeated, refused, lost : int
        Those left out as repetitions, as impossible, and because the disk took none.
    is_connected : bool
        If the venue's connection is up.

    """

    last_ns: int
    records: int
    repeated: int
    refused: int
    lost: int
    is_connected: bool


class RecorderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """
    Represents the state of a recorder, which writes it once a second.

    Attributes
    ----------
    pid : int
        Its process id.
    since : str
        When it began to record (ISO 8601, UTC).
    written_ns : int
        When it wrote this (ns UTC).
    instruments : dict[str, InstrumentStatus]
        Its instruments by id.

    """

    pid: int
    since: str
    written_ns: int
    instruments: dict[str, InstrumentStatus]


def write_status(folder: Path, status: RecorderStatus) -> None:
    """
    Write the state atomically: a reader never sees half of one.

    Raises
    ------
    OSError
        If it cannot be written.

    """
    temporary = folder / f"{NAME}.tmp"
    temporary.write_bytes(msgspec.json.encode(status))
    temporary.replace(folder / NAME)


def read_status(folder: Path) -> RecorderStatus | None:
    """Return the last state of a recorder in the folder of a recording; None before the first."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=RecorderStatus)
    except (FileNotFoundError, msgspec.DecodeError):
        return None

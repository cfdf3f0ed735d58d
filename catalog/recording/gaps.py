"""The times of a recording without complete data, one line of JSON each."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

from catalog.recording.segments import recording_folder
from errors import AuctionError


# The recorder was not running; it had lost its connection; the disk took no data; a part of a
# segment could not be read.
STOPPED, CONNECTION, DISK, DAMAGE = "recorder stopped", "connection lost", "disk full", "damage"
CAUSES = (STOPPED, CONNECTION, DISK, DAMAGE)


@dataclass(frozen=True, slots=True)
class RecordingGap:
    """
    Represents a time without complete data.

    Attributes
    ----------
    start_ns, end_ns : int
        The last event before it and the first one after it (`ts_event`, ns UTC).
    cause : str
        One of `CAUSES`.
    trades : int
        The trades of that time that were requested from the venue afterwards.
    are_trades_complete : bool
        If these are all: the answer reached back to a trade that was already recorded. Quotes of
        the past are not available from any venue.

    """

    start_ns: int
    end_ns: int
    cause: str
    trades: int = 0
    are_trades_complete: bool = False


def gap_path(catalog: Path, instrument_id: str) -> Path:
    """Return the file with the gaps of an instrument."""
    return recording_folder(catalog) / "gaps" / f"{instrument_id.replace('/', '')}.jsonl"


def add_gap(catalog: Path, instrument_id: str, gap: RecordingGap) -> None:
    """
    Append a gap to the file of an instrument.

    Raises
    ------
    OSError
        If it cannot be written.

    """
    path = gap_path(catalog, instrument_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        # A crash may have cut the line before.
        file.truncate(path.read_bytes().rfind(b"\n") + 1)
        file.write(f"{json.dumps(asdict(gap))}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def read_gaps(
    catalog: Path, instrument_id: str, start_ns: int = 0, end_ns: int = 2**63 - 1
) -> list[RecordingGap]:
    """
    Return the gaps of an instrument that touch an interval (ns UTC), in the order of recording.

    Raises
    ------
    AuctionError
        If a line is not readable.

    """
    found = list(_lines(gap_path(catalog, instrument_id)))
    return [gap for gap in found if gap.start_ns <= end_ns and start_ns <= gap.end_ns]


def _lines(path: Path) -> Iterator[RecordingGap]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            yield RecordingGap(**json.loads(line))
        except (TypeError, ValueError) as error:
            # Only the last line of a recorder that was killed may be incomplete.
            if number == len(lines):
                return
            raise AuctionError(f"{path}: line {number} is not readable ({error})") from None

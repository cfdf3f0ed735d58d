"""Digests of what a recorder has written, by which a later change of its files is found."""

import json
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.increments import Increments
from catalog.increments import read_increments
from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_DAY
from catalog.layout import NS_PER_HOUR
from catalog.reader import MergedTicks
from catalog.reader import read_ticks
from catalog.recording.segments import recording_folder
from errors import AuctionError


type Columns = dict[str, NDArray[Any]]

NAMES = tuple(field.name for field in fields(MergedTicks))


@dataclass(frozen=True, slots=True)
class Digest:
    """
    Represents the ticks of one folded segment.

    Attributes
    ----------
    start_ns, end_ns : int
        The first and the last `ts_init` (ns UTC).
    rows : int
        The number of ticks.
    tick_raw, lot_raw : int
        The units that they are counted in.
    sha256 : str
        The hash of the ticks (`tick_hash`).

    """

    start_ns: int
    end_ns: int
    rows: int
    tick_raw: int
    lot_raw: int
    sha256: str


def tick_hash(**columns: NDArray[Any]) -> str:
    """Return the SHA-256 of the columns of ticks (`MergedTicks`), whatever files they are in."""
    digest = sha256()
    for name in sorted(columns):
        digest.update(columns[name].astype(np.int64).tobytes())
    return digest.hexdigest()


def add_digest(catalog: Path, instrument_id: str, digest: Digest) -> None:
    """
    Append a digest to the file of its day.

    Raises
    ------
    OSError
        If it cannot be written.

    """
    path = _folder(catalog, instrument_id) / f"{digest.start_ns // NS_PER_DAY}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        # A crash may have cut the line before.
        file.truncate(path.read_bytes().rfind(b"\n") + 1)
        file.write(f"{json.dumps(asdict(digest))}\n".encode())


def remove_digests(catalog: Path, before_ns: int) -> None:
    """Remove the digests of the days (UTC) that end at a time (ns UTC) or before."""
    for path in (recording_folder(catalog) / "digests").glob("*/*.jsonl"):
        if (int(path.stem) + 1) * NS_PER_DAY <= before_ns:
            path.unlink()


def altered_intervals(
    catalog: Path, instrument_id: str, start_ns: int, end_ns: int
) -> list[tuple[int, int]]:
    """
    Return the times (`ts_init`, ns UTC) whose ticks are not those that the recorder wrote.

    Parameters
    ----------
    catalog : Path
        The catalog, which no recorder changes meanwhile (`locks.reading`).
    instrument_id : str
        The instrument.
    start_ns, end_ns : int
        The interval (ns UTC), both ends included. Segments within it as a whole are compared, from
        the first tick of the catalog on: retention removes what is older.

    Raises
    ------
    AuctionError
        If a digest or a file of the catalog is not readable.

    """
    found = {d.start_ns: d for d in _digests(catalog, instrument_id, start_ns, end_ns)}
    wanted = [found[ts] for ts in sorted(found)]
    if not wanted:
        return []
    own = read_increments(catalog, instrument_id)
    first_ns = _first_ns(catalog, instrument_id)
    altered: list[tuple[int, int]] = []
    for _, group in groupby(wanted, key=lambda digest: digest.start_ns // NS_PER_HOUR):
        digests = [digest for digest in group if digest.end_ns >= first_ns]
        if not digests:
            continue
        times = digests[0].start_ns, digests[-1].end_ns
        columns = _columns(list(read_ticks(catalog, instrument_id, *times)))
        for digest in digests:
            part = _part(columns, digest, own)
            if len(part["kind"]) != digest.rows or tick_hash(**part) != digest.sha256:
                altered.append((digest.start_ns, digest.end_ns))
    return altered


def _digests(catalog: Path, instrument_id: str, start_ns: int, end_ns: int) -> Iterator[Digest]:
    for path in sorted(_folder(catalog, instrument_id).glob("*.jsonl")):
        for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
            try:
                digest = Digest(**json.loads(line))
            except (TypeError, ValueError) as error:
                raise AuctionError(f"{path}: line {number} is not readable ({error})") from None
            if digest.start_ns >= start_ns and digest.end_ns <= end_ns:
                yield digest


def _first_ns(catalog: Path, instrument_id: str) -> int:
    first = next(iter(read_ticks(catalog, instrument_id)), None)
    return END_OF_TIME if first is None or not len(first) else int(first.ts_init[0])


def _columns(parts: Sequence[MergedTicks]) -> Columns:
    nothing = np.empty(0, np.int64)
    return {n: np.concatenate([nothing, *(getattr(part, n) for part in parts)]) for n in NAMES}


def _part(columns: Columns, digest: Digest, own: Increments) -> Columns:
    first, last = np.searchsorted(columns["ts_init"], (digest.start_ns, digest.end_ns + 1))
    part = {name: column[first:last] for name, column in columns.items()}
    # The venue may have a finer step since, in which all is counted now.
    tick, lot = digest.tick_raw // own.tick_raw, digest.lot_raw // own.lot_raw
    for name, factor in (("a", tick), ("b", tick), ("a_size", lot), ("b_size", lot)):
        whole, rest = np.divmod(part[name], max(factor, 1))
        # A value between two of its steps cannot have been written: it stays, and differs.
        part[name] = part[name] if rest.any() else whole
    return part


def _folder(catalog: Path, instrument_id: str) -> Path:
    return recording_folder(catalog) / "digests" / instrument_id.replace("/", "")

"""A recorded catalog as it is at one moment, for reading it while its recorder goes on."""

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.layout import BARS
from catalog.layout import TICK_TYPES
from catalog.layout import data_folder
from catalog.layout import files_in
from catalog.recording.fold import folded_until
from catalog.recording.locks import FILES
from catalog.recording.locks import FOLD
from catalog.recording.locks import reading
from catalog.recording.segments import recording_folder
from catalog.recording.segments import segment_paths


@contextmanager
def recorded_snapshot(catalog: Path, instrument_ids: Iterable[str]) -> Iterator[int | None]:
    """
    Keep the files of a recorded catalog while the context is open, and yield where they end.

    The recorder goes on, and adds files behind the end; it merges and removes none.

    Parameters
    ----------
    catalog : Path
        The catalog.
    instrument_ids : Iterable[str]
        The instruments that are read, one at least.

    Yields
    ------
    int or None
        The end of the snapshot (`ts_init`, ns UTC, excluded): behind it the files of an instrument
        are not there yet, or not all. None for a catalog that no recorder writes.

    Raises
    ------
    AuctionError
        If the files are being merged and may not be locked.

    """
    if not recording_folder(catalog).is_dir():
        yield None
        return
    with reading(catalog, FILES):
        # No minute may be folded while its ends are read, but then it may.
        with reading(catalog, FOLD):
            ends = {name: _end_ns(catalog, name) for name in instrument_ids}
            growing = [name for name in ends if segment_paths(catalog, name)]
        # More of an instrument that is being recorded comes behind its own end.
        yield min((ends[name] for name in growing if ends[name]), default=max(ends.values()))


def _end_ns(catalog: Path, instrument_id: str) -> int:
    name = instrument_id.replace("/", "")
    folders = [data_folder(catalog, data_type, instrument_id) for data_type in TICK_TYPES]
    folders += (catalog / "data" / BARS).glob(f"{name}-*")
    last_ns = max((files[-1].end_ns for f in folders if (files := files_in(f))), default=-1)
    return min(last_ns, folded_until(catalog, instrument_id)) + 1

"""The recorded catalog as one recorder holds it: its instruments, its folding and its upkeep."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from catalog.definitions import write_instrument
from catalog.increments import find_increments
from catalog.increments import instrument_increments
from catalog.layout import has_data
from catalog.protocols import Instrument
from catalog.recording.compaction import compact
from catalog.recording.fold import fold_segment
from catalog.recording.fold import set_aside
from catalog.recording.locks import FILES
from catalog.recording.locks import FOLD
from catalog.recording.locks import changing
from catalog.recording.locks import reading
from catalog.recording.recording import Recording
from catalog.recording.records import Record
from catalog.recording.retention import Removed
from catalog.recording.retention import retain
from catalog.recording.segments import recording_folder
from catalog.recording.segments import segment_paths
from catalog.recording.tail import last_ticks
from catalog.recording.tail import last_trade_ids
from catalog.units import in_catalog_unit
from errors import AuctionError
from errors import UsageError


NS_PER_MINUTE = 60_000_000_000
# The trades whose ids a start reads: a venue repeats at most the last thousand.
LAST_IDS = 5_000


def prepare_catalog(catalog: Path, instrument_ids: Iterable[str]) -> None:
    """
    Create the folders of a recorded catalog.

    Raises
    ------
    UsageError
        If the catalog has data of an instrument that no recorder wrote, which its retention would
        remove; or the folder cannot be written to.

    """
    folder = recording_folder(catalog)
    if not folder.is_dir():
        foreign = [name for name in instrument_ids if has_data(catalog, name)]
        if foreign:
            raise UsageError(
                f"catalog {catalog}: it holds data of {foreign[0]} that no recorder wrote, and "
                "retention would remove them: name another folder"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"catalog {catalog}: {error.strerror}: name a folder to write to"
        ) from error


class RecordingStore:
    """
    Folds, merges and removes the files of a recorded catalog; one process at a time may.

    Parameters
    ----------
    catalog : Path
        The catalog, prepared.
    days : int
        How many days are kept.
    most_bytes : int
        How many bytes the Parquet files may have.

    Attributes
    ----------
    recordings : dict[str, Recording]
        The instruments by id.
    problems : list[str]
        What an operator must know, one line each; the caller empties it.

    """

    def __init__(self, catalog: Path, days: int, most_bytes: int) -> None:
        self.catalog = catalog
        self.recordings: dict[str, Recording] = {}
        self.problems: list[str] = []
        self._days = days
        self._most_bytes = most_bytes
        self._kept_at_ns = 0

    def recover(self) -> None:
        """Finish what another recorder has left: an interrupted merge, and its segments."""
        with reading(self.catalog, FILES):
            pass
        shutil.rmtree(recording_folder(self.catalog) / "staging", ignore_errors=True)
        for folder in sorted((recording_folder(self.catalog) / "segments").glob("*")):
            for path in segment_paths(self.catalog, folder.name):
                if not self._fold(path):
                    raise AuctionError(f"{self.catalog}: is being read: start the recorder again")

    def open(self, instrument: Instrument, buffered: Iterable[Record] = ()) -> Recording:
        """
        Begin to record an instrument.

        Parameters
        ----------
        instrument : Instrument
            Its definition at the venue.
        buffered : Iterable[Record]
            What was received while another recorder had the catalog, in the venue's ticks and lots.

        Raises
        ------
        AuctionError
            If the catalog has data on another tick or lot.

        """
        name = str(instrument.id)
        fitted = in_catalog_unit(self.catalog, instrument)
        increments = instrument_increments(fitted)
        here = instrument_increments(instrument)
        if (increments.tick_raw, increments.lot_raw) != (here.tick_raw, here.lot_raw):
            raise AuctionError(
                f"{name}: the venue has another tick or lot than the recording in {self.catalog}: "
                "name another folder"
            )
        known = find_increments(self.catalog, name)
        if known is None:
            write_instrument(self.catalog, fitted)
        elif known != increments:
            self._redefine(fitted)
        recording = Recording(self.catalog, increments)
        recording.know_ids(last_trade_ids(self.catalog, name, LAST_IDS))
        buffered = list(buffered)
        if buffered:
            first_ns = min(record.ts_event for record in buffered)
            recorded = last_ticks(self.catalog, increments, first_ns)
            recording.take_over(buffered, recorded)
        self.recordings[name] = recording
        return recording

    def fold(self) -> int:
        """Fold the segments that are complete; return their number."""
        count = 0
        for recording in self.recordings.values():
            while recording.closed and self._fold(recording.closed[0]):
                recording.closed.popleft()
                count += 1
        return count

    def keep(self) -> Removed:
        """Merge files of hours and days that are over, and remove the oldest, once a minute."""
        now_ns = max((r.last_ns for r in self.recordings.values()), default=-1)
        if now_ns < self._kept_at_ns + NS_PER_MINUTE:
            return Removed(0)
        self._kept_at_ns = now_ns
        compact(self.catalog, now_ns)
        removed = retain(self.catalog, now_ns, self._days, self._most_bytes)
        if removed.is_by_size:
            self.problems.append(
                f"the recording is at its size bound: {removed.files} files were removed before "
                f"their {self._days} days were over"
            )
        return removed

    def close(self) -> None:
        """Close and fold all segments."""
        for recording in self.recordings.values():
            recording.close()
        self.fold()

    def _redefine(self, instrument: Instrument) -> None:
        # All files are rewritten on the new unit.
        with changing(self.catalog, FILES) as is_alone:
            if not is_alone:
                raise AuctionError(
                    f"{self.catalog}: {instrument.id} has a new tick or lot, and another process "
                    "reads the files: start the recorder again when it has ended"
                )
            write_instrument(self.catalog, instrument)

    def _fold(self, path: Path) -> bool:
        with changing(self.catalog, FOLD) as is_alone:
            if not is_alone:
                return False
            try:
                lost = fold_segment(self.catalog, path)
            except AuctionError as error:
                self.problems.append(f"{set_aside(path, error)}: {error}")
                return True
        if lost:
            self.problems.append(f"{path.name}: {lost} bytes at its end were not readable")
        return True

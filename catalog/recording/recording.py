"""Records the ticks of one instrument: each once, in the order of arrival, by minutes."""

from collections import Counter
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from catalog.increments import Increments
from catalog.recording.fold import has_unique_ids
from catalog.recording.fold import last_tick_ns
from catalog.recording.gaps import CONNECTION
from catalog.recording.gaps import DISK
from catalog.recording.gaps import STOPPED
from catalog.recording.gaps import RecordingGap
from catalog.recording.gaps import add_gap
from catalog.recording.records import BAR
from catalog.recording.records import QUOTE
from catalog.recording.records import TRADE
from catalog.recording.records import Record
from catalog.recording.segments import NS_PER_MINUTE
from catalog.recording.segments import SegmentWriter
from catalog.recording.segments import segment_folder


# Trades whose ids are remembered: a venue repeats at most the last thousand.
IDS_KEPT = 50_000
# A tick that is dated further ahead would give its time to all that follow.
FAR_NS = NS_PER_MINUTE
# A minute is over by the clock when this long has passed without a tick of the next one.
QUIET_NS = 5_000_000_000
TICKS = (QUOTE, TRADE)


class Recording:
    """
    Writes the ticks and bars of one instrument to segments.

    A segment ends when a tick of a later minute arrives, by the venue's time, or when the minute
    is over by the clock. Late ticks stay where they arrive. Closed segments wait in `closed` to be
    folded.

    Parameters
    ----------
    catalog : Path
        The catalog.
    increments : Increments
        The units of the records.

    Attributes
    ----------
    closed : deque[Path]
        The segments that are complete.
    counts : Counter[int]
        The records written, by kind.
    repeated : int
        The trades left out because their id was recorded before.
    refused : int
        The records left out because a size is not above zero or the time lies far ahead.
    lost : int
        The records that the disk did not take.
    failure : str
        The reason of the last of them.
    last_ns : int
        The latest `ts_event` (ns UTC) of a tick, -1 before the first.

    """

    def __init__(self, catalog: Path, increments: Increments) -> None:
        self._catalog = catalog
        self._increments = increments
        self._name = increments.instrument_id
        self._folder = segment_folder(catalog, self._name)
        self._is_unique = has_unique_ids(self._name)
        self._ids: set[str] = set()
        self._id_order: deque[str] = deque()
        self._writer: SegmentWriter | None = None
        self._gap: _OpenGap | None = None
        self._is_requesting = False
        self.closed: deque[Path] = deque()
        self.counts: Counter[int] = Counter()
        self.repeated = self.refused = self.lost = 0
        self.failure = ""
        self.last_ns = last_tick_ns(catalog, self._name)
        if self.last_ns >= 0:
            self.mark_gap(STOPPED)

    def know_ids(self, ids: Iterable[str]) -> None:
        """Add ids of trades that are recorded already, in their order."""
        for trade_id in ids:
            self._know(trade_id)

    def knows(self, trade_id: str) -> bool:
        """Return True if a trade with an id is recorded, at a venue with unique ids."""
        return trade_id in self._ids

    def add(self, record: Record) -> bool:
        """Write a record; return False if it is left out or lost."""
        if not self._is_valid(record):
            return False
        if not self._write(record):
            return False
        if record.kind in TICKS:
            self._end_gap(record)
        return True

    def take_over(self, buffered: Iterable[Record], recorded: Iterable[Record]) -> int:
        """
        Continue another recorder's work with what this one has received meanwhile.

        Of each kind, everything behind the last buffered record that the other one has written
        counts; of a kind without one, all that are younger. Without any there is a gap.

        Parameters
        ----------
        buffered : Iterable[Record]
            What was received while the other recorder had the catalog, in the order of arrival.
        recorded : Iterable[Record]
            The last records of the other one, from before the first buffered one on.

        Returns
        -------
        int
            The number of records that were added.

        """
        buffered, recorded = list(buffered), list(recorded)
        known = Counter(record.key for record in recorded)
        ends: dict[int, int] = {}
        for place, record in enumerate(buffered):
            if known[record.key] > 0:
                known[record.key] -= 1
                ends[record.kind] = place
        last: dict[int, int] = {}
        for record in recorded:
            last[record.kind] = max(last.get(record.kind, -1), record.ts_event)
        # Streams that overlap in one kind have no time between them.
        if ends:
            self._gap = None
        count = 0
        for place, record in enumerate(buffered):
            is_new = (
                place > ends[record.kind]
                if record.kind in ends
                else record.ts_event > last.get(record.kind, -1)
            )
            count += is_new and self.add(record)
        return count

    @property
    def has_gap(self) -> bool:
        """Return True if data are missing since the last tick."""
        return self._gap is not None

    def mark_gap(self, cause: str = CONNECTION) -> None:
        """Note that data are missing from the last tick on, until the next one."""
        if self._gap is None and self.last_ns >= 0:
            self._gap = _OpenGap(self.last_ns, cause)

    def begin_request(self) -> None:
        """Keep the segment open until the venue has answered a request for recent trades."""
        self.mark_gap(CONNECTION)
        self._is_requesting = True

    def end_request(self, trades: Iterable[Record]) -> int:
        """
        Add the recent trades of a venue that were not recorded; return their number.

        Parameters
        ----------
        trades : Iterable[Record]
            The answer, in any order; empty without one.

        """
        self._is_requesting = False
        gap = self._gap
        if gap is None:
            return 0
        found = sorted(trades, key=lambda trade: trade.ts_event)
        for trade in found if self._is_unique else ():
            if self.knows(trade.text):
                # The answer reaches back to what was recorded before the gap.
                gap.is_complete |= trade.ts_event <= gap.start_ns
            elif trade.ts_event >= gap.start_ns and self._is_valid(trade):
                gap.trades += self._write(trade._replace(is_late=True))
        if gap.end_ns is not None:
            self._store_gap(gap)
        return gap.trades

    def sync(self) -> None:
        """Bring the records to the disk."""
        if self._writer is not None:
            try:
                self._writer.sync()
            except OSError as error:
                self._note_failure(error)

    def close_if_over(self, now_ns: int) -> None:
        """Close the segment when its minute is over by the clock (ns UTC)."""
        writer = self._writer
        if writer is not None and now_ns >= (writer.minute + 1) * NS_PER_MINUTE + QUIET_NS:
            self._close_segment()

    def close(self) -> None:
        """Close the segment; the recording may continue with another one."""
        self._is_requesting = False
        self._close_segment()

    def _is_valid(self, record: Record) -> bool:
        sizes = {QUOTE: (record.a_size, record.b_size), TRADE: (record.a_size,)}
        is_sized = all(size > 0 for size in sizes.get(record.kind, ()))
        if not is_sized or record.ts_event > record.ts_recv + FAR_NS:
            self.refused += 1
            return False
        if record.kind == TRADE and self.knows(record.text):
            self.repeated += 1
            return False
        return True

    def _write(self, record: Record) -> bool:
        minute = record.ts_event // NS_PER_MINUTE
        try:
            if self._writer is not None and minute > self._writer.minute and not record.is_late:
                self._close_segment()
            if self._writer is None:
                self._writer = SegmentWriter(self._folder, self._increments, minute)
            self._writer.append(record)
        except OSError as error:
            self._note_failure(error)
            return False
        self.counts[record.kind] += 1
        if record.kind == TRADE and self._is_unique:
            self._know(record.text)
        if record.kind != BAR and not record.is_late:
            self.last_ns = max(self.last_ns, record.ts_event)
        return True

    def _end_gap(self, record: Record) -> None:
        gap = self._gap
        if gap is not None and gap.end_ns is None:
            gap.end_ns = record.ts_event
            if not self._is_requesting:
                self._store_gap(gap)

    def _store_gap(self, gap: "_OpenGap") -> None:
        self._gap = None
        end_ns = max(gap.start_ns, gap.end_ns or gap.start_ns)
        found = RecordingGap(gap.start_ns, end_ns, gap.cause, gap.trades, gap.is_complete)
        try:
            add_gap(self._catalog, self._name, found)
        except OSError as error:
            self.failure = error.strerror or type(error).__name__

    def _note_failure(self, error: OSError) -> None:
        self.lost += 1
        self.failure = error.strerror or type(error).__name__
        self.mark_gap(DISK)

    def _close_segment(self) -> None:
        if self._writer is None or self._is_requesting:
            return
        writer, self._writer = self._writer, None
        try:
            writer.close()
        except OSError as error:
            self._note_failure(error)
        self.closed.append(writer.path)

    def _know(self, trade_id: str) -> None:
        if trade_id in self._ids:
            return
        self._ids.add(trade_id)
        self._id_order.append(trade_id)
        if len(self._id_order) > IDS_KEPT:
            self._ids.remove(self._id_order.popleft())


@dataclass(slots=True)
class _OpenGap:
    start_ns: int
    cause: str
    end_ns: int | None = None
    trades: int = 0
    is_complete: bool = False

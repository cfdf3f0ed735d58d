"""The records of one session, merged in the order of publication."""

import heapq
import itertools
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.databento.loopback.clock import MarketClock
from adapters.databento.loopback.layout import all_with_ts_out
from adapters.databento.loopback.layout import with_ts_out
from adapters.databento.loopback.symbols import Span
from adapters.databento.loopback.tape import Block
from catalog.layout import END_OF_TIME


# Writing this many records takes less time than a test or a node could notice.
_LARGEST_RUN = 2_000


@dataclass(slots=True)
class _Cursor:
    blocks: Iterator[Block]
    spans: Sequence[Span]
    earlier: Sequence[Span]
    due: list[int]
    records: NDArray[Any]
    at: int = 0

    def load(self) -> bool:
        for block in self.blocks:
            mask = _mask(block, self.spans) & ~_mask(block, self.earlier)
            if mask.any():
                self.due = block.due[mask].tolist()
                self.records = block.records[mask]
                self.at = 0
                return True
        return False

    def skip(self, until_ns: int) -> int:
        left = 0
        while True:
            end = bisect_right(self.due, until_ns, self.at)
            left += end - self.at
            self.at = end
            if end < len(self.due) or not self.load():
                return left


@dataclass(frozen=True, slots=True)
class _Notice:
    content: bytes


class Feed:
    """
    Merges the streams of all subscriptions.

    Records of the same time are sent in the order of the subscriptions. A record is sent once for
    its schema, however many subscriptions of that schema include it.

    Parameters
    ----------
    clock : MarketClock
        The market's time.
    ts_out : bool
        Whether each record carries the time of sending.

    """

    def __init__(self, clock: MarketClock, ts_out: bool) -> None:
        self._clock = clock
        self._ts_out = ts_out
        self._heap: list[tuple[int, int, _Cursor | _Notice]] = []
        self._order = itertools.count()
        self._sent: dict[str, list[Span]] = {}
        self.records = 0

    @property
    def is_empty(self) -> bool:
        """Return True if no record is left to send, regardless of later notices."""
        return not any(isinstance(entry, _Cursor) for _, _, entry in self._heap)

    def add(
        self,
        schema: str,
        streams: Sequence[Iterator[Block]],
        spans: Sequence[Span],
        from_ns: int,
    ) -> None:
        """Add the records of contracts published from a time on."""
        parts = [part for span in spans if (part := span.within(from_ns, END_OF_TIME)) is not None]
        earlier = list(self._sent.setdefault(schema, []))
        self._sent[schema] += parts
        for blocks in streams:
            cursor = _Cursor(blocks, parts, earlier, [], np.empty(0))
            if cursor.load():
                heapq.heappush(self._heap, (cursor.due[0], next(self._order), cursor))

    def notify(self, due_ns: int, content: bytes) -> None:
        """Add a message to send after all records published up to a time."""
        heapq.heappush(self._heap, (due_ns, next(self._order), _Notice(content)))

    def next_ns(self) -> int | None:
        """Return the time of the next record (ns UTC), None if there is none."""
        return self._heap[0][0] if self._heap else None

    def take(self) -> bytes:
        """Return the next published records, empty if there are none."""
        if not self._heap:
            return b""
        limit = self._limit()
        due, order, entry = self._heap[0]
        if due > limit:
            return b""
        heapq.heappop(self._heap)
        if isinstance(entry, _Notice):
            return with_ts_out(entry.content) if self._ts_out else entry.content
        if self._heap:
            other, rank, _ = self._heap[0]
            limit = min(limit, other if order < rank else max(due, other - 1))
        end = min(bisect_right(entry.due, limit, entry.at), entry.at + _LARGEST_RUN)
        run = entry.records[entry.at : end]
        self._clock.advance(entry.due[end - 1])
        entry.at = end
        self._push(entry, order)
        self.records += len(run)
        stamped = self._clock.stamp(run)
        return (all_with_ts_out(stamped) if self._ts_out else stamped).tobytes()

    def skip(self) -> int:
        """Skip all published records; return their number."""
        now = self._clock.now_ns()
        left = 0
        kept: list[tuple[int, int, _Cursor | _Notice]] = []
        for due, order, entry in self._heap:
            if isinstance(entry, _Notice):
                kept.append((due, order, entry))
                continue
            left += entry.skip(now)
            if entry.at < len(entry.due):
                kept.append((entry.due[entry.at], order, entry))
        heapq.heapify(kept)
        self._heap = kept
        return left

    def _limit(self) -> int:
        # Records before the begin of the market are history: a replay does not wait for them.
        if not self._clock.is_started:
            return self._clock.begin_ns - 1
        # Without a speed the market is at its next record, and ends with the last.
        paced = self._clock.is_paced or self.is_empty
        return self._clock.now_ns() if paced else self._clock.limit_ns

    def _push(self, cursor: _Cursor, order: int) -> None:
        if cursor.at < len(cursor.due) or cursor.load():
            heapq.heappush(self._heap, (cursor.due[cursor.at], order, cursor))


def _mask(block: Block, spans: Sequence[Span]) -> NDArray[np.bool_]:
    numbers = block.records["instrument_id"]
    mask = np.zeros(len(numbers), dtype=np.bool_)
    for span in spans:
        mask |= (
            (numbers == span.instrument_id)
            & (block.due >= span.start_ns)
            & (block.due < span.end_ns)
        )
    return mask

"""Reads the events of a replay: ticks and bars of a catalog in one order."""

from collections.abc import Iterator
from collections.abc import Sequence
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import Protocol

from configs.data_types import BAR
from configs.data_types import bar_step
from configs.data_types import identifier_of
from configs.data_types import kind_of
from errors import UsageError


class Timed(Protocol):
    """Represents an event of the tape, with its time in the catalog (ns UTC)."""

    @property
    def ts_ns(self) -> int:
        """Return `ts_init`, which no other event of the instrument has."""


class EventSource[T: Timed](Protocol):
    """Represents the protocol of a venue that plays a catalog."""

    NO_SUCH_BARS: str

    def has_bars(self, step_ns: int) -> bool:
        """Return True if the venue has bars of a length (ns)."""

    def played_ticks(
        self, catalog: Path, instrument_id: str, start_ns: int, end_ns: int
    ) -> Iterator[T]:
        """Read quotes and trades."""

    def played_bars(self, catalog: Path, bar_type: str, start_ns: int, end_ns: int) -> Iterator[T]:
        """Read bars of one type."""


def read_events[T: Timed](
    source: EventSource[T],
    catalog: Path,
    instrument_ids: Sequence[str],
    start_ns: int,
    end_ns: int,
    data: Sequence[str],
) -> Iterator[T]:
    """
    Read the events of a replay.

    Parameters
    ----------
    source : EventSource
        The protocol that plays it.
    catalog : Path
        The catalog.
    instrument_ids : Sequence[str]
        The instruments.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included.
    data : Sequence[str]
        The data types that the node reads. Ticks precede bars of the same time.

    Raises
    ------
    UsageError
        If the venue has no bars of a length.

    """
    window = start_ns, end_ns
    tapes: list[Iterator[T]] = []
    for instrument_id in instrument_ids:
        if any(kind_of(name) != BAR for name in data):
            tapes.append(source.played_ticks(catalog, instrument_id, *window))
        for name in data:
            if kind_of(name) == BAR:
                if not source.has_bars(bar_step(name)):
                    raise UsageError(f"`data`: {name}: {source.NO_SUCH_BARS}")
                bar_type = identifier_of(name, instrument_id)
                tapes.append(source.played_bars(catalog, bar_type, *window))
    return merge(*tapes, key=attrgetter("ts_ns"))

"""Read the history of an actor from the catalog of a running or ended recorder."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import replace
from functools import partial
from itertools import dropwhile
from pathlib import Path

from actors.base import BarActor
from actors.given_bars import GivenBar
from actors.history import Stored
from actors.history import Tick
from catalog.gate import pass_gate
from catalog.increments import find_increments
from catalog.increments import instrument_increments
from catalog.layout import TICK_TYPES
from catalog.layout import data_files
from catalog.layout import utc_text
from catalog.protocols import Instrument
from catalog.recording.gaps import read_gaps
from catalog.recording.locks import FILES
from catalog.recording.locks import FOLD
from catalog.recording.locks import reading
from catalog.recording.segments import recording_folder
from catalog.recording.status import read_status
from catalog.recording.tail import open_bars
from catalog.recording.tail import open_ticks
from catalog.recording.tail import recorded_ticks
from errors import AuctionError
from live.catalog_history import last_span
from live.catalog_history import ticks_of
from live.node_protocols import Log


NS_PER_S = 1_000_000_000
# A recorder that runs writes a tick within milliseconds after a node has received it.
WAIT_S = 5.0
POLL_S = 0.05
# A recorder writes its state each second.
ALIVE_S = 10.0
LATE_NS = 60 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Recording:
    """
    Represents what a recorder has of the history of an actor.

    Attributes
    ----------
    stored : Stored or None
        Its last stretch without a gap.
    reaches_live : bool
        If it reaches to the first live tick, so that nothing is missing between.
    lacks_begin : bool
        If another source could add something before its begin.
    gap_ns : int
        The longest silence (ns) that is no gap.
    read : Callable
        Reads a stretch between two times.

    """

    stored: Stored | None = None
    reaches_live: bool = False
    lacks_begin: bool = True
    gap_ns: int = 0
    read: "partial[Stored | None] | None" = None

    async def session(self, opens_at: int, closes_at: int) -> Stored | None:
        """Return the ticks between two times (ns UTC) if the recording has all of them."""
        if self.read is None:
            return None
        try:
            found = await asyncio.to_thread(self.read, opens_at, closes_at - 1)
        except (AuctionError, OSError):
            # The whole recording was read and reported before.
            return None
        is_whole = found is not None and found.spans(opens_at, closes_at, self.gap_ns)
        return found if is_whole else None

    def after(self, older: Stored | None) -> Stored | None:
        """Return the recording with the stretch of a catalog before it, or the one that counts."""
        mine = self.stored
        if mine is None or older is None:
            return mine or older
        if older.last_ns < mine.first_ns - self.gap_ns or older.first_ns >= mine.first_ns:
            return mine
        if older.last_ns > mine.last_ns:
            return older
        return replace(mine, first_ns=older.first_ns, ticks=partial(_chained, older, mine))


def _chained(older: Stored, mine: Stored) -> Iterator[Tick]:
    for tick in older.ticks():
        if tick.ts < mine.first_ns:
            yield tick
    yield from mine.ticks()


@asynccontextmanager
async def reading_recording(
    catalog: Path | None, actor: BarActor, instrument: Instrument, gap_ns: int, log: Log
) -> AsyncIterator[Recording]:
    """
    Read a recording up to the first live tick of an actor; it does not change meanwhile.

    A recording that cannot be read is logged and left out: a node starts without it as well.

    Parameters
    ----------
    catalog : Path or None
        The catalog of the recorder.
    actor : BarActor
        The actor, which buffers its live ticks.
    instrument : Instrument
        Its instrument.
    gap_ns : int
        The longest silence of the quotes (ns) that is no gap.
    log : Log
        Receives the gaps of the recording.

    """
    if catalog is None or not recording_folder(catalog).is_dir():
        yield Recording()
        return
    live_ns, name = actor.first_live_ns, instrument.id.value
    with ExitStack() as stack:
        try:
            if live_ns is not None:
                await _until_recorded(catalog, name, live_ns)
            # The recorder may hold a lock for a moment, which the node must not wait for.
            await asyncio.to_thread(stack.enter_context, reading(catalog, FOLD, FILES))
            since_ns = actor.history_since(time.time_ns())
            read = partial(
                _stretch,
                catalog,
                instrument,
                gap_ns,
                live_ns,
                with_quotes=actor.reads_quotes,
            )
            stored = await asyncio.to_thread(read, since_ns)
            for text in _disclosed(catalog, name, since_ns):
                log.warning(text)
        except (AuctionError, OSError) as error:
            log.warning(f"No history of {name} from the recording in {catalog}: {error}")
            yield Recording()
            return
        reaches_live = stored is not None and live_ns is not None and stored.last_ns >= live_ns
        lacks_begin = stored is None or stored.first_ns - since_ns > gap_ns
        yield Recording(stored, reaches_live, lacks_begin, gap_ns, read)


def recorded_bars(
    catalog: Path, instrument: Instrument, bar_type: str, since_ns: int, until_ns: int
) -> list[GivenBar]:
    """Return the bars of open segments between two times of their ends (ns UTC), both included."""
    if not recording_folder(catalog).is_dir():
        return []
    return [
        GivenBar(
            bar_type=bar_type,
            ts_event=bar.ts_event,
            ts_init=bar.ts_event,
            open=bar.a,
            high=bar.b,
            low=bar.a_size,
            close=bar.b_size,
            volume=bar.volume,
        )
        for bar in open_bars(catalog, instrument.id.value, bar_type)
        if since_ns <= bar.ts_event <= until_ns
    ]


async def _until_recorded(catalog: Path, instrument_id: str, live_ns: int) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and _is_alive(catalog):
        last_ns = await asyncio.to_thread(_last_ns, catalog, instrument_id)
        if last_ns >= live_ns:
            return
        await asyncio.sleep(POLL_S)


def _is_alive(catalog: Path) -> bool:
    status = read_status(recording_folder(catalog))
    return status is not None and time.time_ns() - status.written_ns < ALIVE_S * NS_PER_S


def _last_ns(catalog: Path, instrument_id: str) -> int:
    try:
        ticks = open_ticks(catalog, instrument_id)
    except FileNotFoundError:
        # A segment that was folded between listing and reading.
        return -1
    return max((tick.ts_event for tick in ticks), default=-1)


def _stretch(
    catalog: Path,
    instrument: Instrument,
    gap_ns: int,
    live_ns: int | None,
    since_ns: int,
    until_ns: int = 2**63 - 2,
    *,
    with_quotes: bool,
) -> Stored | None:
    name, here = instrument.id.value, instrument_increments(instrument)
    increments = find_increments(catalog, name)
    if increments is None:
        return None
    # Files written by a finer step of the past are refused value by value on reading.
    if here.tick_raw % increments.tick_raw or here.lot_raw % increments.lot_raw:
        raise AuctionError(f"{name}: the venue has another tick or lot than the recording")
    if any(data_files(catalog, data_type, name) for data_type in TICK_TYPES):
        pass_gate(catalog, name, TICK_TYPES, since_ns, until_ns)

    opened = open_ticks(catalog, name)

    def ticks(from_ns: int, first_ns: int) -> Iterator[Tick]:
        parts = recorded_ticks(catalog, here, opened, from_ns, until_ns)
        return ticks_of(parts, first_ns, with_quotes=with_quotes)

    span = last_span(recorded_ticks(catalog, here, opened, since_ns, until_ns), instrument, gap_ns)
    if span is None:
        return None
    first_ns, last_ns = span
    tail: tuple[Tick, ...] = ()
    if live_ns is not None and last_ns >= live_ns:
        # Late ticks may stand behind the first of that time.
        late = dropwhile(lambda tick: tick.ts < live_ns, ticks(live_ns - LATE_NS, first_ns))
        tail = tuple(late)
    return Stored(first_ns, last_ns, lambda: _without(ticks(first_ns, first_ns), len(tail)), tail)


def _without(ticks: Iterator[Tick], count: int) -> Iterator[Tick]:
    held: deque[Tick] = deque()
    for tick in ticks:
        held.append(tick)
        if len(held) > count:
            yield held.popleft()


def _disclosed(catalog: Path, instrument_id: str, since_ns: int) -> list[str]:
    gaps = read_gaps(catalog, instrument_id, since_ns)
    return [
        f"{instrument_id}: the recording has a gap from {utc_text(gap.start_ns)} to "
        f"{utc_text(gap.end_ns)} UTC ({gap.cause}): "
        + (
            f"all {gap.trades:,} trades were requested afterwards, quotes are missing"
            if gap.are_trades_complete
            else f"{gap.trades:,} trades were requested afterwards, others and quotes are missing"
        )
        for gap in gaps
    ]

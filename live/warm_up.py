"""Warm up actors with the history before their first tick, from a catalog and the venue."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from actors.base import BarActor
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from catalog.gate import pass_gate
from catalog.increments import Increments
from catalog.increments import instrument_increments
from catalog.increments import read_increments
from catalog.layout import END_OF_TIME
from catalog.layout import TICK_TYPES
from catalog.market_hours import closed_time
from catalog.protocols import Instrument
from catalog.protocols import InstrumentKey
from catalog.reader import read_ticks
from errors import AuctionError
from indicators.core.gaps import GapFinder
from live.node_protocols import Log


NS_PER_S = 1_000_000_000
ANSWER_S = 15.0
RECENT_TRADES = 1000
# The client rejects requests for an hour.
RECENT = timedelta(minutes=59)


async def warm_up(
    actor: BarActor,
    instrument: Instrument,
    catalog: Path,
    gap_s: float,
    *,
    has_recent_trades: bool,
    log: Log,
) -> None:
    """
    Load the history of an actor; after a gap, wait until the window is refilled.

    Parameters
    ----------
    actor : BarActor
        The actor, running.
    instrument : Instrument
        Its instrument.
    catalog : Path
        The catalog.
    The longest silence of the quotes (s) that is not a gap, as for `GapFinder`.
        The longest silence of the quotes (s) that is no gap, as `GapFinder` has it.
    has_recent_trades : bool
        If recent trades are requested from the venue.
    log : Log
        Receives a summary of what was loaded.

    """
    if has_recent_trades:
        await _request_recent(actor, instrument.id, log)
    now, gap_ns = time.time_ns(), int(gap_s * NS_PER_S)
    session, stored = actor.missing_session(now), None
    read = partial(stretch, with_quotes=actor.reads_quotes)
    try:
        if session is not None:
            opens_at, closes_at = session
            found = await asyncio.to_thread(
                read, catalog, instrument, opens_at, gap_ns, closes_at - 1
            )
            if found is not None and found.spans(opens_at, closes_at, gap_ns):
                actor.take_session(found)
        since_ns = actor.history_since(now)
        stored = await asyncio.to_thread(read, catalog, instrument, since_ns, gap_ns)
    except AuctionError as error:
        log.warning(f"No history of {instrument.id} from the catalog: {error}")
    history = actor.take_history(stored, gap_ns)
    while True:
        try:
            next(history)
        except StopIteration as end:
            log.warning(f"{instrument.id}: known now: {end.value}")
            return
        await asyncio.sleep(0)


def stretch(
    catalog: Path,
    instrument: Instrument,
    since_ns: int,
    gap_ns: int,
    until_ns: int = END_OF_TIME,
    *,
    with_quotes: bool = True,
) -> Stored | None:
    """
    Return the last stretch of a catalog without a gap, None if there is no data since a time.

    Parameters
    ----------
    catalog : Path
        The catalog.
    instrument : Instrument
        The instrument; the catalog may have finer steps.
    since_ns : int
        The time (ns UTC) from which on events count.
    gap_ns : int
        The longest silence of the quotes (ns) that is not a gap, as for `GapFinder`.
    until_ns : int
        The time (ns UTC) up to which events count.
    with_quotes : bool, default True
        If its ticks include the quotes; gaps are searched in them in any case.

    Raises
    ------
    AuctionError
        If the catalog gate refuses the catalog, or its tick or lot is not the venue's.

    """
    name = instrument.id.value
    increments, here = read_increments(catalog, name), instrument_increments(instrument)
    # Older data may have finer steps; values off the venue's steps are refused on reading.
    if here.tick_raw % increments.tick_raw or here.lot_raw % increments.lot_raw:
        raise AuctionError(f"{name}: the venue has another tick or lot than the catalog")
    pass_gate(catalog, name, TICK_TYPES, since_ns, until_ns)
    first_ns = last_ns = -1
    finder = GapFinder(gap_ns / NS_PER_S, closed_time(instrument.id.venue.value))
    for part in read_ticks(catalog, name, since_ns, until_ns, increments=here):
        if not len(part.ts_event):
            continue
        finder.update_many(part.kind, part.ts_event)
        first_ns = int(part.ts_event[0]) if last_ns < 0 else first_ns
        last_ns = int(part.ts_event[-1])
    # If the quotes end before the trades, the gap is not over.
    if last_ns < 0 or finder.is_silent_at(last_ns):
        return None
    if finder.found:
        first_ns = finder.found[-1][1]
    return Stored(
        first_ns,
        last_ns,
        lambda: _ticks(catalog, here, first_ns, until_ns, with_quotes=with_quotes),
    )


def _ticks(
    catalog: Path, units: Increments, first_ns: int, until_ns: int, *, with_quotes: bool
) -> Iterator[Tick]:
    name = units.instrument_id
    for part in read_ticks(catalog, name, first_ns, until_ns, increments=units):
        columns = (part.kind, part.ts_event, part.a, part.b, part.a_size, part.b_size, part.side)
        if not with_quotes:
            is_trade = part.kind == TRADE
            columns = tuple(column[is_trade] for column in columns)
        for row in zip(*(column.tolist() for column in columns), strict=True):
            if row[1] >= first_ns:
                yield Tick(*row)


async def _request_recent(actor: BarActor, instrument_id: InstrumentKey, log: Log) -> None:
    answered = asyncio.Event()
    loop = asyncio.get_running_loop()

    def done(_: object) -> None:
        loop.call_soon_threadsafe(answered.set)

    now = actor.clock.utc_now()
    actor.request_trade_ticks(
        instrument_id,
        start=now - RECENT,
        limit=RECENT_TRADES,
        callback=done,
    )
    try:
        await asyncio.wait_for(answered.wait(), ANSWER_S)
    except TimeoutError:
        log.warning(f"{instrument_id}: no recent trades from the venue within {ANSWER_S:g} s")

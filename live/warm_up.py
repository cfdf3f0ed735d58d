"""Warm up actors with the history before their first tick, from a catalog and the venue."""

import asyncio
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

from actors.base import BarActor
from catalog.protocols import Instrument
from catalog.protocols import InstrumentKey
from errors import AuctionError
from live.catalog_history import stretch
from live.node_protocols import Log
from live.recorded_history import Recording
from live.recorded_history import reading_recording


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
    recorded: Path | None = None,
) -> None:
    """
    Load the history of an actor; after a gap, wait until the window is refilled.

    A recording is the first source. What it lacks comes from the catalog, and the way from its end
    to the present from the venue's recent trades.

    Parameters
    ----------
    actor : BarActor
        The actor, running.
    instrument : Instrument
        Its instrument.
    catalog : Path
        The catalog.
    gap_s : float
        The longest silence of the quotes (s) that is no gap, as `GapFinder` has it.
    has_recent_trades : bool
        If recent trades are requested from the venue.
    log : Log
        Receives a summary of what was loaded.
    recorded : Path, optional
        The catalog of a recorder; one that does not exist is left out.

    """
    gap_ns = int(gap_s * NS_PER_S)
    async with reading_recording(recorded, actor, instrument, gap_ns, log) as recording:
        if has_recent_trades and not recording.reaches_live:
            await _request_recent(actor, instrument.id, log)
        await _load(actor, instrument, catalog, gap_ns, recording, log)


async def _load(
    actor: BarActor,
    instrument: Instrument,
    catalog: Path,
    gap_ns: int,
    recording: Recording,
    log: Log,
) -> None:
    now = time.time_ns()
    session, stored = actor.missing_session(now), None
    read = partial(stretch, with_quotes=actor.reads_quotes)
    try:
        if session is not None:
            opens_at, closes_at = session
            found = await recording.session(opens_at, closes_at)
            if found is None:
                found = await asyncio.to_thread(
                    read, catalog, instrument, opens_at, gap_ns, closes_at - 1
                )
            if found is not None and found.spans(opens_at, closes_at, gap_ns):
                actor.take_session(found)
        if recording.lacks_begin:
            since_ns = actor.history_since(now)
            stored = await asyncio.to_thread(read, catalog, instrument, since_ns, gap_ns)
    except AuctionError as error:
        log.warning(f"No history of {instrument.id} from the catalog: {error}")
    history = actor.take_history(recording.after(stored), gap_ns)
    while True:
        try:
            next(history)
        except StopIteration as end:
            log.warning(f"{instrument.id}: known now: {end.value}")
            return
        await asyncio.sleep(0)


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

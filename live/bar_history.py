"""Warm up actors with the bars before their first live bar, from a catalog and the venue."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd

from actors.base import BarActor
from actors.given_bars import GivenBar
from catalog.bars import bar_rows
from catalog.gate import pass_gate
from catalog.increments import instrument_increments
from catalog.layout import BARS
from catalog.layout import bar_step_ns
from catalog.layout import data_files
from catalog.layout import utc_text
from catalog.protocols import Instrument
from catalog.recording.locks import FILES
from catalog.recording.locks import FOLD
from catalog.recording.locks import reading
from errors import AuctionError
from live.node_protocols import Log
from live.recorded_history import recorded_bars


NS_PER_S = 1_000_000_000
ANSWER_S = 30.0
# The subscription is up for this long before the venue is queried: bars that close later arrive
# live, and bars that closed earlier are in its answer, even if the clocks differ slightly.
SETTLED_S = 2.0
POLL_S = 0.2
# A venue may publish a bar that has just closed with a short delay.
ATTEMPTS = 3
# Ten pages at Bybit, one second of its rate limit: a week of minute bars.
MOST_BARS = 10_000


async def warm_up_bars(
    actor: BarActor,
    instrument: Instrument,
    catalog: Path,
    *,
    queries_venue: bool,
    missing: Callable[[], list[str]],
    log: Log,
    settled_s: float = SETTLED_S,
    recorded: Path | None = None,
) -> None:
    """
    Load the historical bars of an actor; bars that arrive meanwhile follow them.

    A bar that ends less than `settled_s` before the query may still be forming. It is never taken
    from history: it arrives live.

    Parameters
    ----------
    actor : BarActor
        The actor, running, with its subscriptions sent.
    instrument : Instrument
        Its instrument.
    catalog : Path
        The catalog.
    queries_venue : bool
        If past bars are requested from the venue.
    missing : Callable[[], list[str]]
        Returns the connections that are not up yet; the warm-up waits for them.
    log : Log
        Receives a summary of what was loaded.
    settled_s : float, default 2
        How long (s) the connections must be up before the venue is queried.
    recorded : Path, optional
        The catalog of a recorder, whose bars take precedence over those of the catalog.

    """
    while missing():
        await asyncio.sleep(POLL_S)
    await asyncio.sleep(settled_s)
    settled_ns = int(settled_s * NS_PER_S)
    now = time.time_ns()
    since_ns, until_ns = actor.history_since(now), now - settled_ns
    names = [str(bar_type) for bar_type in actor.venue_bars]
    stored: list[GivenBar] = []
    for name in names:
        try:
            stored += stored_bars(catalog, instrument, name, since_ns, until_ns)
        except AuctionError as error:
            log.warning(f"No history of {name} from the catalog: {error}")
        if recorded is not None:
            stored += await _recorded(recorded, instrument, name, (since_ns, until_ns), log)
    for bar_type, name in zip(actor.venue_bars, names, strict=True) if queries_venue else ():
        last = max((bar.ts_event for bar in stored if bar.bar_type == name), default=since_ns)
        start_ns = bounded_start(last, until_ns, bar_step_ns(name))
        if start_ns > last:
            log.warning(f"{name}: {MOST_BARS:,} bars are requested, the most the venue provides")
        for _ in range(ATTEMPTS):
            await _request(actor, bar_type, start_ns, log)
            until_ns = time.time_ns() - settled_ns
            if not is_late(actor, name, until_ns):
                break
            await asyncio.sleep(POLL_S)
    known = actor.take_bars(stored, until_ns)
    last_end = max((actor.bars.last_end(name) or 0 for name in names), default=0)
    text = f", the last ends at {utc_text(last_end)}" if last_end else ""
    log.warning(f"{instrument.id}: known now: {known}{text}")


def bounded_start(since_ns: int, until_ns: int, step_ns: int) -> int:
    """Return the start (ns UTC) of a bar request: at most `MOST_BARS` before its end."""
    return max(since_ns, until_ns - MOST_BARS * step_ns)


def is_late(actor: BarActor, name: str, until_ns: int) -> bool:
    """
    Return True if an answer lacks the last bar that ended by a time (ns UTC).

    A thin market has minutes without a bar, so callers must bound their retries.
    """
    step_ns = bar_step_ns(name)
    end = actor.bars.past_end(name, until_ns)
    return end is None or end < until_ns // step_ns * step_ns


def stored_bars(
    catalog: Path, instrument: Instrument, name: str, since_ns: int, until_ns: int
) -> list[GivenBar]:
    """
    Return the bars of a catalog between two times.

    Parameters
    ----------
    catalog : Path
        The catalog.
    instrument : Instrument
        The instrument whose tick and lot sizes apply.
    name : str
        The bar type.
    since_ns, until_ns : int
        The interval of bar end times (ns UTC), both inclusive.

    Raises
    ------
    AuctionError
        If the catalog gate refuses the catalog, or a value is off the venue's tick or lot.

    """
    files = data_files(catalog, BARS, name)
    if not any(file.overlaps(since_ns, until_ns) for file in files):
        return []
    pass_gate(catalog, instrument.id.value, [BARS], since_ns, until_ns)
    units = instrument_increments(instrument)
    fields = ("ts_init", "ts_event", "open", "high", "low", "close", "volume")
    rows = bar_rows(catalog, name, since_ns, until_ns, units)
    return [GivenBar(bar_type=name, **dict(zip(fields, row, strict=True))) for row in rows]


async def _recorded(
    catalog: Path, instrument: Instrument, name: str, span: tuple[int, int], log: Log
) -> list[GivenBar]:
    try:
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, reading(catalog, FOLD, FILES))
            found = stored_bars(catalog, instrument, name, *span)
            return found + recorded_bars(catalog, instrument, name, *span)
    except (AuctionError, OSError) as error:
        log.warning(f"No history of {name} from the recording in {catalog}: {error}")
        return []


async def _request(actor: BarActor, bar_type: Any, start_ns: int, log: Log) -> None:
    answered = asyncio.Event()
    loop = asyncio.get_running_loop()
    limit = (time.time_ns() - start_ns) // bar_step_ns(str(bar_type)) + 2
    actor.request_bars(
        bar_type,
        start=pd.Timestamp(start_ns, tz="UTC"),
        # Without a limit the venue's client requests a single page of 200.
        limit=limit,
        callback=lambda _: loop.call_soon_threadsafe(answered.set),
    )
    try:
        await asyncio.wait_for(answered.wait(), ANSWER_S)
    except TimeoutError:
        log.warning(f"{bar_type}: no past bars from the venue within {ANSWER_S:g} s")

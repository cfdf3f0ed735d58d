"""Plays a tape at clock speed, at a multiple of it, or as fast as the clients take it."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace

from adapters.bybit.loopback.market import NS_PER_MS
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.tape import Event
from errors import AuctionError
from errors import UsageError


# Events between two checks that the clients have taken them.
EVENTS_PER_TURN = 500


async def play(
    server: BybitLoopback,
    events: Iterable[Event],
    speed: float | None = 1.0,
    *,
    shift_to_now: bool = True,
) -> int:
    """
    Play a tape to its end.

    Parameters
    ----------
    server : BybitLoopback
        A started server.
    events : Iterable[Event]
        The tape, in the order of time.
    speed : float, optional
        The seconds of the tape per second; None plays as fast as the clients take it.
    shift_to_now : bool
        If event times are the times of playing (by the venue's clock), which Nautilus compares
        with its own clock. With a speed they are compressed with the tape; without one they are
        shifted by a constant. Otherwise they are those of the tape.

    Returns
    -------
    int
        The number of played events.

    Raises
    ------
    UsageError
        If the speed is not positive.
    AuctionError
        If the tape is empty.

    """
    if speed is not None and not speed > 0:
        raise UsageError(f"speed {speed}: use a positive number, or None for as fast as possible")
    server.venue.is_shifted = shift_to_now
    count = 0
    first_ns = started_ns = 0
    for event in events:
        if not count:
            first_ns, started_ns = event.ts_ns, time.time_ns()
        since_first_ns = event.ts_ns - first_ns
        if speed is not None:
            since_first_ns = int(since_first_ns / speed)
            await _until(server, started_ns + since_first_ns)
        if shift_to_now:
            offset_ns = server.venue.clock_offset_ms * NS_PER_MS
            event = replace(event, ts_ns=started_ns + since_first_ns + offset_ns)
        server.feed(event)
        count += 1
        if speed is None and count % EVENTS_PER_TURN == 0:
            await server.drained()
            # Lets the requests of the clients in between.
            await asyncio.sleep(0)
    await server.drained()
    if not count:
        raise AuctionError("the tape has no event: check the instrument and the window")
    return count


async def _until(server: BybitLoopback, due_ns: int) -> None:
    wait_s = (due_ns - time.time_ns()) / 1e9
    if wait_s > 0:
        await server.drained()
        await asyncio.sleep(max(0.0, (due_ns - time.time_ns()) / 1e9))
    else:
        await asyncio.sleep(0)

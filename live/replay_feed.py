"""Feed recorded events to a node, never further ahead than it can follow."""

import asyncio
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from functools import partial
from itertools import chain
from itertools import pairwise
from typing import Any
from typing import Protocol

from adapters.simulated.nautilus.paper import PaperExecutionClient
from errors import AuctionError
from live.last_ticks import LastTicks
from live.node_calls import CachedTicks
from live.node_calls import instrument_of_data
from live.node_calls import is_quote
from live.node_calls import is_tick_or_bar
from live.replay_clock import ReplayClock
from live.runner import NodeRun


NS_PER_S = 1_000_000_000
# How many events the feed may be ahead of the node. A loopback venue with orders must not know more
# of the market than the node when an order arrives.
AHEAD = {"live": 1}
FAR_AHEAD = 1000
INFLIGHT_S = 1.0
# A message is queued one loop iteration after it was sent, and handled one iteration later.
QUIET_TURNS = 3
POLL_S = 0.001
STALLED_S = 30.0


type Venues = dict[Any, PaperExecutionClient]


class Timed(Protocol):
    """A recorded event with the time (ns UTC) at which it happened."""

    @property
    def ts_ns(self) -> int: ...


class Stage[E: Timed](Protocol):
    """A loopback server that publishes the events of a replay to a node."""

    def is_subscribed(self) -> bool:
        """Return whether the node has subscribed."""

    def feed(self, batch: Sequence[E]) -> None:
        """Publish the next events; called from a thread of its own."""

    def times(self, tick: Any, *, is_quote: bool) -> tuple[int, int] | None:
        """
        Return `ts_event` and `ts_init` (ns UTC) that a tick or a bar has in a backtest.

        None for one that the catalog does not have.
        """

    def has_seen(self, last: LastTicks, event: E) -> bool:
        """Return whether the node has handled an event."""


class ReplayFeed[E: Timed]:
    """
    Feed events to a node through a loopback server.

    Parameters
    ----------
    stage : Stage
        The server.
    events : Iterator
        The events, in their order.
    speed : float or None
        How many seconds of the recording pass in one second; None is as fast as the node keeps up.
    time : ReplayClock
        The clock of the node.

    Attributes
    ----------
    count : int
        The events fed.

    """

    def __init__(
        self,
        stage: Stage[E],
        events: Iterator[E],
        speed: float | None,
        time: ReplayClock,
    ) -> None:
        self._stage = stage
        self._events = events
        self._speed = speed
        self._time = time
        self.count = 0

    async def play(self, run: NodeRun) -> None:
        """
        Feed all events.

        Raises
        ------
        AuctionError
            If the node does not subscribe, or does not keep up.

        """
        await self._until(self._stage.is_subscribed, "did not subscribe")
        loop = asyncio.get_running_loop()
        began, first_ns = loop.time(), 0
        batch: list[E] = []
        ahead = AHEAD.get(run.config.mode, FAR_AHEAD)
        for event, following in pairwise(chain(self._events, [None])):
            assert event is not None
            first_ns = first_ns or event.ts_ns
            if self._speed is not None:
                due = began + (event.ts_ns - first_ns) / NS_PER_S / self._speed
                if due > loop.time():
                    await self._feed(run, batch)
                    batch = []
                    await asyncio.sleep(due - loop.time())
            batch.append(event)
            # A server that is driven by time publishes all events of a time together.
            is_last = following is None or following.ts_ns > event.ts_ns
            if len(batch) >= ahead and is_last:
                await self._feed(run, batch)
                batch = []
        await self._feed(run, batch)

    async def _feed(self, run: NodeRun, batch: list[E]) -> None:
        if not batch:
            return
        await asyncio.to_thread(self._stage.feed, batch)
        self.count += len(batch)
        # The last of each kind: earlier events have been handled before it.
        last = {self._kind(event): event for event in batch}
        has_taken = partial(self._has_taken, CachedTicks(run.node.cache), last.values())
        await self._until(has_taken, "does not keep up")

    def _has_taken(self, ticks: LastTicks, last: Iterable[E]) -> bool:
        return all(self._stage.has_seen(ticks, event) for event in last)

    @staticmethod
    def _kind(event: E) -> Any:
        return getattr(event, "instrument_id", ""), getattr(event, "kind", type(event))

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + STALLED_S
        while not condition():
            if loop.time() > end:
                raise AuctionError(f"replay: the node {what} within {STALLED_S:g} s")
            await asyncio.sleep(POLL_S)

    async def pace(self, run: NodeRun) -> None:
        """
        Forward the ticks of data clients, each after all effects of the one before are complete.

        The queues of a live node would let fast data overtake orders and fills. A tick counts as
        received at its own time, as in a backtest, and time alerts due before it fire first.
        """
        kernel = run.node.kernel
        ticks: asyncio.Queue[Any] = asyncio.Queue()
        for client in kernel.data_engine._clients.values():
            client.sink = ticks.put_nowait
        venues = _simulated_venues(run)
        while True:
            tick = await ticks.get()
            if not is_tick_or_bar(tick):
                kernel.data_engine.process(tick)
                await _settle(run)
                continue
            times = self._stage.times(tick, is_quote=is_quote(tick))
            if times is None:
                continue
            ts_event, ts_init = times
            kind = type(tick)
            values = {**kind.to_dict(tick), "ts_event": ts_event, "ts_init": ts_init}
            tick = kind.from_dict(values)
            await self._pass_time(run, venues, ts_init)
            self._time.go_to(ts_init)
            # In this order: the venue, cache and components, commands that have arrived.
            venue = venues.get(instrument_of_data(tick).venue)
            if venue is not None:
                venue.on_data(tick)
                await _settle(run)
            kernel.data_engine.process(tick)
            await _settle(run)
            await _take_commands(run, venues, ts_init)

    async def _pass_time(self, run: NodeRun, venues: Venues, ts: int) -> None:
        at = self._time.next_alert(ts)
        while at is not None:
            self._time.run_alert()
            await _settle(run)
            last, at = at, self._time.next_alert(ts)
            if at != last:
                await _take_commands(run, venues, last)


def _simulated_venues(run: NodeRun) -> Venues:
    clients = run.node.kernel.exec_engine._clients.values()
    return {found.venue: found for found in clients if isinstance(found, PaperExecutionClient)}


async def _take_commands(run: NodeRun, venues: Venues, ts: int) -> None:
    # Each of them, also behind one that had commands.
    while sum(venue.settle(ts) for venue in venues.values()):
        await _settle(run)


async def _settle(run: NodeRun) -> None:
    kernel, loop = run.node.kernel, asyncio.get_running_loop()
    data, risk, execution = kernel.data_engine, kernel.risk_engine, kernel.exec_engine
    quiet = 0
    while quiet < QUIET_TURNS:
        await asyncio.sleep(0)
        is_busy = (
            data.data_qsize()
            or risk.cmd_qsize()
            or risk.evt_qsize()
            or execution.cmd_qsize()
            or execution.evt_qsize()
        )
        quiet = 0 if is_busy else quiet + 1
    if run.config.mode != "live":
        return
    # A venue behind a socket needs time to answer.
    end = loop.time() + INFLIGHT_S
    while kernel.cache.orders_inflight() and loop.time() < end:
        await asyncio.sleep(POLL_S)

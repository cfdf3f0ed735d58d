"""
From a tick on the socket to the order on the server's socket.

Five trading nodes run at the same time, each in a process of its own on its own loopback server,
all servers in this process. The first two have a bare Nautilus strategy that submits a limit order
on a wanted quote: their difference is the noise of the measurement. The third does the same with a
stop attached to the order, which goes through Nautilus's batch request. The fourth has a
`TradingStrategy` of this project with a prepared intent and an attached stop, the fifth the same
with the journal of every live environment. Clients, engines and settings are the same, and the
garbage collector skips the objects of the start in all of them. Quotes go to one node after the
other, in reverse in every second round; an order rests far from the market and is canceled before
the next.

A figure without waits is the time less that for which the node's main thread, where loop, engines
and strategy run, was ready and had no processor meanwhile (the kernel's run-queue wait, from
`schedstat`). Waits of other threads and of this process stay in it.

In the figure: from just before the server writes the quote to its public socket until it has read
the order from its trade socket; so the adapter, both engines, and the decoding of the order by the
server. Not in it: the answer to the order, and the first rounds.
"""

import asyncio
import math
import multiprocessing
import time
from collections.abc import AsyncIterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AsyncExitStack
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from adapters.bybit.loopback.connection import KINDS
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.server import running
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade
from adapters.bybit.loopback.trade_socket import BATCH
from benchmarks.latency_node import Variant
from benchmarks.latency_node import run_node
from benchmarks.measure import Row
from benchmarks.run_queue import waited_ns


ORDERS = 1_000
WARM_UP = 20
# Of private messages and answers; the quotes go at once.
LATENCY_S = 0.005
# The strategy has handled the event; what its engine does after that is done by then.
SETTLE_S = 0.001
START_S = 120.0
# A machine that is too busy for all orders in this time gives the figures of fewer.
MEASURING_S = 90.0
ANSWER_S = 10.0
STOP_S = 10.0
MANY = 1_000_000
BOOK = "orderbook.1.BTCUSDT"
PRIVATE_TOPICS = 4
BID, ASK = Decimal(60_000), Decimal("60000.1")
FAILED = ("OrderDenied", "OrderRejected", "OrderCancelRejected", "OrderFilled")
P50_TARGET_MS = 0.25
P99_TARGET_MS = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    """Represents one order: its latency (ms), and how long its node's main thread waited (ns)."""

    ms: float
    waited_ns: int

    @property
    def net_ms(self) -> float:
        """Return the latency without the wait."""
        return self.ms - self.waited_ns / 1e6


class StampedSocket:
    """Passes all on to a socket and notes when the last message was sent."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.sent_ns = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    async def send_str(self, text: str) -> None:
        """Send a message."""
        self.sent_ns = time.perf_counter_ns()
        await self._socket.send_str(text)


class StampedRequests(list[dict[str, Any]]):
    """Keeps requests and notes when the last of each operation came."""

    def __init__(self) -> None:
        super().__init__()
        self.came_ns: dict[str, int] = {}
        self.came = asyncio.Event()

    def append(self, request: dict[str, Any]) -> None:
        """Take a request."""
        # An order that carries a stop comes as a batch of one.
        operation = str(request.get("op")).removesuffix(BATCH)
        self.came_ns[operation] = time.perf_counter_ns()
        super().append(request)
        self.came.set()


class Subject:
    """
    Sends quotes to one node and measures how long its order takes.

    Parameters
    ----------
    name : str
        The name in messages.
    server : BybitLoopback
        Its server, which runs.

    Attributes
    ----------
    pid : int
        The process of the node.

    """

    def __init__(self, name: str, server: BybitLoopback) -> None:
        self._name = name
        self._server = server
        self._requests = StampedRequests()
        server.trade.requests = self._requests
        self._socket: StampedSocket | None = None
        self._events: asyncio.Queue[str] = asyncio.Queue()
        self.pid = 0

    def take(self, event: str) -> None:
        """Take the name of an order event that the node has handled."""
        self._events.put_nowait(event)

    async def ready(self) -> None:
        """Wait until the node has subscribed to all that it needs."""
        end = time.monotonic() + START_S
        while not _is_connected(self._server):
            if time.monotonic() > end:
                raise RuntimeError(f"{self._name}: did not connect within {START_S:g} s")
            await asyncio.sleep(0.01)
        connection = self._server.connections.subscribers("public", BOOK)[0]
        self._socket = StampedSocket(connection.socket)
        connection.socket = self._socket  # type: ignore[assignment]
        connection.latency_s = 0.0
        # Reconciliation comes between the connection and the start of the strategies.
        await asyncio.sleep(1.0)

    async def measure(self) -> Sample:
        """Send one order, and have it taken back."""
        waited = waited_ns(self.pid)
        came_ns = await self._ask(is_wanted=True, operation="order.create")
        waited = waited_ns(self.pid) - waited
        if self._socket is None:
            raise RuntimeError(f"{self._name}: was measured before it was ready")
        elapsed = (came_ns - self._socket.sent_ns) / 1e6
        await self._wait_for_event("OrderAccepted")
        await self._ask(is_wanted=False, operation="order.cancel")
        await self._wait_for_event("OrderCanceled")
        return Sample(elapsed, waited)

    async def _ask(self, *, is_wanted: bool, operation: str) -> int:
        self._requests.came.clear()
        self._requests.came_ns.clear()
        sizes = (Decimal(2), Decimal(1)) if is_wanted else (Decimal(1), Decimal(2))
        self._server.feed(Quote(time.time_ns(), BID, sizes[0], ASK, sizes[1]))
        async with self._limit(f"{operation} after its quote"):
            await self._requests.came.wait()
        if operation not in self._requests.came_ns:
            came = ", ".join(self._requests.came_ns)
            raise RuntimeError(f"{self._name}: {operation} was expected, {came} came")
        return self._requests.came_ns[operation]

    async def _wait_for_event(self, wanted: str) -> None:
        async with self._limit(wanted):
            while (event := await self._events.get()) != wanted:
                if event in FAILED:
                    raise RuntimeError(f"{self._name}: {wanted} was expected, {event} came")
        await asyncio.sleep(SETTLE_S)

    @asynccontextmanager
    async def _limit(self, what: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(ANSWER_S):
                yield
        except TimeoutError:
            raise RuntimeError(f"{self._name}: no {what} within {ANSWER_S:g} s") from None


def run() -> list[Row]:
    """Return the figures."""
    with TemporaryDirectory() as folder:
        return rows(asyncio.run(_measured(Path(folder))))


def rows(samples: Mapping[Variant, Sequence[Sample]]) -> list[Row]:
    """Return the table of the samples of each variant, the bare strategies among them."""
    found = []
    everything = {variant: [s.ms for s in values] for variant, values in samples.items()}
    net = {variant: [s.net_ms for s in values] for variant, values in samples.items()}
    for variant, values in everything.items():
        for share in (50, 99):
            text = f"{variant}, p{share} of {len(values):,} orders"
            found.append(Row.of(text, [percentile(values, share)], "ms"))
    for variant, values in net.items():
        text = f"{variant}, p99 of {len(values):,} orders without waits"
        found.append(Row.of(text, [percentile(values, 99)], "ms"))
    bare = Variant.BARE
    for variant in samples:
        if variant is bare:
            continue
        is_ours = variant in (Variant.BASE, Variant.JOURNALED)
        for name, figures, share, target in (
            ("p50", everything, 50, P50_TARGET_MS),
            ("p99", everything, 99, None),
            ("p50 without waits", net, 50, None),
            ("p99 without waits", net, 99, P99_TARGET_MS),
        ):
            more = percentile(figures[variant], share) - percentile(figures[bare], share)
            limit = target if is_ours else None
            found.append(Row.of(f"{variant} - bare, {name}", [more], "ms", at_most=limit))
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the values (percent) does not exceed; NaN without values."""
    return float(np.percentile(values, share)) if values else math.nan


async def _measured(folder: Path) -> dict[Variant, list[Sample]]:
    async with AsyncExitStack() as stack:
        subjects = {
            variant: await stack.enter_async_context(_subject(variant, folder))
            for variant in Variant
        }
        for subject in subjects.values():
            await subject.ready()
        found: dict[Variant, list[Sample]] = {variant: [] for variant in Variant}
        end = time.monotonic() + MEASURING_S
        for turn in range(WARM_UP + ORDERS):
            if time.monotonic() > end:
                break
            for variant in list(Variant)[:: -1 if turn % 2 else 1]:
                sample = await subjects[variant].measure()
                if turn >= WARM_UP:
                    found[variant].append(sample)
    return found


@asynccontextmanager
async def _subject(variant: Variant, folder: Path) -> AsyncIterator[Subject]:
    server = BybitLoopback(latency_s=LATENCY_S, orders_per_second=MANY)
    async with running(server):
        now = time.time_ns()
        server.feed(Quote(now, BID, Decimal(1), ASK, Decimal(2)))
        server.feed(Trade(now, BID, Decimal(1), Side.SELL, "1"))
        subject = Subject(str(variant), server)
        sockets = {kind: server.socket_url(kind) for kind in KINDS}
        context = multiprocessing.get_context("spawn")
        pipe, far_end = context.Pipe(duplex=False)
        process = context.Process(
            target=run_node,
            args=(variant, server.url, sockets, folder, far_end),
        )
        process.start()
        subject.pid = process.pid or 0
        far_end.close()
        loop = asyncio.get_running_loop()

        def take() -> None:
            try:
                subject.take(pipe.recv())
            except EOFError:
                # The node has ended: what waits for it runs into its limit.
                loop.remove_reader(pipe.fileno())

        loop.add_reader(pipe.fileno(), take)
        try:
            yield subject
        finally:
            loop.remove_reader(pipe.fileno())
            process.terminate()
            # The node takes leave of the server, which needs the loop.
            await asyncio.to_thread(process.join, STOP_S)
            process.kill()
            process.join()
            pipe.close()


def _is_connected(server: BybitLoopback) -> bool:
    private = server.connections.of("private")
    return (
        bool(server.connections.subscribers("public", BOOK))
        and any(len(connection.topics) == PRIVATE_TOPICS for connection in private)
        and any(connection.is_authenticated for connection in server.connections.of("trade"))
    )

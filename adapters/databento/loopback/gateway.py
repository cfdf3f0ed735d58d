"""A Databento live gateway on the loopback interface."""

import asyncio
import threading
from collections.abc import Iterable
from types import TracebackType

from adapters.databento.loopback.clock import MarketClock
from adapters.databento.loopback.faults import Faults
from adapters.databento.loopback.session import Session
from adapters.databento.loopback.session_record import SessionRecord
from adapters.databento.loopback.subscribing import Market
from adapters.databento.loopback.symbols import SymbolTable
from adapters.databento.loopback.tape import Source
from adapters.databento.loopback.tape import Tape
from errors import AuctionError
from errors import UsageError


class LoopbackGateway:
    """
    Plays stored records to clients of Databento's live service.

    It implements the protocol of the Live Subscription Gateway: greeting, challenge, options,
    subscriptions, then DBN. It runs in a separate thread between `start` and `stop`, or within a
    `with` block.

    Parameters
    ----------
    sources : Iterable[Source]
        The records to play.
    symbols : SymbolTable
        The contracts of the records.
    key : str
        The API key that clients must have. It is neither logged nor shown.
    dataset : str
        The served dataset.
    host : str
        The loopback address to listen on.
    port : int
        The port; 0 takes a free one. Nautilus's client always uses 13000.
    speed : float or None
        The multiple of real time, see `MarketClock`.
    shift_to_now : bool
        Whether times in the records are shifted to the present, see `MarketClock`.
    begin_ns : int, optional
        The time at which the market begins (ns UTC of the records); by default the first record.
    held : bool
        Whether the market waits for `release`. Otherwise it begins when a client first
        subscribes to more than definitions.
    heartbeat_s : float
        The heartbeat interval, unless the client requests a shorter one (s).
    close_at_end : bool
        Whether sessions end after the last record, instead of continuing with heartbeats.

    Attributes
    ----------
    faults : Faults
        The switches for faults.
    sessions : list[SessionRecord]
        All sessions so far, the latest last.

    Raises
    ------
    UsageError
        If an argument is invalid.

    """

    def __init__(
        self,
        sources: Iterable[Source],
        symbols: SymbolTable,
        key: str,
        *,
        dataset: str = "GLBX.MDP3",
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float | None = 1.0,
        shift_to_now: bool = False,
        begin_ns: int | None = None,
        held: bool = False,
        heartbeat_s: float = 30.0,
        close_at_end: bool = False,
    ) -> None:
        if not host.startswith("127.") and host != "localhost":
            raise UsageError(f"host: {host} is not a loopback address: use 127.0.0.1")
        if not key:
            raise UsageError("key: empty: give the key that clients must have")
        if heartbeat_s <= 0:
            raise UsageError(f"heartbeat_s: {heartbeat_s} is not positive")
        tape = Tape(sources)
        begin = tape.begin_ns() if begin_ns is None else begin_ns
        clock = MarketClock(begin, speed, shift_to_now)
        self._market = Market(dataset, tape, symbols, clock, self._on_market_data)
        self._key = key
        self._host = host
        self._port = port
        self._is_held = held
        self._heartbeat_s = heartbeat_s
        self._close_at_end = close_at_end
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done: asyncio.Event | None = None
        self._failure: OSError | None = None
        self.faults = Faults()
        self.sessions: list[SessionRecord] = []

    @property
    def host(self) -> str:
        """Return the listening address."""
        return self._host

    @property
    def port(self) -> int:
        """Return the listening port."""
        return self._port

    def start(self) -> None:
        """
        Start listening.

        Raises
        ------
        AuctionError
            If the address cannot be bound.

        """
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run()),
            name="databento-gateway",
            daemon=True,
        )
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise AuctionError(f"gateway {self._host}:{self._port}: {self._failure}")

    def stop(self) -> None:
        """End all sessions and stop listening; further calls do nothing."""
        if self._thread is None or self._loop is None or self._done is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()
        self._thread = None

    def release(self) -> None:
        """Start a held market."""
        self._is_held = False
        if self._loop is None:
            raise UsageError("gateway: not started: call start() first")
        self._loop.call_soon_threadsafe(self._begin)

    def allow(self, until_ns: int) -> None:
        """Set the time at which the market stops (ns UTC of the records)."""
        if self._loop is None:
            raise UsageError("gateway: not started: call start() first")
        self._loop.call_soon_threadsafe(self._limit, until_ns)

    def __enter__(self) -> "LoopbackGateway":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        self.faults.attach(self._loop)
        try:
            server = await asyncio.start_server(self._accept, self._host, self._port)
        except OSError as error:
            self._failure = error
            self._ready.set()
            return
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._done.wait()
        server.close()
        for session in list(self.faults.sessions):
            session.finish()
        # Sessions that do not end by themselves are cancelled with the loop.
        await asyncio.sleep(0.05)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.faults.refuses:
            writer.transport.abort()
            return
        record = SessionRecord(len(self.sessions) + 1)
        self.sessions.append(record)
        session = Session(
            self._market,
            self.faults,
            self._key,
            self._heartbeat_s,
            self._close_at_end,
            record,
            reader,
            writer,
        )
        self.faults.sessions.append(session)
        try:
            await session.run()
        finally:
            self.faults.sessions.remove(session)

    def _on_market_data(self) -> None:
        if not self._is_held:
            self._begin()

    def _limit(self, until_ns: int) -> None:
        self._market.clock.limit_ns = until_ns
        for session in self.faults.sessions:
            session.wake()

    def _begin(self) -> None:
        self._market.clock.start()
        for session in self.faults.sessions:
            session.wake()

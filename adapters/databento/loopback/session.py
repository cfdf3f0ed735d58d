"""One connection of a client, from the greeting to its end."""

import asyncio
import secrets
import socket
import struct
import time

import zstandard
from databento_dbn import ErrorCode

from adapters.databento.loopback import messages
from adapters.databento.loopback.clock import MarketClock
from adapters.databento.loopback.control import START
from adapters.databento.loopback.control import Authentication
from adapters.databento.loopback.control import ControlError
from adapters.databento.loopback.control import Subscription
from adapters.databento.loopback.control import is_answer
from adapters.databento.loopback.control import parse_authentication
from adapters.databento.loopback.control import parse_line
from adapters.databento.loopback.control import parse_subscription
from adapters.databento.loopback.faults import Faults
from adapters.databento.loopback.feed import Feed
from adapters.databento.loopback.layout import with_ts_out
from adapters.databento.loopback.session_record import SessionRecord
from adapters.databento.loopback.subscribing import Market
from adapters.databento.loopback.subscribing import subscribe


_LOGIN_S = 10.0
# A reader that is behind by this much is slow.
_SLOW_S = 5.0


class Session:
    """
    Serves one client.

    Parameters
    ----------
    market : Market
        The replayed market.
    faults : Faults
        The switches for faults.
    key : str
        The only accepted key.
    heartbeat_s : float
        The heartbeat interval, unless the client requests a shorter one (s).
    close_at_end : bool
        Whether the session ends after the last record.
    record : SessionRecord
        The record of the session.
    reader, writer : asyncio.StreamReader, asyncio.StreamWriter
        The connection.

    """

    def __init__(
        self,
        market: Market,
        faults: Faults,
        key: str,
        heartbeat_s: float,
        close_at_end: bool,
        record: SessionRecord,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._market = market
        self._faults = faults
        self._key = key
        self._heartbeat_s = heartbeat_s
        self._close_at_end = close_at_end
        self._record = record
        self._reader = reader
        self._writer = writer
        self._wake = asyncio.Event()
        self._feed = Feed(market.clock, ts_out=False)
        self._has_ts_out = False
        self._skips = False
        self._compressor: zstandard.ZstdCompressionObj | None = None
        self._sent_at = 0.0
        self._warned = False
        self._has_data = False
        self.is_streaming = False

    @property
    def clock(self) -> MarketClock:
        """Return the market's time."""
        return self._market.clock

    async def run(self) -> None:
        """Serve the client until either side ends the connection."""
        try:
            if await self._login():
                await self._serve()
        except (ConnectionError, TimeoutError, ValueError):
            self._writer.transport.abort()
        finally:
            self._record.is_open = self.is_streaming = False
            self._writer.close()

    def wake(self) -> None:
        """Wake the sender to check for new records."""
        self._wake.set()

    def notify(self, message: bytes) -> None:
        """Send a message of the gateway."""
        self.send(with_ts_out(message) if self._has_ts_out else message)

    def send(self, content: bytes) -> None:
        """Send bytes, compressed if the session is."""
        if self._compressor is not None:
            content = self._compressor.compress(content)
            content += self._compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        self._sent_at = time.monotonic()
        self._writer.write(content)

    def drop(self, inside_record: bool) -> None:
        """Drop the connection."""
        if inside_record:
            self._writer.write(messages.heartbeat()[:20])
            self._writer.close()
        else:
            connection = self._writer.get_extra_info("socket")
            # Without lingering the peer sees a reset instead of an orderly end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()

    def finish(self) -> None:
        """End the session in order."""
        self._writer.close()

    def catch_up(self, behind_s: float = _SLOW_S) -> None:
        """Warn a slow client, or skip the records it is behind."""
        self.notify(messages.slow_reader_warning(behind_s))
        if self._skips:
            count = self._feed.skip()
            text = f"Skipped {count} records after slow reading"
            self.send(
                messages.error(ErrorCode.from_str("skipped_records_after_slow_reading"), text)
            )

    async def _login(self) -> bool:
        challenge = secrets.token_urlsafe(24)
        greeting = f"lsg_version={self._faults.lsg_version}\ncram={challenge}\n"
        self._writer.write(greeting.encode())
        line = await asyncio.wait_for(self._reader.readline(), _LOGIN_S)
        if not line:
            return False
        try:
            request = parse_authentication(parse_line(line))
            self._record.client = request.client
            self._check(request, challenge)
        except ControlError as error:
            self._writer.write(f"success=0|error={error}\n".encode())
            await self._writer.drain()
            return False
        self._record.is_authenticated = True
        self._writer.write(f"success=1|session_id={self._record.number}\n".encode())
        self._skips = request.skips
        self._has_ts_out = request.ts_out
        self._feed = Feed(self.clock, request.ts_out)
        if request.heartbeat_s:
            self._heartbeat_s = min(self._heartbeat_s, request.heartbeat_s)
        self._options = request
        return True

    def _check(self, request: Authentication, challenge: str) -> None:
        if not is_answer(request.answer, challenge, self._key):
            raise ControlError("Authentication failed: Incorrect API key")
        if request.dataset != self._market.dataset:
            raise ControlError(f"Authentication failed: no live license for {request.dataset}")

    async def _serve(self) -> None:
        pump: asyncio.Task[None] | None = None
        waiting: list[Subscription] = []
        try:
            while line := await self._reader.readline():
                fields = parse_line(line)
                if START in fields and pump is None:
                    self._begin(waiting)
                    pump = asyncio.create_task(self._pump())
                elif START not in fields:
                    request = parse_subscription(fields)
                    self._record.subscriptions.append(request)
                    if pump is None:
                        waiting.append(request)
                    else:
                        self._subscribe(request)
        except (ControlError, ValueError) as error:
            if not self.is_streaming:
                self._begin([])
            self.notify(messages.error(ErrorCode.from_str("invalid_subscription"), str(error)))
            await self._writer.drain()
        finally:
            if pump is not None:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)

    def _begin(self, waiting: list[Subscription]) -> None:
        options = self._options
        if options.zstd:
            self._compressor = zstandard.ZstdCompressor().compressobj()
        self.is_streaming = True
        version = self._faults.dbn_version
        self.send(messages.header(self._market.dataset, options.ts_out, version))
        for request in waiting:
            self._subscribe(request)

    def _subscribe(self, request: Subscription) -> None:
        self._has_data |= subscribe(self._market, self._feed, self.notify, request)
        self._wake.set()

    async def _pump(self) -> None:
        while not self._writer.is_closing():
            await self._faults.flowing.wait()
            next_ns = self._feed.next_ns()
            behind = 0.0 if next_ns is None else self.clock.behind_s(next_ns)
            if behind < _SLOW_S:
                self._warned = False
            elif not self._warned:
                self._warned = True
                self.catch_up(behind)
            content = self._feed.take()
            self._record.records = self._feed.records
            if content:
                self.send(content)
                await self._writer.drain()
                await asyncio.sleep(0)
            elif self._close_at_end and self._has_data and self._feed.is_empty:
                self.finish()
            else:
                await self._pause(next_ns)

    async def _pause(self, next_ns: int | None) -> None:
        silence = self._sent_at + self._heartbeat_s - time.monotonic()
        if silence <= 0:
            self.notify(messages.heartbeat())
            return
        if next_ns is not None and self.clock.is_started:
            silence = min(silence, self.clock.wait_s(next_ns))
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), silence)
        except TimeoutError:
            return

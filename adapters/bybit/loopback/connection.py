"""Socket connections of clients, singly and by kind."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from aiohttp import web


PUBLIC = "public"
PRIVATE = "private"
TRADE = "trade"
KINDS = (PUBLIC, PRIVATE, TRADE)


class Connection:
    """
    Sends messages in order without blocking the sender.

    Parameters
    ----------
    kind : str
        `public`, `private` or `trade`.
    number : int
        For the connection's id.
    request : web.Request
        The request that opened it.
    socket : web.WebSocketResponse
        The prepared socket.
    latency_s : float
        The delay of a message (s).

    Attributes
    ----------
    topics : set[str]
        The subscribed topics.
    is_authenticated : bool
        If it has logged in with a valid key.
    latency_s : float
        The delay of a message from now on (s).

    """

    def __init__(
        self,
        kind: str,
        number: int,
        request: web.Request,
        socket: web.WebSocketResponse,
        latency_s: float,
    ) -> None:
        self.kind = kind
        self.conn_id = f"loopback-{kind}-{number}"
        self.topics: set[str] = set()
        self.is_authenticated = False
        self.socket = socket
        self._request = request
        self.latency_s = latency_s
        self._loop = asyncio.get_running_loop()
        self._messages: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
        self._unsent = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._running = asyncio.Event()
        self._running.set()
        self._writer = asyncio.create_task(self._write())

    def send(self, message: dict[str, Any]) -> None:
        """Send an object as JSON."""
        due = self._loop.time() + self.latency_s
        self._messages.put_nowait((due, json.dumps(message, separators=(",", ":"))))
        self._unsent += 1
        if self._running.is_set() and not self._writer.done():
            self._idle.clear()

    async def drained(self) -> None:
        """Wait until everything is written; return at once if frozen or closed."""
        await self._idle.wait()

    async def running(self) -> None:
        """Wait while the connection is frozen."""
        await self._running.wait()

    def freeze(self) -> None:
        """Stop sending and answering while the connection stays open."""
        self._running.clear()
        self._idle.set()

    def thaw(self) -> None:
        """Resume, starting with the messages held back."""
        self._running.set()
        if self._unsent and not self._writer.done():
            self._idle.clear()

    def abort(self) -> None:
        """Cut the connection without a close frame."""
        self.thaw()
        if self._request.transport is not None:
            self._request.transport.abort()

    async def close(self) -> None:
        """Stop writing and close the socket."""
        self._writer.cancel()
        self._idle.set()
        await self.socket.close()

    async def _write(self) -> None:
        while True:
            due, message = await self._messages.get()
            if self.latency_s:
                await asyncio.sleep(max(0.0, due - self._loop.time()))
            await self._running.wait()
            # Once the client has disconnected, its reader ends the connection.
            with suppress(ConnectionError):
                if not self.socket.closed:
                    await self.socket.send_str(message)
            self._unsent -= 1
            if not self._unsent:
                self._idle.set()


class Connections:
    """
    Keeps the open connections.

    Parameters
    ----------
    latency_s : float
        The delay of a message to a client (s).

    """

    def __init__(self, latency_s: float = 0.0) -> None:
        self._latency_s = latency_s
        self._open: dict[str, list[Connection]] = {kind: [] for kind in KINDS}
        self._count = 0

    def open(
        self,
        kind: str,
        request: web.Request,
        socket: web.WebSocketResponse,
    ) -> Connection:
        """Add a connection."""
        self._count += 1
        connection = Connection(kind, self._count, request, socket, self._latency_s)
        self._open[kind].append(connection)
        return connection

    def of(self, kind: str) -> list[Connection]:
        """Return the open connections of a kind."""
        return list(self._open[kind])

    def all(self) -> Iterator[Connection]:
        """Return all open connections."""
        for kind in KINDS:
            yield from self.of(kind)

    def subscribers(self, kind: str, topic: str) -> list[Connection]:
        """Return the connections of a kind that have subscribed to a topic."""
        return [connection for connection in self._open[kind] if topic in connection.topics]

    async def close(self, connection: Connection) -> None:
        """Close and forget a connection."""
        self._open[connection.kind].remove(connection)
        await connection.close()

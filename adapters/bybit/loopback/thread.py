"""Runs a loopback server on a separate event loop, for blocking clients."""

import asyncio
import threading
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.bybit.loopback.server import BybitLoopback


CALL_TIMEOUT_S = 30.0


class ServerThread:
    """
    Gives other threads access to a server.

    Parameters
    ----------
    server : BybitLoopback
        The server; it is used only on its own loop.
    loop : asyncio.AbstractEventLoop
        The loop it runs on.

    """

    def __init__(self, server: BybitLoopback, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self.url = server.url
        self.socket_url = server.socket_url

    def call[T](self, action: Callable[[BybitLoopback], T]) -> T:
        """Call a function with the server on its loop, and return the result."""

        async def run() -> T:
            return action(self._server)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(CALL_TIMEOUT_S)

    def wait_for[T](self, action: Callable[[BybitLoopback], Awaitable[T]]) -> T:
        """Run a coroutine with the server on its loop, and return the result."""

        async def run() -> T:
            return await action(self._server)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(CALL_TIMEOUT_S)


@contextmanager
def running_in_thread(server: BybitLoopback, port: int = 0) -> Iterator[ServerThread]:
    """Run a server in a thread for the time of the context."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="bybit-loopback")
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(port), loop).result(CALL_TIMEOUT_S)
        try:
            yield ServerThread(server, loop)
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(CALL_TIMEOUT_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

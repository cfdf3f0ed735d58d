"""Switches for faults of a gateway, for tests and rehearsals."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from databento_dbn import ErrorCode

from adapters.databento.loopback import messages
from adapters.databento.loopback.control import LSG_VERSION


class _Session(Protocol):
    @property
    def is_streaming(self) -> bool: ...
    def drop(self, inside_record: bool) -> None: ...
    def finish(self) -> None: ...
    def notify(self, message: bytes) -> None: ...
    def wake(self) -> None: ...


class Faults:
    """
    Disturbs the sessions of a gateway, from any thread.

    Attributes
    ----------
    lsg_version : str
        The version in the greeting of the next sessions.
    dbn_version : int
        The version in the headers of the next sessions.
    refuses : bool
        Whether new connections are dropped at once.

    """

    def __init__(self) -> None:
        self.lsg_version = LSG_VERSION
        self.dbn_version = messages.DBN_VERSION
        self.refuses = False
        self.sessions: list[_Session] = []
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Set the event loop that runs the sessions."""
        self._loop = loop

    def freeze(self) -> None:
        """Stop sending, even heartbeats, while the connections stay open."""
        self._call(self.flowing.clear)

    def unfreeze(self) -> None:
        """Resume; records published meanwhile are sent at once."""
        self._call(self.flowing.set)

    def drop(self, inside_record: bool = False) -> None:
        """
        Drop all connections.

        Parameters
        ----------
        inside_record : bool
            Whether the last record is sent only in part.

        """
        self._each(lambda session: session.drop(inside_record))

    def close(self) -> None:
        """End all sessions in order, as for the maintenance of a gateway."""
        self._each(lambda session: session.finish())

    def error(self, text: str, code: str = "internal_error") -> None:
        """Send an error record to all sessions."""
        self._each(lambda session: session.notify(messages.error(ErrorCode.from_str(code), text)))

    def _each(self, action: Callable[[_Session], None]) -> None:
        def run() -> None:
            for session in list(self.sessions):
                if session.is_streaming:
                    action(session)

        self._call(run)

    def _call(self, action: Callable[[], object]) -> None:
        if self._loop is None:
            action()
        else:
            self._loop.call_soon_threadsafe(action)

"""Follows whether the sessions of Nautilus's Databento client stand, with their subscriptions."""

import time

import psutil

from adapters.databento.login import LIVE_PORT


LOOK_S = 0.25


class SessionState:
    """
    Follows the sessions of a client by the connections of the process.

    The core shows nothing of a session that is lost: it reconnects by itself, a second later at
    the soonest, and logs it. The gateway's port is nobody else's, and it acknowledges each
    subscription of a new session. Acknowledgements come on a thread of the core, also while the
    connections are read: they are counted from the start and never reset, and only those since
    the last look before a session was there count for it.
    """

    def __init__(self) -> None:
        self._acknowledged = 0
        self._wanted = 0
        self._is_down = True
        self._next_look = 0.0
        self._process = psutil.Process()
        self._sessions: frozenset[int] = frozenset()
        self._before_loss = 0
        self._at_last_look = 0

    def acknowledge(self) -> None:
        """Count an acknowledged subscription; the core calls from one thread at a time."""
        self._acknowledged += 1

    def stand(self, count: int) -> bool:
        """Return True if so many sessions are connected, with their subscriptions."""
        now = time.monotonic()
        if now < self._next_look:
            return not self._is_down
        self._next_look = now + LOOK_S
        acknowledged = self._acknowledged
        sessions = self._connected()
        # The local port identifies a session: one that was lost and is back has another, and what
        # was acknowledged up to the last look at which it was there is of no use to the new one.
        if len(self._sessions & sessions) < count:
            self._is_down = True
            self._before_loss = self._at_last_look
        self._sessions = sessions
        self._at_last_look = acknowledged
        since_loss = acknowledged - self._before_loss
        if len(sessions) >= count and (not self._is_down or since_loss >= self._wanted):
            self._is_down = False
            self._wanted = since_loss
        return not self._is_down

    def _connected(self) -> frozenset[int]:
        return frozenset(
            connection.laddr.port
            for connection in self._process.net_connections("tcp")
            if connection.status == psutil.CONN_ESTABLISHED
            and connection.raddr
            and connection.raddr.port == LIVE_PORT
        )

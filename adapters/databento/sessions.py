"""Tells whether the sessions of Nautilus's Databento client stand, with their subscriptions."""

import time

import psutil

from adapters.databento.login import LIVE_PORT


LOOK_S = 0.25


class SessionState:
    """
    Follows the sessions of a client by the connections of the process.

    The core shows nothing of a session that is lost: it reconnects by itself, a second later at
    the soonest, and logs it. The gateway's port is nobody else's, and it acknowledges each
    subscription of a new session.

    Attributes
    ----------
    acknowledged : int
        The subscriptions acknowledged since the last loss.

    """

    def __init__(self) -> None:
        self.acknowledged = 0
        self._wanted = 0
        self._is_down = True
        self._next_look = 0.0
        self._process = psutil.Process()

    def stand(self, count: int) -> bool:
        """Return True if so many sessions are connected, with their subscriptions."""
        now = time.monotonic()
        if now < self._next_look:
            return not self._is_down
        self._next_look = now + LOOK_S
        connected = sum(
            1
            for connection in self._process.net_connections("tcp")
            if connection.status == psutil.CONN_ESTABLISHED
            and connection.raddr
            and connection.raddr.port == LIVE_PORT
        )
        if connected < count:
            self._is_down = True
            self.acknowledged = 0
        elif not self._is_down or self.acknowledged >= self._wanted:
            self._is_down = False
            self._wanted = self.acknowledged
        return not self._is_down

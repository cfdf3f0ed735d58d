"""Tracks whether the sessions of Nautilus's Databento client are up with their subscriptions."""

import time

import psutil

from adapters.databento.login import LIVE_PORT


CHECK_S = 0.25


class SessionState:
    """
    Tracks the sessions of a client by the TCP connections of the process.

    The core does not expose a lost session: it reconnects by itself, a second later at the
    earliest, and only logs it. No other service uses the port of the gateway, which acknowledges
    each subscription of a new session. Acknowledgements arrive on a thread of the core, also while
    the connections are read: they are counted from the start and never reset, and only those since
    the last check before a session appeared count for it.
    """

    def __init__(self) -> None:
        self._acknowledged = 0
        self._wanted = 0
        self._is_down = True
        self._next_check = 0.0
        self._process = psutil.Process()
        self._sessions: frozenset[int] = frozenset()
        self._before_loss = 0
        self._at_last_check = 0

    def acknowledge(self) -> None:
        """Count an acknowledged subscription; the core calls from one thread at a time."""
        self._acknowledged += 1

    def are_ready(self, count: int) -> bool:
        """Return True if `count` sessions are connected with their subscriptions."""
        now = time.monotonic()
        if now < self._next_check:
            return not self._is_down
        self._next_check = now + CHECK_S
        acknowledged = self._acknowledged
        sessions = self._connected()
        # The local port identifies a session: a reconnected one has another port, and earlier
        # acknowledgements do not count for it.
        if len(self._sessions & sessions) < count:
            self._is_down = True
            self._before_loss = self._at_last_check
        self._sessions = sessions
        self._at_last_check = acknowledged
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

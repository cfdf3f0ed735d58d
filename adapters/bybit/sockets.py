"""Tracks whether a socket of Nautilus's Bybit client is connected with its subscriptions."""

from typing import Any


class SocketState:
    """
    Tracks one socket, which reconnects without notifying Python.

    Poll it more often than a reconnect takes (a fifth of a second at least).

    Attributes
    ----------
    losses : int
        The number of losses detected.

    """

    def __init__(self) -> None:
        self.losses = 0
        self._is_down = True
        self._wanted = 0

    def is_ready(self, socket: Any) -> bool:
        """
        Return True if the socket is connected and has as many subscriptions as before its loss.

        Parameters
        ----------
        socket : BybitWebSocketClient
            The core's socket.

        """
        count = int(socket.subscription_count())
        if not socket.is_active():
            self.losses += not self._is_down
            self._is_down = True
        # A subscription counts again when the venue has acknowledged it.
        elif not self._is_down or count >= self._wanted:
            self._is_down = False
            self._wanted = count
        return not self._is_down

"""Notify systemd that a service is ready and alive (`Type=notify`, `WatchdogSec=`)."""

import os
import socket
import time
from contextlib import suppress


VARIABLE = "NOTIFY_SOCKET"
PING_S = 1.0


class ServiceNotifier:
    """
    Sends states to the service manager; does nothing without one.

    Parameters
    ----------
    address : str
        The address of its socket; empty for none.

    """

    def __init__(self, address: str) -> None:
        # A name that begins with @ is in the abstract namespace.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._is_ready = False
        self._pinged_at = float("-inf")

    @classmethod
    def from_environment(cls) -> "ServiceNotifier":
        """Return the notifier of this process; child processes do not inherit the address."""
        return cls(os.environ.pop(VARIABLE, ""))

    def ready(self) -> None:
        """Report that the service has started; only the first call counts."""
        if not self._is_ready:
            self._is_ready = True
            self._send("READY=1")

    def ping(self) -> None:
        """Report that the service is alive, at most once a second."""
        now = time.monotonic()
        if now - self._pinged_at >= PING_S:
            self._pinged_at = now
            self._send("WATCHDOG=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        # A service manager that is gone must not end the service.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.connect(self._address)
            sender.send(state.encode())

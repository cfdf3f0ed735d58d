"""Unhandled exceptions of callbacks in a node's event loop."""

import asyncio
import time
from typing import Any

from configs.documents import one_line
from live.alerting import NodeAlerts
from live.node_protocols import Log
from strategies.common.alert_throttle import AlertThrottle


class UnhandledErrors:
    """
    Log each exception of a socket message handler, and raise an alert.

    asyncio itself only prints such exceptions.

    Parameters
    ----------
    logger : Log
        The log of the node.
    alerts : NodeAlerts
        Receives the alert, at most once within the interval of `AlertThrottle`.

    """

    def __init__(self, logger: Log, alerts: NodeAlerts) -> None:
        self._logger = logger
        self._alerts = alerts
        self._throttle = AlertThrottle()

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle an error, as a handler for `asyncio.AbstractEventLoop.set_exception_handler`."""
        error = context.get("exception")
        if not isinstance(error, Exception) or "handle" not in context:
            loop.default_exception_handler(context)
            return
        self._logger.exception("A message was not handled", error)
        if self._throttle.is_due(time.time_ns(), True):
            text = f"a message was not handled, the next check queries the venue: {one_line(error)}"
            self._alerts.raise_alert("MESSAGE_LOST", text)

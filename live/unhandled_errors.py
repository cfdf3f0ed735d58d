"""Errors that nobody waits for: those of callbacks in the loop of a node."""

import asyncio
import time
from typing import Any

from configs.documents import one_line
from live.alerting import NodeAlerts
from live.node_protocols import Log
from strategies.common.alert_throttle import AlertThrottle


class UnhandledErrors:
    """
    Logs each failure to take a message of a socket, and raises an alert.

    asyncio only prints what the takers of such messages raise.

    Parameters
    ----------
    logger : Log
        The log of the node.
    alerts : NodeAlerts
        Gets the alert, at most once within the time of `AlertThrottle`.

    """

    def __init__(self, logger: Log, alerts: NodeAlerts) -> None:
        self._logger = logger
        self._alerts = alerts
        self._throttle = AlertThrottle()

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle an error, as `asyncio.AbstractEventLoop.set_exception_handler` has it."""
        error = context.get("exception")
        if not isinstance(error, Exception) or "handle" not in context:
            loop.default_exception_handler(context)
            return
        self._logger.exception("A message was not taken", error)
        if self._throttle.is_due(time.time_ns(), True):
            text = f"a message was not taken, the next look asks the venue: {one_line(error)}"
            self._alerts.raise_alert("MESSAGE_LOST", text)

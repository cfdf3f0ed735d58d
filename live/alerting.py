"""Alerts raised by the node itself rather than by a strategy."""

import time

from actors.journal.actor import NODE
from actors.messages import Alert
from live.node_protocols import Bus


class NodeAlerts:
    """
    Publish alerts of the node in the format of strategy alerts.

    Parameters
    ----------
    msgbus : Bus
        The message bus of the node.

    """

    def __init__(self, msgbus: Bus) -> None:
        self._msgbus = msgbus

    def raise_alert(self, kind: str, text: str, value: float | None = None) -> None:
        """Publish an alert with the current time."""
        now = time.time_ns()
        message = Alert(NODE, now, now, strategy_id="NODE", kind=kind, text=text, value=value)
        self._msgbus.publish(f"data.{message.data_type.topic}", message)

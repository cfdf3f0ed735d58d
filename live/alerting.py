"""Alerts of the node itself, which belong to no strategy."""

import time

from actors.journal.actor import NODE
from actors.messages import Alert
from live.node_protocols import Bus


class NodeAlerts:
    """
    Publishes alerts, as a strategy does.

    Parameters
    ----------
    msgbus : Bus
        The bus of the node.

    """

    def __init__(self, msgbus: Bus) -> None:
        self._msgbus = msgbus

    def raise_alert(self, kind: str, text: str, value: float | None = None) -> None:
        """Publish an alert of now."""
        now = time.time_ns()
        message = Alert(NODE, now, now, strategy_id="NODE", kind=kind, text=text, value=value)
        self._msgbus.publish(f"data.{message.data_type.topic}", message)

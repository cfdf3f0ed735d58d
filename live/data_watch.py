"""Tells of market data that a client has refused."""

import time

from live.alerting import NodeAlerts
from live.client_protocols import RefusesTicks
from live.node_protocols import Node
from strategies.common.alert_throttle import AlertThrottle


class DataWatch:
    """
    Raises an alert when a data client has refused rows of its venue.

    Parameters
    ----------
    node : Node
        The node, built.
    alerts : NodeAlerts
        Gets the alert, at most once within the time of `AlertThrottle`.

    """

    def __init__(self, node: Node, alerts: NodeAlerts) -> None:
        self._node = node
        self._alerts = alerts
        self._told = 0
        self._lasting = AlertThrottle()

    def look(self) -> None:
        """See whether more has been refused than was told."""
        clients = self._node.kernel.data_engine._clients.values()
        found = [client.refused for client in clients if isinstance(client, RefusesTicks)]
        count = sum(refused.count for refused in found)
        if count > self._told and self._lasting.is_due(time.time_ns(), True):
            last = max(found, key=lambda refused: refused.count).reason
            text = f"{count - self._told} rows of market data refused, the last: {last}"
            self._told = count
            self._alerts.raise_alert("DATA_REFUSED", text, float(count))

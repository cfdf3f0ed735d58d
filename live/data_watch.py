"""Report market data that a client has rejected."""

import time

from live.alerting import NodeAlerts
from live.client_protocols import RefusesTicks
from live.node_protocols import Node
from strategies.common.alert_throttle import AlertThrottle


class DataWatch:
    """
    Raise an alert when a data client has rejected rows of its venue.

    Parameters
    ----------
    node : Node
        The node, built.
    alerts : NodeAlerts
        Receives the alert, at most once within the interval of `AlertThrottle`.

    """

    def __init__(self, node: Node, alerts: NodeAlerts) -> None:
        self._node = node
        self._alerts = alerts
        self._reported = 0
        self._throttle = AlertThrottle()

    def check(self) -> None:
        """Raise an alert if more rows have been rejected since the last one."""
        clients = self._node.kernel.data_engine._clients.values()
        found = [client.refused for client in clients if isinstance(client, RefusesTicks)]
        count = sum(refused.count for refused in found)
        if count > self._reported and self._throttle.is_due(time.time_ns(), True):
            last = max(found, key=lambda refused: refused.count).reason
            text = f"{count - self._reported} rows of market data refused, the last: {last}"
            self._reported = count
            self._alerts.raise_alert("DATA_REFUSED", text, float(count))

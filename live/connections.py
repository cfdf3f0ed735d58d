"""Monitor a node's connections: raise alerts, block entries, reconcile after each loss."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field

from configs.documents import one_line
from live.alerting import NodeAlerts
from live.client_protocols import CatchesUp
from live.client_protocols import HasConnections
from live.node_protocols import Node
from live.watchdog import Watchdog
from strategies.common.alert_throttle import AlertThrottle
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason


LOST_AFTER_S = 1.0
RETRY_S = 1.0


@dataclass
class _Connection:
    down_since: float | None = None
    has_canceled: bool = False
    is_reported: bool = False
    throttle: AlertThrottle = field(default_factory=AlertThrottle)


class ConnectionWatch:
    """
    Poll the clients for the state of their connections; core clients publish no such events.

    While a connection is down nothing is entered. After `LOST_AFTER_S` the operator is alerted, at
    most once within the interval of `AlertThrottle`, and working entries are canceled. After each
    loss of an execution client's connection, however short, orders, fills and positions are
    reconciled with the venue before anything is entered: a private socket does not replay what it
    missed. A reconciliation that stays pending for `LOST_AFTER_S` cancels working entries as well.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    watchdog : Watchdog
        Blocks entries, and compares positions.
    alerts : NodeAlerts
        Receives losses and recoveries.

    """

    def __init__(
        self,
        node: Node,
        strategies: Iterable[TradingStrategy],
        watchdog: Watchdog,
        alerts: NodeAlerts,
    ) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._watchdog = watchdog
        self._alerts = alerts
        self._connections: dict[str, _Connection] = {}
        self._unreconciled: list[CatchesUp] = []
        self._unreconciled_since: float | None = None
        self._has_canceled = False
        self._reconciling: asyncio.Task[None] | None = None

    def check(self) -> None:
        """Check whether all connections are up."""
        for client in self._clients():
            for name, is_up in client.connections().items():
                key = f"{client.id}: {name}"
                if self._is_restored(key, is_up) and isinstance(client, CatchesUp):
                    self._unreconciled.append(client)
        if self._unreconciled and (self._reconciling is None or self._reconciling.done()):
            self._reconciling = asyncio.ensure_future(self._reconcile())
        is_down = any(found.down_since is not None for found in self._connections.values())
        self._watchdog.is_cut_off = is_down or bool(self._unreconciled)
        if self._watchdog.is_cut_off:
            for strategy in self._strategies:
                strategy.stale = True
        self._check_reconciliation()

    def missing(self) -> list[str]:
        """Return the connections that are up, but whose loss would not be noticed yet."""
        return [
            f"{client.id}: {name}: connected just now"
            for client in self._clients()
            for name, is_up in client.connections().items()
            if is_up and f"{client.id}: {name}" not in self._connections
        ]

    def _clients(self) -> list[HasConnections]:
        kernel = self._node.kernel
        clients = (*kernel.data_engine._clients.values(), *kernel.exec_engine._clients.values())
        return [client for client in clients if isinstance(client, HasConnections)]

    def _check_reconciliation(self) -> None:
        if not self._unreconciled:
            self._unreconciled_since = None
            self._has_canceled = False
            return
        now = time.monotonic()
        if self._unreconciled_since is None:
            self._unreconciled_since = now
        if now - self._unreconciled_since >= LOST_AFTER_S and not self._has_canceled:
            self._has_canceled = True
            self._stop_entries()

    def _stop_entries(self) -> None:
        for strategy in self._strategies:
            strategy.stop_entries(DropReason.STALE)

    def _is_restored(self, key: str, is_up: bool) -> bool:
        found = self._connections.get(key)
        now = time.monotonic()
        if found is None:
            # Until it was up for the first time, the start-up checks report it as missing.
            if is_up:
                self._connections[key] = _Connection()
            return False
        if is_up:
            was_down = found.down_since is not None
            if found.is_reported and found.down_since is not None:
                gone_s = now - found.down_since
                text = f"{key}: back after {gone_s:.1f} s"
                self._alerts.raise_alert("CONNECTION_RESTORED", text, gone_s)
            # The throttle is kept: a flapping connection does not raise an alert each time.
            found.down_since, found.has_canceled, found.is_reported = None, False, False
            return was_down
        if found.down_since is None:
            found.down_since = now
        if now - found.down_since < LOST_AFTER_S:
            return False
        if not found.has_canceled:
            found.has_canceled = True
            self._stop_entries()
        if found.throttle.is_due(time.time_ns(), True):
            found.is_reported = True
            text = f"{key}: down: nothing is entered until it is back"
            self._alerts.raise_alert("CONNECTION_LOST", text, now - found.down_since)
        return False

    async def _reconcile(self) -> None:
        client = self._unreconciled[0]
        try:
            await client.catch_up()
            is_answered = await self._watchdog.positions.check(is_periodic=False)
        # On any failure of the query the reconciliation is retried.
        except Exception as error:
            self._node.kernel.logger.warning(f"Not reconciled yet: {one_line(error)}")
            await asyncio.sleep(RETRY_S)
            return
        if is_answered:
            # Covers all losses of this client before the query.
            self._unreconciled.remove(client)
        else:
            await asyncio.sleep(RETRY_S)

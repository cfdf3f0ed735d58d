"""Looks after the connections of a node: alerts, no entries, and a question after each loss."""

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
ASK_AGAIN_S = 1.0


@dataclass
class _Connection:
    down_since: float | None = None
    is_given_up: bool = False
    is_told: bool = False
    lasting: AlertThrottle = field(default_factory=AlertThrottle)


class ConnectionWatch:
    """
    Asks the clients whether their connections stand; those of the core come and go unheard.

    While one is down nothing is entered. After `LOST_AFTER_S` the operator is told, at most once
    within the time of `AlertThrottle`, and working entries are given up. After each loss of an
    execution client's connection, however short, the venue is asked for orders, fills and positions
    before anything is entered: a private socket tells nothing of the time that it has missed. A
    question that stays open as long gives up working entries as well.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    watchdog : Watchdog
        Blocks entries, and compares positions.
    alerts : NodeAlerts
        Told of losses and their ends.

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
        self._unasked: list[CatchesUp] = []
        self._unasked_since: float | None = None
        self._is_given_up = False
        self._asking: asyncio.Task[None] | None = None

    def look(self) -> None:
        """See whether all connections stand."""
        for client in self._clients():
            for name, stands in client.connections().items():
                key = f"{client.id}: {name}"
                if self._has_come_back(key, stands) and isinstance(client, CatchesUp):
                    self._unasked.append(client)
        if self._unasked and (self._asking is None or self._asking.done()):
            self._asking = asyncio.ensure_future(self._ask())
        is_down = any(found.down_since is not None for found in self._connections.values())
        self._watchdog.is_cut_off = is_down or bool(self._unasked)
        if self._watchdog.is_cut_off:
            for strategy in self._strategies:
                strategy.stale = True
        self._look_at_questions()

    def missing(self) -> list[str]:
        """Return the connections that stand, and whose loss would not be noticed yet."""
        return [
            f"{client.id}: {name}: connected just now"
            for client in self._clients()
            for name, stands in client.connections().items()
            if stands and f"{client.id}: {name}" not in self._connections
        ]

    def _clients(self) -> list[HasConnections]:
        kernel = self._node.kernel
        clients = (*kernel.data_engine._clients.values(), *kernel.exec_engine._clients.values())
        return [client for client in clients if isinstance(client, HasConnections)]

    def _look_at_questions(self) -> None:
        if not self._unasked:
            self._unasked_since = None
            self._is_given_up = False
            return
        now = time.monotonic()
        if self._unasked_since is None:
            self._unasked_since = now
        if now - self._unasked_since >= LOST_AFTER_S and not self._is_given_up:
            self._is_given_up = True
            self._stop_entries()

    def _stop_entries(self) -> None:
        for strategy in self._strategies:
            strategy.stop_entries(DropReason.STALE)

    def _has_come_back(self, key: str, stands: bool) -> bool:
        found = self._connections.get(key)
        now = time.monotonic()
        if found is None:
            # Until it has stood once, the start-up test tells that it is missing.
            if stands:
                self._connections[key] = _Connection()
            return False
        if stands:
            was_down = found.down_since is not None
            if found.is_told and found.down_since is not None:
                gone_s = now - found.down_since
                text = f"{key}: back after {gone_s:.1f} s"
                self._alerts.raise_alert("CONNECTION_RESTORED", text, gone_s)
            # When it was told last stays: one that comes and goes is not told each time.
            found.down_since, found.is_given_up, found.is_told = None, False, False
            return was_down
        if found.down_since is None:
            found.down_since = now
        if now - found.down_since < LOST_AFTER_S:
            return False
        if not found.is_given_up:
            found.is_given_up = True
            self._stop_entries()
        if found.lasting.is_due(time.time_ns(), True):
            found.is_told = True
            text = f"{key}: down: nothing is entered until it is back"
            self._alerts.raise_alert("CONNECTION_LOST", text, now - found.down_since)
        return False

    async def _ask(self) -> None:
        client = self._unasked[0]
        try:
            await client.catch_up()
            is_told = await self._watchdog.positions.look(is_periodic=False)
        # Whatever keeps the venue from answering, it is asked until it does.
        except Exception as error:
            self._node.kernel.logger.warning(f"Not caught up yet: {one_line(error)}")
            await asyncio.sleep(ASK_AGAIN_S)
            return
        if is_told:
            # Losses of this client that came before the question have been answered by it.
            self._unasked.remove(client)
        else:
            await asyncio.sleep(ASK_AGAIN_S)

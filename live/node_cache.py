"""
The Redis cache of a node: set aside if it is damaged, and monitored.

Redis's client adds a twelfth to the load time of a node, and few nodes use Redis: it is imported
for those alone.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from configs.live import LiveConfig
from live.alerting import NodeAlerts
from live.node_protocols import Node
from strategies.common.nautilus.strategy import TradingStrategy


if TYPE_CHECKING:
    from live.cache_probe import RefusedCache
    from live.cache_watch import CacheWatch


def set_aside_unfit_cache(config: LiveConfig) -> "RefusedCache | None":
    """
    Set aside the Redis cache of a node if it is damaged, before the node is built.

    Parameters
    ----------
    config : LiveConfig
        The configuration of the node.

    Raises
    ------
    AuctionError
        If Redis does not answer.

    """
    if config.node.cache is None or config.node.cache.database is None:
        return None
    from live import cache_probe

    return cache_probe.set_aside_unfit_cache(config.node)


def watch_cache(config: LiveConfig, node: Node, alerts: NodeAlerts) -> "CacheWatch | None":
    """Return the monitor of a node's Redis, None for a node without one."""
    if config.node.cache is None or config.node.cache.database is None:
        return None
    from live.cache_watch import CacheWatch

    return CacheWatch(config.node.cache.database, node, alerts)


def report_refused_cache(
    refused: "RefusedCache", strategies: Iterable[TradingStrategy], alerts: NodeAlerts
) -> None:
    """Raise the alert about a cache that was set aside; garbage also blocks entries."""
    if not refused.is_garbage:
        text = f"Redis had lost a part of the cache, journal and venue prevail: {refused.text}"
        alerts.raise_alert("CACHE_REFUSED", text)
        return
    text = f"Redis held a cache that cannot be read: nothing is entered: {refused.text}"
    alerts.raise_alert("CACHE_REFUSED", text)
    for strategy in strategies:
        strategy.active = False
        strategy.halt_entries()

"""
The cache that Redis keeps for a node: set aside where it is unfit, and watched.

Redis's client takes a twelfth of what loading a node takes, and few nodes have a Redis: it is
imported for those alone.
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
    Set aside what Redis holds of a node and cannot be read, before the node is built.

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
    """Return the watch over the Redis of a node, None for a node without one."""
    if config.node.cache is None or config.node.cache.database is None:
        return None
    from live.cache_watch import CacheWatch

    return CacheWatch(config.node.cache.database, node, alerts)


def report_refused_cache(
    refused: "RefusedCache", strategies: Iterable[TradingStrategy], alerts: NodeAlerts
) -> None:
    """Raise the alert of a cache that was set aside; nothing is entered where it was garbage."""
    if not refused.is_garbage:
        text = f"Redis had lost a part of the cache, journal and venue count: {refused.text}"
        alerts.raise_alert("CACHE_REFUSED", text)
        return
    text = f"Redis held a cache that cannot be read: nothing is entered: {refused.text}"
    alerts.raise_alert("CACHE_REFUSED", text)
    for strategy in strategies:
        strategy.active = False
        strategy.halt_entries()

"""The requirements a node must meet before an operator may permit entries."""

import time
from collections.abc import Callable
from typing import Any

from live.client_protocols import HasConnections
from live.node_protocols import InstrumentId
from live.node_protocols import Node
from strategies.common.nautilus.strategy import TradingStrategy


# A thin market may have this many intervals in a row without a trade, and so without a bar.
MISSING_BARS = 5


class Readiness:
    """
    Check clients, sockets, market data and strategies.

    Parameters
    ----------
    node : Node
        The node, built.
    mode : str
        `paper`, `shadow`, `live` or `dry_run`.
    stale_after_s : float
        The age (s) above which a quote is stale.

    Attributes
    ----------
    mode : str
        The mode.
    reasons : list[Callable[[], list[str]]]
        Further checks: each returns what is missing.

    """

    def __init__(self, node: Node, mode: str, stale_after_s: float) -> None:
        self._node = node
        self.mode = mode
        self._stale_after_s = stale_after_s
        self.reasons: list[Callable[[], list[str]]] = []

    def missing(self) -> list[str]:
        """Return what is missing, empty if the strategies may be activated."""
        if self.mode == "dry_run":
            return ["dry_run decides only: start the node with another environment"]
        if not self.is_running:
            return ["the node is not running"]
        found = self.missing_connections()
        instrument_ids = dict.fromkeys(s.config.instrument_id for s in self._strategies())
        for instrument_id in instrument_ids:
            found += self._missing_data(instrument_id)
        found += [
            f"{strategy.id}: {strategy.not_warm_reason}"
            for strategy in self._strategies()
            if not strategy.warm
        ]
        found += [
            f"{strategy.id}: halted: check position and orders, then `resume`"
            for strategy in self._strategies()
            if strategy.manager.halted
        ]
        return found + [text for reason in self.reasons for text in reason()]

    @property
    def is_running(self) -> bool:
        """Return True if the strategies have been started."""
        return bool(self._node.kernel.trader.is_running)

    def missing_connections(self) -> list[str]:
        """Return the connections and acknowledgements that are missing."""
        kernel = self._node.kernel
        found = []
        for name, engine in (("data", kernel.data_engine), ("execution", kernel.exec_engine)):
            clients: list[Any] = list(engine._clients.values())
            for client in clients:
                if not client.is_connected:
                    found.append(f"{name} client {client.id}: not connected")
                if isinstance(client, HasConnections):
                    found += [
                        f"{client.id}: {name}: not connected, or not acknowledged"
                        for name, stands in client.connections().items()
                        if not stands
                    ]
        return found

    def quote_age_s(self, instrument_id: InstrumentId) -> float | None:
        """
        Return the age of the last quote (s) by its arrival; None before the first.

        In a market of bars alone it is the age of the last bar beyond the five bars that a thin
        market may leave out.
        """
        bar_type = self._market_bars(instrument_id)
        if bar_type is None:
            quote = self._node.cache.quote_tick(instrument_id)
            return None if quote is None else time.time() - quote.ts_init / 1e9
        bar = self._node.cache.bar(bar_type)
        if bar is None:
            return None
        left_out_ns = MISSING_BARS * bar_type.spec.get_interval_ns()
        known_until = float(bar.ts_event + left_out_ns) / 1e9
        return max(0.0, time.time() - known_until)

    def _missing_data(self, instrument_id: InstrumentId) -> list[str]:
        age_s = self.quote_age_s(instrument_id)
        has_bars = self._market_bars(instrument_id) is not None
        what = "bar in time" if has_bars else "quote"
        found = []
        if age_s is None:
            found.append(f"{instrument_id}: no {'bar' if has_bars else what} yet")
        elif age_s > self._stale_after_s:
            found.append(f"{instrument_id}: no {what} for {age_s:.0f} s")
        if not has_bars and self._node.cache.trade_tick(instrument_id) is None:
            found.append(f"{instrument_id}: no trade yet")
        return found

    def _market_bars(self, instrument_id: InstrumentId) -> Any:
        for strategy in self._strategies():
            if strategy.config.instrument_id == instrument_id:
                return strategy.market_bars
        return None

    def _strategies(self) -> list[TradingStrategy]:
        return [s for s in self._node.trader.strategies() if isinstance(s, TradingStrategy)]


def unconnected_clients(node: Node) -> list[str]:
    """Return which clients of a node are not connected."""
    kernel = node.kernel
    return [
        f"{name} client {client.id}: not connected"
        for name, engine in (("data", kernel.data_engine), ("execution", kernel.exec_engine))
        for client in engine._clients.values()
        if not client.is_connected
    ]

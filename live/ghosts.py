"""Find our own orders that work at a venue and belong to no trade."""

from collections.abc import Iterable
from typing import Any

from configs.documents import one_line
from live.alerting import NodeAlerts
from live.client_protocols import HasNotices
from live.client_protocols import ListsOpenOrders
from live.node_calls import WorkingOrder
from live.node_calls import query_orders
from live.node_calls import query_position
from live.node_protocols import InstrumentId
from live.node_protocols import Node
from strategies.common.nautilus.strategy import TradingStrategy


GHOST_ORDER = "GHOST_ORDER"


class GhostWatch:
    """
    Compare the open orders of each venue with those of the strategies' trades.

    A ghost order has an identifier of a strategy and belongs to none of its trades: the venue
    accepted it after all evidence said that it never would, or it began to work after the checks of
    a restart. It is canceled, with an alert. A reduce-only ghost is left, also with an alert, while
    the venue has a position that no other stop covers.

    Only clients that can list the venue's open orders are queried (`open_orders`). Notices queued
    by the clients (`notices`) become alerts here as well.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    alerts : NodeAlerts
        Raises the alerts.

    """

    def __init__(
        self,
        node: Node,
        strategies: Iterable[TradingStrategy],
        alerts: NodeAlerts,
    ) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._alerts = alerts
        self._spared: set[str] = set()

    def take_notices(self) -> None:
        """Raise alerts for the notices of the clients."""
        for client in [c for c in self._clients if isinstance(c, HasNotices)]:
            while client.notices:
                kind, text = client.notices.popleft()
                self._alerts.raise_alert(kind, text)

    async def check(self) -> None:
        """Query the venues for their open orders, and cancel the ghosts among them."""
        for client in [c for c in self._clients if isinstance(c, ListsOpenOrders)]:
            for strategy in self._strategies:
                if strategy.config.instrument_id.venue == client.venue:
                    try:
                        await self._check_orders(client, strategy)
                    # On any failure of the query the next check tries again.
                    except Exception as error:
                        text = f"Open orders are not known: {one_line(error)}"
                        self._node.kernel.logger.warning(text)

    @property
    def _clients(self) -> Iterable[Any]:
        return list(self._node.kernel.exec_engine._clients.values())

    async def _check_orders(self, client: Any, strategy: TradingStrategy) -> None:
        instrument_id = strategy.config.instrument_id
        # An order that ends while the venue answers was no ghost.
        live = strategy.live_orders()
        orders = await query_orders(client, instrument_id)
        live |= strategy.live_orders()
        ghosts = [
            order
            for order in orders
            if order.client_order_id is not None
            and order.client_order_id not in live
            and strategy.is_own_order(order.client_order_id)
        ]
        others = [order for order in orders if order not in ghosts]
        for ghost in ghosts:
            name = f"{ghost.client_order_id}: works at the venue and belongs to no trade"
            if ghost.is_reduce_only and not await _is_covered(client, instrument_id, others):
                if name not in self._spared:
                    self._spared.add(name)
                    self._alerts.raise_alert(GHOST_ORDER, f"{name}: left, it is the only stop")
            elif await client.cancel_at_venue(instrument_id, ghost.client_order_id):
                self._alerts.raise_alert(GHOST_ORDER, f"{name}: canceled")


async def _is_covered(client: Any, instrument_id: InstrumentId, orders: list[WorkingOrder]) -> bool:
    """Return True if the venue has no position, or some orders include stops for all of it."""
    position = await query_position(client, instrument_id)
    covered = sum(
        order.leaves
        for order in orders
        if order.is_reduce_only and order.is_stop and order.is_buy == (position <= 0)
    )
    return covered >= abs(position)

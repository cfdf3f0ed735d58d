"""Order attribution for a strategy that may hold several trades."""

from decimal import Decimal
from typing import Any

from errors import UsageError
from strategies.common.book_params import PositionMode
from strategies.common.commands import Purpose
from strategies.common.deferred_orders import DeferredOrders
from strategies.common.nautilus.account import Account
from strategies.common.nautilus.host import StrategyHost
from strategies.common.nautilus.order_router import OrderRouter


class SeveralTrades:
    """
    Names the trade and the position of each order, and the value of entries that are not sent.

    Parameters
    ----------
    strategy : StrategyHost
        The strategy, on its start, with its trade book made.
    router : OrderRouter
        Its orders.
    deferred : DeferredOrders
        Those that wait for a quote.

    """

    def __init__(
        self, strategy: StrategyHost, router: OrderRouter, deferred: DeferredOrders
    ) -> None:
        self._strategy = strategy
        self._router = router
        self._deferred = deferred

    def connect(self, account: Account, *, is_live: bool) -> None:
        """
        Give the router and the account what they need of this.

        Raises
        ------
        UsageError
            If each trade is to have a position of its own in a live node.

        """
        book = self._strategy.manager
        if book.book_params.max_trades > 1:
            self._router.trade_id_of = book.slots.trade_id_of
            account.deferred_notionals = self.deferred_notionals
        if book.book_params.positions is not PositionMode.NETTING:
            if is_live:
                text = "a live node holds one position per instrument only"
                raise UsageError(f"{self._strategy.id}: {text}")
            self._router.position_id_of = self.position_of

    def position_of(self, order_id: int) -> Any:
        """Return the id of the position that the entry of an order's trade has opened, or None."""
        trade = self._strategy.manager.slots.trade_of(order_id)
        for order in () if trade is None else trade.orders.all():
            if order.command.purpose is Purpose.ENTRY:
                found = self._router.opened_position(order.command.order_id)
                if found is not None:
                    return found
        return None

    def deferred_notionals(self) -> list[Decimal]:
        """Return the values of the entries that wait for a quote."""
        slots, tick_value = self._strategy.manager.slots, self._strategy.units.tick_value
        entries = [(c, slots.trade_of(c.order_id)) for c in self._deferred.entries()]
        return [abs(t.intent.entry) * c.lots * tick_value for c, t in entries if t is not None]

"""The orders that rest at a simulated venue or are in flight to it."""

from collections.abc import Hashable
from collections.abc import Iterator
from typing import Any

from adapters.simulated.rules.resting import QueueRule
from adapters.simulated.rules.resting import RestingLimit


# An order of Nautilus, or another object with the same fields.
Order = Any


class OpenOrders:
    """
    Holds limit orders with their place in the queue, stops, and commands in flight.

    Parameters
    ----------
    queue : QueueRule
        The rule for fills of a limit order at its price.

    """

    def __init__(self, queue: QueueRule) -> None:
        self.on_the_way: set[Hashable] = set()
        self.limits: dict[Hashable, tuple[Order, RestingLimit]] = {}
        self._stops: dict[Hashable, Order] = {}
        self._queue: QueueRule = queue

    def clear(self) -> None:
        """Remove all orders."""
        self.on_the_way.clear()
        self.limits.clear()
        self._stops.clear()

    def place_stop(self, order: Order) -> None:
        """Add a stop, new or amended."""
        self._stops[order.client_order_id] = order

    def take_stop(self, order: Order) -> None:
        """Remove a triggered stop."""
        del self._stops[order.client_order_id]

    def place_limit(self, order: Order) -> RestingLimit | None:
        """
        Add a limit order, new or amended.

        Returns
        -------
        RestingLimit or None
            The order at the back of the queue; None where it keeps its place, since neither the
            price changed nor the size grew.

        """
        price, quantity = order.price.raw, order.quantity.raw
        old = self.limits.get(order.client_order_id)
        if old is not None and old[1].price == price and quantity <= old[1].quantity:
            return None
        resting = RestingLimit(
            is_buy=order.is_buy,
            price=price,
            rule=self._queue,
            quantity=quantity,
        )
        self.limits[order.client_order_id] = order, resting
        return resting

    def limits_of(self, instrument_id: Hashable) -> Iterator[tuple[Order, RestingLimit]]:
        """Yield the open limit orders of an instrument; a fill may close later ones."""
        for order_id, (order, resting) in list(self.limits.items()):
            if order.is_closed:
                del self.limits[order_id]
            elif order.instrument_id == instrument_id:
                yield order, resting

    def stops_of(self, instrument_id: Hashable) -> Iterator[Order]:
        """Yield the open stops of an instrument; a fill may close later ones."""
        for order_id, order in list(self._stops.items()):
            if order.is_closed:
                del self._stops[order_id]
            elif order.instrument_id == instrument_id:
                yield order

    def triggers_of(self, instrument_id: Hashable) -> tuple[list[int], list[int]]:
        """Return the raw triggers of an instrument's sell stops and of its buy stops."""
        stops = [order for order in self._stops.values() if order.instrument_id == instrument_id]
        return (
            [order.trigger_price.raw for order in stops if not order.is_buy],
            [order.trigger_price.raw for order in stops if order.is_buy],
        )

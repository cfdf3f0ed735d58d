"""The life cycle of orders, as lines of a log."""

from typing import Any

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderAccepted
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.orders import Order


NANOS_PER_MILLISECOND = 1_000_000


class OrderTimeline:
    """
    Remembers of each working order when it was sent and accepted, and what its fills are judged by.

    The reference of a limit order is its limit, of a stop its trigger; of a market order it is the
    opposite touch when it was sent.

    Parameters
    ----------
    cache : CacheFacade
        Gives the quotes.

    """

    def __init__(self, cache: CacheFacade) -> None:
        self._cache = cache
        self._orders: dict[str, dict[str, Any]] = {}

    def reference(self, event: OrderEvent) -> float | None:
        """Return the price that fills of the order are measured against, where it is known."""
        known = self._orders.get(event.client_order_id.value)
        return None if known is None else known["reference"]

    def line(self, event: OrderEvent, order: Order | None, row: dict[str, Any]) -> dict[str, Any]:
        """
        Take an event and return its line: times in ns UTC, `sent_ms` and `accepted_ms` since.

        Parameters
        ----------
        event : OrderEvent
            The event.
        order : Order or None
            Its order.
        row : dict[str, Any]
            The row of the journal for it.

        """
        name = event.client_order_id.value
        if isinstance(event, OrderSubmitted) and order is not None:
            self._orders[name] = {
                "sent": event.ts_event,
                "accepted": None,
                "reference": self._reference(order),
            }
        known = self._orders.get(name)
        if known is not None and isinstance(event, OrderAccepted):
            known["accepted"] = event.ts_event
        line = {"type": "order", **{key: row[key] for key in row if key != "data"}}
        for key in ("sent", "accepted"):
            since = None if known is None else known[key]
            line[f"{key}_ms"] = (
                None if since is None else (event.ts_event - since) / NANOS_PER_MILLISECOND
            )
        if order is not None and order.is_closed and not isinstance(event, OrderFilled):
            self._orders.pop(name, None)
        return line

    def end(self, event: OrderFilled, order: Order | None) -> None:
        """Forget an order that a fill has completed."""
        if order is None or order.is_closed:
            self._orders.pop(event.client_order_id.value, None)

    def _reference(self, order: Order) -> float | None:
        for name in ("trigger_price", "price"):
            value = getattr(order, name, None)
            if value is not None:
                return float(value)
        quote = self._cache.quote_tick(order.instrument_id)
        if quote is None:
            return None
        return float(quote.ask_price if order.side == OrderSide.BUY else quote.bid_price)

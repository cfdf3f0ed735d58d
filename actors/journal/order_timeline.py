"""The life cycle of orders, as lines of a log."""

from collections.abc import Callable
from typing import Any

from actors.order_records import OrderChange
from actors.order_records import OrderRecord
from actors.order_records import as_double


NANOS_PER_MILLISECOND = 1_000_000


class OrderTimeline:
    """
    Remembers of each working order when it was sent and accepted, and what its fills are judged by.

    The reference of a limit order is its limit, of a stop its trigger; of a market order it is the
    opposite touch when it was sent.

    Parameters
    ----------
    opposite : Callable[[OrderRecord], float | None]
        Returns the best price that an order could trade at now, None without a quote.

    """

    def __init__(self, opposite: Callable[[OrderRecord], float | None]) -> None:
        self._opposite = opposite
        self._orders: dict[str, dict[str, Any]] = {}

    def reference(self, name: str) -> float | None:
        """Return the price that fills of an order are measured against, where it is known."""
        known = self._orders.get(name)
        return None if known is None else known["reference"]

    def line(
        self, change: OrderChange, order: OrderRecord | None, row: dict[str, Any]
    ) -> dict[str, Any]:
        """
        Handle an event and return its line: times in ns UTC, `sent_ms` and `accepted_ms` since.

        Parameters
        ----------
        change : OrderChange
            The event.
        order : OrderRecord or None
            Its order.
        row : dict[str, Any]
            The row of the journal for it.

        """
        name = change.client_order_id
        if change.event == "OrderSubmitted" and order is not None:
            self._orders[name] = {
                "sent": change.ts_event,
                "accepted": None,
                "reference": self._reference(order),
            }
        known = self._orders.get(name)
        if known is not None and change.event == "OrderAccepted":
            known["accepted"] = change.ts_event
        line = {"type": "order", **{key: row[key] for key in row if key != "data"}}
        for key in ("sent", "accepted"):
            since = None if known is None else known[key]
            line[f"{key}_ms"] = (
                None if since is None else (change.ts_event - since) / NANOS_PER_MILLISECOND
            )
        if order is not None and order.is_closed and change.event != "OrderFilled":
            self._orders.pop(name, None)
        return line

    def end(self, name: str, order: OrderRecord | None) -> None:
        """Drop an order that a fill has completed."""
        if order is None or order.is_closed:
            self._orders.pop(name, None)

    def _reference(self, order: OrderRecord) -> float | None:
        for value in (order.trigger_price, order.price):
            if value is not None:
                return as_double(value)
        return self._opposite(order)

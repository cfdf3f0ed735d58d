"""Records orders and fills: rows of the journal, and lines of its log."""

from collections.abc import Callable
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from actors.journal.order_timeline import OrderTimeline
from actors.journal.rows import fill_row
from actors.journal.rows import order_row
from actors.journal.rows import unrecorded_fills
from actors.nautilus_records import fill_record
from actors.nautilus_records import order_change
from actors.nautilus_records import order_record
from actors.order_records import OrderRecord


class OrderRecording:
    """
    Creates the rows of order events.

    Parameters
    ----------
    cache : CacheFacade
        Source of the orders.
    opposite : Callable[[OrderRecord], float | None]
        Returns the best price that an order could trade at now, None without a quote.
    put : Callable[[str, dict[str, Any]], None]
        Receives each row, with its table.
    put_line : Callable[[dict[str, Any]], None]
        Receives each line of the log.
    scope : str
        Distinguishes the fills of one run from those of another, for a backtest.

    """

    def __init__(
        self,
        cache: Any,
        opposite: Callable[[OrderRecord], float | None],
        put: Callable[[str, dict[str, Any]], None],
        put_line: Callable[[dict[str, Any]], None],
        scope: str,
    ) -> None:
        self._cache = cache
        self._put = put
        self._put_line = put_line
        self._scope = scope
        self._timeline = OrderTimeline(opposite)
        self._deferred: list[Any] = []
        # The last trade of each strategy.
        self._trade_ids: dict[str, int] = {}

    def note_trade(self, strategy_id: str, trade_id: int) -> None:
        """Record the trade that a strategy is in."""
        self._trade_ids[strategy_id] = trade_id

    def catch_up(self, known: Mapping[str, dict[str, Decimal]]) -> None:
        """
        Record the events of the reconciliation, which comes before any actor.

        Parameters
        ----------
        known : Mapping[str, dict[str, Decimal]]
            The fills in the journal: sizes by client order id and identifier.

        """
        for order in self._cache.orders():
            record = order_record(order)
            fills = unrecorded_fills(record, known.get(record.client_order_id, {}))
            news = {fill.id for fill in fills}
            for event in order.events:
                if getattr(event, "reconciliation", False):
                    self._record(event, record, is_news=event.id.value in news)

    def defer(self, event: Any) -> None:
        """Queue an event until `record_deferred`."""
        self._deferred.append(event)

    def record_deferred(self) -> None:
        """Record the events that were kept."""
        deferred, self._deferred = self._deferred, []
        for event in deferred:
            self.record(event)

    def record(self, event: Any) -> None:
        """Record an event of an order."""
        order = self._cache.order(event.client_order_id)
        self._record(event, None if order is None else order_record(order))

    def _record(self, event: Any, order: OrderRecord | None, *, is_news: bool = True) -> None:
        change = order_change(event)
        name, near = change.client_order_id, self._trade_ids.get(change.strategy_id)
        row = order_row(change, order, near)
        self._put("order_events", row)
        line = self._timeline.line(change, order, row)
        if change.event == "OrderFilled" and is_news:
            fill = fill_row(fill_record(event), order, self._timeline.reference(name), near)
            self._put("fills", {**fill, "scope": self._scope})
            line |= {**fill, "fill_price": fill["price"], "fill_quantity": fill["quantity"]}
            self._timeline.end(name, order)
        self._put_line(line)

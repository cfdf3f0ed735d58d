"""A Bybit execution client that reconciles orders over REST when a stream is silent."""

from collections import deque
from datetime import timedelta
from typing import Any

from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GenerateFillReports
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.orders import Order

from adapters.bybit.fills_execution import FillsBybitExecutionClient
from adapters.bybit.order_answers import code_of
from errors import AuctionError


CATCH_UP_WINDOW = timedelta(hours=1)
# What a cancel is answered where there is no such open order any more.
GONE_CODES = (110001, 110008, 110010)
LOOKUP_FAILED = "Order lookup failed after cancellation"


class ReconcilingBybitExecutionClient(FillsBybitExecutionClient):
    """
    Reconciles orders and fills over REST.

    Nautilus's client asks for nothing after the loss of a socket, and its engine only at its next
    check. `catch_up` asks the venue for what it has told while nobody could hear it.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`.

    Attributes
    ----------
    notices : deque[tuple[str, str]]
        Kind and text of what an operator should know; the node takes them and raises the alerts.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.notices: deque[tuple[str, str]] = deque()
        # Closed here without the venue's word: a fill of theirs may still come.
        self._given_up: dict[ClientOrderId, Order] = {}

    async def catch_up(self) -> None:
        """
        Ask the venue for orders that are open or were given up, and all fills of the last hour.

        What could be learnt is told even where another question failed.

        Raises
        ------
        Exception
            If the venue does not answer, or tells an order before its fills.

        """
        orders = self._cache.orders_open(venue=self.venue)
        orders += self._cache.orders_inflight(venue=self.venue)
        # Nautilus applies no fill to an order that is rejected.
        orders += [o for o in self._given_up.values() if o.status is OrderStatus.CANCELED]
        own = {order.client_order_id for order in orders}
        failures: list[Exception] = []
        reports: dict[Order, OrderStatusReport | None] = {}
        for order in orders:
            try:
                reports[order] = await self._report_of(order)
            # Whatever keeps the venue from answering, the other orders are asked for.
            except Exception as error:
                reports[order] = None
                failures.append(error)
        fills: list[FillReport] = []
        try:
            fills = await self._late_fills()
        # Without them the orders that have none are told.
        except Exception as error:
            failures.append(error)
        # Those of other orders first: what the venue has closed itself, no exit has to close.
        for fill in fills:
            if fill.client_order_id not in own:
                self.tell_fill(fill)
        for order, report in reports.items():
            try:
                self._tell(order, report, fills)
            except AuctionError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    async def open_orders(self, instrument_id: InstrumentId) -> list[OrderStatusReport]:
        """
        Return the open orders that the venue has of an instrument, whoever has sent them.

        Raises
        ------
        Exception
            If the venue does not answer; Nautilus's method then returns none.

        """
        symbol = instrument_id.symbol.value
        reports = await self._http_client.request_order_status_reports(
            account_id=self.pyo3_account_id,
            product_type=nautilus_pyo3.bybit_product_type_from_symbol(symbol),
            instrument_id=nautilus_pyo3.InstrumentId.from_str(instrument_id.value),
            open_only=True,
        )
        return [OrderStatusReport.from_pyo3(report) for report in reports]

    async def cancel_at_venue(
        self, instrument_id: InstrumentId, client_order_id: ClientOrderId
    ) -> bool:
        """
        Cancel an order by REST, also one that is closed or unknown here.

        Returns
        -------
        bool
            If there was such an open order.

        Raises
        ------
        Exception
            If the answer proves neither.

        """
        symbol = instrument_id.symbol.value
        try:
            await self._http_client.cancel_order(
                account_id=self.pyo3_account_id,
                product_type=nautilus_pyo3.bybit_product_type_from_symbol(symbol),
                instrument_id=nautilus_pyo3.InstrumentId.from_str(instrument_id.value),
                client_order_id=nautilus_pyo3.ClientOrderId(client_order_id.value),
                venue_order_id=None,
            )
        except Exception as error:
            if code_of(error)[0] in GONE_CODES:
                return False
            # The client asks for the order after its cancel; that is not the answer to the cancel.
            if not str(error).startswith(LOOKUP_FAILED):
                raise
        return True

    async def _report_of(self, order: Order) -> OrderStatusReport | None:
        """Return what the venue tells of an order; None where it says that it has none."""
        # Nautilus's `generate_order_status_report` returns None for a failed question too.
        answer = await self._http_client.query_order(
            account_id=self.pyo3_account_id,
            product_type=nautilus_pyo3.bybit_product_type_from_symbol(
                order.instrument_id.symbol.value
            ),
            instrument_id=nautilus_pyo3.InstrumentId.from_str(order.instrument_id.value),
            client_order_id=nautilus_pyo3.ClientOrderId(order.client_order_id.value),
            venue_order_id=None,
        )
        if answer is None:
            return None
        report = OrderStatusReport.from_pyo3(answer)
        self._cache_reconciliation_order_position_id(report)
        return report

    async def _late_fills(self) -> list[FillReport]:
        reports: list[FillReport] = await self.generate_fill_reports(
            GenerateFillReports(
                instrument_id=None,
                venue_order_id=None,
                start=self._clock.utc_now() - CATCH_UP_WINDOW,
                end=None,
                command_id=UUID4(),
                ts_init=self._clock.timestamp_ns(),
            )
        )
        return reports

    def _tell(
        self, order: Order, report: OrderStatusReport | None, fills: list[FillReport]
    ) -> bool:
        """Tell the engine what has become of an order; return False if the venue has none."""
        own = [fill for fill in fills if fill.client_order_id == order.client_order_id]
        known = next((x.venue_order_id for x in (report, *own) if x is not None), None)
        if known is None:
            return False
        if order.venue_order_id is None:
            self._cache.add_venue_order_id(order.client_order_id, known)
        for fill in own:
            if fill.trade_id not in order.trade_ids:
                self._send_fill_report(fill)
        # A report that is older than the last fill would take the order back.
        if report is None or order.is_closed or order.filled_qty > report.filled_qty:
            return True
        # The engine makes up what is missing, and the real fill would count again.
        if order.filled_qty < report.filled_qty:
            raise AuctionError(
                f"{order.client_order_id}: {report.filled_qty} is filled, and the venue tells the "
                f"fills of {order.filled_qty}: they are asked for again"
            )
        self._send_order_status_report(report)
        return True

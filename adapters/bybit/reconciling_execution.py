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
# Answers to a cancel of an order that is no longer open.
GONE_CODES = (110001, 110008, 110010)
LOOKUP_FAILED = "Order lookup failed after cancellation"


class ReconcilingBybitExecutionClient(FillsBybitExecutionClient):
    """
    Reconciles orders and fills over REST.

    Nautilus's client requests nothing after the loss of a socket, and its engine only at its next
    check. `catch_up` requests the orders and fills that were missed while a stream was down.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`.

    Attributes
    ----------
    notices : deque[tuple[str, str]]
        Kind and text of alerts for the operator; the node takes them and raises the alerts.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.notices: deque[tuple[str, str]] = deque()
        # Closed here without a confirmation by the venue: a fill may still arrive.
        self._abandoned: dict[ClientOrderId, Order] = {}

    async def catch_up(self) -> None:
        """
        Request open and abandoned orders, and all fills of the last hour.

        The results of successful queries are reported even where another query failed.

        Raises
        ------
        Exception
            If the venue does not answer, or reports an order before its fills.

        """
        orders = self._cache.orders_open(venue=self.venue)
        orders += self._cache.orders_inflight(venue=self.venue)
        # Nautilus applies no fill to an order that is rejected.
        orders += [o for o in self._abandoned.values() if o.status is OrderStatus.CANCELED]
        own = {order.client_order_id for order in orders}
        failures: list[Exception] = []
        reports: dict[Order, OrderStatusReport | None] = {}
        for order in orders:
            try:
                reports[order] = await self._report_of(order)
            # A failed query must not keep the other orders from being queried.
            except Exception as error:
                reports[order] = None
                failures.append(error)
        fills: list[FillReport] = []
        try:
            fills = await self._late_fills()
        # Without them, orders without new fills can still be reported.
        except Exception as error:
            failures.append(error)
        # Other orders first: no exit must close what the venue has already closed itself.
        for fill in fills:
            if fill.client_order_id not in own:
                self.report_fill(fill)
        for order, report in reports.items():
            try:
                self._report_outcome(order, report, fills)
            except AuctionError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    async def open_orders(self, instrument_id: InstrumentId) -> list[OrderStatusReport]:
        """
        Return all open orders of an instrument at the venue, also those of other clients.

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
            If the order was open.

        Raises
        ------
        Exception
            If the answer is inconclusive.

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
            # The client queries the order after the cancel; a failure of that is no answer to it.
            if not str(error).startswith(LOOKUP_FAILED):
                raise
        return True

    async def _report_of(self, order: Order) -> OrderStatusReport | None:
        """Return the venue's report of an order, None if the venue does not have it."""
        # Nautilus's `generate_order_status_report` returns None for a failed query too.
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

    def _report_outcome(
        self, order: Order, report: OrderStatusReport | None, fills: list[FillReport]
    ) -> bool:
        """Report state and fills of an order to the engine; False if the venue has none."""
        own = [fill for fill in fills if fill.client_order_id == order.client_order_id]
        known = next((x.venue_order_id for x in (report, *own) if x is not None), None)
        if known is None:
            return False
        if order.venue_order_id is None:
            self._cache.add_venue_order_id(order.client_order_id, known)
        for fill in own:
            if fill.trade_id not in order.trade_ids:
                self._send_fill_report(fill)
        # A report older than the last fill would reset the order.
        if report is None or order.is_closed or order.filled_qty > report.filled_qty:
            return True
        # The engine would infer the missing fills, and the real ones would count twice.
        if order.filled_qty < report.filled_qty:
            raise AuctionError(
                f"{order.client_order_id}: {report.filled_qty} is filled, and the venue reports "
                f"fills of {order.filled_qty} only: they are requested again"
            )
        self._send_order_status_report(report)
        return True

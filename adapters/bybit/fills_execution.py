"""A Bybit execution client that reports fills from the venue's list of executions."""

import asyncio
from typing import Any

from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.datetime import ensure_pydatetime_utc
from nautilus_trader.execution.messages import GenerateOrderStatusReport
from nautilus_trader.execution.messages import GenerateOrderStatusReports
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import VenueOrderId

from adapters.bybit.executions import CASH_KINDS
from adapters.bybit.executions import fill_of
from adapters.bybit.fill_reports import FillReportingBybitExecutionClient
from adapters.bybit.fill_reports import Rows


# A row may appear in the list a little later than on the socket.
REQUEST_PAUSES_S = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
# Prefix of a rejection because there is nothing left to close.
NOTHING_TO_REDUCE = "NOTHING_TO_REDUCE"
# The venue's texts for code 110017; the adapter passes on the text alone.
NOTHING_TO_REDUCE_TEXTS = ("reduce-only", "reduce only", "reduceonly", "position is zero")


class FillsBybitExecutionClient(FillReportingBybitExecutionClient):
    """
    Reports fills as they happen, each once and with its fee.

    It differs from Nautilus's client in four things, beside those of its base class:

    - A fill of an order that this node has not sent is requested from the list of executions,
      since the socket's report does not state its kind.
    - An order that the venue reports as filled counts by its fills, also one of another client.
      Nautilus's engine would infer a fill without a fee for it, and reject the real one.
    - A failed query of orders is an error. Nautilus's client returns an empty list, and a start
      would go on without the stop that rests at the venue.
    - A rejection because there is nothing left to close starts with NOTHING_TO_REDUCE.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._requested_fills: set[str] = set()

    async def generate_order_status_reports(
        self, command: GenerateOrderStatusReports
    ) -> list[OrderStatusReport]:
        """
        Return the orders, after reporting their fills to the engine.

        Raises
        ------
        Exception
            If the query fails: an empty list would be taken for an account without orders.

        """
        is_start = self.reconciliation_active
        reports = await self._orders(command)
        if is_start:
            return reports
        return [report for report in reports if await self._report_missing_fills(report)]

    async def _orders(self, command: GenerateOrderStatusReports) -> list[OrderStatusReport]:
        # Nautilus's own method returns an empty list for a failed query.
        wanted = command.instrument_id
        reports = []
        for product in self._product_types:
            answers = await self._http_client.request_order_status_reports(
                account_id=self.pyo3_account_id,
                product_type=product,
                instrument_id=None
                if wanted is None
                else nautilus_pyo3.InstrumentId.from_str(wanted.value),
                open_only=command.open_only,
                start=ensure_pydatetime_utc(command.start),
                end=ensure_pydatetime_utc(command.end),
            )
            for answer in answers:
                report = OrderStatusReport.from_pyo3(answer)
                self._cache_reconciliation_order_position_id(report)
                reports.append(report)
        return reports

    async def generate_order_status_report(
        self, command: GenerateOrderStatusReport
    ) -> OrderStatusReport | None:
        """Return an order, after reporting its fills to the engine."""
        report: OrderStatusReport | None = await super().generate_order_status_report(command)
        # An order that exists must not be taken for a missing one, whatever its fills are.
        if report is not None and not await self._report_missing_fills(report):
            self._log.warning(f"{report.client_order_id!r}: the engine infers its fills")
        return report

    async def _report_missing_fills(self, report: OrderStatusReport) -> bool:
        """Report missing fills of an order: the engine would infer them, without fees."""
        name = report.client_order_id
        order = None if name is None else self._cache.order(name)
        if order is None or report.filled_qty <= order.filled_qty:
            return True
        instrument_id = report.instrument_id
        category = instrument_id.symbol.value.rpartition("-")[2].lower()
        order_id = report.venue_order_id.value
        try:
            rows = await self._query_executions(lambda source: source.of_order(category, order_id))
            await self._take_rows(rows)
        # The next check repeats a failed query.
        except Exception as error:
            self._log.warning(f"Fills of {name!r} are not known: {error}")
        return bool(order.filled_qty >= report.filled_qty)

    def _handle_fill_report_pyo3(self, msg: Any) -> None:
        if self._is_ours(msg):
            super()._handle_fill_report_pyo3(msg)
        else:
            self._request_fills(msg)

    def _handle_order_status_report_pyo3(self, msg: Any) -> None:
        filled = (
            nautilus_pyo3.OrderStatus.FILLED,
            nautilus_pyo3.OrderStatus.PARTIALLY_FILLED,
        )
        if msg.order_status in filled and not self._is_ours(msg, is_known_enough=False):
            self._request_fills(msg)
        else:
            super()._handle_order_status_report_pyo3(msg)

    def _is_ours(self, msg: Any, *, is_known_enough: bool = True) -> bool:
        name = msg.client_order_id
        if name is not None and not self._is_external_order(ClientOrderId(str(name))):
            return True
        if not is_known_enough:
            return False
        # Only orders have fills that the cache knows by the venue's identifier.
        known = self._cache.client_order_id(VenueOrderId(str(msg.venue_order_id)))
        return known is not None

    def _request_fills(self, msg: Any) -> None:
        order_id = str(msg.venue_order_id)
        if order_id in self._requested_fills:
            return
        self._requested_fills.add(order_id)
        instrument_id = InstrumentId.from_str(str(msg.instrument_id))
        self.create_task(self._find(order_id, instrument_id))

    async def _find(self, order_id: str, instrument_id: InstrumentId) -> None:
        category = instrument_id.symbol.value.rpartition("-")[2].lower()

        rows: Rows = []
        for pause_s in REQUEST_PAUSES_S:
            await asyncio.sleep(pause_s)
            # Reports of this moment may concern rows that are not in this answer yet.
            self._requested_fills.discard(order_id)
            try:
                rows = await self._query_executions(
                    lambda source: source.of_order(category, order_id)
                )
                await self._take_rows(rows)
            # Any failed query is repeated.
            except Exception as error:
                self._log.warning(f"Fills of order {order_id} are not known: {error}")
                rows = []
            if rows:
                return
            self._requested_fills.add(order_id)
        self._requested_fills.discard(order_id)
        self._log.error(
            f"Order {order_id} is not of this node, and the venue does not list its executions: "
            "the next check of the position decides"
        )

    async def _take_rows(self, rows: Rows) -> None:
        found = []
        for row in rows:
            fill = fill_of(row)
            if fill is None:
                kind = str(row.get("execType"))
                log = self._log.info if kind in CASH_KINDS else self._log.warning
                log(f"{kind} of {row.get('symbol')}: {row.get('execFee')} paid, no fill")
                continue
            instrument = self._instrument(fill)
            if instrument is not None:
                found.append((fill, instrument))
        found.sort(key=lambda pair: pair[0].ts_ns)
        self._report_unknown_orders(found)
        for fill, instrument in found:
            report = self._report(fill, instrument)
            if fill.is_position_stop:
                self._record_origin(fill)
                await self._take_stop_fill(report)
            else:
                self.report_fill(report)

    async def _take_stop_fill(self, report: FillReport) -> None:
        """Report a fill of the position's stop order to the engine."""
        self.report_fill(report)

    def generate_order_rejected(self, **fields: Any) -> None:
        """Report a rejection; its reason states whether there is nothing left to close."""
        super().generate_order_rejected(**{**fields, "reason": _labeled(str(fields["reason"]))})

    def _handle_order_rejected_pyo3(self, msg: Any) -> None:
        fields = msg.to_dict()
        event = OrderRejected.from_dict({**fields, "reason": _labeled(str(fields["reason"]))})
        self._send_order_event(event)


def _labeled(reason: str) -> str:
    text = reason.lower()
    is_spent = any(part in text for part in NOTHING_TO_REDUCE_TEXTS)
    if not is_spent or reason.startswith(NOTHING_TO_REDUCE):
        return reason
    return f"{NOTHING_TO_REDUCE}: {reason}"

"""A Bybit execution client that reconciles orders over REST when a stream is silent."""

import asyncio
from datetime import timedelta
from typing import Any

from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GenerateFillReports
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.functions import order_side_to_pyo3
from nautilus_trader.model.functions import order_type_to_pyo3
from nautilus_trader.model.functions import time_in_force_to_pyo3
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order

from adapters.bybit.demo import ORDER_CODES
from adapters.bybit.demo import REJECTED
from adapters.bybit.demo import SAME_LINK_ID
from adapters.bybit.demo import code_of
from adapters.bybit.fills_execution import FillsBybitExecutionClient
from catalog.errors import AuctionError


CATCH_UP_WINDOW = timedelta(hours=1)
UNANSWERED = (OrderStatus.INITIALIZED, OrderStatus.SUBMITTED)
UNANSWERED_S = 1.0
UNANSWERED_LOOKS = 5
# The venue's text for code 110072; the adapter passes on the text alone.
DUPLICATE_ID = "is duplicate"


class ReconcilingBybitExecutionClient(FillsBybitExecutionClient):
    """
    Asks the venue what has become of orders.

    It differs from Nautilus's client in two things, beside those of its base class:

    - `catch_up` asks the venue for what it has told while nobody could hear it, as after the loss
      of a socket. Nautilus's client asks for nothing, and its engine only at its next check.
    - A reduce-only order of which no socket tells anything within a second is looked for at the
      venue, and sent by REST where it is not there: a trade socket that hangs leaves no position
      naked. Its id is the same, and the venue takes an id once. From then on the answer of REST
      counts, and what the trade socket says of it later does not.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._sent_by_rest: set[ClientOrderId] = set()

    async def catch_up(self) -> None:
        """
        Ask the venue for the orders that are open here, and for all fills of the last hour.

        What could be learnt is told even where another question failed.

        Raises
        ------
        Exception
            If the venue does not answer, or tells an order before its fills.

        """
        orders = self._cache.orders_open(venue=self.venue)
        orders += self._cache.orders_inflight(venue=self.venue)
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

    async def _make_sure(self, command: SubmitOrder) -> None:
        order = command.order
        for _ in range(UNANSWERED_LOOKS):
            await asyncio.sleep(UNANSWERED_S)
            if not self._is_unheard(order):
                return
            try:
                # The order first: fills that were asked for earlier could lack its last one.
                report = await self._report_of(order)
                if self._tell(order, report, await self._late_fills()):
                    continue
                # An answer may have come while the venue was asked.
                if not self._is_unheard(order):
                    return
                self._log.warning(f"{order.client_order_id!r} is not answered: sent by REST")
                await self._submit_by_rest(order)
            # Whatever keeps the venue from answering, it is asked again.
            except Exception as error:
                code, text = code_of(error)
                self._log.warning(f"{order.client_order_id!r}: {' '.join(text.split())}")
                is_refused = code in ORDER_CODES and code != SAME_LINK_ID
                if is_refused or text.startswith(REJECTED):
                    self._reject(order, text)
                    return

    def _is_unheard(self, order: Order) -> bool:
        return order.status in UNANSWERED and not self._is_sent_again(order)

    def _reject(self, order: Order, reason: str) -> None:
        self.generate_order_rejected(
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            reason=reason,
            ts_event=self._clock.timestamp_ns(),
        )

    async def _submit_by_rest(self, order: Order) -> None:
        self._sent_by_rest.add(order.client_order_id)
        has_trigger = order.has_trigger_price
        instrument_id = nautilus_pyo3.InstrumentId.from_str(order.instrument_id.value)
        await self._http_client.submit_order(
            account_id=self.pyo3_account_id,
            product_type=nautilus_pyo3.bybit_product_type_from_symbol(
                order.instrument_id.symbol.value
            ),
            instrument_id=instrument_id,
            client_order_id=nautilus_pyo3.ClientOrderId(order.client_order_id.value),
            order_side=order_side_to_pyo3(order.side),
            order_type=order_type_to_pyo3(order.order_type),
            quantity=nautilus_pyo3.Quantity.from_str(str(order.quantity)),
            time_in_force=time_in_force_to_pyo3(order.time_in_force),
            price=nautilus_pyo3.Price.from_str(str(order.price)) if order.has_price else None,
            trigger_price=nautilus_pyo3.Price.from_str(str(order.trigger_price))
            if has_trigger
            else None,
            post_only=order.is_post_only,
            reduce_only=order.is_reduce_only,
            is_quote_quantity=False,
            is_leverage=False,
            position_idx=self._resolve_position_idx(
                order.instrument_id, order.side, order.is_reduce_only, None
            ),
        )

    async def _submit_order(self, command: SubmitOrder) -> None:
        if command.order.is_reduce_only:
            self.create_task(self._make_sure(command))
        await super()._submit_order(command)

    def _is_sent_again(self, order: Order) -> bool:
        """Return True if a refused order waits to be sent once more."""
        return False

    def _is_refusal_void(self, client_order_id: ClientOrderId) -> bool:
        """Return True if a socket's refusal of an order comes too late to be about it."""
        # Where REST has sent it too, its answer decides; the venue may refuse an old frame.
        if client_order_id in self._sent_by_rest:
            return True
        order = self._cache.order(client_order_id)
        return order is not None and (order.venue_order_id is not None or order.is_closed)

    def _handle_order_rejected_pyo3(self, msg: Any) -> None:
        if DUPLICATE_ID in str(msg.reason).lower():
            # The other copy of an order that was sent twice is the one that counts.
            self._log.warning(f"{msg.client_order_id} is there already")
            return
        super()._handle_order_rejected_pyo3(msg)

"""A Bybit execution client that asks where the sockets do not tell."""

import asyncio
from datetime import timedelta
from typing import Any

from nautilus_trader.adapters.bybit.execution import BybitExecutionClient
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GenerateFillReports
from nautilus_trader.execution.messages import GenerateOrderStatusReport
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.execution.reports import FillReport
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


CATCH_UP_WINDOW = timedelta(hours=1)
UNANSWERED = (OrderStatus.INITIALIZED, OrderStatus.SUBMITTED)
UNANSWERED_S = 1.0
UNANSWERED_LOOKS = 5
# The venue's text for code 110072; the adapter passes on the text alone.
DUPLICATE_ID = "is duplicate"


class InformedBybitExecutionClient(BybitExecutionClient):  # type: ignore[misc]
    """
    Asks the venue what has become of orders.

    It differs from Nautilus's client in two things:

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
        Ask the venue for the orders that are open here, and for their fills.

        Raises
        ------
        Exception
            If the venue does not answer.

        """
        orders = self._cache.orders_open(venue=self.venue)
        orders += self._cache.orders_inflight(venue=self.venue)
        if not orders:
            return
        fills = await self._late_fills()
        for order in dict.fromkeys(orders):
            await self._catch_up_with(order, fills)

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

    async def _catch_up_with(self, order: Order, fills: list[FillReport]) -> bool:
        """Tell the engine what has become of an order; return False if the venue has none."""
        report = await self.generate_order_status_report(
            GenerateOrderStatusReport(
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
                venue_order_id=None,
                command_id=UUID4(),
                ts_init=self._clock.timestamp_ns(),
            )
        )
        if report is None:
            return False
        if order.is_closed:
            return True
        if order.venue_order_id is None:
            self._cache.add_venue_order_id(order.client_order_id, report.venue_order_id)
        # Fills first: the engine makes one up for those that the order's report is ahead of.
        for fill in fills:
            if fill.client_order_id == order.client_order_id:
                self._send_fill_report(fill)
        self._send_order_status_report(report)
        return True

    async def _make_sure(self, command: SubmitOrder) -> None:
        order = command.order
        for _ in range(UNANSWERED_LOOKS):
            await asyncio.sleep(UNANSWERED_S)
            if self._is_sent_again(order) or order.status not in UNANSWERED:
                return
            try:
                is_there = await self._catch_up_with(order, await self._late_fills())
                if not is_there:
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

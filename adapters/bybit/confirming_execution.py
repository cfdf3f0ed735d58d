"""A Bybit execution client that confirms orders and cancels by REST queries."""

import asyncio
from typing import Any

from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order

from adapters.bybit.conversion import submit_by_rest
from adapters.bybit.order_answers import ORDER_CODES
from adapters.bybit.order_answers import OrderAnswer
from adapters.bybit.order_answers import answer_of_text
from adapters.bybit.order_answers import code_of
from adapters.bybit.order_confirmation import OrderConfirmation
from adapters.bybit.order_confirmation import Step
from adapters.bybit.reconciling_execution import ReconcilingBybitExecutionClient


# An order or a cancel without an acknowledgement is queried after this time.
UNANSWERED_S = 1.0
# An order of a demo account is acknowledged by then; its message follows within milliseconds.
DEMO_CHECK_S = 0.1
CANCELS = 3
CANCEL_PAUSE_S = 0.5
DEFAULT_WINDOW_MS = 5_000
ORDER_UNCONFIRMED = "ORDER_UNCONFIRMED"
GHOST_ORDER = "GHOST_ORDER"


class ConfirmingBybitExecutionClient(ReconcilingBybitExecutionClient):
    """
    Confirms the state of orders and cancels whose answers are missing or inconclusive.

    An order is rejected only for an answer that proves that it does not exist
    (`adapters.bybit.order_answers`). After any other error, and after a second without an
    acknowledgement, the venue is queried until the state of the order is known;
    `adapters.bybit.order_confirmation` states the rule. Until then the order stays submitted: its
    strategy sends nothing beside it. An abandoned order is reported as canceled, so that Nautilus
    still books a late fill (it applies none to a rejected order); an abandoned stop is reported as
    rejected, and its position is closed.

    A cancel counts when the order is closed. After a rejected cancel, and after a second with the
    order still open, the venue is queried: the order is canceled again by REST, and after three
    attempts the cancel is reported as rejected. A cancel of an unconfirmed order is sent again once
    the order is working.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._searches: dict[ClientOrderId, OrderConfirmation] = {}
        self._confirming: set[ClientOrderId] = set()
        self._canceling: set[ClientOrderId] = set()
        self._sent_by_rest: set[ClientOrderId] = set()
        window_ms = self._config.recv_window_ms or DEFAULT_WINDOW_MS
        # The trade socket has the venue's default.
        self._window_s = max(window_ms, DEFAULT_WINDOW_MS) / 1000

    async def _submit_order(self, command: SubmitOrder) -> None:
        order = command.order
        search = self._searches.setdefault(
            order.client_order_id, OrderConfirmation(self._loop.time(), self._window_s)
        )
        search.is_leaving = True
        self._loop.call_later(UNANSWERED_S, self._confirm_soon, order)
        try:
            await super()._submit_order(command)
        finally:
            search.is_leaving, search.sent_at = False, self._loop.time()
        if self._is_demo:
            self._loop.call_later(DEMO_CHECK_S, self._confirm_soon, order)

    def _confirm_soon(self, order: Order) -> None:
        client_order_id = order.client_order_id
        if not self._is_unconfirmed(order):
            self._searches.pop(client_order_id, None)
        elif client_order_id not in self._confirming:
            self._confirming.add(client_order_id)
            self.create_task(self._confirm(order))

    async def _confirm(self, order: Order) -> None:
        client_order_id = order.client_order_id
        search = self._searches.setdefault(
            client_order_id, OrderConfirmation(self._loop.time(), self._window_s)
        )
        try:
            while self._is_unconfirmed(order):
                await self._query_order(order, search)
                await asyncio.sleep(search.pause_s(is_reduce_only=order.is_reduce_only))
        finally:
            self._confirming.discard(client_order_id)
            self._searches.pop(client_order_id, None)

    async def _query_order(self, order: Order, search: OrderConfirmation) -> None:
        if self._is_resend_pending(order):
            return
        try:
            # The order first: fills that were requested earlier could lack its last one.
            report = await self._report_of(order)
            if self._report_outcome(order, report, await self._late_fills()):
                return
        # Any failed query is repeated.
        except Exception as error:
            self._log.warning(f"{order.client_order_id!r}: {_line(error)}")
            return
        # An acknowledgement may have arrived during the query.
        if not self._is_unconfirmed(order) or self._is_resend_pending(order):
            return
        match search.next_step(
            self._loop.time(),
            is_reduce_only=order.is_reduce_only,
            is_stop=order.has_trigger_price,
        ):
            case Step.RESEND:
                await self._send_again(order, search)
            case Step.REFUSED:
                self._reject(order, str(search.refusal))
            case Step.ABANDON:
                self._abandon(order)

    async def _send_again(self, order: Order, search: OrderConfirmation) -> None:
        self._log.warning(f"{order.client_order_id!r} is not at the venue: sent by REST")
        self._sent_by_rest.add(order.client_order_id)
        search.record_resend(self._loop.time())
        side = self._resolve_position_idx(
            order.instrument_id, order.side, order.is_reduce_only, None
        )
        try:
            await submit_by_rest(self._http_client, self.pyo3_account_id, order, side)
        # Whatever the error, the next query shows whether the venue has the order.
        except Exception as error:
            self._log.warning(f"{order.client_order_id!r}: {_line(error)}")
            code = getattr(error, "code", code_of(error)[0])
            if code in ORDER_CODES:
                search.refusal = _line(error)
            search.sent_at = self._loop.time()

    def _abandon(self, order: Order) -> None:
        client_order_id = order.client_order_id
        text = f"{client_order_id}: the venue has not confirmed the order, and does not have it"
        self.notices.append((ORDER_UNCONFIRMED, text))
        self._abandoned[client_order_id] = order
        if order.is_reduce_only and order.has_trigger_price:
            self._reject(order, text)
            return
        self.generate_order_canceled(
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=client_order_id,
            venue_order_id=order.venue_order_id,
            ts_event=self._clock.timestamp_ns(),
        )

    def _reject(self, order: Order, reason: str) -> None:
        self.generate_order_rejected(
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            reason=reason,
            ts_event=self._clock.timestamp_ns(),
        )

    def _is_unconfirmed(self, order: Order) -> bool:
        return order.venue_order_id is None and not order.is_closed

    def _is_resend_pending(self, order: Order) -> bool:
        """Return True if a rejected order waits to be sent again."""
        return False

    def _handle_order_rejected_pyo3(self, msg: Any) -> None:
        client_order_id = ClientOrderId(str(msg.client_order_id))
        order = self._cache.order(client_order_id)
        if self._is_stale_rejection(client_order_id, order):
            self._log.warning(f"{client_order_id!r}: stale rejection ignored: {msg.reason}")
            return
        if order is not None and answer_of_text(str(msg.reason)) in (
            OrderAnswer.UNKNOWN,
            OrderAnswer.DUPLICATE,
        ):
            self._log.warning(f"{client_order_id!r}: inconclusive rejection: {msg.reason}")
            self._confirm_soon(order)
            return
        super()._handle_order_rejected_pyo3(msg)

    def _is_stale_rejection(self, client_order_id: ClientOrderId, order: Order | None) -> bool:
        """Return True if a rejection from the socket no longer applies to the order."""
        # Once REST has sent it too, its answer decides; the venue may reject an old frame.
        if client_order_id in self._sent_by_rest:
            return True
        return order is not None and not self._is_unconfirmed(order)

    def _handle_order_status_report_pyo3(self, pyo3_report: Any) -> None:
        super()._handle_order_status_report_pyo3(pyo3_report)
        name = pyo3_report.client_order_id
        order = None if name is None else self._abandoned.get(ClientOrderId(str(name)))
        if order is not None and OrderStatusReport.from_pyo3(pyo3_report).is_open:
            self.create_task(self._cancel_ghost(order))

    def _handle_fill_report_pyo3(self, msg: Any) -> None:
        name = msg.client_order_id
        if name is not None and ClientOrderId(str(name)) in self._abandoned:
            # Nautilus applies no fill to a rejected order: the execution id marks it as known.
            if str(msg.trade_id) in self._known_executions:
                return
            self._known_executions.add(str(msg.trade_id))
        super()._handle_fill_report_pyo3(msg)

    def report_fill(self, report: FillReport) -> None:
        """Report a fill to the engine unless it has it."""
        abandoned = self._abandoned.get(report.client_order_id)
        if abandoned is None:
            super().report_fill(report)
            return
        if self._cache.client_order_id(report.venue_order_id) is None:
            self._cache.add_venue_order_id(abandoned.client_order_id, report.venue_order_id)
        super().report_fill(report)
        self._known_executions.add(report.trade_id.value)

    async def _cancel_ghost(self, order: Order) -> None:
        try:
            was_open = await self.cancel_at_venue(order.instrument_id, order.client_order_id)
        # The periodic check of open orders cancels it then.
        except Exception as error:
            self._log.warning(f"{order.client_order_id!r}: {_line(error)}")
            return
        if was_open:
            text = f"{order.client_order_id}: working although it was abandoned: canceled"
            self.notices.append((GHOST_ORDER, text))

    async def _cancel_order(self, command: CancelOrder) -> None:
        await super()._cancel_order(command)
        order = self._cache.order(command.client_order_id)
        if order is not None:
            self._loop.call_later(UNANSWERED_S, self._cancel_soon, order)

    def _cancel_soon(self, order: Order) -> None:
        if not order.is_closed and order.client_order_id not in self._canceling:
            self._canceling.add(order.client_order_id)
            self.create_task(self._cancel_until_closed(order))

    async def _cancel_until_closed(self, order: Order) -> None:
        try:
            for _ in range(CANCELS):
                while self._is_unconfirmed(order):
                    await asyncio.sleep(DEMO_CHECK_S)
                if order.is_closed or await self._is_canceled(order):
                    return
                await asyncio.sleep(CANCEL_PAUSE_S)
        finally:
            self._canceling.discard(order.client_order_id)
        if not order.is_closed:
            super().generate_order_cancel_rejected(
                strategy_id=order.strategy_id,
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
                venue_order_id=order.venue_order_id,
                reason="the order is still working after several cancels",
                ts_event=self._clock.timestamp_ns(),
            )

    async def _is_canceled(self, order: Order) -> bool:
        try:
            report = await self._report_of(order)
            if report is not None and not report.is_open:
                return self._report_outcome(order, report, await self._late_fills())
            await self.cancel_at_venue(order.instrument_id, order.client_order_id)
        # Any failed query is repeated.
        except Exception as error:
            self._log.warning(f"{order.client_order_id!r}: not canceled yet: {_line(error)}")
        return False

    def generate_order_cancel_rejected(self, **fields: Any) -> None:
        """Query the order; report the rejection only after several cancels have failed."""
        order = self._cache.order(fields["client_order_id"])
        if order is not None:
            self._log.warning(f"{order.client_order_id!r}: cancel rejected: {fields['reason']}")
            self._cancel_soon(order)

    def _handle_order_cancel_rejected_pyo3(self, msg: Any) -> None:
        order = self._cache.order(ClientOrderId(str(msg.client_order_id)))
        if order is None or order.is_closed:
            self._log.warning(f"{msg.client_order_id}: stale rejection ignored: {msg.reason}")
            return
        self._log.warning(f"{order.client_order_id!r}: cancel rejected: {msg.reason}")
        self._cancel_soon(order)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())

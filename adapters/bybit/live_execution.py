"""Nautilus's Bybit execution client with corrected handling of orders."""

import asyncio
from typing import Any

from nautilus_trader.adapters.bybit.config import _resolve_environment
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelAllOrders
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order

from adapters.bybit.account_answers import VENUE_ACCOUNT
from adapters.bybit.account_answers import AccountAnswers
from adapters.bybit.account_check import AccountReader
from adapters.bybit.account_query import AccountQuery
from adapters.bybit.attached_stops import StopAttachingBybitExecutionClient
from adapters.bybit.demo import DemoOrders
from adapters.bybit.funding_payments import FundingPayments
from adapters.bybit.login import check_login
from adapters.bybit.order_answers import OrderAnswer
from adapters.bybit.order_answers import answer_of_text
from adapters.bybit.sockets import SocketState
from errors import AuctionError


LOGIN_TIMEOUT_S = 10.0
LOGIN_RETRY_S = 5.0
# Unknown or refused key, wrong signature, no permission, other address, expired.
LOGIN_ERRORS = (10003, 10004, 10005, 10010, 33004)
PRIVATE_SOCKET = "private socket"
PRIVATE_TOPICS = ("order", "execution", "position", "wallet")
TRADE_SOCKET = "trade socket"
SENDABLE_TIMES_IN_FORCE = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
UNSENDABLE_TYPES = (
    OrderType.MARKET_TO_LIMIT,
    OrderType.TRAILING_STOP_LIMIT,
    OrderType.TRAILING_STOP_MARKET,
)
CANNOT_MOVE_TRIGGER = "the client cannot amend a trigger price: send a new stop, then cancel this"


class LiveBybitExecutionClient(StopAttachingBybitExecutionClient):
    """
    Sends orders to Bybit.

    It differs from Nautilus's client in six things, beside those of its base classes:

    - Orders of a type or a time in force that the client cannot send are denied. Nautilus's client
      leaves them submitted for ever, and sends stops with an expiry as stops without one.
    - A change of a trigger price is rejected at once. Nautilus's client sends the amendment
      without it, and the order stays pending for ever.
    - Canceling all orders cancels the strategy's own orders of the requested side, one by one.
      Nautilus's client requests the cancel of every order of the symbol, those of other strategies
      too, and ignores a rejection.
    - Cancels and reduce-only orders that the rate limit rejected (10006) are sent again after a
      pause. Other orders are rejected: their price would be stale by then. Rejections of a demo
      account count at once (`adapters.bybit.demo`).
    - A failed query of positions is an error. Nautilus's client returns an empty list, for which
      its engine closes the known position with a fill that never happened.
    - If it cannot connect or a socket rejects the keys, the node shuts down. With Nautilus's client
      it goes on, and its orders stay without an answer.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`, with a `LiveBybitExecClientConfig`.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._submits: dict[ClientOrderId, SubmitOrder] = {}
        self._refusals: dict[ClientOrderId, int] = {}
        self._resend_pending: set[ClientOrderId] = set()
        if self._is_demo:
            config = self._config
            self._http_client: Any = DemoOrders(
                arguments["client"], config.rate_limit_retries, config.rate_limit_delay_ms
            )
        self._private, self._trade = SocketState(), SocketState()
        self._login: asyncio.Task[None] | None = None
        self._is_trade_verified = False
        self._is_login_refused = False

        # Strategies query it before they cancel a stop, whatever the cache holds.
        answers = AccountAnswers(
            AccountQuery(self._http_url(), self._api_key, self._api_secret, self._config.proxy_url),
            self.create_task,
        )
        self._msgbus.register(VENUE_ACCOUNT.format(self.venue), answers.take)

    async def _connect(self) -> None:
        try:
            await asyncio.gather(
                *(
                    check_login(url, self._api_key, self._api_secret, LOGIN_TIMEOUT_S)
                    for url in self._socket_urls()
                )
            )
            await super()._connect()
        except Exception as error:
            self.shutdown_system(f"Bybit: no execution: {' '.join(str(error).split())}")
            raise

    def _socket_urls(self) -> list[str]:
        environment = _resolve_environment(self._config.environment)
        private = self._config.base_url_ws_private
        urls = [private or nautilus_pyo3.get_bybit_ws_url_private(environment)]
        # The venue accepts orders of a demo account only over REST.
        if environment != nautilus_pyo3.BybitEnvironment.DEMO:
            trade = self._config.base_url_ws_trade
            urls.append(trade or nautilus_pyo3.get_bybit_ws_url_trade(environment))
        return urls

    def connections(self) -> dict[str, bool]:
        """Return whether each socket, by name, is connected and logged in."""
        private = self._ws_private_client
        has_topics = private.subscription_count() >= len(PRIVATE_TOPICS)
        found = {PRIVATE_SOCKET: self._private.is_ready(private) and has_topics}
        if not self._is_demo:
            found[TRADE_SOCKET] = self._is_trade_ready()
        return found

    def _is_trade_ready(self) -> bool:
        losses = self._trade.losses
        is_ready = self._trade.is_ready(self._ws_trade_client)
        if self._trade.losses > losses:
            self._is_trade_verified = self._is_login_refused = False
        is_pending = self._login is not None and not self._login.done()
        if is_ready and not self._is_trade_verified and not is_pending:
            self._login = self.create_task(self._verify_trade_login())
        return is_ready and self._is_trade_verified and not self._is_login_refused

    async def _verify_trade_login(self) -> None:
        # The core logs in again by itself; the venue's answer is not visible here.
        try:
            await check_login(
                self._socket_urls()[-1], self._api_key, self._api_secret, LOGIN_TIMEOUT_S
            )
        except AuctionError as error:
            self._log.warning(str(error))
            await asyncio.sleep(LOGIN_RETRY_S)
        else:
            self._is_trade_verified = True

    def _handle_msg(self, msg: Any) -> None:
        # Only the trade socket rejects a login with a code; the private one stays without topics.
        if isinstance(msg, nautilus_pyo3.BybitWebSocketError) and msg.code in LOGIN_ERRORS:
            self._is_login_refused = True
        super()._handle_msg(msg)

    async def _cache_instruments(self) -> None:
        """
        Add the instruments to the cache before reconciliation.

        Otherwise they come from the data client: too late if a cache in Redis has lost them.
        """
        await super()._cache_instruments()
        for instrument in self._instrument_provider.list_all():
            if self._cache.instrument(instrument.id) is None:
                self._cache.add_instrument(instrument)

    def _http_url(self) -> str:
        url: str | None = self._config.base_url_http
        return url or str(
            nautilus_pyo3.get_bybit_http_base_url(_resolve_environment(self._config.environment))
        )

    def funding_payments(self) -> FundingPayments:
        """Return the source of funding payments of this account, which Nautilus does not report."""
        return FundingPayments(
            self._http_url(), self._api_key, self._api_secret, self._config.proxy_url
        )

    def account_reader(self) -> AccountReader:
        """Return the reader that checks the settings of this account."""
        return AccountReader(
            self._http_url(),
            self._api_key,
            self._api_secret,
            self._config.proxy_url,
            is_demo=self._is_demo,
        )

    def _check_order_validity(self, order: Order, product_type: Any) -> str | None:
        if order.order_type in UNSENDABLE_TYPES:
            name = order.order_type.name
            return f"the client sends no {name} orders: move a stop by a new one instead"
        if order.time_in_force not in SENDABLE_TIMES_IN_FORCE:
            name = order.time_in_force.name
            return f"the client sends no {name} orders: use GTC and cancel it by a timer"
        reason: str | None = super()._check_order_validity(order, product_type)
        return reason

    async def _submit_order(self, command: SubmitOrder) -> None:
        if command.order.is_reduce_only:
            self._submits[command.order.client_order_id] = command
        await super()._submit_order(command)

    def _is_resend_pending(self, order: Order) -> bool:
        return order.client_order_id in self._resend_pending

    async def _modify_order(self, command: ModifyOrder) -> None:
        order: Order | None = self._cache.order(command.client_order_id)
        moves_trigger = (
            order is not None
            and order.has_trigger_price
            and command.trigger_price is not None
            and command.trigger_price != order.trigger_price
        )
        if order is None or not moves_trigger:
            await super()._modify_order(command)
            return
        self.generate_order_modify_rejected(
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            reason=CANNOT_MOVE_TRIGGER,
            ts_event=self._clock.timestamp_ns(),
        )

    async def _cancel_all_orders(self, command: CancelAllOrders) -> None:
        wanted = {
            "instrument_id": command.instrument_id,
            "strategy_id": command.strategy_id,
            "side": command.order_side,
        }
        orders = self._cache.orders_open(**wanted) + self._cache.orders_inflight(**wanted)
        for order in dict.fromkeys(orders):
            await self._cancel_again(order)

    def generate_order_submitted(self, **fields: Any) -> None:
        """Report an order as submitted, unless it is submitted already (a resend)."""
        order = self._cache.order(fields["client_order_id"])
        if order is None or order.status != OrderStatus.SUBMITTED:
            super().generate_order_submitted(**fields)

    def _handle_order_rejected_pyo3(self, msg: Any) -> None:
        client_order_id = ClientOrderId(str(msg.client_order_id))
        command = self._submits.get(client_order_id)
        if (
            command is None
            or self._is_stale_rejection(client_order_id, command.order)
            or not self._should_retry(command.order, msg)
        ):
            self._submits.pop(client_order_id, None)
            super()._handle_order_rejected_pyo3(msg)
            return
        self._resend_pending.add(client_order_id)
        self.create_task(self._send_after_pause(command.order, super()._submit_order, command))

    def _handle_order_cancel_rejected_pyo3(self, msg: Any) -> None:
        order = self._cache.order(ClientOrderId(str(msg.client_order_id)))
        if order is None or not self._should_retry(order, msg):
            super()._handle_order_cancel_rejected_pyo3(msg)
            return
        self.create_task(self._send_after_pause(order, self._cancel_again, order))

    def _handle_order_status_report_pyo3(self, pyo3_report: Any) -> None:
        # The venue has accepted the order: later rejections count anew.
        if pyo3_report.client_order_id is not None:
            client_order_id = ClientOrderId(str(pyo3_report.client_order_id))
            self._submits.pop(client_order_id, None)
            self._refusals.pop(client_order_id, None)
        super()._handle_order_status_report_pyo3(pyo3_report)

    def _log_report_error(self, e: BaseException, report_type: str) -> None:
        super()._log_report_error(e, report_type)
        raise e

    def _should_retry(self, order: Order, msg: Any) -> bool:
        if answer_of_text(str(msg.reason)) is not OrderAnswer.LIMITED or order.is_closed:
            return False
        count = self._refusals.get(order.client_order_id, 0)
        if count >= self._config.rate_limit_retries:
            self._refusals.pop(order.client_order_id, None)
            return False
        self._refusals[order.client_order_id] = count + 1
        return True

    async def _send_after_pause(self, order: Order, send: Any, argument: Any) -> None:
        count = self._refusals.get(order.client_order_id, 1)
        delay_ms = self._config.rate_limit_delay_ms * min(count, 2)
        self._log.warning(f"Rate limit: {order.client_order_id!r} again in {delay_ms} ms")
        try:
            await asyncio.sleep(delay_ms / 1000)
            if not order.is_closed:
                await send(argument)
        finally:
            self._resend_pending.discard(order.client_order_id)

    async def _cancel_again(self, order: Order) -> None:
        command = CancelOrder(
            trader_id=order.trader_id,
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            command_id=UUID4(),
            ts_init=self._clock.timestamp_ns(),
        )
        await self._cancel_order(command)

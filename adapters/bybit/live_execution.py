"""Nautilus's Bybit execution client, with what it does wrong about orders put right."""

import asyncio
import os
from datetime import timedelta
from typing import Any

from nautilus_trader.adapters.bybit.config import BybitExecClientConfig
from nautilus_trader.adapters.bybit.config import _resolve_environment
from nautilus_trader.adapters.bybit.execution import BybitExecutionClient
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelAllOrders
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.execution.messages import GenerateFillReports
from nautilus_trader.execution.messages import GenerateOrderStatusReport
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.functions import order_side_to_pyo3
from nautilus_trader.model.functions import order_type_to_pyo3
from nautilus_trader.model.functions import time_in_force_to_pyo3
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order

from adapters.bybit.login import check_login
from catalog.errors import UsageError


# The venue's text for code 10006; the adapter passes on the text alone.
TOO_MANY_VISITS = "too many visits"
# The same for code 110072.
DUPLICATE_ID = "is duplicate"
LOGIN_TIMEOUT_S = 10.0
# A reconnection takes 0.2 s at the least.
SOCKET_LOOK_S = 0.05
CATCH_UP_PAUSE_S = 0.5
UNANSWERED_S = 1.0
UNANSWERED_LOOKS = 5
CATCH_UP_WINDOW = timedelta(hours=1)
PRIVATE_TOPICS = ("order", "execution", "position", "wallet")
CANNOT_MOVE_TRIGGER = "the client cannot amend a trigger price: send a new stop, then cancel this"


class LiveBybitExecutionClient(BybitExecutionClient):  # type: ignore[misc]
    """
    Sends orders to Bybit.

    It differs from Nautilus's client in seven things:

    - A change of a trigger price is rejected at once. Nautilus's client sends the amendment
      without it, and the order waits for an answer for ever.
    - Cancelling all orders cancels the strategy's own, one by one and of the side asked for.
      Nautilus's client asks the venue to cancel every order of the symbol, those of other
      strategies too, and does not notice a refusal.
    - Cancels and reduce-only orders that the rate limit refused (10006) are sent again after a
      wait. Other orders are rejected: by then their price is an old one.
    - Reports of fills and positions that could not be had are an error. Nautilus's client answers
      with none, which its engine takes for an account without a position, and closes the one it
      knows of with a fill that never happened.
    - Where it cannot connect or a socket refuses the keys, the node ends. With Nautilus's client it
      stays, and orders go out without an answer.
    - When the private socket is back after a loss, the venue is asked for what it has told
      meanwhile. Nautilus's client asks for nothing, and its engine only at its next check.
    - A reduce-only order of which no socket tells anything within a second is looked for at the
      venue, and sent by REST where it is not there: a trade socket that hangs leaves no position
      naked. Its id is the same, and the venue takes an id once.

    Parameters
    ----------
    arguments
        Those of `BybitExecutionClient`, with a `LiveBybitExecClientConfig`.

    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._api_key, self._api_secret = _keys(self._config)
        self._submits: dict[ClientOrderId, SubmitOrder] = {}
        self._refusals: dict[ClientOrderId, int] = {}
        self._catching_up: asyncio.Task[None] | None = None

    async def _connect(self) -> None:
        try:
            for url in self._socket_urls():
                await check_login(url, self._api_key, self._api_secret, LOGIN_TIMEOUT_S)
            await super()._connect()
        except Exception as error:
            self.shutdown_system(f"Bybit: no execution: {' '.join(str(error).split())}")
            raise
        self._catching_up = self._loop.create_task(self._catch_up_after_losses())

    async def _disconnect(self) -> None:
        if self._catching_up is not None:
            self._catching_up.cancel()
        await super()._disconnect()

    def _socket_urls(self) -> list[str]:
        environment = _resolve_environment(self._config.environment)
        private = self._config.base_url_ws_private
        urls = [private or nautilus_pyo3.get_bybit_ws_url_private(environment)]
        # The venue takes orders of a demo account over REST alone.
        if environment != nautilus_pyo3.BybitEnvironment.DEMO:
            trade = self._config.base_url_ws_trade
            urls.append(trade or nautilus_pyo3.get_bybit_ws_url_trade(environment))
        return urls

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
        reports = await self.generate_fill_reports(
            GenerateFillReports(
                instrument_id=None,
                venue_order_id=None,
                start=self._clock.utc_now() - CATCH_UP_WINDOW,
                end=None,
                command_id=UUID4(),
                ts_init=self._clock.timestamp_ns(),
            )
        )
        return sorted(reports, key=lambda report: report.ts_event)

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
            is_refused = order.client_order_id in self._refusals
            if is_refused or order.status not in (OrderStatus.INITIALIZED, OrderStatus.SUBMITTED):
                return
            try:
                is_there = await self._catch_up_with(order, await self._late_fills())
                if not is_there:
                    self._log.warning(f"{order.client_order_id!r} is not answered: sent by REST")
                    await self._submit_by_rest(order)
            # Whatever keeps the venue from answering, it is asked again.
            except Exception as error:
                self._log.warning(f"{order.client_order_id!r}: {' '.join(str(error).split())}")

    async def _submit_by_rest(self, order: Order) -> None:
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

    async def _catch_up_after_losses(self) -> None:
        is_behind = False
        while True:
            await asyncio.sleep(SOCKET_LOOK_S)
            if not self._is_private_socket_up():
                is_behind = True
            elif is_behind:
                try:
                    await self.catch_up()
                    is_behind = False
                # Whatever keeps the venue from answering, it is asked again.
                except Exception as error:
                    self._log.warning(f"Not caught up yet: {' '.join(str(error).split())}")
                    await asyncio.sleep(CATCH_UP_PAUSE_S)

    def _is_private_socket_up(self) -> bool:
        socket = self._ws_private_client
        return bool(socket.is_active() and socket.subscription_count() >= len(PRIVATE_TOPICS))

    def missing_acknowledgements(self) -> list[str]:
        """Return what the venue has not acknowledged yet, for the start-up test of a node."""
        missing = []
        if self._ws_private_client.subscription_count() < len(PRIVATE_TOPICS):
            missing.append(f"private socket ({', '.join(PRIVATE_TOPICS)})")
        if not self._is_demo and not self._ws_trade_client.is_active():
            missing.append("trade socket")
        return missing

    async def _submit_order(self, command: SubmitOrder) -> None:
        if command.order.is_reduce_only:
            self._submits[command.order.client_order_id] = command
            self.create_task(self._make_sure(command))
        await super()._submit_order(command)

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
        """Tell that an order is on its way; not again for one that is sent once more."""
        order = self._cache.order(fields["client_order_id"])
        if order is None or order.status != OrderStatus.SUBMITTED:
            super().generate_order_submitted(**fields)

    def _handle_order_rejected_pyo3(self, msg: Any) -> None:
        if DUPLICATE_ID in str(msg.reason).lower():
            # The other copy of an order that was sent twice is the one that counts.
            self._log.warning(f"{msg.client_order_id} is there already")
            return
        client_order_id = ClientOrderId(str(msg.client_order_id))
        command = self._submits.get(client_order_id)
        if command is None or not self._is_worth_another(command.order, msg):
            self._submits.pop(client_order_id, None)
            super()._handle_order_rejected_pyo3(msg)
            return
        self.create_task(self._later(command.order, super()._submit_order, command))

    def _handle_order_cancel_rejected_pyo3(self, msg: Any) -> None:
        order = self._cache.order(ClientOrderId(str(msg.client_order_id)))
        if order is None or not self._is_worth_another(order, msg):
            super()._handle_order_cancel_rejected_pyo3(msg)
            return
        self.create_task(self._later(order, self._cancel_again, order))

    def _handle_order_status_report_pyo3(self, pyo3_report: Any) -> None:
        # The venue has taken the order: it need not be kept, and later refusals count anew.
        if pyo3_report.client_order_id is not None:
            client_order_id = ClientOrderId(str(pyo3_report.client_order_id))
            self._submits.pop(client_order_id, None)
            self._refusals.pop(client_order_id, None)
        super()._handle_order_status_report_pyo3(pyo3_report)

    def _log_report_error(self, e: BaseException, report_type: str) -> None:
        super()._log_report_error(e, report_type)
        raise e

    def _is_worth_another(self, order: Order, msg: Any) -> bool:
        if TOO_MANY_VISITS not in str(msg.reason).lower() or order.is_closed:
            return False
        count = self._refusals.get(order.client_order_id, 0)
        if count >= self._config.rate_limit_retries:
            self._refusals.pop(order.client_order_id, None)
            return False
        self._refusals[order.client_order_id] = count + 1
        return True

    async def _later(self, order: Order, send: Any, argument: Any) -> None:
        count = self._refusals.get(order.client_order_id, 1)
        delay_ms = self._config.rate_limit_delay_ms * min(count, 2)
        self._log.warning(f"Rate limit: {order.client_order_id!r} again in {delay_ms} ms")
        await asyncio.sleep(delay_ms / 1000)
        if not order.is_closed:
            await send(argument)

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


def _keys(config: BybitExecClientConfig) -> tuple[str, str]:
    environment = _resolve_environment(config.environment)
    prefix = {
        nautilus_pyo3.BybitEnvironment.TESTNET: "BYBIT_TESTNET",
        nautilus_pyo3.BybitEnvironment.DEMO: "BYBIT_DEMO",
    }.get(environment, "BYBIT")
    keys = []
    for given, name in ((config.api_key, "API_KEY"), (config.api_secret, "API_SECRET")):
        variable = f"{prefix}_{name}"
        key = given or os.environ.get(variable, "")
        if not key:
            raise UsageError(f"{variable} is not set: set it to your Bybit key")
        keys.append(key)
    return keys[0], keys[1]

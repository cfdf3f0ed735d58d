"""The project's Bybit execution client and Nautilus's engine, in one event loop with the venue."""

import asyncio
import time
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Coroutine
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.config import InstrumentProviderConfig
from nautilus_trader.core.nautilus_pyo3 import BybitEnvironment
from nautilus_trader.core.nautilus_pyo3 import BybitProductType
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.live.execution_engine import LiveExecutionEngine
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import LimitOrder
from nautilus_trader.model.orders import MarketOrder
from nautilus_trader.model.orders import Order
from nautilus_trader.model.orders import StopMarketOrder
from nautilus_trader.portfolio.portfolio import Portfolio

from adapters.bybit.live import LiveBybitExecClientConfig
from adapters.bybit.live import LiveBybitExecClientFactory
from adapters.bybit.live import live_exec_engine
from adapters.bybit.live_execution import PRIVATE_TOPICS
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.server import running
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade


BTC = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
CREATE = "POST /v5/order/create"
TRADER, STRATEGY = TraderId("TEST-001"), StrategyId("TOLD-001")
WAIT_S = 15.0
LIMIT_S = 50.0
type Step = Callable[[Desk], Coroutine[Any, Any, None]]


class Desk:
    """
    Sends orders through the client, which alone queries the venue.

    Without a reconciliation at its start the engine makes no checks of its own, which could find
    what the client has to find.
    """

    def __init__(
        self,
        server: BybitLoopback,
        environment: BybitEnvironment = BybitEnvironment.MAINNET,
    ) -> None:
        loop, clock = asyncio.get_running_loop(), LiveClock()
        msgbus = MessageBus(TRADER, clock)
        self.server = server
        self.cache = Cache()
        self.portfolio = Portfolio(msgbus, self.cache, clock)
        self.engine = LiveExecutionEngine(loop, msgbus, self.cache, clock, live_exec_engine())
        self.client = LiveBybitExecClientFactory.create(
            loop,
            "BYBIT",
            LiveBybitExecClientConfig(
                environment=environment,
                product_types=(BybitProductType.LINEAR,),
                base_url_http=server.url,
                base_url_ws_private=server.socket_url("private"),
                base_url_ws_trade=server.socket_url("trade"),
                instrument_provider=InstrumentProviderConfig(load_ids=frozenset({BTC})),
                max_retries=1,
                retry_delay_initial_ms=10,
                retry_delay_max_ms=10,
                **KEYS,
            ),
            msgbus,
            self.cache,
            clock,
        )
        self.engine.register_client(self.client)

    async def connect(self) -> None:
        self.engine.start()
        await self.client._connect()
        # Fills before the acknowledgement of their topic are never reported.
        private = self.client._ws_private_client
        await until(lambda: private.subscription_count() >= len(PRIVATE_TOPICS))
        for instrument in self.client.bybit_instrument_provider.list_all():
            self.cache.add_instrument(instrument)

    def limit(self, name: str, qty: str, price: str) -> Order:
        """Return a buy order, which the cache knows."""
        order = LimitOrder(
            TRADER,
            STRATEGY,
            BTC,
            ClientOrderId(name),
            OrderSide.BUY,
            Quantity.from_str(qty),
            Price.from_str(price),
            UUID4(),
            0,
        )
        self.cache.add_order(order)
        return order

    def stop(self, name: str, qty: str, trigger: str) -> Order:
        """Return a reduce-only sell stop, which the cache knows."""
        order = StopMarketOrder(
            TRADER,
            STRATEGY,
            BTC,
            ClientOrderId(name),
            OrderSide.SELL,
            Quantity.from_str(qty),
            Price.from_str(trigger),
            TriggerType.LAST_PRICE,
            UUID4(),
            0,
            reduce_only=True,
        )
        self.cache.add_order(order)
        return order

    def exit(self, name: str, qty: str) -> Order:
        """Return a reduce-only sell order at market, which the cache knows."""
        order = MarketOrder(
            TRADER,
            STRATEGY,
            BTC,
            ClientOrderId(name),
            OrderSide.SELL,
            Quantity.from_str(qty),
            UUID4(),
            0,
            reduce_only=True,
        )
        self.cache.add_order(order)
        return order

    def net(self) -> Decimal:
        """Return the signed size of the open positions of the cache."""
        held = self.cache.positions_open(instrument_id=BTC)
        return sum((position.signed_decimal_qty() for position in held), Decimal(0))

    def cancel(self, order: Order) -> None:
        self.client.cancel_order(
            CancelOrder(
                TRADER,
                STRATEGY,
                BTC,
                order.client_order_id,
                order.venue_order_id,
                UUID4(),
                time.time_ns(),
            )
        )

    def send(self, order: Order, **params: str) -> None:
        self.client.submit_order(
            SubmitOrder(
                TRADER,
                STRATEGY,
                order,
                UUID4(),
                time.time_ns(),
                client_id=self.client.id,
                params=params or None,
            )
        )

    async def accepted(self, order: Order) -> None:
        self.send(order)
        await until(lambda: order.status is OrderStatus.ACCEPTED, order)


async def until(condition: Callable[[], Any], told: object = "") -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"what was waited for did not come: {told}"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def desk(
    environment: BybitEnvironment = BybitEnvironment.MAINNET,
) -> AsyncIterator[Desk]:
    """Run a venue and a client that is connected to it."""
    async with running(BybitLoopback(orders_per_second=1_000)) as server:
        server.feed(quote(time.time_ns(), "60000", "60000.5"))
        found = Desk(server, environment)
        await found.connect()
        try:
            yield found
        finally:
            # They would go on asking while the venue closes.
            await found.client.cancel_pending_tasks()
            await found.client._disconnect()
            await found.client.cancel_pending_tasks()
            found.engine.kill()


def run(step: Step, environment: BybitEnvironment = BybitEnvironment.MAINNET) -> None:
    """Let a test use a desk, for a bounded time."""

    async def bounded() -> None:
        async with asyncio.timeout(LIMIT_S), desk(environment) as found:
            await step(found)

    asyncio.run(bounded())


async def bought(found: Desk) -> None:
    """Open a long position."""
    entry = found.limit("ENTRY", "0.010", "60001.00")
    found.send(entry)
    await until(lambda: entry.status is OrderStatus.FILLED, entry)


def sell(server: BybitLoopback, price: str, size: str) -> None:
    server.feed(trade(time.time_ns(), price, size, Side.SELL))


def stops(server: BybitLoopback) -> list[str]:
    return [o.request.link_id for o in server.venue.engine.open_orders if o.reduce_only]


async def answered(server: BybitLoopback, code: int) -> None:
    """Wait until the trade socket has answered its last request with a code."""
    await until(lambda: server.trade.answers[-1]["retCode"] == code, server.trade.answers[-1])


async def heard(found: Desk) -> None:
    """Wait until everything that the trade socket has said so far is heard."""
    await found.accepted(found.limit(f"LATER-{time.time_ns()}", "0.001", "50000.00"))

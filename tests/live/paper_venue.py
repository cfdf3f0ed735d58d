"""A simulated venue of a node, on a clock that moves only when a test moves it."""

import asyncio
from decimal import Decimal
from itertools import count

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.execution.messages import BatchCancelOrders
from nautilus_trader.execution.messages import CancelAllOrders
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.execution.messages import SubmitOrderList
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import OrderListId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.orders import OrderList
from nautilus_trader.portfolio.portfolio import Portfolio

from adapters.simulated.nautilus.paper import PaperExecutionClient
from catalog.instruments import resolve_instrument
from configs.live import load_live
from tests.markets import BTC
from tests.markets import MS


START = 1_767_571_200_000_000_000
TRADER, STRATEGY = TraderId("PAPER-001"), StrategyId("TEST-001")
LATENCY_MS = 20


class PaperVenue:
    """
    Holds the venue of the paper environment, and trades on it without a strategy.

    Prices are ticks, times milliseconds since the start. Quotes and prints come from the bus, as
    they do in a node that runs against a live market.

    Parameters
    ----------
    latency_ms : int, optional
        The latency, instead of that of the environment.
    time : ReplayClock, optional
        The time of a replay.

    """

    def __init__(self, latency_ms=None, time=None):
        settings = []
        if latency_ms is not None:
            path = "venues.BYBIT.execution.config.latency_model.config.base_latency_nanos"
            settings.append(f"{path}={latency_ms * MS}")
        config = load_live("btc_value_area", "paper", settings)
        self.clock = TestClock()
        self.clock.set_time(START)
        self.msgbus = MessageBus(TRADER, self.clock)
        self.cache = Cache()
        portfolio = Portfolio(self.msgbus, self.cache, self.clock)
        self.engine = ExecutionEngine(self.msgbus, self.cache, self.clock)
        # Nautilus's client gives every perpetual these margins.
        values = CryptoPerpetual.to_dict(resolve_instrument(BTC))
        values |= {"margin_init": "0.1", "margin_maint": "0.1"}
        self.instrument = CryptoPerpetual.from_dict(values)
        self.cache.add_instrument(self.instrument)
        self.client = PaperExecutionClient(
            loop=asyncio.get_event_loop(),
            portfolio=portfolio,
            msgbus=self.msgbus,
            cache=self.cache,
            clock=self.clock,
            config=config.node.exec_clients["BYBIT"].create(),
        )
        self.engine.register_client(self.client)
        if time is not None:
            self.client.play(time.drive)
        self.client.connect()
        self.factory = OrderFactory(TRADER, STRATEGY, self.clock)
        self.numbers = count(1)

    def at(self, ms):
        """Let time come to a moment in which nothing happens."""
        self.clock.set_time(START + int(ms * MS))

    def tick_price(self, ticks):
        return self.instrument.make_price(ticks * Decimal("0.1"))

    def make_quote(self, ms, bid, ask, size=5000):
        ts, lots = START + int(ms * MS), self.instrument.make_qty(size)
        prices = self.tick_price(bid), self.tick_price(ask)
        return QuoteTick(self.instrument.id, *prices, lots, lots, ts, ts)

    def make_print(self, ms, price, *, is_sell):
        ts = START + int(ms * MS)
        side = AggressorSide.SELLER if is_sell else AggressorSide.BUYER
        return TradeTick(
            self.instrument.id,
            self.tick_price(price),
            self.instrument.make_qty(5000),
            side,
            TradeId(str(next(self.numbers))),
            ts,
            ts,
        )

    def quote(self, ms, bid, ask):
        """Let a quote come."""
        self.at(ms)
        self._publish("quotes", self.make_quote(ms, bid, ask))

    def print(self, ms, price, *, is_sell):
        """Let a print come."""
        self.at(ms)
        self._publish("trades", self.make_print(ms, price, is_sell=is_sell))

    def _publish(self, kind, tick):
        # The data engine keeps a tick before it publishes it.
        (self.cache.add_quote_tick if kind == "quotes" else self.cache.add_trade_tick)(tick)
        symbol = self.instrument.id.symbol
        self.msgbus.publish(f"data.{kind}.{self.instrument.id.venue}.{symbol}", tick)

    def _terms(self, is_buy, size):
        side = OrderSide.BUY if is_buy else OrderSide.SELL
        return self.instrument.id, side, self.instrument.make_qty(size)

    def market(self, ms, *, is_buy, size=1):
        self.at(ms)
        return self._submit(self.factory.market(*self._terms(is_buy, size)))

    def limit(self, ms, price, *, is_buy, size=1):
        self.at(ms)
        return self._submit(self.factory.limit(*self._terms(is_buy, size), self.tick_price(price)))

    def stop(self, ms, price, *, is_buy, size=1):
        self.at(ms)
        return self._submit(
            self.factory.stop_market(
                *self._terms(is_buy, size), self.tick_price(price), reduce_only=True
            )
        )

    def _submit(self, order):
        self.engine.execute(SubmitOrder(TRADER, STRATEGY, order, UUID4(), self.now))
        return order

    def submit_list(self, ms, prices):
        """Send limit orders to buy as one list."""
        self.at(ms)
        orders = [
            self.factory.limit(*self._terms(True, 1), self.tick_price(price)) for price in prices
        ]
        orders_list = OrderList(OrderListId("1"), orders)
        self.client.submit_order_list(
            SubmitOrderList(TRADER, STRATEGY, self._cached(orders_list), UUID4(), self.now)
        )
        return orders

    def _cached(self, orders_list):
        for order in orders_list.orders:
            self.cache.add_order(order)
        return orders_list

    @property
    def now(self):
        return self.clock.timestamp_ns()

    def cancel(self, ms, order):
        self.at(ms)
        self.engine.execute(
            CancelOrder(
                TRADER,
                STRATEGY,
                self.instrument.id,
                order.client_order_id,
                order.venue_order_id,
                UUID4(),
                self.now,
            )
        )

    def cancel_all(self, ms):
        self.at(ms)
        self.engine.execute(
            CancelAllOrders(
                TRADER, STRATEGY, self.instrument.id, OrderSide.NO_ORDER_SIDE, UUID4(), self.now
            )
        )

    def cancel_batch(self, ms, orders):
        self.at(ms)
        cancels = [
            CancelOrder(
                TRADER,
                STRATEGY,
                self.instrument.id,
                order.client_order_id,
                order.venue_order_id,
                UUID4(),
                self.now,
            )
            for order in orders
        ]
        self.engine.execute(
            BatchCancelOrders(TRADER, STRATEGY, self.instrument.id, cancels, UUID4(), self.now)
        )

    def move_stop(self, ms, order, price):
        self.at(ms)
        self.engine.execute(
            ModifyOrder(
                TRADER,
                STRATEGY,
                self.instrument.id,
                order.client_order_id,
                order.venue_order_id,
                None,
                None,
                self.tick_price(price),
                UUID4(),
                self.now,
            )
        )

    def filled_at(self, order):
        """Return when (ms) and at what price (ticks) an order has filled, once."""
        (fill,) = [event for event in order.events if type(event).__name__ == "OrderFilled"]
        ticks = fill.last_px.as_decimal() / Decimal("0.1")
        return (fill.ts_event - START) / MS, int(ticks)

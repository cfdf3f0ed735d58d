"""The project's Bybit data client, in one event loop with the venue."""

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.config import InstrumentProviderConfig
from nautilus_trader.core.nautilus_pyo3 import BybitEnvironment
from nautilus_trader.core.nautilus_pyo3 import BybitProductType
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.data.messages import SubscribeOrderBook
from nautilus_trader.data.messages import SubscribeQuoteTicks
from nautilus_trader.data.messages import SubscribeTradeTicks
from nautilus_trader.data.messages import UnsubscribeOrderBook
from nautilus_trader.data.messages import UnsubscribeQuoteTicks
from nautilus_trader.model.data import OrderBookDelta
from nautilus_trader.model.data import OrderBookDeltas
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.identifiers import TraderId

from adapters.bybit import live_data
from adapters.bybit.live import LiveBybitDataClientConfig
from adapters.bybit.live import LiveBybitDataClientFactory
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.server import running
from adapters.sane_ticks import SaneTicks
from tests.adapters.bybit_execution import BTC
from tests.adapters.bybit_execution import until
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade


LIMIT_S = 30.0
PUBLIC = "public socket (Linear)"
BOOK = "book socket (Linear)"


class Feed:
    """A data client, and all that it hands to the data engine."""

    def __init__(self, server, *, has_keys=True, **settings):
        loop, clock = asyncio.get_running_loop(), LiveClock()
        self.server = server
        self.msgbus = MessageBus(TraderId("TEST-001"), clock)
        self.found, self.shutdowns = [], []
        self.msgbus.register("DataEngine.process", self.found.append)
        self.msgbus.subscribe("commands.system.shutdown", self.shutdowns.append)
        self.cache = Cache()
        keys = KEYS if has_keys else {}
        config = LiveBybitDataClientConfig(
            environment=BybitEnvironment.MAINNET,
            product_types=(BybitProductType.LINEAR,),
            base_url_http=server.url,
            base_url_ws_public=server.socket_url("public").replace("linear", "{product}"),
            instrument_status_poll_secs=None,
            instrument_provider=InstrumentProviderConfig(load_ids=frozenset({BTC})),
            **keys,
            **settings,
        )
        self.client = LiveBybitDataClientFactory.create(
            loop, "BYBIT", config, self.msgbus, self.cache, clock
        )

    async def quotes(self):
        await self.client._subscribe_quote_ticks(self._command(SubscribeQuoteTicks))

    async def no_quotes(self):
        await self.client._unsubscribe_quote_ticks(self._command(UnsubscribeQuoteTicks))

    async def trades(self):
        await self.client._subscribe_trade_ticks(self._command(SubscribeTradeTicks))

    async def book(self, depth=50):
        book = {"book_data_type": OrderBookDelta, "book_type": BookType.L2_MBP}
        command = self._command(SubscribeOrderBook, depth=depth, **book)
        await self.client._subscribe_order_book_deltas(command)

    async def no_book(self):
        command = self._command(UnsubscribeOrderBook, book_data_type=OrderBookDelta)
        await self.client._unsubscribe_order_book_deltas(command)

    def subscribers(self, topic):
        return len(self.server.connections.subscribers("public", f"{topic}.BTCUSDT"))

    async def subscribed(self, topic):
        await until(lambda: self.subscribers(topic))

    def show(self, bid="60000", ask="60000.5", price="60000", trade_id="1"):
        """Let the market quote and trade."""
        now = time.time_ns()
        self.server.feed(quote(now, bid, ask))
        self.server.feed(trade(now, price, "0.1", Side.BUY, trade_id))

    async def counted(self, **counts):
        """Wait for so many of each kind, and be sure that there is nothing else."""
        wanted = Counter(counts)
        await until(lambda: self.kinds() >= wanted, self.kinds())
        assert self.kinds() == wanted

    def kinds(self):
        ticks = (QuoteTick, TradeTick, OrderBookDeltas)
        return Counter(type(data).__name__ for data in self.found if isinstance(data, ticks))

    @staticmethod
    def _command(kind, **fields):
        return kind(
            instrument_id=BTC,
            client_id=None,
            venue=BTC.venue,
            command_id=UUID4(),
            ts_init=time.time_ns(),
            **fields,
        )


@asynccontextmanager
async def connected(**settings):
    async with running(BybitLoopback()) as server:
        feed = Feed(server, **settings)
        await feed.client._connect()
        try:
            yield feed
        finally:
            await feed.client._disconnect()
            await feed.client.cancel_pending_tasks()


def run(step, **settings):
    async def bounded():
        async with asyncio.timeout(LIMIT_S), connected(**settings) as feed:
            await step(feed)

    asyncio.run(bounded())


def test_quotes_are_those_of_the_first_level_and_no_changes_of_a_book():
    async def step(feed):
        await feed.quotes()
        await feed.trades()
        await feed.subscribed("orderbook.1")
        await feed.subscribed("publicTrade")
        feed.found.clear()
        feed.show("60010", "60010.5", "60010.5")
        await feed.counted(QuoteTick=1, TradeTick=1)
        tick = next(data for data in feed.found if isinstance(data, QuoteTick))
        assert (str(tick.bid_price), str(tick.ask_price)) == ("60010.00", "60010.50")

    run(step)


def test_book_changes_come_over_a_socket_of_their_own_without_quotes():
    async def step(feed):
        assert list(feed.client.connections()) == [PUBLIC]
        await feed.quotes()
        await asyncio.gather(feed.book(), feed.book())
        await feed.subscribed("orderbook.50")
        await feed.subscribed("orderbook.1")
        assert len(feed.server.connections.of("public")) == 2
        await until(lambda: feed.client.connections() == {PUBLIC: True, BOOK: True})
        feed.found.clear()
        feed.show("60010", "60010.5")
        await feed.counted(QuoteTick=1, OrderBookDeltas=1)

    run(step)


@pytest.mark.parametrize(("depth", "topic"), [(0, "orderbook.50"), (200, "orderbook.200")])
def test_a_book_has_the_depth_requested_or_fifty_levels(depth, topic):
    async def step(feed):
        await feed.book(depth)
        await feed.subscribed(topic)
        await feed.no_book()
        await until(lambda: not feed.subscribers(topic))
        # There is nothing to end a second time.
        await feed.no_book()

    run(step)


def test_quotes_end_without_subscribers():
    async def step(feed):
        await feed.quotes()
        await feed.subscribed("orderbook.1")
        await feed.no_quotes()
        await until(lambda: not feed.subscribers("orderbook.1"))

    run(step)


def test_quotes_of_the_ticker_can_be_had_instead():
    async def step(feed):
        await feed.quotes()
        await feed.subscribed("tickers")
        assert not feed.subscribers("orderbook.1")
        await feed.no_quotes()
        await until(lambda: not feed.subscribers("tickers"))

    run(step, quotes_from_book=False)


def test_a_book_of_one_level_is_left_to_nautilus_which_has_none():
    async def step(feed):
        book = {"book_data_type": OrderBookDelta, "book_type": BookType.L1_MBP, "depth": 50}
        await feed.client._subscribe_order_book_deltas(feed._command(SubscribeOrderBook, **book))
        assert not feed.subscribers("orderbook.50")
        assert list(feed.client.connections()) == [PUBLIC]

    run(step)


def test_ticks_that_no_market_has_are_refused_and_counted():
    async def step(feed):
        await feed.quotes()
        await feed.trades()
        await feed.subscribed("publicTrade")
        await feed.subscribed("orderbook.1")
        feed.found.clear()
        feed.server.feed(trade(time.time_ns(), "0", "0.1", Side.BUY, "1"))
        feed.show()
        await feed.counted(QuoteTick=1, TradeTick=1)
        assert isinstance(feed.client.refused, SaneTicks)
        assert feed.client.refused.count == 1

    run(step)


def test_a_sink_takes_ticks_instead_of_the_engine():
    async def step(feed):
        taken = []
        feed.client.sink = taken.append
        await feed.quotes()
        await feed.subscribed("orderbook.1")
        taken.clear()
        feed.show()
        await until(lambda: taken)
        assert not feed.kinds()
        assert [type(tick) for tick in taken] == [QuoteTick]

    run(step)


def test_a_lost_socket_stands_when_its_subscriptions_are_back():
    async def step(feed):
        await feed.quotes()
        await until(lambda: feed.client.connections() == {PUBLIC: True})
        feed.server.drop("public")
        await until(lambda: feed.client.connections() == {PUBLIC: False})
        await until(lambda: feed.client.connections() == {PUBLIC: True})
        # Of what was acknowledged before the loss, the client may still know for a moment.
        await until(lambda: feed.subscribers("orderbook.1") == 1)
        await until(lambda: feed.client.connections() == {PUBLIC: True})

    run(step)


def test_a_disconnected_client_has_no_socket_left():
    async def step(feed):
        await feed.book()
        await feed.client._disconnect()
        assert BOOK not in feed.client.connections()
        await until(lambda: not feed.server.connections.of("public"))

    run(step)


@pytest.mark.parametrize(
    ("has_keys", "taker"), [(False, live_data.TAKER_FEE), (True, Decimal("0.00055"))]
)
def test_fees_that_are_not_reported_are_those_of_the_base_tier(has_keys, taker):
    async def step(feed):
        instruments = [data for data in feed.found if getattr(data, "id", None) == BTC]
        assert {instrument.taker_fee for instrument in instruments} == {Decimal(str(taker))}
        assert live_data.has_unknown_fees(instruments[0]) is False

    run(step, has_keys=has_keys)


def test_where_it_cannot_connect_the_node_ends():
    async def step():
        async with running(BybitLoopback()) as server:
            feed = Feed(server)
            server.faults.refuse_connections.add("public")
            with pytest.raises(Exception, match="handshake failed"):
                await feed.client._connect()
            (command,) = feed.shutdowns
            assert command.reason.startswith("Bybit: no market data: ")
            assert "handshake failed" in command.reason

    asyncio.run(step())

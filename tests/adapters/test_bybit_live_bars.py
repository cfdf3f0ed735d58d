"""Candles of the venue as the project's data client gives them: closed ones alone, in pages."""

import time
from decimal import Decimal

import pandas as pd
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.data.messages import RequestBars
from nautilus_trader.data.messages import SubscribeBars
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType

from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.tape import Kline
from tests.adapters.bybit_execution import BTC
from tests.adapters.bybit_execution import until
from tests.adapters.bybit_server import trade
from tests.adapters.test_bybit_live_data import run


MINUTE = 60_000_000_000
BARS = BarType.from_str(f"{BTC}-1-MINUTE-LAST-EXTERNAL")


def kline(end, close, volume=1):
    price = Decimal(close)
    return Kline(end, 1, price, price + 5, price - 5, price, Decimal(volume))


def bars_of(feed):
    found = [getattr(data, "data", data) for data in feed.found]
    return [bar for bar in found if isinstance(bar, Bar)]


async def subscribe(feed):
    command = SubscribeBars(BARS, None, feed.client.venue, UUID4(), 0, params={})
    await feed.client._subscribe_bars(command)
    await until(lambda: feed.server.connections.subscribers("public", "kline.1.BTCUSDT"))


def test_a_candle_that_forms_is_no_bar_and_a_closed_one_may_come_twice():
    async def script(feed):
        await subscribe(feed)
        end = time.time_ns() // MINUTE * MINUTE
        feed.server.feed(kline(end - MINUTE, 60_000))
        feed.server.feed(kline(end, 60_010))
        await until(lambda: len(bars_of(feed)) >= 4, lambda: feed.found)
        bars = bars_of(feed)
        assert [(bar.ts_event, float(bar.close)) for bar in bars] == [
            (end - MINUTE, 60_000.0),
            (end - MINUTE, 60_000.0),
            (end, 60_010.0),
            (end, 60_010.0),
        ]
        assert bars[0].bar_type == BARS
        assert bars[0].ts_init > bars[0].ts_event

    run(script)


def test_candles_of_trades_close_with_the_first_trade_of_a_later_minute():
    async def script(feed):
        await subscribe(feed)
        start = time.time_ns() // MINUTE * MINUTE - 5 * MINUTE
        # No trade in the third minute: it has no candle.
        rows = [(0, 60_000), (0, 60_020), (1, 60_010), (3, 60_000)]
        for number, (minute, price) in enumerate(rows):
            event = trade(
                start + minute * MINUTE + number, str(price), "0.1", Side.BUY, f"k{number}"
            )
            feed.server.feed(event)
        await until(lambda: len(bars_of(feed)) >= 4, lambda: feed.found)
        ends = [(bar.ts_event - start) // MINUTE for bar in bars_of(feed)]
        assert ends == [1, 1, 2, 2]
        assert float(bars_of(feed)[0].high) == 60_020.0

    run(script)


def test_past_candles_come_in_pages_oldest_first_without_the_one_that_forms():
    async def script(feed):
        answers = []
        feed.msgbus.register("DataEngine.response", answers.append)
        end = time.time_ns() // MINUTE * MINUTE
        for n in range(1499, -1, -1):
            feed.server.feed(kline(end - n * MINUTE, 60_000 + n))
        start = pd.Timestamp(end - 1500 * MINUTE, tz="UTC")
        request = RequestBars(
            BARS, start, None, 2000, None, feed.client.venue, None, UUID4(), 0, params={}
        )
        await feed.client._request_bars(request)
        bars = answers[0].data
        ends = [(end - bar.ts_event) // MINUTE for bar in bars]
        # The venue's answer has the candle of now as well, newest first.
        assert ends == list(range(1499, -1, -1))
        assert feed.server.rest.paths.count("GET /v5/market/kline") >= 2

    run(script)

"""The public socket's topics: trades, book levels, ticker and candles."""

import re

from adapters.bybit.loopback.connection import PUBLIC
from adapters.bybit.loopback.connection import Connection
from adapters.bybit.loopback.connection import Connections
from adapters.bybit.loopback.market import MINUTE_MS
from adapters.bybit.loopback.market import Candle
from adapters.bybit.loopback.market import Levels
from adapters.bybit.loopback.market import book_changes
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.payloads import number
from adapters.bybit.loopback.public_endpoints import INTERVALS
from adapters.bybit.loopback.public_endpoints import level_rows
from adapters.bybit.loopback.public_endpoints import ticker
from adapters.bybit.loopback.tape import Event
from adapters.bybit.loopback.tape import Kline
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade
from adapters.bybit.loopback.venue import Venue


DEPTHS = (1, 50, 200, 1000)
TICKER_NS = 100_000_000
REPEAT_NS = 3_000_000_000


class PublicStream:
    """
    Publishes the market data of the tape to subscribers.

    The book of level 1 is sent only as snapshots, repeated after three seconds (of the tape)
    without a change, or at each quote of the tape if `as_recorded` is True; deeper books as a
    snapshot and then changes, not sorted by price; the ticker at most every 100 ms, as a snapshot
    and then its changes. A candle is sent while it forms (`confirm` false) and at its close, then
    twice unless `as_recorded`: the venue repeats rows after a reconnection. A minute closes with
    the first trade of a later one, unless the tape has candles.

    Parameters
    ----------
    venue : Venue
        The venue.
    connections : Connections
        The open connections.

    Attributes
    ----------
    as_recorded : bool
        If a quote is sent exactly when the tape has one.

    """

    def __init__(self, venue: Venue, connections: Connections) -> None:
        self.as_recorded = False
        self._venue = venue
        self._connections = connections
        self._symbol = venue.contract.symbol
        self._books: dict[int, tuple[Levels, Levels]] = {}
        self._updates: dict[int, int] = {}
        self._best_ns = 0
        self._ticker: Row = {}
        self._ticker_ns = 0
        self._sequence = 0
        self._minute: Candle | None = None

    def has(self, topic: str) -> bool:
        """Return True if the topic exists."""
        if topic in (f"publicTrade.{self._symbol}", f"tickers.{self._symbol}"):
            return True
        return self._depth(topic) in DEPTHS or self._interval(topic) in INTERVALS

    def send_snapshot(self, connection: Connection, topic: str) -> None:
        """Send the snapshot of a topic to a new subscriber, if the tape has begun."""
        depth = self._depth(topic)
        if depth and self._venue.market.quote is not None:
            bids, asks = self._books[depth] = self._venue.market.levels(depth)
            connection.send(self._book(depth, "snapshot", bids, asks))
        elif topic == f"tickers.{self._symbol}" and self._venue.last_event_ns:
            self._ticker = ticker(self._venue)
            connection.send(self._message(topic, "snapshot", self._ticker))

    def publish(self, event: Event) -> None:
        """Publish the changes by an event to the subscribers."""
        if isinstance(event, Kline):
            self._publish_kline(event)
            return
        if isinstance(event, Trade):
            self._send(self._trade(event))
            self._publish_minute(event)
        for depth in DEPTHS:
            if depth == 1 and self.as_recorded and not isinstance(event, Quote):
                continue
            if self._connections.subscribers(PUBLIC, f"orderbook.{depth}.{self._symbol}"):
                self._publish_book(depth)
        topic = f"tickers.{self._symbol}"
        is_due = event.ts_ns >= self._ticker_ns + TICKER_NS
        if is_due and self._connections.subscribers(PUBLIC, topic):
            self._ticker_ns = event.ts_ns
            new = ticker(self._venue)
            names = ["symbol", *(name for name in new if new[name] != self._ticker.get(name))]
            kind = "delta" if self._ticker else "snapshot"
            self._ticker = new
            if len(names) > 1:
                self._send(self._message(topic, kind, {name: new[name] for name in names}))

    def _publish_kline(self, kline: Kline) -> None:
        topic = f"kline.{kline.minutes}.{self._symbol}"
        if not self._connections.subscribers(PUBLIC, topic):
            return
        prices = kline.open, kline.high, kline.low, kline.close
        turnover = kline.close * kline.volume
        closed = Candle(kline.start_ms, *prices, kline.volume, turnover)
        forming = Candle.flat(kline.start_ms, kline.open)
        for candle, is_closed in ((forming, False), (closed, True)):
            self._send(self._candle(topic, candle, kline.minutes, is_closed=is_closed))
        if not self.as_recorded:
            self._send(self._candle(topic, closed, kline.minutes, is_closed=True))

    def _publish_minute(self, trade: Trade) -> None:
        topic, last = f"kline.1.{self._symbol}", self._minute
        if not self._connections.subscribers(PUBLIC, topic):
            self._minute = None
            return
        candle = self._venue.market.minute_of(trade)
        if last is not None and last.start_ms < candle.start_ms:
            for _ in range(2):
                self._send(self._candle(topic, last, 1, is_closed=True))
        self._minute = candle
        self._send(self._candle(topic, candle, 1, is_closed=False))

    def _candle(self, topic: str, candle: Candle, minutes: int, *, is_closed: bool) -> Row:
        contract = self._venue.contract
        row = {
            "start": candle.start_ms,
            "end": candle.start_ms + minutes * MINUTE_MS - 1,
            "interval": str(minutes),
            "open": contract.price_text(candle.open),
            "close": contract.price_text(candle.close),
            "high": contract.price_text(candle.high),
            "low": contract.price_text(candle.low),
            "volume": contract.size_text(candle.volume),
            "turnover": number(candle.turnover),
            "confirm": is_closed,
            "timestamp": self._venue.last_event_ns // 10**6,
        }
        return self._message(topic, "snapshot", [row])

    def _publish_book(self, depth: int) -> None:
        old, new = self._books.get(depth), self._venue.market.levels(depth)
        if not new[0]:
            return
        if old == new and not (depth == 1 and self.as_recorded):
            if depth == 1 and self._venue.last_event_ns >= self._best_ns + REPEAT_NS:
                self._best_ns = self._venue.last_event_ns
                self._send(self._book(depth, "snapshot", *new, is_repeated=True))
            return
        self._books[depth] = new
        if depth == 1:
            self._best_ns = self._venue.last_event_ns
        if depth == 1 or old is None:
            self._send(self._book(depth, "snapshot", *new))
            return
        bids, asks = (book_changes(before, after) for before, after in zip(old, new, strict=True))
        self._send(self._book(depth, "delta", bids, asks))

    def _book(
        self,
        depth: int,
        kind: str,
        bids: Levels,
        asks: Levels,
        *,
        is_repeated: bool = False,
    ) -> Row:
        self._sequence += 1
        if not is_repeated:
            self._updates[depth] = self._sequence
        data = {
            "s": self._symbol,
            "b": level_rows(self._venue, bids),
            "a": level_rows(self._venue, asks),
            "u": self._updates[depth],
            "seq": self._sequence,
        }
        message = self._message(f"orderbook.{depth}.{self._symbol}", kind, data)
        return message | {"cts": message["ts"]}

    def _trade(self, trade: Trade) -> Row:
        self._sequence += 1
        contract = self._venue.contract
        row = {
            "T": trade.ts_ns // 10**6,
            "s": self._symbol,
            "S": trade.side.value,
            "v": contract.size_text(trade.size),
            "p": contract.price_text(trade.price),
            "L": "PlusTick",
            "i": trade.trade_id,
            "BT": False,
            "RPI": False,
            "seq": self._sequence,
        }
        return self._message(f"publicTrade.{self._symbol}", "snapshot", [row])

    def _message(self, topic: str, kind: str, data: Row | list[Row]) -> Row:
        ms = self._venue.last_event_ns // 10**6
        return {"topic": topic, "type": kind, "ts": ms, "data": data}

    def _send(self, message: Row) -> None:
        for connection in self._connections.subscribers(PUBLIC, message["topic"]):
            connection.send(message)

    def _interval(self, topic: str) -> str:
        match = re.fullmatch(rf"kline\.(\d+)\.{self._symbol}", topic)
        return match[1] if match else ""

    def _depth(self, topic: str) -> int:
        match = re.fullmatch(rf"orderbook\.(\d+)\.{self._symbol}", topic)
        return int(match[1]) if match else 0

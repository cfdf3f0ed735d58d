"""Market data of the public endpoints: candles, recent trades, book, ticker, funding."""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.orders import ZERO
from adapters.bybit.loopback.tape import Depth
from adapters.bybit.loopback.tape import Event
from adapters.bybit.loopback.tape import FundingRate
from adapters.bybit.loopback.tape import Kline
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade


NS_PER_MS = 1_000_000
MINUTE_MS = 60_000
RECENT_TRADES = 1000
KEPT_MINUTES = 10_000

type Levels = dict[Decimal, Decimal]


@dataclass(slots=True)
class Candle:
    """Represents the trades of an interval that starts at a time (ms UTC)."""

    start_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    turnover: Decimal

    @classmethod
    def flat(cls, start_ms: int, price: Decimal, volume: Decimal = ZERO) -> "Candle":
        """Return a candle of one price."""
        return cls(start_ms, price, price, price, price, volume, price * volume)

    def add(self, other: "Candle") -> None:
        """Merge a later candle into this one."""
        self.high = max(self.high, other.high)
        self.low = min(self.low, other.low)
        self.close = other.close
        self.volume += other.volume
        self.turnover += other.turnover


class Market:
    """
    Keeps the market data of the tape so far.

    Parameters
    ----------
    contract : LinearContract
        The contract.

    Attributes
    ----------
    rate : Decimal
        The funding rate of the next payment.
    paid_rates : list[tuple[int, Decimal]]
        Time (ms UTC) and rate of each payment so far.

    """

    def __init__(self, contract: LinearContract) -> None:
        self.contract = contract
        self.quote: Quote | None = None
        self.depth: Depth | None = None
        self.last: Trade | None = None
        self.rate = Decimal("0.0001")
        self.paid_rates: list[tuple[int, Decimal]] = []
        self.trades: deque[Trade] = deque(maxlen=RECENT_TRADES)
        self._minutes: dict[int, Candle] = {}
        self._klines: dict[int, dict[int, Candle]] = {}
        self._due_ns = 0

    def take(self, event: Event) -> None:
        """Take an event of the tape."""
        match event:
            case Kline():
                self._take_kline(event)
            case Quote():
                self.quote = event
            case Depth():
                self.depth = event
            case FundingRate():
                self.rate = event.rate
            case Trade():
                self.last = event
                self.trades.append(event)
                self._add(event)

    def due_fundings(self, ts_ns: int) -> list[int]:
        """Return the payment times (ns UTC) since the last call, up to and including a time."""
        interval_ns = self.contract.funding_minutes * MINUTE_MS * NS_PER_MS
        if not self._due_ns:
            self._due_ns = ts_ns - ts_ns % interval_ns + interval_ns
        due = list(range(self._due_ns, ts_ns + 1, interval_ns))
        self._due_ns += len(due) * interval_ns
        return due

    @property
    def next_funding_ms(self) -> int:
        """Return the time of the next payment (ms UTC), 0 before the first event."""
        return self._due_ns // NS_PER_MS

    def levels(self, depth: int) -> tuple[Levels, Levels]:
        """Return bids and asks, best first, at most `depth` levels of each side."""
        if self.quote is None:
            return {}, {}
        quote, behind = self.quote, self.depth
        bids = {quote.bid: quote.bid_size}
        asks = {quote.ask: quote.ask_size}
        if behind is not None:
            bids |= {price: size for price, size in behind.bids if price < quote.bid}
            asks |= {price: size for price, size in behind.asks if price > quote.ask}
        return _first(bids, depth), _first(asks, depth)

    def candles(self, minutes: int, start_ms: int, end_ms: int, limit: int) -> list[Candle]:
        """
        Return the candles that start in an interval, newest first, at most `limit`.

        They are those of the tape if it has candles of that length, otherwise built from its
        trades. As at the venue the newest one is incomplete.
        """
        if minutes in self._klines:
            own = self._klines[minutes].values()
            rows = [candle for candle in reversed(own) if start_ms <= candle.start_ms <= end_ms]
            return rows[:limit]
        size_ms = minutes * MINUTE_MS
        found: dict[int, Candle] = {}
        for minute in self._minutes.values():
            start = minute.start_ms // size_ms * size_ms
            if start_ms <= start <= end_ms:
                whole = found.setdefault(start, Candle.flat(start, minute.open))
                whole.add(minute)
        return [found[start] for start in sorted(found, reverse=True)][:limit]

    def minute_of(self, trade: Trade) -> Candle:
        """Return the candle of the minute of the last trade."""
        return self._minutes[trade.ts_ns // NS_PER_MS // MINUTE_MS * MINUTE_MS]

    def _take_kline(self, kline: Kline) -> None:
        kept = self._klines.setdefault(kline.minutes, {})
        prices = kline.open, kline.high, kline.low, kline.close
        turnover = kline.close * kline.volume
        if kept:
            # The incomplete one: nothing remains of a minute without a trade.
            kept.popitem()
        kept[kline.start_ms] = Candle(kline.start_ms, *prices, kline.volume, turnover)
        # The next one has begun.
        start_ms = kline.start_ms + kline.minutes * MINUTE_MS
        kept[start_ms] = Candle.flat(start_ms, kline.close)
        while len(kept) > KEPT_MINUTES:
            del kept[next(iter(kept))]

    def _add(self, trade: Trade) -> None:
        start = trade.ts_ns // NS_PER_MS // MINUTE_MS * MINUTE_MS
        new = Candle.flat(start, trade.price, trade.size)
        candle = self._minutes.setdefault(start, new)
        if candle is not new:
            candle.add(new)
        elif len(self._minutes) > KEPT_MINUTES:
            del self._minutes[next(iter(self._minutes))]


def _first(levels: Levels, depth: int) -> Levels:
    return dict(list(levels.items())[:depth])


def book_changes(old: Levels, new: Levels) -> Levels:
    """
    Return the rows of a delta: new and changed levels, and a size of 0 for removed ones.

    They are not sorted by price, as at the venue: removed levels come first.
    """
    gone = {price: ZERO for price in old if price not in new}
    return gone | {price: size for price, size in new.items() if old.get(price) != size}

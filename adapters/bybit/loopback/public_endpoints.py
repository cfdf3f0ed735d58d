"""The market endpoints, which need no key."""

from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.market import MINUTE_MS
from adapters.bybit.loopback.market import Levels
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.payloads import ms_text
from adapters.bybit.loopback.payloads import number
from adapters.bybit.loopback.requests import Fields
from adapters.bybit.loopback.venue import Venue


FAR_MS = 2**53
INTERVALS = ("1", "3", "5", "15", "30", "60", "120", "240", "360", "720")


def server_time(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/market/time`."""
    now = venue.clock_ns()
    return {"timeSecond": str(now // 10**9), "timeNano": str(now)}


def instruments(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/market/instruments-info`."""
    is_meant = fields.get("symbol", venue.contract.symbol) == venue.contract.symbol
    rows = [venue.contract.definition()] if is_meant else []
    return {"category": "linear", "list": rows, "nextPageCursor": ""}


def klines(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/market/kline`."""
    interval = str(fields.get("interval", ""))
    if interval not in INTERVALS:
        raise VenueError(INVALID, f"params error: interval {interval} invalid")
    start, end = int(fields.get("start", 0)), int(fields.get("end", FAR_MS))
    candles = venue.market.candles(int(interval), start, end, limit_of(fields, 200, 1000))
    price, size = venue.contract.price_text, venue.contract.size_text
    rows = [
        [
            str(candle.start_ms),
            price(candle.open),
            price(candle.high),
            price(candle.low),
            price(candle.close),
            size(candle.volume),
            number(candle.turnover),
        ]
        for candle in candles
    ]
    return {"category": "linear", "symbol": venue.contract.symbol, "list": rows}


def recent_trades(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/market/recent-trade`."""
    contract = venue.contract
    newest = list(reversed(venue.market.trades))[: limit_of(fields, 500, 1000)]
    rows = [
        {
            "execId": trade.trade_id,
            "symbol": contract.symbol,
            "price": contract.price_text(trade.price),
            "size": contract.size_text(trade.size),
            "side": trade.side.value,
            "time": ms_text(trade.ts_ns),
            "isBlockTrade": False,
        }
        for trade in newest
    ]
    return {"category": "linear", "list": rows}


def funding_history(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/market/funding/history`."""
    start, end = int(fields.get("startTime", 0)), int(fields.get("endTime", FAR_MS))
    rows = [
        {
            "symbol": venue.contract.symbol,
            "fundingRate": number(rate),
            "fundingRateTimestamp": str(ms),
        }
        for ms, rate in reversed(venue.market.paid_rates)
        if start <= ms <= end
    ]
    return {"category": "linear", "list": rows[: limit_of(fields, 200, 200)]}


def order_book(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/market/orderbook`."""
    bids, asks = venue.market.levels(limit_of(fields, 25, 500))
    return {
        "s": venue.contract.symbol,
        "b": level_rows(venue, bids),
        "a": level_rows(venue, asks),
        "ts": venue.last_event_ns // 10**6,
        "u": 1,
        "seq": 1,
        "cts": venue.last_event_ns // 10**6,
    }


def tickers(venue: Venue, fields: Fields) -> Row:
    """Answer `GET /v5/market/tickers`."""
    return {"category": "linear", "list": [ticker(venue)]}


def ticker(venue: Venue) -> Row:
    """Return the ticker; the day's figures are those of the tape so far."""
    market, contract = venue.market, venue.contract
    price, mark = contract.price_text, venue.engine.mark
    row: Row = {
        "symbol": contract.symbol,
        "markPrice": number(mark),
        "indexPrice": number(mark),
        "fundingRate": number(market.rate),
        "nextFundingTime": str(market.next_funding_ms),
        "fundingIntervalHour": str(contract.funding_minutes // 60),
    }
    if market.last is not None:
        row["lastPrice"] = price(market.last.price)
    day_start_ms = venue.last_event_ns // 10**6 - 1440 * MINUTE_MS
    days = market.candles(1440, 0, FAR_MS, 1)
    if days and days[0].start_ms >= day_start_ms:
        row["highPrice24h"] = price(days[0].high)
        row["lowPrice24h"] = price(days[0].low)
        row["volume24h"] = contract.size_text(days[0].volume)
        row["turnover24h"] = number(days[0].turnover)
    if market.quote is not None:
        row["bid1Price"] = price(market.quote.bid)
        row["bid1Size"] = contract.size_text(market.quote.bid_size)
        row["ask1Price"] = price(market.quote.ask)
        row["ask1Size"] = contract.size_text(market.quote.ask_size)
    return row


def level_rows(venue: Venue, levels: Levels) -> list[list[str]]:
    """Return levels in the venue's format."""
    contract = venue.contract
    return [[contract.price_text(p), contract.size_text(s)] for p, s in levels.items()]


def limit_of(fields: Fields, default: int, most: int) -> int:
    """
    Return the requested number of rows.

    Raises
    ------
    VenueError
        If it is not a number.

    """
    text = str(fields.get("limit") or default)
    if not text.isdigit():
        raise VenueError(INVALID, f"params error: limit {text} invalid")
    return max(1, min(int(text), most))

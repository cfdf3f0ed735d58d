"""Ticks of the engine, and the same events as integers."""

from decimal import Decimal

from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from tests.indicators.market import START
from tests.indicators.reference import MINUTE


INSTRUMENT = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
MARKETS = {"60000.6": "0.1", "-37.63": "0.01", "123456.7890123": "0.0000001", "21500.25": "0.25"}


def trade(ts, price, lots, side=1, lot="0.001"):
    return TradeTick(
        INSTRUMENT,
        Price.from_str(str(price)),
        Quantity.from_str(str(lots * Decimal(lot))),
        AggressorSide(side),
        TradeId("1"),
        ts,
        ts + 5,
    )


def quote(ts, bid, ask, bid_lots, ask_lots):
    return QuoteTick(
        INSTRUMENT,
        Price.from_str(str(bid)),
        Price.from_str(str(ask)),
        Quantity.from_str(str(bid_lots * Decimal("0.001"))),
        Quantity.from_str(str(ask_lots * Decimal("0.001"))),
        ts,
        ts + 5,
    )


def market(start, tick):
    """Return ticks of a market around a price, and the same events as integers."""
    first = int(Decimal(start) / Decimal(tick))
    assert first * Decimal(tick) == Decimal(start)
    objects, integers = [], []
    for i in range(600):
        ts = START + i * 2_700_000_000 - (4 * MINUTE if i % 97 == 96 else 0)
        level = first + (i * i) % 23 - 11
        size, other = 1 + i % 7, 1 + (3 * i) % 5
        if i % 3 == 0:
            bid, ask = level * Decimal(tick), (level + 1 + i % 2) * Decimal(tick)
            objects.append(quote(ts, bid, ask, size, other))
            integers.append((0, ts, level, level + 1 + i % 2, size, other, 0))
        else:
            objects.append(trade(ts, level * Decimal(tick), size, i % 4 % 3))
            integers.append((1, ts, level, 0, size, 0, i % 4 % 3))
    return objects, integers

"""Messages about seconds with trades, and about the market state at their close."""

from typing import Any
from typing import Self

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.bars import Second
from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import LotList
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import TickList
from actors.messages.schema import Ticks
from actors.messages.schema import Time
from catalog.protocols import InstrumentKey


@register
class SecondBar(Message):
    """
    Represents one closed second with trades, in ticks and lots.

    The last message of a second: session, levels and market state are published before it.

    Attributes
    ----------
    ts_second : int
        The start of the second (ns UTC).
    tick_size, lot_size : float
        The units.
    open, high, low, close : int
        The prices (ticks).
    buy, sell, unsigned : int
        The volume by aggressor (lots).
    trade_count : int
        The trades.
    ticks, volumes : list[int]
        The traded prices, rising, and the volume at each of them.

    """

    TABLE = Table("second_bars", bars="seconds")
    PARITY = (Parity("seconds", "seconds", ("ts_second",)),)
    MARK = ("close",)

    ts_second: Time
    tick_size: Price
    lot_size: Size
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    buy: Lots
    sell: Lots
    unsigned: Lots
    trade_count: Count
    ticks: TickList
    volumes: LotList

    @classmethod
    def of_bar(
        cls,
        instrument_id: InstrumentKey,
        bar: Second,
        tick_size: float,
        lot_size: float,
        ts_init: int,
    ) -> Self:
        """
        Return the message about a bar, whose columns are built on first access.

        Parameters
        ----------
        instrument_id : InstrumentKey
            The instrument.
        bar : Second
            The bar.
        tick_size, lot_size : float
            The units.
        ts_init : int
            The time of the message (ns UTC).

        """
        message = cls.__new__(cls)
        message.instrument_id = instrument_id
        message._ts_event = bar.ts + NANOS_PER_SECOND - 1
        message._ts_init = ts_init
        message.__dict__.update(_bar=bar, tick_size=tick_size, lot_size=lot_size)
        return message

    def __getattr__(self, name: str) -> Any:
        bar = self.__dict__.get("_bar")
        if bar is None or name not in self.COLUMNS:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        value = getattr(bar, "ts" if name == "ts_second" else name)
        return list(value) if isinstance(value, tuple) else value

    def bar(self) -> Second:
        """Return the bar that the decision machines take."""
        known: Second | None = self.__dict__.get("_bar")
        if known is not None:
            return known
        return Second(
            ts=self.ts_second,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            buy=self.buy,
            sell=self.sell,
            unsigned=self.unsigned,
            trade_count=self.trade_count,
            ticks=tuple(self.ticks),
            volumes=tuple(self.volumes),
        )


@register
class MarketStateUpdate(Message):
    """
    Represents the market state at the close of a second, published before its `SecondBar`.

    Published with the first second of a trading day, and with those in which `imbalanced` or
    `trend` has changed; both hold until the next one.

    Attributes
    ----------
    ts_second : int
        The start of the second (ns UTC).
    imbalanced : bool
        Whether the market is imbalanced.
    vwap, atr : float
        The average price weighted with volume, and the average true range (price units).
    ratio : float
        The range of the window as a multiple of the average true range.
    crossings : int
        How often the closes changed their side of the VWAP.
    delta_sum : int
        The sum of the window's deltas (lots).
    trend : int
        +1 where that is above 100 lots, -1 where it is below -100, else 0.

    """

    TABLE = Table("market_states")
    PARITY = (Parity("states", "changes", ("ts_second",)),)

    ts_second: Time
    imbalanced: Flag
    vwap: Price
    atr: Price
    ratio: Ratio
    crossings: Count
    delta_sum: Lots
    trend: Count

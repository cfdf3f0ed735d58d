"""What is published about seconds, sessions, levels, impulses and their low volume nodes."""

from datetime import date
from typing import Any
from typing import Self

from nautilus_trader.model.identifiers import InstrumentId

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.bars import Second
from actors.impulse.levels import BreakoutLevels
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
from actors.messages.schema import Text
from actors.messages.schema import TickList
from actors.messages.schema import Ticks
from actors.messages.schema import Time


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
        instrument_id: InstrumentId,
        bar: Second,
        tick_size: float,
        lot_size: float,
        ts_init: int,
    ) -> Self:
        """
        Return the message about a bar, whose columns are made when somebody reads them.

        Parameters
        ----------
        instrument_id : InstrumentId
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


@register
class RegularSessionUpdate(Message):
    """
    Represents the figures of a regular session that has closed, in ticks and lots.

    Attributes
    ----------
    day : str
        The date.
    tick_size, lot_size : float
        The units.
    open, high, low, close, volume : int
        The prices and the volume of its trades.
    poc, vah, val : int
        Point of control and the ends of the value area.

    """

    TABLE = Table("regular_sessions")

    day: Text
    tick_size: Price
    lot_size: Size
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Lots
    poc: Ticks
    vah: Ticks
    val: Ticks


@register
class DailyLevelsUpdate(Message):
    """
    Represents the levels in force from now on, in ticks.

    Published when a trading day starts, when its regular session opens and when that closes.

    Attributes
    ----------
    day : str
        The trade date; a day starts at 18:00 in New York of the day before.
    prior_day : str or None
        The date of the regular session the levels come from.
    reason : str or None
        Why nothing can be broken, a code of `LevelReason` (`actors/impulse/levels.py`).
    tick_size : float
        The unit.
    pdh, pdl, pdc, poc, vah, val : int or None
        High, low, close, point of control and value area of that session.
    onh, onl : int or None
        High and low of the night, known from the regular opening on.
    opens_at, closes_at : int
        The hours of the day's regular session (ns UTC), equal on a day without one.
    ends_at : int or None
        When the trading of a shortened day ends (ns UTC).

    """

    TABLE = Table("daily_levels")
    PARITY = (Parity("levels", "changes", ("ts", "day")),)

    day: Text
    prior_day: Text | None
    reason: Text | None
    tick_size: Price
    pdh: Ticks | None
    pdl: Ticks | None
    pdc: Ticks | None
    onh: Ticks | None
    onl: Ticks | None
    poc: Ticks | None
    vah: Ticks | None
    val: Ticks | None
    opens_at: Time
    closes_at: Time
    ends_at: Time | None

    @property
    def trade_date(self) -> date:
        return date.fromisoformat(self.day)

    def breakout_levels(self) -> BreakoutLevels | None:
        """Return the levels that can be broken; None where there is a reason against it."""
        pdh, pdl, vah, val = self.pdh, self.pdl, self.vah, self.val
        if self.reason is not None or pdh is None or pdl is None or vah is None or val is None:
            return None
        return BreakoutLevels(pdh=pdh, pdl=pdl, vah=vah, val=val, onh=self.onh, onl=self.onl)


@register
class ImpulseTransition(Message):
    """
    Represents one change of the impulse's state machine, with the marks of the impulse.

    Attributes
    ----------
    source : str
        MARKET for the machine that never trades, else the strategy whose machine it is.
    event, state : str
        What happened, and the state after it.
    ts_second : int
        The second it happened in (ns UTC).
    impulse_id : int
        The impulse.
    direction, level : str
        Its direction, and the level whose breakout started it.
    start : int
        The start of its first second (ns UTC).
    bars, volume : int
        Its bars and its volume so far (lots).
    tick_size : float
        The unit of the prices.
    start_price, extreme, price : int
        Its first open, its extreme, and the close of the second (ticks).
    score : int
        How many of the five marks are true.
    broke_swing, fast, uniform, volume_mark, size : bool
        The marks.
    nodes : int
        The low volume nodes found.

    """

    TABLE = Table("impulses")
    PARITY = (Parity("impulses", "steps", ("ts_second", "source", "event", "impulse_id")),)

    source: Text
    event: Text
    state: Text
    ts_second: Time
    impulse_id: Count
    direction: Text
    level: Text
    start: Time
    bars: Count
    volume: Lots
    tick_size: Price
    start_price: Ticks
    extreme: Ticks
    price: Ticks
    score: Count
    broke_swing: Flag
    fast: Flag
    uniform: Flag
    volume_mark: Flag
    size: Flag
    nodes: Count


@register
class LvnVisit(Message):
    """
    Represents one step in the life of a low volume node.

    Attributes
    ----------
    source : str
        MARKET for the machine that never trades, else the strategy that tracks the node.
    event : str
        FOUND, TOUCHED, ARMED, RETESTING, SIGNAL or DROPPED.
    ts_second : int
        The second it happened in (ns UTC).
    impulse_id : int
        The impulse it belongs to.
    direction : str
        The direction of the impulse.
    tick_size : float
        The unit of the price.
    price : int
        The centre of its bucket (ticks).
    volume : int
        The volume in it (lots).
    ratio : float
        That volume as a share of the average bucket.
    start, end : int
        The first and the last second of the impulse (ns UTC).

    """

    TABLE = Table("lvn_visits")
    PARITY = (Parity("visits", "steps", ("ts_second", "source", "event", "impulse_id", "price")),)

    source: Text
    event: Text
    ts_second: Time
    impulse_id: Count
    direction: Text
    tick_size: Price
    price: Ticks
    volume: Lots
    ratio: Ratio
    start: Time
    end: Time

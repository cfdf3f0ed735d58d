"""Messages of the actor of legs about minutes, pivots and legs."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import PriceList
from actors.messages.schema import Ratio
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class LegMinute(Message):
    """
    Represents one closed minute with all that its close has made known, for decisions.

    It is the last message of a minute: pivot, leg and nodes are published before it, and are part
    of it as well. `ts_event` is the last nanosecond of the minute.

    Attributes
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    open, high, low, close : int
        Its prices (ticks).
    volume : int
        The traded size (lots).
    ema_fast, ema_slow : float
        The exponential averages of the closes.
    trend : str or None
        `uptrend` while the fast average is above the slow one, `downtrend` while it is below; null
        where they are equal.
    pivot_ts : int or None
        The start of the minute of the pivot that this minute has confirmed (ns UTC); null for none.
    pivot_price : int or None
        The price of that pivot (ticks).
    pivot_structure : str or None
        HH, LH, HL or LL.
    leg_id : int or None
        The number of the leg that ends with that pivot, counted from 0 since the start of the run
        or node; null where the pivots make no leg.
    leg_direction : str or None
        `uptrend` or `downtrend`.
    leg_start_ts : int or None
        The start of the minute of its first pivot (ns UTC).
    leg_start, leg_end : int or None
        The prices of its pivots (ticks).
    leg_is_seeded : bool or None
        If it begins at the low of the first bar, whose label is arbitrary.
    lvn_prices : list[float]
        The prices of its low volume nodes, by rank; finer than the tick.
    is_estimated : bool
        If profiles are estimated from bars: the volume of each spread evenly over its range.
    warm : bool
        If enough bars have closed since the start or the last gap.
    tick_size, lot_size : float
        The units of prices and sizes.

    """

    TABLE = Table("leg_minutes", bars="minutes", ts="none", decided=True)
    PARITY = (
        Parity(
            "leg minutes",
            "minutes",
            ("ts_min",),
            # Averages and numbers depend on where a history begins.
            (
                "open",
                "high",
                "low",
                "close",
                "volume",
                "trend",
                "pivot_ts",
                "pivot_price",
                "pivot_structure",
                "leg_direction",
                "leg_start_ts",
                "leg_start",
                "leg_end",
                "lvn_prices",
                "warm",
            ),
        ),
    )
    MARK = ("close",)
    WARM = "warm"

    ts_min: Time
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Lots
    ema_fast: Price
    ema_slow: Price
    trend: Text | None
    pivot_ts: Time | None
    pivot_price: Ticks | None
    pivot_structure: Text | None
    leg_id: Count | None
    leg_direction: Text | None
    leg_start_ts: Time | None
    leg_start: Ticks | None
    leg_end: Ticks | None
    leg_is_seeded: Flag | None
    lvn_prices: PriceList
    is_estimated: Flag
    warm: Flag
    tick_size: Price
    lot_size: Size


@register
class LegPivot(Message):
    """
    Represents a pivot of the zigzag, published when it is confirmed.

    Attributes
    ----------
    pivot_ts : int
        The start of the minute that it belongs to (ns UTC).
    pivot_price : int
        Its price (ticks): the high of that minute, or its low.
    pivot_type : str
        `high` or `low`.
    structure : str
        HH or LH, HL or LL, by the last pivot of the same type; an equal one counts as lower.
    pivot_idx : int
        The number of its bar, counted from 0 since the start of the run or node.
    leg_return_pct : float or None
        The change since the pivot before it (per cent of the magnitude of its price); null where
        that is 0.
    leg_bars : int
        The bars since the pivot before it.
    leg_duration_sec : int
        The time between the two bars (s).
    is_seed : bool
        If it is the low of the first bar, a pivot by definition alone.
    tick_size : float
        The unit of the price.
    confirmed_ts : int
        The start of the minute at whose close it was known (ns UTC).
    confirmed_idx : int
        The number of that bar.

    """

    TABLE = Table("leg_pivots")
    PARITY = (
        Parity(
            "pivots",
            "pivots",
            ("confirmed_ts",),
            ("pivot_ts", "pivot_price", "pivot_type", "structure", "leg_bars", "is_seed"),
        ),
    )

    pivot_ts: Time
    pivot_price: Ticks
    pivot_type: Text
    structure: Text
    pivot_idx: Count
    leg_return_pct: Ratio | None
    leg_bars: Count
    leg_duration_sec: Count
    is_seed: Flag
    tick_size: Price
    confirmed_ts: Time
    confirmed_idx: Count


@register
class PriceLeg(Message):
    """
    Represents a leg between two pivots that make a trend, published when the last is confirmed.

    Attributes
    ----------
    leg_id : int
        Its number, counted from 0 since the start of the run or node.
    start_ts, end_ts : int
        The starts of the minutes of its pivots (ns UTC).
    start_price, end_price : int
        Their prices (ticks).
    leg_pattern : str
        The labels of its pivots: `HL->HH` or `LH->LL`.
    leg_direction : str
        `uptrend` or `downtrend`.
    leg_return_pct : float or None
        The change of price (per cent of the magnitude of the first); null where that is 0.
    leg_bars : int
        The bars from the first pivot to the last.
    leg_duration_sec : int
        The time between the two (s).
    is_seeded : bool
        If it begins at the low of the first bar, whose label is arbitrary.
    bin_size : float or None
        The bin of its profile; null where it is too short for one.
    nodes : int
        Its low volume nodes.
    is_estimated : bool
        If its profile is estimated from bars.
    tick_size : float
        The unit of the prices.
    confirmed_ts : int
        The start of the minute at whose close it was known (ns UTC).

    """

    TABLE = Table("legs")
    PARITY = (
        Parity(
            "legs",
            "legs",
            ("confirmed_ts",),
            (
                "start_ts",
                "end_ts",
                "start_price",
                "end_price",
                "leg_pattern",
                "is_seeded",
                "bin_size",
                "nodes",
            ),
        ),
    )

    leg_id: Count
    start_ts: Time
    end_ts: Time
    start_price: Ticks
    end_price: Ticks
    leg_pattern: Text
    leg_direction: Text
    leg_return_pct: Ratio | None
    leg_bars: Count
    leg_duration_sec: Count
    is_seeded: Flag
    bin_size: Price | None
    nodes: Count
    is_estimated: Flag
    tick_size: Price
    confirmed_ts: Time

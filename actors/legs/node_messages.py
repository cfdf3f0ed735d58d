"""The lives of the low volume nodes of legs, as the actor of legs publishes them."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class LegLvn(Message):
    """
    Represents one event in the life of a low volume node of a leg.

    A node lives from the close of the minute that confirms its leg (FOUND). It is TOUCHED when a
    later minute trades at its price for the first time. It ends when the market trades through the
    start of its leg (BROKEN), also within the minute that confirms it, or with a gap in the data
    (DROPPED).

    Attributes
    ----------
    event : str
        FOUND, TOUCHED, BROKEN or DROPPED.
    ts_min : int
        The start of the minute of the event (ns UTC); of a gap the last one before it.
    timeframe : str
        The length of the bars: `1m`.
    leg_id : int
        The number of its leg, counted from 0 since the start of the run or node.
    start_ts, end_ts : int
        The starts of the minutes of the leg's pivots (ns UTC).
    bin_size : float
        The bin of the leg's profile.
    lvn_price : float
        The middle of its bin; finer than the tick.
    lvn_volume, lvn_raw_volume : float
        The volume in the bin, smoothed and as it was.
    pct_of_max : float
        The smoothed volume as a share of that at the point of control.
    depth_pct : float
        1 less that share.
    pct_of_total : float
        The smoothed volume as a share of the sum of all.
    within_value_area : bool
        Always true: others are no nodes.
    distance_to_poc : float
        The distance to the point of control.
    poc_price, value_area_low, value_area_high : float
        The point of control and the value area of the leg: middles of bins.
    lvn_rank : int
        1 for the deepest of its leg.
    leg_pattern, leg_direction : str
        As in `PriceLeg`.
    leg_return_pct : float or None
        As in `PriceLeg`.
    leg_bars, leg_duration_sec : int
        As in `PriceLeg`.
    zone_low, zone_high : float
        The edges of its bin, or of its run of equal bins.
    leg_start, leg_end : int
        The prices of the leg's pivots (ticks).
    is_seeded : bool
        If the leg begins at the low of the first bar.
    is_estimated : bool
        If the profile is estimated from bars.
    tick_size : float
        The unit of the leg's prices.
    confirmed_ts : int
        The start of the minute at whose close the node was known (ns UTC).

    """

    TABLE = Table("leg_lvns")
    PARITY = (
        Parity(
            "nodes",
            "events",
            ("ts_min", "event", "confirmed_ts", "lvn_rank"),
            ("lvn_price", "zone_low", "zone_high", "leg_start", "leg_end", "leg_direction"),
        ),
    )

    event: Text
    ts_min: Time
    timeframe: Text
    leg_id: Count
    start_ts: Time
    end_ts: Time
    bin_size: Price
    lvn_price: Price
    lvn_volume: Size
    lvn_raw_volume: Size
    pct_of_max: Ratio
    depth_pct: Ratio
    pct_of_total: Ratio
    within_value_area: Flag
    distance_to_poc: Price
    poc_price: Price
    value_area_low: Price
    value_area_high: Price
    lvn_rank: Count
    leg_pattern: Text
    leg_direction: Text
    leg_return_pct: Ratio | None
    leg_bars: Count
    leg_duration_sec: Count
    zone_low: Price
    zone_high: Price
    leg_start: Ticks
    leg_end: Ticks
    is_seeded: Flag
    is_estimated: Flag
    tick_size: Price
    confirmed_ts: Time

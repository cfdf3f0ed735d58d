"""The messages of the market-context actor."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class MarketContextMinute(Message):
    """
    Represents one closed minute with the whole context of the market, in ticks and lots.

    The last message of a minute: its footprint, the session's balance, nodes and alerts are
    published before it. `ts_event` is the last nanosecond of the minute.

    Attributes
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    open, high, low, close : int
        Its prices (ticks); the last close in a minute without prints.
    volume, buy, sell, unsigned : int
        The traded size, and that of each aggressor and of none (lots).
    trade_count : int
        The prints.
    late_trades, outside_trades : int
        Prints of minutes already closed, counted in this one; prints outside of the sessions since
        the minute before, left out.
    unclear_share : float
        The share of the volume whose side the venue did not give.
    estimated : bool
        If the minute is a candle, whose volume by price and side is estimated.
    session_start : int
        The start of the session of profile, balance and true range (ns UTC).
    closes_at : int or None
        The end of that session (ns UTC); null where the market does not close then.
    session_minutes : int
        The minutes of the session that have closed.
    market_session : str or None
        ASIAN, LONDON, NEW_YORK, AFTER_HOURS or CLOSED: the market session at the close.
    minutes_in_market_session : int or None
        How long it has been in force at the close (whole minutes).
    recommendation : str or None
        TREND_MODEL in New York, MEAN_REVERSION in London, REDUCED in Asia.
    next_market_session : str or None
        The one that follows.
    minutes_to_next : int or None
        In how many minutes after the close it begins.
    poc, val, vah : int or None
        Point of control and value area of the last minutes of the session (ticks): lowest ticks of
        their bins.
    state : str
        BALANCE, IMBALANCE_UP, IMBALANCE_DOWN or UNKNOWN.
    confidence : int
        How sure that is (0 to 100).
    distance_pct, momentum_pct : float or None
        The distance of the close from the point of control, and the change of the close over the
        lookback (percent).
    momentum : str or None
        NONE, WEAK, MODERATE or STRONG.
    momentum_close : int or None
        The close that momentum is measured from (ticks).
    true_ranges : int or None
        The sum of the last true ranges of the session (ticks): by their number the average.
    lvn_count, hvn_count : int
        The low and the high volume nodes of the session so far.
    lvn, lvn_low, lvn_high : int or None
        The low volume node nearest to the close: its middle, its lowest and its highest tick.
    lvn_distance : float or None
        The distance from it, in the unit of the alert.
    lvn_near, lvn_alert : bool
        If it is near, and if the alert fires at the close.
    lvn_trade_alerts : int
        The alerts of single prints in the minute.
    lvn_direction : str or None
        UP where the close lies below the node, DOWN above it, AT on it.
    lvn_approaching : bool or None
        If the price before lay farther from it.
    flow_score : int
        The aggressive flow (0 to 100).
    flow_label, flow_direction : str
        WEAK, MODERATE or STRONG; BUY, SELL or NEUTRAL.
    volume_ratio : float
        The volume by the mean of the minutes before.
    cvd_change : int
        Buy minus sell volume of the last minutes (lots).
    cvd_accelerates : bool
        If that exceeds the change of as many minutes before them.
    buy_pressure : float
        The buyers' share of the volume with a side (percent).
    longest_run : int
        The longest run of prints of one side, negative for sellers.
    prior_volume, prior_trades, prior_minutes : int
        The volume (lots), the prints and the number of the minutes before that averages go over.
    buy_print, sell_print : int or None
        The largest print of each side (lots).
    buy_print_price, sell_print_price : int or None
        Their prices (ticks); of equal prints the lowest price of a buyer, the highest of a seller.
    balance_start : int or None
        The start of the session that gave the balance (ns UTC).
    balance_poc, balance_val, balance_vah : int or None
        Point of control and value area of the session before (ticks); null where its data were not
        whole.
    warm : bool
        If the lookbacks have been full once and the market is not silent.
    tick_size, lot_size : float
        The units of prices and sizes.

    """

    TABLE = Table("market_context", bars="minutes", ts="none", decided=True)
    PARITY = (Parity("market context", "minutes", ("ts_min",), is_complete=False),)
    MARK = ("close",)
    WARM = "warm"
    LATE = "late_trades"
    UNCLEAR = ("unclear_share", "trade_count")

    ts_min: Time
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Lots
    buy: Lots
    sell: Lots
    unsigned: Lots
    trade_count: Count
    late_trades: Count
    outside_trades: Count
    unclear_share: Ratio
    estimated: Flag
    session_start: Time
    closes_at: Time | None
    session_minutes: Count
    market_session: Text | None
    minutes_in_market_session: Count | None
    recommendation: Text | None
    next_market_session: Text | None
    minutes_to_next: Count | None
    poc: Ticks | None
    val: Ticks | None
    vah: Ticks | None
    state: Text
    confidence: Count
    distance_pct: Ratio | None
    momentum_pct: Ratio | None
    momentum: Text | None
    momentum_close: Ticks | None
    true_ranges: Ticks | None
    lvn_count: Count
    hvn_count: Count
    lvn: Ticks | None
    lvn_low: Ticks | None
    lvn_high: Ticks | None
    lvn_distance: Ratio | None
    lvn_near: Flag
    lvn_alert: Flag
    lvn_trade_alerts: Count
    lvn_direction: Text | None
    lvn_approaching: Flag | None
    flow_score: Count
    flow_label: Text
    flow_direction: Text
    volume_ratio: Ratio
    cvd_change: Lots
    cvd_accelerates: Flag
    buy_pressure: Ratio
    longest_run: Count
    prior_volume: Lots
    prior_trades: Count
    prior_minutes: Count
    buy_print: Lots | None
    buy_print_price: Ticks | None
    sell_print: Lots | None
    sell_print_price: Ticks | None
    balance_start: Time | None
    balance_poc: Ticks | None
    balance_val: Ticks | None
    balance_vah: Ticks | None
    warm: Flag
    tick_size: Price
    lot_size: Size


@register
class LvnAlert(Message):
    """
    Represents a price that has come near a low volume node.

    Attributes
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    event : str
        TRADE for a single print, CLOSE for the close of the minute.
    price, lvn, low, high : int
        The price, and the middle, the lowest and the highest tick of the node.
    direction : str
        UP where the price lies below the node, DOWN above it, AT on it.
    approaching : bool or None
        If the price before lay farther from it.
    tick_size : float
        The unit of the prices.

    """

    TABLE = Table("lvn_alerts")
    PARITY = (Parity("alerts", "alerts", ("ts", "event", "lvn"), is_complete=False),)

    ts_min: Time
    event: Text
    price: Ticks
    lvn: Ticks
    low: Ticks
    high: Ticks
    direction: Text
    approaching: Flag | None
    tick_size: Price


@register
class VolumeNodeUpdate(Message):
    """
    Represents the begin or the end of a volume node of the session so far.

    A node whose ends have moved is another node.

    Attributes
    ----------
    ts_min : int
        The start of the minute at whose close it happened (ns UTC).
    event : str
        FOUND or GONE.
    kind : str
        LVN or HVN.
    low, high, price : int
        Its lowest, highest and middle tick.
    volume : int
        The volume in it; 0 when it has gone (lots).
    tick_size, lot_size : float
        The units.

    """

    TABLE = Table("volume_nodes")
    PARITY = (
        Parity("nodes", "steps", ("ts_min", "event", "kind", "low", "high"), is_complete=False),
    )

    ts_min: Time
    event: Text
    kind: Text
    low: Ticks
    high: Ticks
    price: Ticks
    volume: Lots
    tick_size: Price
    lot_size: Size


@register
class SessionBalance(Message):
    """
    Represents the balance of a whole session, published with the first minute after it.

    Attributes
    ----------
    ts_min : int
        The start of that minute (ns UTC).
    session_start : int
        The start of the session that gave it (ns UTC).
    poc, val, vah : int
        Point of control and value area (ticks): lowest ticks of their bins.
    tick_size : float
        The unit of the prices.

    """

    TABLE = Table("session_balances")
    PARITY = (Parity("balances", "sessions", ("ts_min", "session_start"), is_complete=False),)

    ts_min: Time
    session_start: Time
    poc: Ticks
    val: Ticks
    vah: Ticks
    tick_size: Price

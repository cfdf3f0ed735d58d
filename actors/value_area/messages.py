"""Messages of the value-area actor about each closed minute."""

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
from actors.messages.schema import Time


@register
class ValueAreaMinute(Message):
    """
    Represents all value-area features of one closed minute.

    Prices and sizes are in instrument units, null where a value does not exist. `ts_event` is the
    last nanosecond of the minute.

    Attributes
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    open, high, low, close : float or None
        Prices of the minute's prints; null without prints.
    volume, vwap : float
        Traded size, and the average price weighted with it (null without prints).
    trade_count, group_count : int
        Prints, and groups of consecutive prints with one time stamp.
    bid_px_close, ask_px_close, bid_sz_close, ask_sz_close : float or None
        The quote in force at the close, of any age.
    quote_age_ms : int or None
        The age of that quote (whole ms, rounded down).
    spread_close, spread_avg_60m, mid_close : float or None
        Spread and middle at the close; mean spread of the last 60 minute closes with a quote.
    sigma_240 : float or None
        Sample deviation of the last 240 log returns of the middle.
    bin_width : float or None
        The width of a profile bin.
    rebucket_reason : str or None
        INITIAL, CHANGE or INTERVAL where this minute adopted a new width.
    poc, vah, val : float or None
        Lower edges of the bins of the point of control and of the value area's ends.
    va_coverage : float or None
        The share of the window's volume inside the value area.
    va_bin_count : int or None
        The number of bins from VAL to VAH.
    va_valid : bool
        Whether the area may be traded on.
    va_reason : str or None
        EMPTY, NO_WIDTH, MIN_BINS or SILENT (the quotes are) where it may not.
    total_volume_4h : float
        The window's volume.
    of_1m, of_norm_1m : float
        Buy minus sell volume of the minute, and its share of the volume.
    ambiguous_trade_frac_1m : float
        The share of volume whose side neither the venue nor the quote decided.
    unsigned_volume : float
        The volume left without a side.
    stale_trades, late_trades : int
        Prints judged by a quote older than the limit; prints of minutes already closed.
    cvd : float
        Buy minus sell volume since the start; never reset.
    qimb_close, qimb_ema_60s : float or None
        Imbalance of the best sizes at the close, and its time-decayed average over the minute.
    warm : bool
        Whether the window has been full once.

    """

    TABLE = Table("features", bars="minutes", ts="none", decided=True)
    PARITY = (Parity("features", "minutes", ("ts_min",), is_complete=False, totals=("cvd",)),)
    MARK = ("mid_close", "close")
    WARM = "warm"
    LATE = "late_trades"
    UNCLEAR = ("ambiguous_trade_frac_1m", "trade_count")

    ts_min: Time
    open: Price | None
    high: Price | None
    low: Price | None
    close: Price | None
    volume: Size
    vwap: Price | None
    trade_count: Count
    group_count: Count
    bid_px_close: Price | None
    ask_px_close: Price | None
    bid_sz_close: Size | None
    ask_sz_close: Size | None
    quote_age_ms: Count | None
    spread_close: Price | None
    spread_avg_60m: Price | None
    mid_close: Price | None
    sigma_240: Ratio | None
    bin_width: Price | None
    rebucket_reason: Text | None
    poc: Price | None
    vah: Price | None
    val: Price | None
    va_coverage: Ratio | None
    va_bin_count: Count | None
    va_valid: Flag
    va_reason: Text | None
    total_volume_4h: Size
    of_1m: Size
    of_norm_1m: Ratio
    ambiguous_trade_frac_1m: Ratio
    unsigned_volume: Size
    stale_trades: Count
    late_trades: Count
    cvd: Size
    qimb_close: Ratio | None
    qimb_ema_60s: Ratio | None
    warm: Flag

"""The message of a closed footprint bar."""

from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Count
from actors.messages.schema import Flag
from actors.messages.schema import LotList
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Ratio
from actors.messages.schema import RatioList
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import TextList
from actors.messages.schema import TickList
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class FootprintBar(Message):
    """
    Represents one closed footprint bar with all that its close has made known, for decisions.

    The last message of a bar: zones and patterns are published before it, and its patterns are part
    of it as well. Stretches without trades have no bar. `ts_event` is the last nanosecond of the
    bar.

    Attributes
    ----------
    ts_start, ts_end : int
        Its start, and the first nanosecond after it (ns UTC). A bar of time starts at a whole
        multiple of its length or with the session; another one with its first trade.
    open, high, low, close : int
        Its prices (ticks).
    volume : int
        The traded size: `buy` and `sell` and `unsigned` (lots).
    buy, sell, unsigned : int
        That of each aggressor and of trades without one (lots).
    inferred : int
        The part of `buy` and `sell` whose side the tick rule gave (lots); 0 without that rule.
    delta : int
        `buy` less `sell` (lots).
    min_delta, max_delta : int
        The least and the greatest delta on the way; a bar begins at 0 (lots).
    trade_count, late_trades : int
        Its trades; those among them that happened before it.
    unclear_share : float
        The share of the volume whose side the venue did not give.
    poc : int
        The price of most volume (ticks); of equal ones that nearest the middle of the bar, then
        the lower.
    closed_by : str
        TIME, VOLUME, TICKS, DELTA, RANGE, or SESSION for a bar cut by the end of its session.
    cvd : int
        The sum of the deltas since the session's start, this bar included (lots).
    cvd_slope : float
        The least-squares slope of `cvd` over the last five bars of the session (lots a bar); 0
        with fewer than two.
    session_start, session_end : int
        The session that the bar lies in, or the time between two sessions (ns UTC).
    in_session : bool
        If it lies in a session, not between two.
    session_volume : int
        The volume since the session's start (lots).
    session_poc, session_val, session_vah : int
        Point of control and value area of the session so far (ticks).
    whole, session_whole : bool
        If the data neither began nor had a gap within the bar; the same since the session's start.
    levels : list[int]
        The traded prices, rising (ticks).
    level_buy, level_sell, level_unsigned : list[int]
        The volume at each of them by aggressor (lots).
    patterns, pattern_directions : list[str]
        The patterns of the bar in the order in which they were published, as in `FootprintPattern`.
    pattern_strengths : list[float]
        Their strengths.
    pattern_prices : list[int]
        Their prices (ticks).
    bars : int
        The bars since the start or the last gap, this one included.
    warm : bool
        If those are enough and the quotes are not silent.
    tick_size, lot_size : float
        The units of prices and sizes.

    """

    TABLE = Table("footprint_bars", bars="bars", ts="none", decided=True)
    PARITY = (
        Parity(
            "footprint bars",
            "bars",
            ("ts_start",),
            # What depends on where a history begins is left out.
            (
                "ts_end",
                "open",
                "high",
                "low",
                "close",
                "buy",
                "sell",
                "unsigned",
                "inferred",
                "min_delta",
                "max_delta",
                "trade_count",
                "poc",
                "closed_by",
                "levels",
                "level_buy",
                "level_sell",
            ),
        ),
    )
    MARK = ("close",)
    WARM = "warm"
    LATE = "late_trades"
    UNCLEAR = ("unclear_share", "trade_count")

    ts_start: Time
    ts_end: Time
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Lots
    buy: Lots
    sell: Lots
    unsigned: Lots
    inferred: Lots
    delta: Lots
    min_delta: Lots
    max_delta: Lots
    trade_count: Count
    late_trades: Count
    unclear_share: Ratio
    poc: Ticks
    closed_by: Text
    cvd: Lots
    cvd_slope: Ratio
    session_start: Time
    session_end: Time
    in_session: Flag
    session_volume: Lots
    session_poc: Ticks
    session_val: Ticks
    session_vah: Ticks
    whole: Flag
    session_whole: Flag
    levels: TickList
    level_buy: LotList
    level_sell: LotList
    level_unsigned: LotList
    patterns: TextList
    pattern_directions: TextList
    pattern_strengths: RatioList
    pattern_prices: TickList
    bars: Count
    warm: Flag
    tick_size: Price
    lot_size: Size

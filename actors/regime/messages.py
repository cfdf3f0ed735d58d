"""Messages of the regime of the market."""

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
class RegimeBar(Message):
    """
    Represents the regime at the end of one closed bar, with its scores and all its inputs.

    Published before the bar of the same actor, its zones and its patterns. Prices and their
    differences are in the units of the price, not in ticks; inputs are neutral while the bar is not
    warm.

    Attributes
    ----------
    ts_start, ts_end : int
        The start of the bar, and the first nanosecond after it (ns UTC).
    regime : str
        The regime in force: TRENDING_UP, TRENDING_DOWN, RANGING, VOLATILE or NO_TRADE.
    confidence : float
        How sure it is, 0.5 to 1; 1 where the market is not traded.
    bars : int
        How many bars it has been in force, this one included.
    is_change : bool
        If the regime is another one than when this was last set, or its confidence differs by more
        than 0.2.
    by_scores : str
        The regime by the scores of this bar alone.
    no_trade : str or None
        Why that is NO_TRADE: WARM_UP, SESSION_CLOSE, NEWS, SESSION_OPEN, LOW_VOLUME or NO_SCORE.
    score_up, score_down, score_ranging, score_volatile : float
        The scores, at most 8.5, 8.5, 8.5 and 7.
    adx, adx_slope : float
        The ADX of 14 bars, 0 before 28, and the slope of its last 5 values.
    ema_fast, ema_slow : float
        The exponential averages of 9 and 21 closes.
    price_vs_vwap : float
        The close above the VWAP since the open of the session.
    atr, atr_percentile : float
        The average true range of 14 bars, and the share (per cent) of its last 50 values below it.
    bar_range : float
        The mean height of the last 5 bars.
    volume_ratio : float
        The volume of the bar as a share of the mean of the last 20.
    cumulative_delta : float
        The sum of the bar deltas since the open of the session, in the units of sizes.
    delta_slope : float
        The slope of the last 10 bar deltas, in the units of sizes per bar.
    higher_high, higher_low, lower_high, lower_low : bool
        If high (low) is beyond those of the 4 bars before: a high above the highest, a low above
        the lowest, a high below the highest, a low below the lowest of them.
    range_bound_bars : int
        How many of the last 10 bars lie within the first of them and a tenth of its height more.
    minutes_since_open, minutes_to_close : int
        By the clock of the exchange at the end of the bar.
    is_news : bool
        If the bar ends in a news window.
    warm : bool
        If enough bars have closed since the start or the last gap.

    """

    TABLE = Table("regimes", ts="none")
    PARITY = (
        Parity(
            "regimes",
            "bars",
            ("ts_start",),
            ("ts_end", "regime", "confidence", "by_scores", "no_trade", "is_news", "warm"),
        ),
    )

    ts_start: Time
    ts_end: Time
    regime: Text
    confidence: Ratio
    bars: Count
    is_change: Flag
    by_scores: Text
    no_trade: Text | None
    score_up: Ratio
    score_down: Ratio
    score_ranging: Ratio
    score_volatile: Ratio
    adx: Ratio
    adx_slope: Ratio
    ema_fast: Price
    ema_slow: Price
    price_vs_vwap: Ratio
    atr: Ratio
    atr_percentile: Ratio
    bar_range: Ratio
    volume_ratio: Ratio
    cumulative_delta: Size
    delta_slope: Ratio
    higher_high: Flag
    higher_low: Flag
    lower_high: Flag
    lower_low: Flag
    range_bound_bars: Count
    minutes_since_open: Count
    minutes_to_close: Count
    is_news: Flag
    warm: Flag


@register
class RegimePhase(Message):
    """
    Represents the begin or the end of a stretch of bars in one regime.

    A phase begins at the end of the bar that brings its regime, and ends with the bar that brings
    another, or with a gap in the data.

    Attributes
    ----------
    event : str
        BEGIN, or at its end the regime itself.
    ts_start : int
        The start of the bar of the event (ns UTC).
    since : int
        When the phase began (ns UTC), by which it is known.
    regime : str
        Its regime.
    confidence : float
        How sure it was at its begin; at its end in its last bar.
    bars : int
        The bars that it was in force for; 1 at its begin.
    low, high : int
        The lowest and the highest price from the bar of its begin to that of the event (ticks).
    delta : int
        The volume of buyers less that of sellers over those bars (lots).
    tick_size, lot_size : float
        The units of prices and sizes.

    """

    TABLE = Table("regime_phases")

    event: Text
    ts_start: Time
    since: Time
    regime: Text
    confidence: Ratio
    bars: Count
    low: Ticks
    high: Ticks
    delta: Lots
    tick_size: Price
    lot_size: Size

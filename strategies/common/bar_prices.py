"""The effect of a closed bar on a trade, in a market of bars alone."""

from typing import NamedTuple

from strategies.common.lifecycle import apply_print
from strategies.common.trade import Trade
from strategies.common.trade_params import SECOND_NS
from strategies.common.trade_params import TradeParams
from strategies.common.triggers import Trigger
from strategies.common.triggers import thresholds


# A bar is known this long after its end at the latest, or its interval had no trade.
BAR_DELAY_NS = 2 * SECOND_NS


class BarPrices(NamedTuple):
    """
    Represents the prices of a closed bar.

    Attributes
    ----------
    begins, ends : int
        Its first and the first nanosecond after it (ns UTC).
    low, high, close : int
        The prices in ticks.

    """

    begins: int
    ends: int
    low: int
    high: int
    close: int


def alarm_lead(*, has_bars_alone: bool, is_live: bool) -> int:
    """
    Return by how much (ns) an alarm comes before the time that it is for.

    An alert at the time itself would come after data stamped with it. In a market of bars alone the
    bar that ends then goes first, which a live node receives a moment later.
    """
    if not has_bars_alone:
        return 1
    return -BAR_DELAY_NS if is_live else 0


def apply_bar(trade: Trade, bar: BarPrices, sent_ns: int, params: TradeParams) -> None:
    """
    Apply a bar at its close, after the venue has filled by it.

    The order of prices within a bar is unknown and decided against the trade: its worst price comes
    before its best, and the close after both. Of a bar in which the entry was sent or began to fill
    the close alone counts: the rest of it may lie before.

    Parameters
    ----------
    trade : Trade
        The trade.
    bar : BarPrices
        The bar.
    sent_ns : int
        When its entry was sent (ns UTC).
    params : TradeParams
        The rules.

    """
    began = sent_ns if trade.ts_open is None else trade.ts_open
    prices = (bar.low, bar.high) if trade.side > 0 else (bar.high, bar.low)
    for price in (*prices, bar.close) if began <= bar.begins else (bar.close,):
        # One price may reach several levels: the first target, then the start of the trail.
        for _ in Trigger:
            low, high = thresholds(trade, params)
            if low < price < high:
                break
            apply_print(trade, bar.ends, price, params)

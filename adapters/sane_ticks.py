"""Which trades and quotes of a feed are none, whatever the adapter makes of them."""

from typing import Any

from catalog.increments import FIXED_PRECISION
from catalog.protocols import Bar
from catalog.protocols import Quote
from catalog.protocols import Trade


# 2017 (ns UTC), before anything that is traded live here.
FIRST_NS = 1_483_228_800_000_000_000
# The machine's own clock may be wrong by less: `ClockWatch` finds that out.
FAR_NS = 3_600_000_000_000
# A price that is not given becomes the largest that there is.
HIGHEST = 1_000_000_000 * 10**FIXED_PRECISION
NO_SIDE = 0


class SaneTicks:
    """
    Refuses trades and quotes with values that no market has.

    Adapters refuse what is no number or of another type. They take a price or a size of 0, a price
    that is not given, a trade without a side and a time of 1970.

    Parameters
    ----------
    below_zero : bool, default False
        If there are prices of 0 and below, as of some futures.
    without_side : bool, default False
        If there are trades without a side.

    Attributes
    ----------
    count : int
        How many have been refused.
    reason : str
        Why the last one was.

    """

    def __init__(self, *, below_zero: bool = False, without_side: bool = False) -> None:
        self.count = 0
        self.reason = ""
        self._lowest = -HIGHEST if below_zero else 1
        self._without_side = without_side
        self._latest_ns = 0

    def refuse(self, data: Any) -> bool:
        """Return True for a trade, a quote or a bar that must not be taken."""
        if hasattr(data, "aggressor_side"):
            reason = self._of_trade(data)
        elif hasattr(data, "bid_price"):
            reason = self._of_quote(data)
        elif hasattr(data, "bar_type"):
            return self._refuse_bar(data)
        else:
            return False
        reason = reason or self._of_time(data.ts_event, data.ts_init)
        if not reason:
            self._latest_ns = max(self._latest_ns, data.ts_event)
            return False
        self.count += 1
        self.reason = f"{data.instrument_id}: {type(data).__name__} with {reason}"
        return True

    def _refuse_bar(self, bar: Bar) -> bool:
        # Bars have a time of their own: that of their end, behind the ticks.
        reason = ""
        if bar.low.raw < self._lowest or bar.high.raw > HIGHEST:
            reason = f"prices from {bar.low} to {bar.high}"
        elif bar.ts_event < FIRST_NS or bar.ts_event > bar.ts_init + FAR_NS:
            reason = f"an end at {bar.ts_event} ns"
        if reason:
            self.count += 1
            self.reason = f"{bar.bar_type}: bar with {reason}"
        return bool(reason)

    def _of_trade(self, tick: Trade) -> str:
        if not self._lowest <= tick.price.raw <= HIGHEST:
            return f"the price {tick.price}"
        if tick.aggressor_side == NO_SIDE and not self._without_side:
            return "no side"
        return ""

    def _of_quote(self, tick: Quote) -> str:
        # A locked or crossed book is for the indicators to judge.
        bid, ask = tick.bid_price.raw, tick.ask_price.raw
        if min(bid, ask) < self._lowest or max(bid, ask) > HIGHEST:
            return f"bid {tick.bid_price} and ask {tick.ask_price}"
        if not (tick.bid_size.raw and tick.ask_size.raw):
            return f"the sizes {tick.bid_size} and {tick.ask_size}"
        return ""

    def _of_time(self, ts_event: int, ts_init: int) -> str:
        if ts_event < FIRST_NS or ts_event < self._latest_ns - FAR_NS:
            return f"a time long ago ({ts_event} ns)"
        if ts_event > ts_init + FAR_NS:
            return f"a time far ahead ({ts_event} ns)"
        return ""

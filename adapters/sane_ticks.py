"""Filter for trades and quotes of a feed with impossible values."""

from typing import Any

from catalog.increments import FIXED_PRECISION
from catalog.protocols import Bar
from catalog.protocols import Quote
from catalog.protocols import Trade


# 2017 (ns UTC), before anything that is traded live here.
FIRST_NS = 1_483_228_800_000_000_000
# The clock of the machine may be wrong by less: `ClockWatch` detects that.
FAR_NS = 3_600_000_000_000
# A missing price is decoded as the largest value.
HIGHEST = 1_000_000_000 * 10**FIXED_PRECISION
NO_SIDE = 0


class SaneTicks:
    """
    Refuses trades and quotes with impossible values.

    Adapters refuse values that are not numbers or of another type. They accept a price or a size of
    0, a missing price, a trade without a side and a time of 1970.

    Parameters
    ----------
    below_zero : bool, default False
        If prices of 0 and below are valid, as for some futures.
    without_side : bool, default False
        If trades without a side are valid.

    Attributes
    ----------
    count : int
        The number of refused ticks.
    reason : str
        The reason of the last refusal.

    """

    def __init__(self, *, below_zero: bool = False, without_side: bool = False) -> None:
        self.count = 0
        self.reason = ""
        self._lowest = -HIGHEST if below_zero else 1
        self._without_side = without_side
        self._latest_ns = 0

    def refuse(self, data: Any) -> bool:
        """Return True for a trade, a quote or a bar that must be refused."""
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
        # The time of a bar is its end, after that of the ticks.
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
        # The indicators handle a locked or crossed book.
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

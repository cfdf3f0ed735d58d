"""Which trades and quotes of a socket are none, whatever the adapter makes of them."""

from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide

from adapters.bybit.answers import FIRST_MS


NS_PER_MS = 1_000_000
FIRST_NS = FIRST_MS * NS_PER_MS
# The machine's own clock may be wrong by less: `ClockWatch` finds that out.
FAR_NS = 3_600_000_000_000


class SaneTicks:
    """
    Refuses trades and quotes with values that no market has.

    The adapter refuses what is no number or of another type. It takes a price of 0 or below, a size
    of 0, a trade without a side and a time of 1970.

    Attributes
    ----------
    count : int
        How many have been refused.
    reason : str
        Why the last one was.

    """

    def __init__(self) -> None:
        self.count = 0
        self.reason = ""
        self._latest_ns = 0

    def refuse(self, data: object) -> bool:
        """Return True for a trade or a quote that must not be taken."""
        if isinstance(data, TradeTick):
            reason = _of_trade(data)
        elif isinstance(data, QuoteTick):
            reason = _of_quote(data)
        else:
            return False
        reason = reason or self._of_time(data.ts_event, data.ts_init)
        if not reason:
            self._latest_ns = max(self._latest_ns, data.ts_event)
            return False
        self.count += 1
        self.reason = f"{data.instrument_id}: {type(data).__name__} with {reason}"
        return True

    def _of_time(self, ts_event: int, ts_init: int) -> str:
        if ts_event < FIRST_NS or ts_event < self._latest_ns - FAR_NS:
            return f"a time long ago ({ts_event} ns)"
        if ts_event > ts_init + FAR_NS:
            return f"a time far ahead ({ts_event} ns)"
        return ""


def _of_trade(tick: TradeTick) -> str:
    if tick.price.raw <= 0:
        return f"the price {tick.price}"
    if tick.aggressor_side == AggressorSide.NO_AGGRESSOR:
        return "no side"
    return ""


def _of_quote(tick: QuoteTick) -> str:
    # A locked or crossed book is for the indicators to judge.
    if tick.bid_price.raw <= 0 or tick.ask_price.raw <= 0:
        return f"bid {tick.bid_price} and ask {tick.ask_price}"
    if not (tick.bid_size.raw and tick.ask_size.raw):
        return f"the sizes {tick.bid_size} and {tick.ask_size}"
    return ""

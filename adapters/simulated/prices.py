"""The current price of an instrument from Nautilus's cache."""

from decimal import Decimal
from typing import Any


def price_in_force(cache: Any, instrument_id: Any) -> Decimal | None:
    """
    Return the middle of the current quote of an instrument.

    Without a quote it is the last print, otherwise the close of the last bar; None without data.

    Parameters
    ----------
    cache : Cache
        Nautilus's cache.
    instrument_id : InstrumentId
        The instrument.

    """
    quote = cache.quote_tick(instrument_id)
    if quote is not None:
        return Decimal(quote.bid_price.as_decimal() + quote.ask_price.as_decimal()) / 2
    trade = cache.trade_tick(instrument_id)
    if trade is not None:
        return Decimal(trade.price.as_decimal())
    bars = [cache.bar(bar_type) for bar_type in cache.bar_types(instrument_id)]
    last = max(bars, key=lambda bar: int(bar.ts_event), default=None)
    return None if last is None else Decimal(last.close.as_decimal())

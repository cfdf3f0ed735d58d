"""The present quote in ticks."""

from typing import Any
from typing import Protocol

from catalog.protocols import Bar
from catalog.protocols import InstrumentKey
from catalog.protocols import Quote
from strategies.common.nautilus.units import Units


class Quotes(Protocol):
    """Represents a source of the last quotes and bars, like Nautilus's cache."""

    def quote_tick(self, instrument_id: InstrumentKey) -> Quote | None:
        """Return it; None without one."""

    def bar(self, bar_type: Any) -> Bar | None:
        """Return the last bar of a type; None without one."""


def quoted_spread(cache: Quotes, instrument_id: InstrumentKey, units: Units) -> int:
    """Return the spread as quoted now (ticks), a tick where none is or the quote is crossed."""
    quote = cache.quote_tick(instrument_id)
    if quote is None:
        return 1
    return max(1, units.ticks(quote.ask_price) - units.ticks(quote.bid_price))


def quote_in_force(
    cache: Quotes, instrument_id: InstrumentKey, units: Units, *, bars: Any = None
) -> tuple[int | None, int | None]:
    """
    Return bid and ask (ticks); None where nothing is quoted.

    Parameters
    ----------
    cache : Quotes
        Knows them.
    instrument_id : InstrumentKey
        The instrument.
    units : Units
        Its ticks.
    bars : BarType, optional
        The bars of a market that has bars alone: the close of the last one is used for both.

    """
    if bars is not None:
        bar = cache.bar(bars)
        close = None if bar is None else units.ticks(bar.close)
        return close, close
    quote = cache.quote_tick(instrument_id)
    if quote is None:
        return None, None
    return units.ticks(quote.bid_price), units.ticks(quote.ask_price)

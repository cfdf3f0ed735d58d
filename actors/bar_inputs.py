"""Subscribes a bar actor to its declared inputs, and its indicators to their ticks."""

from collections.abc import Callable
from typing import Any
from typing import Protocol

from indicators.components import ClosingIndicator
from indicators.components import Gaps
from indicators.core.gaps import GapFinder


class BarInputs(Protocol):
    """Represents the actor, with the inputs that it declares."""

    config: Any
    indicator: ClosingIndicator | None
    gaps: GapFinder | None
    on_data_gap: Callable[[int, int, int], None]
    subscribe_quote_ticks: Callable[..., None]
    subscribe_trade_ticks: Callable[..., None]
    subscribe_bars: Callable[..., None]
    register_indicator_for_quote_ticks: Callable[..., None]
    register_indicator_for_trade_ticks: Callable[..., None]

    @property
    def takes_quotes(self) -> bool:
        """Return True if it subscribes to quotes."""

    @property
    def takes_trades(self) -> bool:
        """Return True if it subscribes to trades."""

    @property
    def venue_bars(self) -> tuple[Any, ...]:
        """Return the bars that it subscribes to."""

    @property
    def reads_quotes(self) -> bool:
        """Return True where bars depend on quotes."""


def subscribe(actor: BarInputs) -> None:
    """Subscribe an actor to quotes, trades and bars."""
    instrument_id = actor.config.instrument_id
    # Quotes first: one Databento subscription then carries both, and no trade comes twice.
    if actor.takes_quotes:
        actor.subscribe_quote_ticks(instrument_id)
    if actor.takes_trades:
        actor.subscribe_trade_ticks(instrument_id)
    for bar_type in actor.venue_bars:
        actor.subscribe_bars(bar_type)


def register(actor: BarInputs) -> None:
    """Register the indicator of an actor, and before it its rule for gaps, for the ticks."""
    instrument_id, indicator = actor.config.instrument_id, actor.indicator
    if actor.gaps is not None and (indicator is None or not indicator.finds_gaps):
        # A gap ends before the tick that ends it counts.
        gaps = Gaps(actor.gaps, actor.on_data_gap)
        if actor.takes_quotes:
            actor.register_indicator_for_quote_ticks(instrument_id, gaps)
        if actor.takes_trades:
            actor.register_indicator_for_trade_ticks(instrument_id, gaps)
    if indicator is not None:
        if actor.reads_quotes:
            actor.register_indicator_for_quote_ticks(instrument_id, indicator)
        actor.register_indicator_for_trade_ticks(instrument_id, indicator)

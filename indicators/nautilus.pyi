from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from nautilus_trader.indicators.base import Indicator
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick

from indicators.core.context_minute import MinuteDetails
from indicators.core.footprint_bars import FootprintBars
from indicators.core.gaps import GapFinder
from indicators.core.market_context import MarketContext
from indicators.core.minute import MinuteFeatures
from indicators.core.order_flow import OrderFlow
from indicators.core.quotes import QuoteImbalance
from indicators.core.trade_bars import TradeBars
from indicators.core.value_area import Levels
from indicators.core.volume_profile import RollingProfile
from indicators.core.volume_profile import VolumeProfile

class RollingVolumeProfile(Indicator):  # type: ignore[misc]
    """
    Volume profile and value area of the last wall-clock minutes.

    Initialized once `minutes` minutes have passed since the first print's.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price and size increment of the instrument.
    minutes : int, default 240
        The length of the window (minutes), the current one included.
    fraction, min_bins, method
        The rules of `levels`, as in `ValueArea`.

    Attributes
    ----------
    core : RollingProfile
        The window in ticks and lots, split by the venue's aggressor.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    core: RollingProfile

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        minutes: int = 240,
        fraction: str | float | Decimal | Fraction = "0.7",
        min_bins: int = 20,
        method: str = "one_row",
    ) -> None: ...
    def handle_trade_tick(self, tick: TradeTick) -> None:
        """
        Count one print in the minute of its `ts_event`.

        Raises
        ------
        ValueError
            If the price lies too far from the others of the window.

        """

    def levels(self, bin_ticks: int = 1) -> Levels:
        """Return the value area of the window in bins of some ticks (`ValueArea.of_profile`)."""

class SpanVolumeProfile(Indicator):  # type: ignore[misc]
    """
    Volume profile and value area of every print since the last reset.

    Initialized at the first print.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price and size increment of the instrument.
    fraction, min_bins, method
        The rules of `levels`, as in `ValueArea`; here one populated bin is enough by default.

    Attributes
    ----------
    core : VolumeProfile
        The profile in ticks and lots, split by the venue's aggressor.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    core: VolumeProfile

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        fraction: str | float | Decimal | Fraction = "0.7",
        min_bins: int = 1,
        method: str = "one_row",
    ) -> None: ...
    def handle_trade_tick(self, tick: TradeTick) -> None:
        """
        Count one print.

        Raises
        ------
        ValueError
            If the price lies too far from the others.

        """

    def levels(self, bin_ticks: int = 1) -> Levels:
        """Return the value area of the profile in bins of some ticks (`ValueArea.of_profile`)."""

class AggressorFlow(Indicator):  # type: ignore[misc]
    """
    Signed volume of the current minute and since the start.

    The current minute is that of the latest event; an event of an earlier minute (late) is left
    out. Initialized at the first print.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price and size increment of the instrument.
    side_source, use_tick_rule, max_quote_staleness_ms
        Where the aggressor comes from, as in `OrderFlow`. Inference needs the quotes as well.

    Attributes
    ----------
    core : OrderFlow
        The flow in ticks and lots.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    core: OrderFlow

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        side_source: str = "auto",
        use_tick_rule: bool = True,
        max_quote_staleness_ms: int = 250,
    ) -> None: ...
    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take in the best bid and ask."""

    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Sign and count one print."""

    @property
    def delta(self) -> float | None:
        """Buy less sell volume of the current minute (instrument units); None before a print."""

    @property
    def cvd(self) -> float | None:
        """Buy less sell volume since the last reset (instrument units); None before a print."""

class BestQuoteImbalance(Indicator):  # type: ignore[misc]
    """
    Imbalance of the best sizes and its time-decayed average over the minute.

    A quote of an earlier minute than the latest one's (late) is left out. Initialized at the first
    quote.

    Parameters
    ----------
    lot_size : str, float, Decimal or Fraction
        The size increment of the instrument.
    span_seconds : int, default 60
        The span of the average (seconds), as in `QuoteImbalance`.

    Attributes
    ----------
    core : QuoteImbalance
        The imbalance in lots.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    core: QuoteImbalance

    def __init__(
        self,
        lot_size: str | float | Decimal | Fraction,
        span_seconds: int = 60,
    ) -> None: ...
    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take in the best sizes."""

    @property
    def value(self) -> float | None:
        """The imbalance in force, from -1 to 1; None before the first quote."""

    @property
    def average(self) -> float | None:
        """The average at the time of the last quote; None before the first quote."""

class ClosingIndicator(Indicator):  # type: ignore[misc]
    """
    Closes bars and hands each to a function: the base of the indicators of a `BarActor`.

    Ticks come as Nautilus's objects, or in ticks and lots where they are those of a history.
    """

    reads_quotes: bool
    """If bars depend on quotes."""

    finds_gaps: bool
    """If it applies the rule for gaps to its ticks by itself."""

    def update_quote(self, ts_event: int, bid: int, ask: int, bid_size: int, ask_size: int) -> None:
        """Update with the best bid and ask of a time (ns UTC) in ticks and lots."""

    def update_trade(self, ts_event: int, price: int, size: int, side: int = 0) -> None:
        """Take in one print of a time (ns UTC) in ticks and lots, its aggressor as in Nautilus."""

    def close_until(self, ts: int) -> None:
        """Close every bar that ends at or before a time (ns UTC)."""

    def start_again(self, ts: int) -> None:
        """Close due bars at a time (ns UTC), and drop the history before a gap."""

class FeatureIndicator(ClosingIndicator):
    """
    Closes bars of features and applies the rule for gaps: the base of the indicators over cores.
    """

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """
        Take in the best bid and ask, after closing the bars before it.

        Raises
        ------
        ValueError
            If the time lies more than 366 days after the current bar.

        """

    def handle_trade_tick(self, tick: TradeTick) -> None:
        """
        Take in one print, after closing the bars before it.

        Raises
        ------
        ValueError
            If the time lies more than 366 days after the current bar, or the price lies too far
            from the others of the window.

        """

    def update_quote(self, ts_event: int, bid: int, ask: int, bid_size: int, ask_size: int) -> None:
        """Take in the best bid and ask in ticks and lots, as `handle_quote_tick` does."""

    def update_trade(self, ts_event: int, price: int, size: int, side: int = 0) -> None:
        """Take in one print in ticks and lots, as `handle_trade_tick` does."""

    def start_again(self, ts: int) -> None:
        """Close due bars at a time (ns UTC), and drop all history before it."""

class ValueAreaMinutes(FeatureIndicator):
    """
    Value-area features of each minute, handed to a function as the minutes close.

    Initialized once the warm-up minutes have closed.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price and size increment of the instrument.
    on_close : Callable, optional
        Called for each closed minute, oldest first, with its values in the order of
        `indicators.core.minute.COLUMNS` and its footprint (tick, buy, sell, unsigned as lists),
        before the event that closed it reaches the actor. What it raises goes to the engine.
    on_gap : Callable, optional
        Called for each gap, after the minutes before it, with its start and end (ns UTC) and the
        open market's silence within (ns).
    **parameters
        The other parameters of `MinuteFeatures`.

    Attributes
    ----------
    core : MinuteFeatures
        The features in ticks and lots.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    core: MinuteFeatures

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        on_close: Callable[
            [tuple[Any, ...], tuple[list[int], list[int], list[int], list[int]]],
            object,
        ]
        | None = None,
        on_gap: Callable[[int, int, int], object] | None = None,
        **parameters: Any,
    ) -> None: ...

class MarketContextMinutes(FeatureIndicator):
    """
    Market context of each minute, handed to a function as the minutes close.

    Initialized once the warm-up minutes have closed.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price and size increment of the instrument.
    on_close : Callable, optional
        Called for each closed minute, oldest first, with its values in the order of
        `indicators.core.market_context.COLUMNS` and its `MinuteDetails`, before the event that
        closed it reaches the actor. What it raises goes to the engine.
    on_gap : Callable, optional
        Called for each gap, after the minutes before it, with its start and end (ns UTC) and the
        open market's silence within (ns).
    **parameters
        The other parameters of `MarketContext`.

    Attributes
    ----------
    core : MarketContext
        The context in ticks and lots.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    core: MarketContext

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        on_close: Callable[[tuple[Any, ...], MinuteDetails], object] | None = None,
        on_gap: Callable[[int, int, int], object] | None = None,
        **parameters: Any,
    ) -> None: ...

class AggressorBars(ClosingIndicator):
    """
    Bars of trades with the volume of each aggressor side, handed to a function as they close.

    Initialized once a bar has closed.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price and size increment of the instrument.
    interval_ns : int
        The length of a bar (ns).
    on_close : Callable, optional
        Called for each closed bar, oldest first, with its values in the order of
        `indicators.core.trade_bars.COLUMNS` and the traded prices with their volumes, before the
        event that closed it reaches the actor. What it raises goes to the engine.
    with_empty : bool, default False
        If intervals without trades have bars, from the first trade on.

    Attributes
    ----------
    core : TradeBars
        The bars in ticks and lots.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    core: TradeBars

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        interval_ns: int,
        on_close: Callable[[tuple[int, ...], tuple[list[int], list[int]]], object] | None = None,
        with_empty: bool = False,
    ) -> None: ...
    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Take in one print, after closing the bars before it."""

    def update_trade(self, ts_event: int, price: int, size: int, side: int = 0) -> None:
        """Take in one print in ticks and lots, as `handle_trade_tick` does."""

class Footprints(ClosingIndicator):
    """
    Footprint bars, handed to a function as they close.

    Initialized once a bar has closed.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price and size increment of the instrument.
    kind, size, sessions, tick_rule, va_fraction, gap_ns
        As in `FootprintBars`.
    on_close : Callable, optional
        Called for each closed bar, oldest first, with its values in the order of
        `indicators.core.footprint_bars.COLUMNS` and its levels, before the event that closed it
        reaches the actor. What it raises goes to the engine.

    Attributes
    ----------
    core : FootprintBars
        The bars in ticks and lots.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    core: FootprintBars

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        kind: str = "time",
        size: int = 300_000_000_000,
        on_close: Callable[
            [tuple[Any, ...], tuple[list[int], list[int], list[int], list[int]]], object
        ]
        | None = None,
        sessions: Callable[[int], tuple[int, int, bool]] | None = None,
        tick_rule: bool = False,
        va_fraction: str | float | Decimal | Fraction = "0.7",
        gap_ns: int = 0,
    ) -> None: ...
    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Take in one print, after closing the bars before it."""

    def update_trade(self, ts_event: int, price: int, size: int, side: int = 0) -> None:
        """Take in one print in ticks and lots, as `handle_trade_tick` does."""

    def start_again(self, ts: int) -> None:
        """Close the bars that end at or before a time (ns UTC), which ends a gap in the data."""

class BarIndicator(Indicator):  # type: ignore[misc]
    """
    Any core of closed bars, such as `LegStructure`, `Zigzag` or `EmaTrend`, fed with given bars.

    Initialized with the first bar. The core is updated with fields of the bar in ticks and lots.

    Parameters
    ----------
    core : object
        Has `update`, which takes the fields, and `reset`.
    tick_size, lot_size : str, float, Decimal or Fraction
        The price and size increment of the instrument.
    fields : str, default 'ts high low volume'
        The arguments of the core's `update` in their order, out of `ts` (the bar's `ts_event`),
        `open`, `high`, `low`, `close` and `volume`: those of `LegStructure` by default, `ts high
        low` for `Zigzag`, `close` for `EmaTrend`.

    Attributes
    ----------
    core : object
        As given.
    value : object
        What the core's last `update` returned; None before the first.

    Raises
    ------
    ParameterError
        If an increment is not a positive number or a field is not a field of a bar.

    """

    core: Any
    value: Any

    def __init__(
        self,
        core: Any,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        fields: str = "ts high low volume",
    ) -> None: ...
    def handle_bar(self, bar: Bar) -> None:
        """Take in a closed bar."""

class Gaps(Indicator):  # type: ignore[misc]
    """
    Gaps in the data of one instrument, handed to a function as they end.

    Initialized with the first event.

    Parameters
    ----------
    finder : GapFinder
        The rule.
    on_gap : Callable, optional
        Called for each gap with its start and end (ns UTC) and the open market's silence within
        (ns), before the event that ends it reaches the actor. What it raises goes to the engine.

    Attributes
    ----------
    core : GapFinder
        As given.

    """

    core: GapFinder

    def __init__(
        self,
        finder: GapFinder,
        on_gap: Callable[[int, int, int], object] | None = None,
    ) -> None: ...
    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take in the time of a quote."""

    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Take in the time of a print."""

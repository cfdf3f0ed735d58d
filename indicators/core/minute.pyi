from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from indicators.core.feature_closer import FeatureCloser
from indicators.core.gaps import GapFinder
from indicators.core.order_flow import OrderFlow
from indicators.core.quotes import QuoteImbalance
from indicators.core.quotes import SpreadAverage
from indicators.core.value_area import REASONS as REASONS
from indicators.core.value_area import ValueArea
from indicators.core.volatility import REBUCKETS as REBUCKETS
from indicators.core.volatility import BinWidth
from indicators.core.volatility import MinuteVolatility
from indicators.core.volume_profile import RollingProfile

FLOW_SOURCES: tuple[str, str]
COLUMNS: tuple[str, ...]
"""The names of the values of a row, in order."""
ROW_DTYPE: np.dtype[np.void]
"""The fields of a row in integers: ticks, lots, ns UTC. `va_reason` and `rebucket` are indices
into `REASONS` and `REBUCKETS`, `turnover` is the sum of ticks times lots. A missing field is 0, as
flagged by `has_bar`, `has_quote`, `has_return`, `width` and `va_bins`, or NaN."""

class MinuteFeatures(FeatureCloser):
    """
    Value-area features of each minute, from trades and quotes in stream order.

    A minute closes at the first event at or past its boundary, or when `close_until` names a time
    at or past it. The first minute is that of the first event; from then on every wall-clock
    minute has a row, but for long gaps. A close computes in this order: bar, rolling window, quote
    in force and its mean spread, sigma, bin width, value area. A row depends on the events before
    its boundary that arrived before its close, and on nothing later.

    - The window is the last `window_minutes` wall-clock minutes, the closed one included; a minute
      without prints takes its place in it.
    - A late print (of a minute already closed) is counted in that minute's histogram while the
      minute is in the window. The closed bar, its flow and the CVD stay. It carries the venue's
      side where `side_source` is `auto` or `venue`, and no side otherwise. A late quote is dropped.
    - The quote in force at a close may be of any age; its age is counted to the last instant of
      the minute.
    - Sigma is the deviation of log returns of the mid at traded closes (`MinuteVolatility`). A mid
      at or below 0 has no logarithm: such a minute counts as not traded, and no width is proposed.
    - POC, VAH and VAL are the lower edges of their bins. The value area is computed from the first
      bin width on.
    - The quote imbalance is averaged in each minute, from the current imbalance at its start.
    - A value does not exist before its first input: None in `values`, never 0.

    Both faces, event by event and columns, give the same bits.

    Parameters
    ----------
    tick_size, lot_size : str, float, Decimal or Fraction
        The price of one tick and the size of one lot, for `values`.
    window_minutes : int, default 240
        The wall-clock minutes in the rolling profile.
    va_fraction : str, float, Decimal or Fraction, default '0.7'
        The share of volume in the value area.
    va_method : {'one_row', 'two_row'}, default 'one_row'
        How the value area grows (`ValueArea`).
    min_va_bins : int, default 20
        The populated bins below which the value area is not valid.
    alpha_bin : float, default 0.25
        The bin width as a share of price times sigma (`BinWidth`).
    base_bin_ticks : int, default 1
        The unit of the bin width (ticks).
    bin_width_max_ticks : int, default 200
        The largest bin width (ticks).
    rebucket_interval_minutes : int, default 15
        The interval at which any width is adopted (minutes).
    rebucket_change_pct : str, float, Decimal or Fraction, default '0.25'
        The relative change of width that is adopted at once.
    sigma_lookback : int, default 240
        The returns in sigma.
    spread_lookback_minutes : int, default 60
        The minute closes in the mean spread.
    side_source : {'auto', 'venue', 'inferred', 'both'}, default 'auto'
        Where the aggressor comes from (`OrderFlow`).
    use_tick_rule_fallback : bool, default True
        If a print that the quote cannot decide falls back on the tick rule.
    max_quote_staleness_ms : int, default 250
        The age (ms) beyond which a quote counts as stale.
    qimb_ema_span_seconds : int, default 60
        The span of the average quote imbalance (seconds).
    flow_source : {'quotes', 'bvc'}, default 'quotes'
        If `of_1m` is the delta of signed prints, or the net volume of bulk classification
        (`bulk_buy_fraction` of the closes), whose ambiguous share is 0.
    bvc_lookback : int, default 60
        The close-to-close changes in the bulk classification.
    warmup_minutes : int, default 240
        The closed minutes from which on a row is warm.
    gaps : GapFinder, optional
        Finds gaps in the data; None for none. After a gap everything starts again, as at the first
        event. While the market is silent no row is warm and no area is valid, and when it has been
        for longer than the window and the warm-up, minutes without prints have no row. Minutes
        before the first quote do not count to the warm-up where it comes later than a silence that
        is a gap.

    Attributes
    ----------
    profile : RollingProfile
        The rolling window. Only to be read, like the parts below.
    flow : OrderFlow
        The flow of the current minute.
    imbalance : QuoteImbalance
        The imbalance of the current minute.
    spread : SpreadAverage
        The spreads of the last closes.
    volatility : MinuteVolatility
        The returns of the last closes.
    width : BinWidth
        The bin width.
    area : ValueArea
        The value area's rules.
    gaps : GapFinder or None
        As given.
    closed : list
        A pair for each minute closed by a single event: the values in the order of `COLUMNS`, and
        tick, buy, sell and unsigned of its on-time prints as lists. The reader empties it.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    profile: RollingProfile
    flow: OrderFlow
    imbalance: QuoteImbalance
    spread: SpreadAverage
    volatility: MinuteVolatility
    width: BinWidth
    area: ValueArea
    gaps: GapFinder | None
    closed: list[tuple[tuple[Any, ...], tuple[list[int], list[int], list[int], list[int]]]]

    def __init__(
        self,
        tick_size: str | float | Decimal | Fraction,
        lot_size: str | float | Decimal | Fraction,
        *,
        window_minutes: int = 240,
        va_fraction: str | float | Decimal | Fraction = "0.7",
        va_method: str = "one_row",
        min_va_bins: int = 20,
        alpha_bin: float = 0.25,
        base_bin_ticks: int = 1,
        bin_width_max_ticks: int = 200,
        rebucket_interval_minutes: int = 15,
        rebucket_change_pct: str | float | Decimal | Fraction = "0.25",
        sigma_lookback: int = 240,
        spread_lookback_minutes: int = 60,
        side_source: str = "auto",
        use_tick_rule_fallback: bool = True,
        max_quote_staleness_ms: int = 250,
        qimb_ema_span_seconds: int = 60,
        flow_source: str = "quotes",
        bvc_lookback: int = 60,
        warmup_minutes: int = 240,
        gaps: GapFinder | None = None,
    ) -> None: ...
    def start_again(self, ts: int) -> None:
        """Close minutes like `close_until`, and restart at a time (ns UTC), as at a gap."""

    def reset(self) -> None:
        """Forget everything but the parameters."""

    @property
    def initialized(self) -> bool:
        """If `warmup_minutes` have closed; minutes without prints count."""

    @property
    def has_inputs(self) -> bool:
        """If an event has been taken in."""

    @property
    def row(self) -> np.void | None:
        """The last closed row (type `ROW_DTYPE`); None before the first."""

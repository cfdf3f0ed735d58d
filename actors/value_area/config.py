"""Configuration of the value-area actor."""

from typing import Any
from typing import Literal

from actors.config import BarActorConfig
from errors import ParameterError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveFloat
from indicators.constraints import PositiveInt
from indicators.core.minute import MinuteFeatures


LARGEST_INTEGER = 2**31 - 1


class ValueAreaActorConfig(BarActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `ValueAreaActor`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument whose minutes are closed.
    rolling_window_minutes : PositiveInt, default 240
        The wall-clock minutes in the rolling profile.
    va_fraction : PositiveFloat, default 0.7
        The share of volume that the value area must hold.
    va_method : {'one_row', 'two_row'}, default 'one_row'
        How the value area grows from the point of control.
    min_va_bins : PositiveInt, default 20
        The populated bins below which the value area may not be traded on.
    alpha_bin : PositiveFloat, default 0.25
        The bin width as a share of price times sigma.
    base_bin_ticks : PositiveInt, default 1
        The unit of the bin width (ticks).
    bin_width_max_ticks : PositiveInt, default 200
        The largest bin width (ticks).
    rebucket_interval_minutes : PositiveInt, default 15
        The minutes after which a new width is adopted in any case.
    rebucket_change_pct : PositiveFloat, default 0.25
        The relative change of width that is adopted at once.
    spread_lookback_minutes : PositiveInt, default 60
        The minute closes in the average spread.
    side_source : {'auto', 'venue', 'inferred', 'both'}, default 'auto'
        Where the aggressor side comes from.
    use_tick_rule_fallback : bool, default True
        If a print that the quote cannot decide gets its side from the previous print.
    max_quote_staleness_ms : NonNegativeInt, default 250
        The age of a quote above which a print judged by it counts as stale.
    qimb_ema_span_seconds : PositiveInt, default 60
        The span of the time-decayed quote imbalance.
    flow_source : {'quotes', 'bvc'}, default 'quotes'
        If the order flow comes from signed prints or from bulk volume classification.
    bvc_lookback : PositiveInt, default 60
        The close-to-close changes in the deviation of the bulk classification.
    warmup_minutes : PositiveInt, default 240
        The closed minutes after which the features count as warm.
    gap_after_s : PositiveFloat, default 60
        The longest silence of the quotes in market hours (s) that is no gap (`GapFinder`). After a
        gap the features start again.
    close_delay_ms : NonNegativeInt, default 250
        How long a live minute waits for prints still on the wire. A backtest never waits.

    """

    rolling_window_minutes: PositiveInt = 240
    va_fraction: PositiveFloat = 0.7
    va_method: Literal["one_row", "two_row"] = "one_row"
    min_va_bins: PositiveInt = 20
    alpha_bin: PositiveFloat = 0.25
    base_bin_ticks: PositiveInt = 1
    bin_width_max_ticks: PositiveInt = 200
    rebucket_interval_minutes: PositiveInt = 15
    rebucket_change_pct: PositiveFloat = 0.25
    spread_lookback_minutes: PositiveInt = 60
    side_source: Literal["auto", "venue", "inferred", "both"] = "auto"
    use_tick_rule_fallback: bool = True
    max_quote_staleness_ms: NonNegativeInt = 250
    qimb_ema_span_seconds: PositiveInt = 60
    flow_source: Literal["quotes", "bvc"] = "quotes"
    bvc_lookback: PositiveInt = 60
    warmup_minutes: PositiveInt = 240

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int) and value > LARGEST_INTEGER:
                raise ParameterError(name, f"{value} is above {LARGEST_INTEGER}")
        try:
            MinuteFeatures("1", "1", **self.feature_parameters())
        except ParameterError as e:
            name = "rolling_window_minutes" if e.name == "window_minutes" else e.name
            raise ParameterError(name, e.reason) from e

    def feature_parameters(self) -> dict[str, Any]:
        """Return the parameters of the feature core, which batch computation uses as well."""
        return {
            "window_minutes": self.rolling_window_minutes,
            "va_fraction": self.va_fraction,
            "va_method": self.va_method,
            "min_va_bins": self.min_va_bins,
            "alpha_bin": self.alpha_bin,
            "base_bin_ticks": self.base_bin_ticks,
            "bin_width_max_ticks": self.bin_width_max_ticks,
            "rebucket_interval_minutes": self.rebucket_interval_minutes,
            "rebucket_change_pct": self.rebucket_change_pct,
            "spread_lookback_minutes": self.spread_lookback_minutes,
            "side_source": self.side_source,
            "use_tick_rule_fallback": self.use_tick_rule_fallback,
            "max_quote_staleness_ms": self.max_quote_staleness_ms,
            "qimb_ema_span_seconds": self.qimb_ema_span_seconds,
            "flow_source": self.flow_source,
            "bvc_lookback": self.bvc_lookback,
            "warmup_minutes": self.warmup_minutes,
            "gaps": self.gap_finder(),
        }

"""Configuration of the value-area strategy."""

from decimal import Decimal
from typing import Literal

from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveInt
from strategies.common.nautilus.config import TradingConfig
from strategies.value_area.params import SignalParams


# The struct of the signal engine alone has the defaults.
SIGNALS = SignalParams()
# In size units here, in lots there.
FLOWS = ("of_entry_min", "of_breakout_min", "of_fail_min")


class ValueAreaStrategyConfig(TradingConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `ValueAreaStrategy`.

    A threshold of null switches its test off. The signal parameters are those of `SignalParams`,
    with order flow in the instrument's size units instead of lots. How trades are sized, entered
    and left is documented at `TradingConfig`.

    Parameters
    ----------
    accept_outside_k : PositiveInt, default 3
        The closes outside the value area that make a breakout accepted.
    crossing_mode : {'sequence', 'each_bar'}, default 'sequence'
        If one print near the boundary validates the rest of the sequence, or each bar needs one.
    crossing_min_ticks : NonNegativeInt, default 1
        The least distance (ticks) that counts as near a level.
    seq_max_minutes : PositiveInt, default 240
        The age (minutes) at which a sequence of outside closes expires; a close inside on the bar
        that reaches it is neither a failed breakout nor a break-in.
    enable_retest_mode : bool, default True
        If an accepted breakout waits for a pullback to the boundary.
    retest_initiative : bool, default False
        If the pullback bar needs breakout confirmation as well.
    stop_buffer_ticks : NonNegativeInt, default 2
        The distance of the stop beyond the extreme or the boundary (ticks).
    use_qimb : bool, default True
        If the quote imbalance can confirm.
    qimb_source : {'ema', 'close'}, default 'ema'
        If the imbalance is averaged over the minute or as quoted at its close.
    qimb_entry_min, qimb_breakout_min, qimb_fail_min : float, optional
        Thresholds of the imbalance.
    of_entry_min, of_breakout_min, of_fail_min : float, optional
        Thresholds of the order flow (size units).
    of_entry_min_norm, of_breakout_min_norm, of_fail_min_norm : float, optional
        Thresholds of the order flow as a share of volume.
    ambiguous_trade_frac_max : float, default 0.35
        The ambiguous share of volume above which flow and imbalance must both confirm.
    va_edge : {'key', 'outer'}, default 'key'
        If VAH and POC are the lower edges of their bins, or upper edge and middle.

    """

    accept_outside_k: PositiveInt = SIGNALS.accept_outside_k
    crossing_mode: Literal["sequence", "each_bar"] = SIGNALS.crossing_mode
    crossing_min_ticks: NonNegativeInt = SIGNALS.crossing_min_ticks
    seq_max_minutes: PositiveInt = SIGNALS.seq_max_minutes
    enable_retest_mode: bool = SIGNALS.enable_retest_mode
    retest_initiative: bool = SIGNALS.retest_initiative
    stop_buffer_ticks: NonNegativeInt = SIGNALS.stop_buffer_ticks
    use_qimb: bool = SIGNALS.use_qimb
    qimb_source: Literal["ema", "close"] = SIGNALS.qimb_source
    qimb_entry_min: float | None = SIGNALS.qimb_entry_min
    qimb_breakout_min: float | None = SIGNALS.qimb_breakout_min
    qimb_fail_min: float | None = SIGNALS.qimb_fail_min
    of_entry_min: float | None = SIGNALS.of_entry_min
    of_entry_min_norm: float | None = SIGNALS.of_entry_min_norm
    of_breakout_min: float | None = SIGNALS.of_breakout_min
    of_breakout_min_norm: float | None = SIGNALS.of_breakout_min_norm
    of_fail_min: float | None = SIGNALS.of_fail_min
    of_fail_min_norm: float | None = SIGNALS.of_fail_min_norm
    ambiguous_trade_frac_max: float = SIGNALS.ambiguous_trade_frac_max
    va_edge: Literal["key", "outer"] = SIGNALS.va_edge

    def __post_init__(self) -> None:
        super().__post_init__()
        self.signal_params(Decimal(1))

    def signal_params(self, lot_size: Decimal) -> SignalParams:
        """
        Return the parameters of the signal machines for an instrument's lot size.

        Raises
        ------
        ParameterError
            If a value is out of its range.

        """
        values = {name: getattr(self, name) for name in SIGNALS.__struct_fields__}
        for name in FLOWS:
            flow = values[name]
            values[name] = None if flow is None else float(Decimal(str(flow)) / lot_size)
        return SignalParams(**values)

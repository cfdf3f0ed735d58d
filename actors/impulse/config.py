"""Configuration of the impulse actor."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from typing import ClassVar

from actors.config import BarActorConfig
from actors.impulse.params import IMPULSE
from actors.impulse.params import ImpulseParams
from actors.impulse.params import as_decimal
from actors.impulse.params import in_points
from actors.impulse.params import in_ticks
from errors import ParameterError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveInt
from indicators.core.bucket_profile import BucketProfile
from indicators.core.exact import exact_ratio
from indicators.core.market_state import MarketState


def impulse_params(config: Any, tick_size: Decimal) -> ImpulseParams:
    """
    Return the rules of the impulse from a configuration in points.

    Parameters
    ----------
    config : ImpulseActorConfig or ImpulseLvnConfig
        The configuration.
    tick_size : Decimal
        The price increment of the instrument.

    Raises
    ------
    ParameterError
        If a distance is not a whole number of ticks or a value is out of its range.

    """
    return ImpulseParams(
        breakout_threshold=in_ticks("breakout_threshold", config.breakout_threshold, tick_size),
        min_impulse_size=in_ticks("min_impulse_size", config.min_impulse_size, tick_size),
        min_impulse_score=config.min_impulse_score,
        max_impulse_bars=config.max_impulse_bars,
        max_hunting_bars=config.max_hunting_bars,
        max_retrace_ratio=fraction("max_retrace_ratio", config.max_retrace_ratio),
        lvn_bucket=in_ticks("lvn_bucket", config.lvn_bucket, tick_size),
        lvn_ratio=fraction("lvn_ratio", config.lvn_ratio),
        switching=config.switching,
        min_bars_before_switch=config.min_bars_before_switch,
    )


def fraction(name: str, value: Decimal) -> Fraction:
    """
    Return a ratio as a fraction.

    Raises
    ------
    ParameterError
        If it is no number above 0 and at most 1, with at most six decimals.

    """
    return Fraction(*exact_ratio(name, value, 1))


class ImpulseActorConfig(BarActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `ImpulseActor`.

    Distances are in points. They must be whole numbers of ticks of the instrument, which is
    checked at the start.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument whose seconds are closed.
    calendar : str, default 'XNYS'
        The calendar of `exchange_calendars` with holidays and early closes.
    session_bucket : Decimal, default 1
        The width of a bucket of the regular session's profile.
    va_fraction : Decimal, default 0.7
        The share of volume in its value area.
    level_cache : str, optional
        The folder that keeps the figures of each regular session for a restart.
    state_lookback : PositiveInt, default 60
        The bars before the current one in the window of the market state.
    state_range_multiple : Decimal, default 2
        The multiple of the average true range from which a market is imbalanced.
    state_delta_limit : NonNegativeInt, default 200
        The sum of deltas (lots) above which it is as well.
    detect_impulses : bool, default False
        If a machine that never trades reports its impulses and nodes.
    breakout_threshold : Decimal, default 2
        How far a close must lie beyond a level.
    min_impulse_size : Decimal, default 25
        The least extent of an impulse.
    min_impulse_score : NonNegativeInt, default 4
        The marks out of five that complete it.
    max_impulse_bars : PositiveInt, default 300
        The bars after which it is abandoned.
    max_hunting_bars : PositiveInt, default 600
        The bars for which its nodes are hunted.
    max_retrace_ratio : Decimal, default 0.7
        The share of its extent that a close may give back.
    lvn_bucket : Decimal, default 0.5
        The width of a bucket of its profile.
    lvn_ratio : Decimal, default 0.15
        The share of the average bucket below which a bucket is a node.
    switching : bool, default False
        If a later breakout can replace it.
    min_bars_before_switch : PositiveInt, default 60
        The bars for which it cannot be replaced.
    gap_after_s : PositiveFloat, default 60
        The longest silence of the quotes in market hours (s) that is no gap (`GapFinder`). A
        session or night with a gap gives no levels.
    close_delay_ms : NonNegativeInt, default 250
        How long a live second waits for prints still on the wire. A backtest never waits.

    """

    DATA: ClassVar[tuple[str, ...]] = ("TradeTick",)

    calendar: str = "XNYS"
    session_bucket: Decimal = Decimal(1)
    va_fraction: Decimal = Decimal("0.7")
    level_cache: str | None = None
    state_lookback: PositiveInt = 60
    state_range_multiple: Decimal = Decimal(2)
    state_delta_limit: NonNegativeInt = 200
    detect_impulses: bool = False
    breakout_threshold: Decimal = in_points(IMPULSE.breakout_threshold)
    min_impulse_size: Decimal = in_points(IMPULSE.min_impulse_size)
    min_impulse_score: NonNegativeInt = IMPULSE.min_impulse_score
    max_impulse_bars: PositiveInt = IMPULSE.max_impulse_bars
    max_hunting_bars: PositiveInt = IMPULSE.max_hunting_bars
    max_retrace_ratio: Decimal = as_decimal(IMPULSE.max_retrace_ratio)
    lvn_bucket: Decimal = in_points(IMPULSE.lvn_bucket)
    lvn_ratio: Decimal = as_decimal(IMPULSE.lvn_ratio)
    switching: bool = IMPULSE.switching
    min_bars_before_switch: PositiveInt = IMPULSE.min_bars_before_switch

    def __post_init__(self) -> None:
        fraction("va_fraction", self.va_fraction)
        # The finest unit that distances can have: what does not depend on the tick is checked now.
        self.impulse_params(Decimal("0.000001"))
        self.market_state()
        self.gap_finder()

    def impulse_params(self, tick_size: Decimal) -> ImpulseParams:
        """Return the rules of the impulse for an instrument's tick."""
        return impulse_params(self, tick_size)

    def market_state(self) -> MarketState:
        """
        Return the market state without bars.

        Raises
        ------
        ParameterError
            If a value is out of its range.

        """
        try:
            return MarketState(
                self.state_lookback,
                self.state_range_multiple,
                self.state_delta_limit,
            )
        except ParameterError as e:
            raise ParameterError(f"state_{e.name}", e.reason) from e

    def session_bucket_ticks(self, tick_size: Decimal) -> int:
        """
        Return the width of a bucket of the session's profile.

        Raises
        ------
        ParameterError
            If it is not a whole number of ticks.

        """
        ticks = in_ticks("session_bucket", self.session_bucket, tick_size)
        if ticks < 1:
            raise ParameterError("session_bucket", f"{self.session_bucket} is not positive")
        return BucketProfile(ticks).bucket_ticks

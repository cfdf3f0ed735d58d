"""Configuration of the market-context actors."""

from datetime import date
from typing import Any
from typing import ClassVar
from typing import Literal

from actors.config import BarActorConfig
from actors.config import minute_candles
from actors.market_context.market_sessions import MarketSessions
from actors.market_context.market_sessions import calendar_of
from actors.market_context.profile_sessions import ProfileSessions
from errors import ParameterError
from indicators.constraints import PositiveFloat
from indicators.constraints import PositiveInt
from indicators.core.market_context import MarketContext


LARGEST_INTEGER = 2**31 - 1


class MarketContextConfig(BarActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `MarketContextActor`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument whose minutes are closed.
    bin_ticks : PositiveInt, default 1
        The width of a bin of all profiles (ticks).
    va_fraction : PositiveFloat, default 0.7
        The share of volume in a value area.
    state_lookback : PositiveInt, default 60
        The wall-clock minutes in the profile of the state.
    mom_lookback : PositiveInt, default 20
        The minutes that momentum is measured over.
    dist_max_pct : PositiveFloat, default 1
        The distance from the point of control below which the market is balanced (percent).
    mom_min_pct : PositiveFloat, default 0.5
        The momentum above which it is imbalanced (percent).
    min_profile_minutes : PositiveInt, default 10
        The minutes of a session from which on there is a profile of the state.
    lvn_ratio, hvn_ratio : PositiveFloat, default 0.3 and 1.5
        Multiples of the mean populated bin that low volume nodes lie below and high ones above.
    alert_unit : {'percent', 'ticks', 'atr'}, default 'percent'
        The unit of the distances of the alert.
    alert_near, alert_rearm : PositiveFloat, default 0.5 and 0.75
        The distance from a node below which the alert fires, and that from which on it may fire
        again.
    alert_each_trade : bool, default False
        If the alert is evaluated at each print as well, against the nodes of the last close.
    alert_previous_session : bool, default False
        If the low volume nodes of the session before count as well.
    publish_nodes : bool, default True
        If the begin and the end of volume nodes are published.
    flow_scoring : {'basic', 'tiered'}, default 'basic'
        The score of aggressive flow.
    flow_lookback : PositiveInt, default 5
        The minutes in its change of delta.
    avg_lookback : PositiveInt, default 60
        The minutes before that means are taken of.
    volume_ratio_min : PositiveFloat, default 2
        `basic`: the multiple of the mean volume.
    cvd_min : PositiveInt, default 1000
        The delta that counts (lots a minute; `tiered`: steps of it in all).
    cvd_min_rel : PositiveFloat or None, default None
        Instead of `cvd_min`: a multiple of the mean absolute delta of a minute.
    pressure_min : PositiveFloat, default 70
        `basic`: the share of the change's side in the volume (percent).
    atr_period : PositiveInt, default 14
        The bars in the average true range.
    side_source : {'auto', 'venue', 'tick_rule'}, default 'auto'
        Where the side of a print comes from; `auto` is the venue's, and the tick rule while the
        venue has given none.
    calendar : {'auto', 'equity', 'futures', 'crypto'}, default 'auto'
        When no market session is in force; `auto` by the venue.
    profile_session : {'auto', 'regular', 'trading_day', 'utc_day'}, default 'auto'
        The session of profiles, balance and true range; `auto` by the venue.
    session_hours : PositiveInt, default 24
        The length of a session of `utc_day`, a divisor of 24.
    holidays : tuple[str, ...], default ()
        Days (YYYY-MM-DD) in New York without a session, beside those of the calendars.
    warmup_minutes : PositiveInt, default 60
        The closed minutes from which on a minute is warm.
    gap_after_s : PositiveFloat, default 60
        The longest silence of the quotes in market hours (s) that is no gap (`GapFinder`). After a
        gap everything starts again, and the session gives no balance.
    close_delay_ms : NonNegativeInt, default 250
        How long a live minute waits for prints still on the wire. A backtest never waits.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    DATA: ClassVar[tuple[str, ...]] = ("TradeTick",)

    bin_ticks: PositiveInt = 1
    va_fraction: PositiveFloat = 0.7
    state_lookback: PositiveInt = 60
    mom_lookback: PositiveInt = 20
    dist_max_pct: PositiveFloat = 1.0
    mom_min_pct: PositiveFloat = 0.5
    min_profile_minutes: PositiveInt = 10
    lvn_ratio: PositiveFloat = 0.3
    hvn_ratio: PositiveFloat = 1.5
    alert_unit: Literal["percent", "ticks", "atr"] = "percent"
    alert_near: PositiveFloat = 0.5
    alert_rearm: PositiveFloat = 0.75
    alert_each_trade: bool = False
    alert_previous_session: bool = False
    publish_nodes: bool = True
    flow_scoring: Literal["basic", "tiered"] = "basic"
    flow_lookback: PositiveInt = 5
    avg_lookback: PositiveInt = 60
    volume_ratio_min: PositiveFloat = 2.0
    cvd_min: PositiveInt = 1000
    cvd_min_rel: PositiveFloat | None = None
    pressure_min: PositiveFloat = 70.0
    atr_period: PositiveInt = 14
    side_source: Literal["auto", "venue", "tick_rule"] = "auto"
    calendar: Literal["auto", "equity", "futures", "crypto"] = "auto"
    profile_session: Literal["auto", "regular", "trading_day", "utc_day"] = "auto"
    session_hours: PositiveInt = 24
    holidays: tuple[str, ...] = ()
    warmup_minutes: PositiveInt = 60

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int) and value > LARGEST_INTEGER:
                raise ParameterError(name, f"{value} is above {LARGEST_INTEGER}")
        if 24 % self.session_hours:
            raise ParameterError("session_hours", f"{self.session_hours} does not divide the day")
        MarketContext("1", "1", **self.feature_parameters())

    def closed_days(self) -> frozenset[date]:
        """Return the days of `holidays`."""
        days = set()
        for text in self.holidays:
            try:
                days.add(date.fromisoformat(text))
            except ValueError as e:
                raise ParameterError("holidays", f"{text!r} is no date: write YYYY-MM-DD") from e
        return frozenset(days)

    def profile_sessions(self) -> ProfileSessions:
        """Return the sessions of profiles, balance and true range."""
        venue = self.instrument_id.venue.value
        return ProfileSessions(self.profile_session, venue, self.closed_days(), self.session_hours)

    def feature_parameters(self) -> dict[str, Any]:
        """Return the parameters of the core, which batch computation uses as well."""
        sessions = self.profile_sessions()
        calendar = calendar_of(self.calendar, self.instrument_id.venue.value)
        return {
            "bin_ticks": self.bin_ticks,
            "va_fraction": self.va_fraction,
            "state_lookback": self.state_lookback,
            "mom_lookback": self.mom_lookback,
            "dist_max_pct": self.dist_max_pct,
            "mom_min_pct": self.mom_min_pct,
            "min_profile_minutes": self.min_profile_minutes,
            "lvn_ratio": self.lvn_ratio,
            "hvn_ratio": self.hvn_ratio,
            "alert_unit": self.alert_unit,
            "alert_near": self.alert_near,
            "alert_rearm": self.alert_rearm,
            "alert_each_trade": self.alert_each_trade,
            "alert_previous_session": self.alert_previous_session,
            "flow_scoring": self.flow_scoring,
            "flow_lookback": self.flow_lookback,
            "avg_lookback": self.avg_lookback,
            "volume_ratio_min": self.volume_ratio_min,
            "cvd_min": self.cvd_min,
            "cvd_min_rel": self.cvd_min_rel,
            "pressure_min": self.pressure_min,
            "atr_period": self.atr_period,
            "side_source": self.side_source,
            "warmup_minutes": self.warmup_minutes,
            "sessions": sessions,
            "sessions_close": sessions.is_closing,
            "labels": MarketSessions(calendar, self.closed_days()),
            "gaps": self.gap_finder(),
        }


class CandleContextConfig(MarketContextConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `CandleContextActor`: the parameters of `MarketContextConfig`.

    Raises
    ------
    ParameterError
        If a value is out of its range, or alerts of single prints are wanted.

    """

    DATA: ClassVar[tuple[str, ...]] = ("Bar",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.alert_each_trade:
            raise ParameterError("alert_each_trade", "candles have no single prints")

    @property
    def bar_types(self) -> tuple[Any, ...]:
        return (minute_candles(self.instrument_id),)

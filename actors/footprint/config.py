"""Configuration of the footprint actor."""

from math import gcd
from typing import Any
from typing import ClassVar
from typing import Literal

from actors.config import BarActorConfig
from actors.footprint.sessions import SessionSpans
from actors.footprint.thresholds import DetectorParams
from actors.footprint.thresholds import Thresholds
from actors.footprint.thresholds import thresholds_of
from actors.market_context.profile_sessions import ProfileSessions
from errors import ParameterError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveFloat
from indicators.constraints import PositiveInt
from indicators.core.footprint_bars import FootprintBars


NANOS_PER_SECOND = 1_000_000_000
# Sessions begin and end at whole quarters of an hour.
SESSION_GRID_S = 900
# Bars that are not of time end by the clock only with their session.
EVENT_ALERT_S = 60
SECONDS_PER_MINUTE = 60


class FootprintActorConfig(BarActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `FootprintActor`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument.
    bar_kind : {'time', 'volume', 'ticks', 'delta', 'range'}, default 'time'
        What closes a bar: the end of an interval, or the trade with which volume, trades, delta or
        height reach the size. The end of a session closes a bar of any kind.
    bar_size : PositiveInt, default 300
        The size: seconds, lots, trades, lots of delta, or ticks.
    session : {'auto', 'regular', 'trading_day', 'utc_day'}, default 'auto'
        The session that cumulative delta and profile begin with; `auto` by the venue (the trading
        day on Globex, the regular session at a stock exchange, else the UTC day). Time between
        sessions is a span of its own.
    tick_rule : bool, default False
        If trades without an aggressor take the side of the last change of price; else they count in
        the level and in the bar and on neither side.
    va_fraction : PositiveFloat, default 0.7
        The share of volume in the value area.
    detectors : DetectorParams
        The parameters of the detectors, over the profile of the symbol.
    zone_bars : PositiveInt, default 78
        The bars after which a zone that is not broken expires; 78 of five minutes are a regular
        session.
    warmup_bars : NonNegativeInt, default 21
        The bars since the start or a gap from which on a bar is warm.
    lookback_minutes : NonNegativeInt, default 480
        How far a node reads back at its start, beyond the start of the session.
    gap_after_s : PositiveFloat, default 60
        The longest silence of the quotes in market hours (s) that is no gap (`GapFinder`). After a
        gap detectors and zones start again; what began before it is not whole.
    close_delay_ms : NonNegativeInt, default 250
        How long a live bar waits for trades still on the wire. A backtest never waits.

    Raises
    ------
    ParameterError
        If a value is out of its range, or the instrument has no profile where one is needed.

    """

    DATA: ClassVar[tuple[str, ...]] = ("TradeTick",)

    bar_kind: Literal["time", "volume", "ticks", "delta", "range"] = "time"
    bar_size: PositiveInt = 300
    session: Literal["auto", "regular", "trading_day", "utc_day"] = "auto"
    tick_rule: bool = False
    va_fraction: PositiveFloat = 0.7
    detectors: DetectorParams = DetectorParams()
    zone_bars: PositiveInt = 78
    warmup_bars: NonNegativeInt = 21
    lookback_minutes: NonNegativeInt = 480

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.bar_size < 1 or self.zone_bars < 1:
            name = "bar_size" if self.bar_size < 1 else "zone_bars"
            raise ParameterError(name, f"must be positive, was {getattr(self, name)}")
        FootprintBars(**self.bar_parameters())
        self.thresholds()

    @property
    def interval_ns(self) -> int:
        """Return the interval (ns) at whose multiples the clock may close a bar."""
        if self.bar_kind != "time":
            return EVENT_ALERT_S * NANOS_PER_SECOND
        return gcd(self.bar_size, SESSION_GRID_S) * NANOS_PER_SECOND

    @property
    def warmup_minutes(self) -> int:
        """Return the minutes that the warm-up takes at least; 0 where bars have no length."""
        if self.bar_kind != "time":
            return 0
        return -(-self.warmup_bars * self.bar_size // SECONDS_PER_MINUTE)

    def spans(self) -> SessionSpans:
        """Return the sessions of cumulative delta and profile."""
        return SessionSpans(ProfileSessions(self.session, self.instrument_id.venue.value))

    def thresholds(self) -> Thresholds:
        """Return the thresholds of the detectors."""
        return thresholds_of(self.instrument_id.symbol.value, self.detectors)

    def bar_parameters(self) -> dict[str, Any]:
        """Return the parameters of the bars, which batch computation uses as well."""
        is_time = self.bar_kind == "time"
        return {
            "kind": self.bar_kind,
            "size": self.bar_size * NANOS_PER_SECOND if is_time else self.bar_size,
            "sessions": self.spans(),
            "tick_rule": self.tick_rule,
            "va_fraction": self.va_fraction,
            "gap_ns": round(self.gap_after_s * NANOS_PER_SECOND),
        }

"""Configuration of the actor of legs."""

from typing import Any
from typing import ClassVar

from actors.config import BarActorConfig
from actors.config import minute_candles
from actors.config import own_minute_bars
from actors.legs.params import LegParams
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveFloat


class LegsActorConfig(BarActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `LegsActor`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument.
    legs : LegParams
        The rules of legs, nodes and trend.
    lookback_minutes : NonNegativeInt, default 1,440
        How far a node reads back at its start: older legs and nodes are not known to it.
    gap_after_s : PositiveFloat, default 300
        The longest silence of the quotes in market hours (s) that is no gap (`GapFinder`). After a
        gap pivots, averages and nodes begin anew; a shorter silence leaves them alone. Legs are
        made of minutes, and a minute without a trade has no bar: a quiet night is no lost feed.
        Crude oil of October 2024 never went five minutes without a trade in market hours, and two
        to four often. Of given bars the limit is fifteen times as long, and a hundred times their
        mean interval where that is more: a hundred minutes. The rule is the same live, in warm-up,
        replay and backtest; a live market that is silent for seconds lets nothing enter
        (`stale_after_s`).
    close_delay_ms : NonNegativeInt, default 250
        How long a live minute waits for trades still on the wire. A backtest never waits.

    """

    DATA: ClassVar[tuple[str, ...]] = ()

    legs: LegParams = LegParams()
    lookback_minutes: NonNegativeInt = 1_440
    gap_after_s: PositiveFloat = 300.0

    @property
    def bar_types(self) -> tuple[Any, ...]:
        minutes = own_minute_bars if self.legs.is_exact else minute_candles
        return (minutes(self.instrument_id),)

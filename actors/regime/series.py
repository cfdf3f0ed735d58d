"""Turn the regime of closed bars into the columns of messages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actors.regime.classification import Regime
from actors.regime.inputs import ClosedBar
from actors.regime.params import RegimeParams
from actors.regime.tracker import RegimeState
from actors.regime.tracker import RegimeTracker


Columns = dict[str, Any]
BEGIN = "BEGIN"


@dataclass(slots=True)
class Phase:
    """Represents a stretch of bars in one regime."""

    regime: Regime
    since: int
    confidence: float
    low: int
    high: int
    delta: int
    bars: int = 1


class RegimeSeries:
    """
    Follows the regime of one contract from bar to bar.

    Parameters
    ----------
    params : RegimeParams
        The rules.
    symbol : str
        The symbol of the contract, such as `ESH6`, for the constants of its root.
    tick_size, lot_size : float
        The units of prices and sizes.
    is_news : Callable[[int], bool], optional
        Returns True for times (ns UTC) in a news window; None for none.

    Attributes
    ----------
    tracker : RegimeTracker
        The regime in force.

    """

    def __init__(
        self,
        params: RegimeParams,
        symbol: str,
        tick_size: float,
        lot_size: float,
        is_news: Callable[[int], bool] | None = None,
    ) -> None:
        scale = params.scale_of(symbol)
        self.tracker = RegimeTracker(params, scale, tick_size, lot_size, is_news)
        self._units = {"tick_size": tick_size, "lot_size": lot_size}
        self._phase: Phase | None = None
        self._last_start = 0

    def on_bar(self, bar: ClosedBar) -> tuple[Columns, list[Columns]]:
        """Take a closed bar; return the columns of `RegimeBar` and those of each `RegimePhase`."""
        state = self.tracker.update(bar)
        self._last_start = bar.start
        return _columns(bar, state), self._phases(bar, state)

    def start_again(self) -> list[Columns]:
        """Forget the bars, since data were missing; return the end of the running phase."""
        self.tracker.clear()
        phase, self._phase = self._phase, None
        return [] if phase is None else [self._event(phase, phase.regime, self._last_start)]

    def _phases(self, bar: ClosedBar, state: RegimeState) -> list[Columns]:
        found, phase = [], self._phase
        if phase is not None:
            phase.low, phase.high = min(phase.low, bar.low), max(phase.high, bar.high)
            phase.delta += bar.delta
            if phase.regime is state.regime:
                phase.bars += 1
                phase.confidence = state.confidence
                return []
            found.append(self._event(phase, phase.regime, bar.start))
        self._phase = Phase(state.regime, bar.end, state.confidence, bar.low, bar.high, bar.delta)
        found.append(self._event(self._phase, BEGIN, bar.start))
        return found

    def _event(self, phase: Phase, event: str, start: int) -> Columns:
        return {
            "event": str(event),
            "ts_start": start,
            "since": phase.since,
            "regime": phase.regime.value,
            "confidence": phase.confidence,
            "bars": phase.bars,
            "low": phase.low,
            "high": phase.high,
            "delta": phase.delta,
            **self._units,
        }


def _columns(bar: ClosedBar, state: RegimeState) -> Columns:
    inputs, found = state.inputs, state.by_scores
    scores = found.scores
    return {
        "ts_start": bar.start,
        "ts_end": bar.end,
        "regime": state.regime.value,
        "confidence": state.confidence,
        "bars": state.bars,
        "is_change": state.is_change,
        "by_scores": found.regime.value,
        "no_trade": None if found.no_trade is None else found.no_trade.value,
        "score_up": scores.up,
        "score_down": scores.down,
        "score_ranging": scores.ranging,
        "score_volatile": scores.volatile,
        "adx": inputs.adx_14,
        "adx_slope": inputs.adx_slope,
        "ema_fast": inputs.ema_fast,
        "ema_slow": inputs.ema_slow,
        "price_vs_vwap": inputs.price_vs_vwap,
        "atr": inputs.atr_14,
        "atr_percentile": inputs.atr_percentile,
        "bar_range": inputs.bar_range_avg,
        "volume_ratio": inputs.volume_vs_average,
        "cumulative_delta": inputs.cumulative_delta,
        "delta_slope": inputs.delta_slope,
        "higher_high": inputs.higher_highs,
        "higher_low": inputs.higher_lows,
        "lower_high": inputs.lower_highs,
        "lower_low": inputs.lower_lows,
        "range_bound_bars": inputs.range_bound_bars,
        "minutes_since_open": inputs.minutes_since_open,
        "minutes_to_close": inputs.minutes_to_close,
        "is_news": inputs.is_news_window,
        "warm": state.is_warm,
    }

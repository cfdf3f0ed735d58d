"""The regime in force from bar to bar."""

from collections import deque
from collections.abc import Callable

from msgspec import Struct

from actors.regime.classification import UNSURE
from actors.regime.classification import Classification
from actors.regime.classification import NoTrade
from actors.regime.classification import Regime
from actors.regime.classification import classify
from actors.regime.clock import SessionClock
from actors.regime.inputs import ClosedBar
from actors.regime.inputs import RegimeBars
from actors.regime.inputs import RegimeInputs
from actors.regime.params import RegimeParams
from actors.regime.params import RegimeScale


HISTORY = 100
# A change of confidence beyond this is an entry of the history.
CONFIDENCE_STEP = 0.2


class RegimeState(Struct, frozen=True, kw_only=True):
    """
    Represents the regime at the end of a bar.

    Parameters
    ----------
    end : int
        The end of the bar (ns UTC).
    regime : Regime
        The regime in force.
    confidence : float
        How sure it is (0.5 to 1).
    bars : int
        How many bars it has been in force, this one included.
    is_change : bool
        If the regime, or its confidence by more than 0.2, is other than when it last was.
    is_warm : bool
        If enough bars have closed since the start or the last gap.
    by_scores : Classification
        The regime by the scores of this bar alone.
    inputs : RegimeInputs
        The inputs.

    """

    end: int
    regime: Regime
    confidence: float
    bars: int
    is_change: bool
    is_warm: bool
    by_scores: Classification
    inputs: RegimeInputs


class RegimeTracker:
    """
    Classifies each closed bar, and holds the regime for `min_bars_in_regime`.

    Parameters
    ----------
    params : RegimeParams
        The rules.
    scale : RegimeScale
        The constants of the contract.
    tick_size, lot_size : float
        The units of prices and sizes.
    is_news : Callable[[int], bool], optional
        Returns True for times (ns UTC) in a news window; None for none.

    Attributes
    ----------
    history : deque[RegimeState]
        The last 100 changes.

    """

    def __init__(
        self,
        params: RegimeParams,
        scale: RegimeScale,
        tick_size: float,
        lot_size: float,
        is_news: Callable[[int], bool] | None = None,
    ) -> None:
        self.history: deque[RegimeState] = deque(maxlen=HISTORY)
        self._params, self._scale = params, scale
        self._bars = RegimeBars(params, tick_size, lot_size)
        self._clock = SessionClock(params.calendar)
        self._is_news = is_news
        self._regime = Regime.NO_TRADE
        self._held = 0

    @property
    def is_warm(self) -> bool:
        """Return True if enough bars have closed since the start or the last gap."""
        return self._bars.count >= self._params.min_bars

    def clear(self) -> None:
        """Begin to warm up again: data were missing."""
        self._bars.clear()
        self._regime, self._held = Regime.NO_TRADE, 0

    def update(self, bar: ClosedBar) -> RegimeState:
        """Take a closed bar, and return the regime at its end."""
        time = self._clock.place(bar.start, bar.end)
        is_news = self._is_news is not None and self._is_news(bar.end)
        if time.is_regular or self._params.hours == "all":
            inputs = self._bars.add(bar, time, is_news=is_news)
        else:
            inputs = RegimeInputs(
                minutes_since_open=time.since_open,
                minutes_to_close=time.to_close,
                is_news_window=is_news,
            )
        by_scores = classify(inputs, self._params, self._scale)
        if not self.is_warm:
            by_scores = Classification(
                regime=Regime.NO_TRADE,
                confidence=1.0,
                scores=by_scores.scores,
                no_trade=NoTrade.WARM_UP,
            )
        regime, confidence = self._in_force(by_scores)
        self._held = self._held + 1 if regime is self._regime else 1
        self._regime = regime
        state = RegimeState(
            end=bar.end,
            regime=regime,
            confidence=confidence,
            bars=self._held,
            is_change=self._is_change(regime, confidence),
            is_warm=self.is_warm,
            by_scores=by_scores,
            inputs=inputs,
        )
        if state.is_change:
            self.history.append(state)
        return state

    def _in_force(self, found: Classification) -> tuple[Regime, float]:
        # What stands against the scores is too unsure to trade.
        if (
            found.regime is not self._regime
            and Regime.NO_TRADE not in (found.regime, self._regime)
            and self._held < self._params.min_bars_in_regime
        ):
            return self._regime, UNSURE
        return found.regime, found.confidence

    def _is_change(self, regime: Regime, confidence: float) -> bool:
        if not self.history:
            return True
        last = self.history[-1]
        return regime is not last.regime or abs(confidence - last.confidence) > CONFIDENCE_STEP

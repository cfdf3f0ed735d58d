"""The classification of a market regime by scores."""

from enum import StrEnum

from msgspec import Struct

from actors.codes import Code
from actors.regime.inputs import RegimeInputs
from actors.regime.params import RegimeParams
from actors.regime.params import RegimeScale


class Regime(StrEnum):
    """Represents the state of the market. The first of equal scores counts."""

    TRENDING_UP = "TRENDING_UP"
    TRENDING_DOWN = "TRENDING_DOWN"
    RANGING = "RANGING"
    VOLATILE = "VOLATILE"
    NO_TRADE = "NO_TRADE"


SCORED = Regime.TRENDING_UP, Regime.TRENDING_DOWN, Regime.RANGING, Regime.VOLATILE
UNSURE = 0.5


class NoTrade(Code):
    """Represents why the regime is NO_TRADE; the first that applies."""

    WARM_UP = "WARM_UP", "Fewer than regime.min_bars bars since the start or the last gap."
    SESSION_CLOSE = (
        "SESSION_CLOSE",
        "The last regime.skip_close_minutes before the close, or no session.",
    )
    NEWS = "NEWS", "A news window of news_file."
    SESSION_OPEN = "SESSION_OPEN", "The first regime.skip_open_minutes, or before the open."
    LOW_VOLUME = "LOW_VOLUME", "Less volume than regime.min_volume_ratio of the mean of 20 bars."
    NO_SCORE = "NO_SCORE", "No regime has a score."


class Scores(Struct, frozen=True):
    """
    Represents the score of each regime: at most 8.5, 8.5, 8.5 and 7.

    Parameters
    ----------
    up, down, ranging, volatile : float
        The scores of `TRENDING_UP`, `TRENDING_DOWN`, `RANGING` and `VOLATILE`.

    """

    up: float
    down: float
    ranging: float
    volatile: float

    @property
    def values(self) -> tuple[float, float, float, float]:
        """Return the scores in the order of `SCORED`."""
        return self.up, self.down, self.ranging, self.volatile


class Classification(Struct, frozen=True, kw_only=True):
    """
    Represents the regime of one bar by its scores alone.

    Parameters
    ----------
    regime : Regime
        The regime.
    confidence : float
        How far it is ahead of the next one, 0.5 to 1; 1 where the market is not traded.
    scores : Scores
        The scores, also where NO_TRADE overrides them.
    no_trade : NoTrade or None, default None
        Why the regime is NO_TRADE.

    """

    regime: Regime
    confidence: float
    scores: Scores
    no_trade: NoTrade | None = None


def classify(inputs: RegimeInputs, params: RegimeParams, scale: RegimeScale) -> Classification:
    """
    Return the regime of a bar.

    Of the reasons not to trade the first one counts: the end of the session, news, its begin, a
    bar of little volume. Else the highest score wins, of equal ones that of `TRENDING_UP`, then
    `TRENDING_DOWN`, then `RANGING`. A score below `min_score` is VOLATILE with the confidence 0.5.

    Parameters
    ----------
    inputs : RegimeInputs
        The inputs of the bar.
    params : RegimeParams
        The rules.
    scale : RegimeScale
        The constants of the contract.

    """
    scores = score(inputs, scale)
    for applies, reason in (
        (inputs.minutes_to_close < params.skip_close_minutes, NoTrade.SESSION_CLOSE),
        (inputs.is_news_window, NoTrade.NEWS),
        (inputs.minutes_since_open < params.skip_open_minutes, NoTrade.SESSION_OPEN),
        (inputs.volume_vs_average < params.min_volume_ratio, NoTrade.LOW_VOLUME),
    ):
        if applies:
            return Classification(
                regime=Regime.NO_TRADE, confidence=1.0, scores=scores, no_trade=reason
            )
    highest, second = sorted(scores.values, reverse=True)[:2]
    if highest <= 0:
        return Classification(
            regime=Regime.NO_TRADE, confidence=UNSURE, scores=scores, no_trade=NoTrade.NO_SCORE
        )
    if highest < params.min_score:
        return Classification(regime=Regime.VOLATILE, confidence=UNSURE, scores=scores)
    return Classification(
        regime=SCORED[scores.values.index(highest)],
        confidence=min(0.5 + 0.5 * (highest - second) / highest, 1.0),
        scores=scores,
    )


def score(inputs: RegimeInputs, scale: RegimeScale) -> Scores:
    """Return the score of each regime for the inputs of a bar."""
    return Scores(
        _trend(
            inputs,
            inputs.ema_trend > 0,
            inputs.price_vs_vwap > 0,
            (inputs.higher_lows, inputs.higher_highs),
            (inputs.cumulative_delta > 0, inputs.delta_slope > 0),
        ),
        _trend(
            inputs,
            inputs.ema_trend < 0,
            inputs.price_vs_vwap < 0,
            (inputs.lower_highs, inputs.lower_lows),
            (inputs.cumulative_delta < 0, inputs.delta_slope < 0),
        ),
        _ranging(inputs, scale),
        _volatile(inputs, scale),
    )


def _trend(
    inputs: RegimeInputs,
    has_trend: bool,
    is_beyond_vwap: bool,
    structure: tuple[bool, bool],
    delta: tuple[bool, bool],
) -> float:
    # Of a pair the second counts only beside the first.
    (is_holding, is_advancing), (has_delta, is_rising) = structure, delta
    points = 2.0 if inputs.adx_14 > 25 else 1.0 if inputs.adx_14 > 20 else 0.0
    points += 1.5 if has_trend else 0.0
    points += 1.0 if is_beyond_vwap else 0.0
    if is_holding:
        points += 2.0 if is_advancing else 1.0
    if has_delta:
        points += 1.5 if is_rising else 0.5
    return points + (0.5 if inputs.adx_slope > 0 else 0.0)


def _ranging(inputs: RegimeInputs, scale: RegimeScale) -> float:
    points = 2.0 if inputs.adx_14 < 20 else 1.0 if inputs.adx_14 < 25 else 0.0
    points += 1.0 if abs(inputs.price_vs_vwap) < scale.near_vwap else 0.0
    points += 1.5 if not (inputs.higher_highs or inputs.lower_lows) else 0.0
    points += 1.0 if abs(inputs.cumulative_delta) < scale.flat_delta else 0.0
    points += {2: 1.0}.get(inputs.range_bound_bars, 2.0 if inputs.range_bound_bars > 2 else 0.0)
    return points + (1.0 if inputs.atr_percentile < 50 else 0.0)


def _volatile(inputs: RegimeInputs, scale: RegimeScale) -> float:
    points = 2.5 if inputs.atr_percentile > 85 else 1.5 if inputs.atr_percentile > 70 else 0.0
    points += 1.0 if abs(inputs.delta_slope) > scale.steep_delta_slope else 0.0
    points += 1.5 if inputs.bar_range_avg > 1.5 * inputs.atr_14 else 0.0
    points += 1.0 if inputs.volume_vs_average > 2 else 0.0
    return points + (1.0 if 20 <= inputs.adx_14 <= 25 and inputs.adx_slope < 0 else 0.0)

"""Divergence of price and delta over the last bars."""

from collections import deque
from collections.abc import Sequence

from actors.footprint.footprint import Footprint
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.footprint.patterns import PatternSignal


STRENGTH = 0.7


def _peaks(values: Sequence[int]) -> list[int]:
    # The first value has no neighbour before it; the last one needs none after it.
    last = len(values) - 1
    return [
        value
        for i, value in enumerate(values)
        if i > 0 and value > values[i - 1] and (i == last or value > values[i + 1])
    ]


def find_divergence(bars: Sequence[Footprint]) -> list[PatternSignal]:
    """
    Return the divergence of the last of some bars from those before it.

    Bearish: the highest high of all, the last peak of the bars' deltas below the peak before it,
    and the last delta negative. Bullish: mirrored. The delta is that of each bar, not cumulative.

    Parameters
    ----------
    bars : Sequence[Footprint]
        The bars, the present one last.

    """
    last, before = bars[-1], bars[:-1]
    deltas = [bar.delta for bar in bars]
    found = []
    if last.high > max(bar.high for bar in before):
        peaks = _peaks(deltas)
        if len(peaks) > 1 and peaks[-1] < peaks[-2] and last.delta < 0:
            highs = [bar.high for bar in bars]
            found.append(_divergence(Pattern.BEARISH_DELTA_DIVERGENCE, last, highs, deltas))
    if last.low < min(bar.low for bar in before):
        troughs = _peaks([-delta for delta in deltas])
        if len(troughs) > 1 and troughs[-1] < troughs[-2] and last.delta > 0:
            lows = [bar.low for bar in bars]
            found.append(_divergence(Pattern.BULLISH_DELTA_DIVERGENCE, last, lows, deltas))
    return found


def _divergence(
    pattern: Pattern, bar: Footprint, extremes: list[int], deltas: list[int]
) -> PatternSignal:
    is_bearish = pattern is Pattern.BEARISH_DELTA_DIVERGENCE
    return PatternSignal(
        pattern=pattern,
        direction=Direction.SHORT if is_bearish else Direction.LONG,
        strength=STRENGTH,
        price=bar.close,
        low=extremes[-1],
        high=extremes[-1],
        delta=bar.delta,
        extreme=extremes[-1],
        prices=tuple(extremes),
        deltas=tuple(deltas),
    )


class DeltaDivergence:
    """
    Keeps the last bars for divergences. Bars of two sessions are neighbours as well.

    Parameters
    ----------
    lookback : int
        The bars that a divergence is searched in, the present one included.

    """

    def __init__(self, lookback: int) -> None:
        self._bars: deque[Footprint] = deque(maxlen=lookback)

    def on_bar(self, bar: Footprint) -> list[PatternSignal]:
        """Return the divergences at the close of a bar; none before there are enough."""
        self._bars.append(bar)
        return find_divergence(tuple(self._bars)) if len(self._bars) == self._bars.maxlen else []

    def start_again(self) -> None:
        """Forget all bars."""
        self._bars.clear()

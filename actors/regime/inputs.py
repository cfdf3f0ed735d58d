"""The inputs of the market regime, from the last bars and the exchange's clock."""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from msgspec import Struct

from actors.regime.averages import bars_in_box
from actors.regime.averages import directional_movement
from actors.regime.averages import ema
from actors.regime.averages import ema_adx
from actors.regime.averages import ema_atr
from actors.regime.averages import share_below_last
from actors.regime.averages import slope
from actors.regime.averages import true_ranges
from actors.regime.averages import wilder_adx
from actors.regime.averages import wilder_atr
from actors.regime.clock import SessionTime
from actors.regime.params import RegimeParams


# The figures depend on no older bar, so that a restart needs no more history.
KEPT_BARS = 200
FAST_PERIOD, SLOW_PERIOD = 9, 21
STRUCTURE_BARS = 5
RANGE_BARS = 10
DELTA_BARS = 10
VOLUME_BARS = 20
PERCENTILE_BARS = 50


class ClosedBar(Struct, frozen=True, kw_only=True):
    """
    Represents a closed bar with the volume of each side.

    Parameters
    ----------
    start, end : int
        Its first nanosecond and the first after it (ns UTC).
    high, low, close : int
        Its prices (ticks).
    volume : int
        The traded size (lots).
    delta : int
        The size bought by aggressors without the size sold by them (lots).

    """

    start: int
    end: int
    high: int
    low: int
    close: int
    volume: int
    delta: int


class RegimeInputs(Struct, frozen=True, kw_only=True):
    """
    Represents what a regime is classified by. Prices and their differences are points.

    Parameters
    ----------
    adx_14, adx_slope : float
        The ADX of 14 bars, 0 before 28, and the slope of its last 5 values.
    ema_fast, ema_slow, ema_trend : float
        The exponential averages of 9 and 21 closes, and their difference.
    price_vs_vwap : float
        The close above the VWAP of typical prices.
    atr_14 : float
        The average true range of 14 bars.
    atr_percentile : float
        The share (per cent) of the last 50 values of it that are below the present one.
    bar_range_avg : float
        The mean height of the last 5 bars.
    volume_vs_average : float
        The volume of the bar as a share of the mean of the last 20.
    cumulative_delta : float
        The sum of the bar deltas (contracts).
    delta_slope : float
        The slope of the last 10 bar deltas (contracts per bar).
    higher_highs, higher_lows, lower_highs, lower_lows : bool
        If the high (the low) is beyond those of the 4 bars before: above the highest, below the
        lowest. The low is higher where it is above the lowest of them, the high lower where it is
        below the highest.
    range_bound_bars : int
        How many of the last 10 bars lie within the first of them, widened by a tenth of its height
        on each side; the first counts.
    minutes_since_open, minutes_to_close : int
        By the clock of the exchange at the end of the bar, never negative (`SessionTime`).
    is_news_window : bool
        If the bar ends in a news window.

    """

    adx_14: float = 0.0
    adx_slope: float = 0.0
    ema_fast: float = 0.0
    ema_slow: float = 0.0
    ema_trend: float = 0.0
    price_vs_vwap: float = 0.0
    atr_14: float = 0.0
    atr_percentile: float = 50.0
    bar_range_avg: float = 0.0
    volume_vs_average: float = 1.0
    cumulative_delta: float = 0.0
    delta_slope: float = 0.0
    higher_highs: bool = False
    higher_lows: bool = False
    lower_highs: bool = False
    lower_lows: bool = False
    range_bound_bars: int = 0
    minutes_since_open: int = 0
    minutes_to_close: int = 0
    is_news_window: bool = False


class RegimeBars:
    """
    Keeps the last 200 bars, and computes the inputs of the regime from them.

    Parameters
    ----------
    params : RegimeParams
        The rules.
    tick_size, lot_size : float
        The units of prices and sizes.

    Attributes
    ----------
    count : int
        The bars that are kept.

    """

    def __init__(self, params: RegimeParams, tick_size: float, lot_size: float) -> None:
        self._is_wilder = params.smoothing == "wilder"
        self._is_anchored = params.anchor == "session"
        self._min_bars = params.min_bars
        self._tick, self._lot = tick_size, lot_size
        self._bars: deque[ClosedBar] = deque(maxlen=KEPT_BARS)
        self._session: int | None = None
        self._clear_sums()

    @property
    def count(self) -> int:
        return len(self._bars)

    def clear(self) -> None:
        """Forget all bars: data were missing."""
        self._bars.clear()
        self._session = None
        self._clear_sums()

    def add(self, bar: ClosedBar, time: SessionTime, *, is_news: bool) -> RegimeInputs:
        """
        Take a closed bar, and return the inputs of the regime at its end.

        They are neutral but for the clock while fewer than `min_bars` are kept.

        Parameters
        ----------
        bar : ClosedBar
            The bar.
        time : SessionTime
            Its place in the session.
        is_news : bool
            If it ends in a news window.

        """
        self._sum(bar, time)
        self._bars.append(bar)
        clock = RegimeInputs(
            minutes_since_open=time.since_open,
            minutes_to_close=time.to_close,
            is_news_window=is_news,
        )
        return clock if len(self._bars) < self._min_bars else self._inputs(clock)

    def _clear_sums(self) -> None:
        # Of high + low + close times volume (ticks * lots), volume and delta (lots).
        self._value = self._volume = self._delta = 0

    def _sum(self, bar: ClosedBar, time: SessionTime) -> None:
        if self._is_anchored:
            if time.anchor != self._session:
                self._session = time.anchor
                self._clear_sums()
        elif len(self._bars) == KEPT_BARS:
            self._count_in(self._bars[0], -1)
        self._count_in(bar, 1)

    def _count_in(self, bar: ClosedBar, sign: int) -> None:
        self._value += sign * (bar.high + bar.low + bar.close) * bar.volume
        self._volume += sign * bar.volume
        self._delta += sign * bar.delta

    def _inputs(self, clock: RegimeInputs) -> RegimeInputs:
        bars, tick, lot = list(self._bars), self._tick, self._lot
        highs = [bar.high for bar in bars]
        lows = [bar.low for bar in bars]
        closes = [bar.close for bar in bars]
        fast, slow = ema(closes, FAST_PERIOD)[-1], ema(closes, SLOW_PERIOD)[-1]
        ranges = true_ranges(highs, lows, closes)
        movement = directional_movement(highs, lows)
        atr = wilder_atr(ranges) if self._is_wilder else ema_atr(ranges)
        adx = wilder_adx(ranges, *movement) if self._is_wilder else ema_adx(ranges, *movement)
        last, before = bars[-1], slice(-STRUCTURE_BARS, -1)
        top, high_low = max(highs[before]), min(lows[before])
        recent = bars[-STRUCTURE_BARS:]
        return RegimeInputs(
            adx_14=adx[-1],
            adx_slope=slope(adx[-STRUCTURE_BARS:]),
            ema_fast=fast * tick,
            ema_slow=slow * tick,
            ema_trend=(fast - slow) * tick,
            price_vs_vwap=self._above_vwap(last.close) * tick,
            atr_14=atr[-1] * tick,
            atr_percentile=share_below_last(atr[-PERCENTILE_BARS:]),
            bar_range_avg=sum(bar.high - bar.low for bar in recent) / len(recent) * tick,
            volume_vs_average=_relative_volume(bars),
            cumulative_delta=self._delta * lot,
            delta_slope=slope([bar.delta for bar in bars[-DELTA_BARS:]]) * lot,
            higher_highs=last.high > top,
            higher_lows=last.low > high_low,
            lower_highs=last.high < top,
            lower_lows=last.low < high_low,
            range_bound_bars=bars_in_box(highs[-RANGE_BARS:], lows[-RANGE_BARS:]),
            minutes_since_open=clock.minutes_since_open,
            minutes_to_close=clock.minutes_to_close,
            is_news_window=clock.is_news_window,
        )

    def _above_vwap(self, close: int) -> float:
        return close - self._value / (3 * self._volume) if self._volume else 0.0


def _relative_volume(bars: Sequence[ClosedBar]) -> float:
    total = sum(bar.volume for bar in islice(reversed(bars), VOLUME_BARS))
    return bars[-1].volume * VOLUME_BARS / total if total else 1.0

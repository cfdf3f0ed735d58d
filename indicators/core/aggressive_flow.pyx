"""How aggressive the last minutes were: volume, delta and pressure as one score."""

from fractions import Fraction
from typing import NamedTuple

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc

from indicators.core.arithmetic cimport magnitude

from errors import ParameterError
from indicators.core.exact import exact_ratio


cdef extern from *:
    ctypedef long long int128_t "__int128"


SCORINGS = ("basic", "tiered")
DIRECTIONS = {1: "BUY", -1: "SELL", 0: "NEUTRAL"}
AGGRESSIVE = 50
STRONG = 70


class FlowReading(NamedTuple):
    score: int
    direction: str
    volume_ratio: Fraction
    cvd_change: int
    cvd_accelerates: bool
    buy_pressure: Fraction

    @property
    def is_aggressive(self):
        return self.score >= AGGRESSIVE

    @property
    def label(self):
        return score_label(self.score)


def score_label(int64_t score):
    return "STRONG" if score >= STRONG else "MODERATE" if score >= AGGRESSIVE else "WEAK"


cdef class AggressiveFlow:
    def __cinit__(
        self,
        str scoring="basic",
        int lookback=5,
        int average=60,
        volume_ratio_min="2",
        cvd_min="1000",
        cvd_min_rel=None,
        pressure_min="70",
    ):
        if scoring not in SCORINGS:
            raise ParameterError("scoring", f"must be one of {', '.join(SCORINGS)}, was {scoring}")
        for name, minutes in (("lookback", lookback), ("average", average)):
            if not 1 <= minutes <= 100_000:
                raise ParameterError(name, f"must be from 1 to 100000, was {minutes}")
        self.scoring = scoring
        self.lookback = lookback
        self.average = average
        self._is_tiered = scoring == "tiered"
        self._is_relative = cvd_min_rel is not None
        self._ratio_num, self._ratio_den = exact_ratio("volume_ratio_min", volume_ratio_min)
        self._pressure_num, self._pressure_den = exact_ratio("pressure_min", pressure_min, 100)
        self._delta_num, self._delta_den = exact_ratio("cvd_min", cvd_min)
        if self._is_relative:
            self._delta_num, self._delta_den = exact_ratio("cvd_min_rel", cvd_min_rel)
        self._size = max(average, 2 * lookback) + 1
        self._rows = <FlowRow*>malloc(self._size * sizeof(FlowRow))
        if self._rows == NULL:
            raise MemoryError
        self._clear()

    def __dealloc__(self):
        free(self._rows)

    cdef void _clear(self) noexcept nogil:
        self._count = 0
        self._prior_volume = 0
        self._prior_trades = 0
        self._prior_abs_delta = 0

    cdef int64_t _change(self, int64_t first, int64_t last) noexcept nogil:
        cdef int64_t i, change = 0
        for i in range(max(<int64_t>0, first), last):
            change += self._rows[i % self._size].delta
        return change

    cdef Flow _update(
        self, int64_t volume, int64_t buy, int64_t sell, int64_t trades
    ) noexcept nogil:
        cdef Flow flow
        cdef FlowRow* row = &self._rows[self._count % self._size]
        cdef FlowRow* oldest
        cdef int64_t own, before
        row.volume = volume
        row.delta = buy - sell
        row.trades = trades
        self._count += 1
        flow.change = self._change(self._count - self.lookback, self._count)
        before = self._change(self._count - 2 * self.lookback, self._count - self.lookback)
        flow.accelerates = magnitude(flow.change) > magnitude(before)
        flow.direction = (flow.change > 0) - (flow.change < 0)
        flow.prior_volume = self._prior_volume
        flow.prior_trades = self._prior_trades
        flow.prior_minutes = min(self._count - 1, <int64_t>self.average)
        own = buy if flow.direction > 0 else sell
        if self._is_tiered:
            flow.score = self._tiered(flow, volume, own, buy + sell)
        else:
            flow.score = self._basic(flow, volume, own, buy + sell)
        self._prior_volume += volume
        self._prior_trades += trades
        self._prior_abs_delta += magnitude(row.delta)
        if self._count > self.average:
            oldest = &self._rows[(self._count - 1 - self.average) % self._size]
            self._prior_volume -= oldest.volume
            self._prior_trades -= oldest.trades
            self._prior_abs_delta -= magnitude(oldest.delta)
        return flow

    cdef int64_t _basic(
        self, Flow flow, int64_t volume, int64_t own, int64_t signed
    ) noexcept nogil:
        cdef int64_t score = 0
        cdef int128_t spike = <int128_t>volume * flow.prior_minutes
        cdef int128_t least = flow.prior_volume
        cdef int128_t change = <int128_t>magnitude(flow.change) * self._delta_den
        cdef int128_t limit = <int128_t>self._delta_num * self.lookback
        if least == 0:
            # Without a history the volume is the average one.
            spike = least = 1
        if spike * self._ratio_den > least * self._ratio_num:
            score += 30
        if self._is_relative:
            change *= flow.prior_minutes
            limit *= self._prior_abs_delta
        if limit > 0 and change > limit:
            score += 40
        if flow.direction != 0 and (
            <int128_t>100 * own * self._pressure_den > <int128_t>self._pressure_num * signed
        ):
            score += 30
        return score

    cdef int64_t _tiered(
        self, Flow flow, int64_t volume, int64_t own, int64_t signed
    ) noexcept nogil:
        cdef int64_t score = 0
        cdef int128_t spike = <int128_t>volume * flow.prior_minutes
        cdef int128_t least = flow.prior_volume
        cdef int128_t change = <int128_t>magnitude(flow.change) * self._delta_den
        cdef int128_t limit = self._delta_num
        if least == 0:
            spike = least = 1
        if spike >= 3 * least:
            score += 30
        elif spike >= 2 * least:
            score += 20
        elif 2 * spike >= 3 * least:
            score += 10
        if self._is_relative:
            change *= flow.prior_minutes
            limit *= self._prior_abs_delta
        if limit > 0:
            if change >= 2 * limit:
                score += 40
            elif change >= limit:
                score += 30
            elif 2 * change >= limit:
                score += 20
            elif 10 * change >= limit:
                score += 10
        if flow.direction != 0:
            if 100 * own >= 80 * signed:
                score += 30 if signed else 0
            elif 100 * own >= 70 * signed:
                score += 20
            elif 100 * own >= 60 * signed:
                score += 10
        return score

    def update(self, int64_t volume, int64_t buy, int64_t sell, int64_t trades=0):
        cdef Flow flow
        if volume < 0 or buy < 0 or sell < 0 or buy + sell > volume:
            raise ValueError(f"`buy` {buy} and `sell` {sell} must be parts of `volume` {volume}")
        flow = self._update(volume, buy, sell, trades)
        return FlowReading(
            flow.score,
            DIRECTIONS[flow.direction],
            Fraction(volume * flow.prior_minutes, flow.prior_volume)
            if flow.prior_volume else Fraction(1),
            flow.change,
            bool(flow.accelerates),
            Fraction(100 * buy, buy + sell) if buy + sell else Fraction(50),
        )

    def clear(self):
        self._clear()

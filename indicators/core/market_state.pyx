"""Whether the last bars are balanced or imbalanced, from range, true range and delta."""

import numpy as np

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc

from errors import ParameterError
from indicators.core.exact import exact_ratio


cdef extern from *:
    ctypedef long long int128_t "__int128"


COLUMNS = ("imbalanced", "vwap", "atr", "crossings", "ratio", "delta_sum", "trend")

cdef enum:
    OPEN = 0
    HIGH = 1
    LOW = 2
    CLOSE = 3
    VOLUME = 4
    DELTA = 5
    RANGE = 6
    WIDTH = 7

cdef int64_t TREND_DELTA = 100


cdef class MarketState:
    def __cinit__(self, int lookback=60, range_multiple="2", int64_t delta_limit=200):
        if not 1 <= lookback <= 100_000:
            raise ParameterError("lookback", f"must be from 1 to 100000, was {lookback}")
        if delta_limit < 0:
            raise ParameterError("delta_limit", f"must not be negative, was {delta_limit}")
        self._numerator, self._denominator = exact_ratio("range_multiple", range_multiple)
        self.lookback = lookback
        self.delta_limit = delta_limit
        self._size = lookback + 1
        self._rows = <int64_t*>malloc(self._size * WIDTH * sizeof(int64_t))
        if self._rows == NULL:
            raise MemoryError
        self.reset()

    def __dealloc__(self):
        free(self._rows)

    def reset(self):
        self._count = 0
        self._ranges = 0
        self._last_close = 0
        self.delta_sum = 0

    cdef int64_t* _row(self, Py_ssize_t i) noexcept nogil:
        # 0 is the oldest bar of the window.
        if self._count > self._size:
            i += self._count
        return self._rows + i % self._size * WIDTH

    cdef void _update(
        self, int64_t open, int64_t high, int64_t low, int64_t close, int64_t volume, int64_t delta
    ) noexcept nogil:
        cdef int64_t* row = self._rows + self._count % self._size * WIDTH
        cdef int64_t true_range = high - low
        if self._count >= self._size:
            self.delta_sum -= row[DELTA]
            self._ranges -= row[RANGE]
        if self._count:
            true_range = max(high, self._last_close) - min(low, self._last_close)
        row[OPEN] = open
        row[HIGH] = high
        row[LOW] = low
        row[CLOSE] = close
        row[VOLUME] = volume
        row[DELTA] = delta
        row[RANGE] = true_range
        self._ranges += true_range
        self.delta_sum += delta
        self._last_close = close
        self._count += 1

    cdef int64_t _true_ranges(self) noexcept nogil:
        # The first bar of the window has none: its previous close lies outside.
        if self._count == 1:
            return self._ranges
        return self._ranges - self._row(0)[RANGE]

    cdef int64_t _high_low(self) noexcept nogil:
        cdef Py_ssize_t i
        cdef int64_t high, low
        if self._count == 0:
            return 0
        high = self._rows[HIGH]
        low = self._rows[LOW]
        for i in range(1, min(self._count, self._size)):
            high = max(high, self._rows[i * WIDTH + HIGH])
            low = min(low, self._rows[i * WIDTH + LOW])
        return high - low

    cdef bint _is_imbalanced(self) noexcept nogil:
        cdef int64_t ranges, bars
        if self._count == 0:
            return False
        if not -self.delta_limit <= self.delta_sum <= self.delta_limit:
            return True
        bars = max(1, min(self._count, self._size) - 1)
        ranges = self._true_ranges()
        return ranges > 0 and (
            <int128_t>self._high_low() * bars * self._denominator
            >= <int128_t>self._numerator * ranges
        )

    cdef double _ratio(self) noexcept nogil:
        cdef double atr = self._atr()
        return <double>self._high_low() / atr if atr > 0.0 else 0.0

    cdef double _atr(self) noexcept nogil:
        cdef int64_t bars = max(1, min(self._count, self._size) - 1)
        return <double>self._true_ranges() / <double>bars

    cdef double _vwap(self) noexcept nogil:
        cdef Py_ssize_t i
        cdef int64_t* row
        cdef int64_t volume = 0
        cdef int128_t turnover = 0
        for i in range(min(self._count, self._size)):
            row = self._rows + i * WIDTH
            volume += row[VOLUME]
            turnover += <int128_t>(row[HIGH] + row[LOW] + row[CLOSE]) * row[VOLUME]
        if volume == 0:
            return 0.5 * <double>(self._row(0)[OPEN] + self._last_close)
        return <double>turnover / (3.0 * <double>volume)

    cdef int64_t _crossings(self) noexcept nogil:
        cdef Py_ssize_t i
        cdef int64_t crossings = 0
        cdef double vwap = self._vwap()
        cdef bint above, was_above = False
        for i in range(min(self._count, self._size)):
            above = <double>self._row(i)[CLOSE] > vwap
            crossings += i > 0 and above != was_above
            was_above = above
        return crossings

    def update(
        self,
        int64_t open,
        int64_t high,
        int64_t low,
        int64_t close,
        int64_t volume,
        int64_t delta,
    ):
        self._update(open, high, low, close, volume, delta)

    @property
    def count(self):
        return self._count

    @property
    def imbalanced(self):
        return self._is_imbalanced()

    @property
    def vwap(self):
        return self._vwap() if self._count else None

    @property
    def atr(self):
        return self._atr() if self._count else None

    @property
    def crossings(self):
        return self._crossings()

    @property
    def ratio(self):
        return self._ratio() if self._count else None

    @property
    def trend(self):
        return (self.delta_sum > TREND_DELTA) - (self.delta_sum < -TREND_DELTA)


def market_states(
    const int64_t[:, ::1] bars not None,
    int lookback=60,
    range_multiple="2",
    int64_t delta_limit=200,
):
    cdef MarketState state = MarketState(lookback, range_multiple, delta_limit)
    cdef Py_ssize_t i, n = bars.shape[0]
    cdef int64_t delta
    if bars.shape[1] < 8:
        raise ValueError(f"`bars` must have the columns of second bars, had {bars.shape[1]}")
    result = np.empty((n, 7))
    cdef double[:, ::1] out = result
    for i in range(n):
        delta = bars[i, 5] - bars[i, 6]
        state._update(
            bars[i, 1],
            bars[i, 2],
            bars[i, 3],
            bars[i, 4],
            bars[i, 5] + bars[i, 6] + bars[i, 7],
            delta,
        )
        out[i, 0] = state._is_imbalanced()
        out[i, 1] = state._vwap()
        out[i, 2] = state._atr()
        out[i, 3] = state._crossings()
        out[i, 4] = state._ratio()
        out[i, 5] = state.delta_sum
        out[i, 6] = state.trend
    return result

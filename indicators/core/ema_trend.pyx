"""Two exponential averages of closes, and the trend between them."""

import numpy as np

from errors import ParameterError
from indicators.core.exact import exact

from libc.math cimport NAN
from libc.stdint cimport int8_t
from libc.stdint cimport int64_t

from indicators.core.decimal_price cimport price_of


cdef class EmaTrend:
    def __cinit__(self, tick_size, int64_t fast_bars=9, int64_t slow_bars=20):
        tick = exact("tick_size", tick_size)
        if fast_bars < 1:
            raise ParameterError("fast_bars", f"{fast_bars} is not positive")
        if slow_bars <= fast_bars:
            raise ParameterError("slow_bars", f"{slow_bars} is not above fast_bars ({fast_bars})")
        self._numerator, self._denominator = tick.numerator, tick.denominator
        self.fast_bars, self.slow_bars = fast_bars, slow_bars
        self._fast_weight = 2.0 / <double>(fast_bars + 1)
        self._slow_weight = 2.0 / <double>(slow_bars + 1)
        self.reset()

    def reset(self):
        self.count = 0
        self.fast = self.slow = NAN
        self.trend = 0

    cdef void _step(self, int64_t close) noexcept nogil:
        cdef double price = price_of(close, self._numerator, self._denominator)
        if self.count == 0:
            self.fast = self.slow = price
        else:
            self.fast = self._fast_weight * price + (1.0 - self._fast_weight) * self.fast
            self.slow = self._slow_weight * price + (1.0 - self._slow_weight) * self.slow
        self.count += 1
        self.trend = (self.fast > self.slow) - (self.fast < self.slow)

    def update(self, int64_t close):
        self._step(close)
        return self.trend


def ema_trend(
    const int64_t[::1] close not None, tick_size, int64_t fast_bars=9, int64_t slow_bars=20
):
    cdef EmaTrend core = EmaTrend(tick_size, fast_bars, slow_bars)
    cdef Py_ssize_t i, n = close.shape[0]
    fast, slow, trend = np.empty(n), np.empty(n), np.empty(n, dtype=np.int8)
    cdef double[::1] fasts = fast, slows = slow
    cdef int8_t[::1] trends = trend
    for i in range(n):
        core._step(close[i])
        fasts[i] = core.fast
        slows[i] = core.slow
        trends[i] = core.trend
    return fast, slow, trend

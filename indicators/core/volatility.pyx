"""Deviation of minute returns, and the width of profile bins that follows from it."""

import numpy as np

from libc.math cimport INFINITY
from libc.math cimport NAN
from libc.math cimport floor
from libc.math cimport isnan
from libc.math cimport log1p
from libc.math cimport sqrt
from libc.stdint cimport int64_t

from errors import ParameterError
from indicators.core.exact import exact_ratio


REBUCKETS = (None, "INITIAL", "CHANGE", "INTERVAL")


cdef class MinuteVolatility:
    def __cinit__(self, int lookback=240):
        if lookback < 2:
            raise ParameterError("lookback", f"must be at least 2, was {lookback}")
        self.lookback = lookback
        self._returns = np.zeros(lookback, dtype=np.float64)
        self.reset()

    def reset(self):
        self._next = 0
        self.count = 0
        self._has_reference = False
        self._reference = 0
        self._has_last = False
        self._last = NAN

    cdef void _close(self, bint traded, int64_t mid2) noexcept nogil:
        self._has_last = False
        # A log return does not exist at or below zero (CL, April 2020): the minute counts as flat.
        if mid2 <= 0:
            traded = False
        if not self._has_reference:
            if traded:
                self._reference = mid2
                self._has_reference = True
            return
        self._last = 0.0
        if traded:
            # Exact also where the change is a single tick: the difference is taken in integers.
            self._last = log1p(<double>(mid2 - self._reference) / <double>self._reference)
            self._reference = mid2
        self._has_last = True
        self._returns[self._next] = self._last
        self._next = (self._next + 1) % self.lookback
        if self.count < self.lookback:
            self.count += 1

    cdef double _deviation(self) noexcept nogil:
        cdef Py_ssize_t i, slot
        cdef double mean = 0.0, squares = 0.0, change
        if self.count < 2:
            return NAN
        # Summed from the oldest return on, so that the bits do not depend on the ring's phase.
        slot = self._next if self.count == self.lookback else 0
        for i in range(self.count):
            mean += self._returns[slot]
            slot += 1
            if slot == self.lookback:
                slot = 0
        mean /= self.count
        slot = self._next if self.count == self.lookback else 0
        for i in range(self.count):
            change = self._returns[slot] - mean
            squares += change * change
            slot += 1
            if slot == self.lookback:
                slot = 0
        return sqrt(squares / (self.count - 1))

    def close(self, mid2):
        if mid2 is None:
            self._close(False, 0)
        elif mid2 <= 0:
            raise ValueError(f"`mid2` must be positive, was {mid2}")
        else:
            self._close(True, mid2)

    @property
    def last_return(self):
        return self._last if self._has_last else None

    @property
    def value(self):
        return self._deviation() if self.count >= 2 else None


cdef class BinWidth:
    def __cinit__(
        self,
        double alpha=0.25,
        int64_t base_ticks=1,
        int64_t max_ticks=200,
        int64_t interval_minutes=15,
        change="0.25",
    ):
        if not 0.0 < alpha < INFINITY:
            raise ParameterError("alpha", f"must be positive and finite, was {alpha}")
        if max_ticks < 1:
            raise ParameterError("max_ticks", f"must be positive, was {max_ticks}")
        if not 1 <= base_ticks <= max_ticks:
            raise ParameterError(
                "base_ticks", f"must be from 1 to `max_ticks`, was {base_ticks} with {max_ticks}"
            )
        if interval_minutes < 1:
            raise ParameterError("interval_minutes", f"must be positive, was {interval_minutes}")
        self._alpha = alpha
        self.base_ticks = base_ticks
        self.max_ticks = max_ticks
        self.interval_minutes = interval_minutes
        self._numerator, self._denominator = exact_ratio("change", change)
        self.reset()

    def reset(self):
        self._width = 0
        self._raw = NAN
        self._proposed = 0

    cdef int64_t _propose(self, int64_t mid2, double sigma) noexcept nogil:
        cdef int64_t width, multiple
        self._raw = self._alpha * (mid2 * 0.5) * sigma
        width = self.max_ticks
        if self._raw < self.max_ticks:
            width = max(<int64_t>1, <int64_t>floor(self._raw + 0.5))
        if self.base_ticks > 1:
            multiple = max(<int64_t>1, (2 * width + self.base_ticks) / (2 * self.base_ticks))
            while multiple > 1 and multiple * self.base_ticks > self.max_ticks:
                multiple -= 1
            width = multiple * self.base_ticks
        self._proposed = width
        return width

    cdef int _decide(self, int64_t proposed, int64_t minute) noexcept nogil:
        cdef int64_t change
        if self._width == 0:
            self._width = proposed
            return INITIAL
        change = proposed - self._width
        if change < 0:
            change = -change
        if change * self._denominator >= self._numerator * self._width:
            self._width = proposed
            return CHANGE
        if minute % self.interval_minutes == 0:
            self._width = proposed
            return INTERVAL
        return KEPT

    def propose(self, int64_t mid2, double sigma):
        if mid2 <= 0 or not sigma >= 0:
            raise ValueError("`mid2` must be positive and `sigma` not negative")
        return self._propose(mid2, sigma)

    def decide(self, int64_t proposed, int64_t minute):
        return REBUCKETS[self._decide(proposed, minute)]

    @property
    def value(self):
        return self._width if self._width else None

    @value.setter
    def value(self, int64_t width):
        if width < 1:
            raise ValueError(f"`value` must be positive, was {width}")
        self._width = width

    @property
    def raw(self):
        return None if isnan(self._raw) else self._raw

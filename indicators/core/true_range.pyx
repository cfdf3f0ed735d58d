"""Average true range of the last bars of a session, as exact integers."""

from fractions import Fraction

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc

from errors import ParameterError


cdef class SessionTrueRange:
    def __cinit__(self, int period=14):
        if not 1 <= period <= 100_000:
            raise ParameterError("period", f"must be from 1 to 100000, was {period}")
        self.period = period
        self._ranges = <int64_t*>malloc(period * sizeof(int64_t))
        if self._ranges == NULL:
            raise MemoryError
        self._clear()

    def __dealloc__(self):
        free(self._ranges)

    cdef void _clear(self) noexcept nogil:
        self._count = 0
        self._last_close = 0
        self._has_close = False
        self.total = 0

    cdef void _update(self, int64_t high, int64_t low, int64_t close) noexcept nogil:
        cdef int64_t at, true_range
        if self._has_close:
            true_range = max(high, self._last_close) - min(low, self._last_close)
            at = self._count % self.period
            if self._count >= self.period:
                self.total -= self._ranges[at]
            self._ranges[at] = true_range
            self.total += true_range
            self._count += 1
        self._last_close = close
        self._has_close = True

    def update(self, int64_t high, int64_t low, int64_t close):
        self._update(high, low, close)

    @property
    def value(self):
        return Fraction(self.total, self.period) if self._count >= self.period else None

    def start_session(self):
        self._clear()

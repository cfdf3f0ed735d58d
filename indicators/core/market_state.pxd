from libc.stdint cimport int64_t


cdef class MarketState:
    cdef int64_t* _rows
    cdef Py_ssize_t _size, _count
    cdef int64_t _numerator, _denominator
    cdef int64_t _ranges, _last_close
    cdef readonly int64_t delta_limit
    cdef readonly int64_t delta_sum
    cdef readonly int lookback

    cdef int64_t* _row(self, Py_ssize_t i) noexcept nogil
    cdef int64_t _true_ranges(self) noexcept nogil
    cdef int64_t _high_low(self) noexcept nogil
    cdef void _update(
        self, int64_t open, int64_t high, int64_t low, int64_t close, int64_t volume, int64_t delta
    ) noexcept nogil
    cdef bint _is_imbalanced(self) noexcept nogil
    cdef double _ratio(self) noexcept nogil
    cdef double _atr(self) noexcept nogil
    cdef double _vwap(self) noexcept nogil
    cdef int64_t _crossings(self) noexcept nogil

from libc.stdint cimport int64_t


cdef class EmaTrend:
    cdef readonly int64_t fast_bars, slow_bars, count
    cdef readonly double fast, slow
    cdef readonly int trend
    cdef int64_t _numerator, _denominator
    cdef double _fast_weight, _slow_weight

    cdef void _step(self, int64_t close) noexcept nogil

from libc.stdint cimport int64_t


cdef class MinuteVolatility:
    cdef readonly int lookback
    cdef double[::1] _returns
    cdef Py_ssize_t _next
    cdef readonly Py_ssize_t count
    cdef int64_t _reference
    cdef bint _has_reference
    cdef double _last
    cdef bint _has_last

    cdef void _close(self, bint traded, int64_t mid2) noexcept nogil
    cdef double _deviation(self) noexcept nogil


cdef enum Rebucket:
    KEPT = 0
    INITIAL = 1
    CHANGE = 2
    INTERVAL = 3


cdef class BinWidth:
    cdef double _alpha
    cdef readonly int64_t base_ticks
    cdef readonly int64_t max_ticks
    cdef readonly int64_t interval_minutes
    cdef int64_t _numerator
    cdef int64_t _denominator
    cdef int64_t _width
    cdef double _raw
    cdef int64_t _proposed

    cdef int64_t _propose(self, int64_t mid2, double sigma) noexcept nogil
    cdef int _decide(self, int64_t proposed, int64_t minute) noexcept nogil

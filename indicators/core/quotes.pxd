from libc.stdint cimport int64_t


cdef class QuoteImbalance:
    cdef long double _log_decay
    cdef readonly int span_seconds
    cdef long double _value
    cdef long double _ema
    cdef int64_t _ema_ts
    cdef bint _has_value

    cdef void _on_quote(self, int64_t ts, int64_t bid_size, int64_t ask_size) noexcept nogil
    cdef long double _at(self, int64_t ts) noexcept nogil
    cdef void _start_minute(self, int64_t ts) noexcept nogil


cdef class SpreadAverage:
    cdef readonly int minutes
    cdef int64_t[::1] _spreads
    cdef int64_t[::1] _known
    cdef Py_ssize_t _next
    cdef readonly int64_t spread_sum
    cdef readonly int64_t count

    cdef void _close(self, bint known, int64_t spread) noexcept nogil

from libc.stdint cimport int64_t


cdef class GapFinder:
    cdef readonly int64_t limit_ns
    cdef readonly bint has_quotes
    cdef object _closed_ns
    cdef bint _has_last
    cdef bint _is_silent
    cdef bint _is_paused
    cdef int64_t _last
    cdef int64_t _latest
    cdef int64_t _check_at
    cdef int64_t _intervals
    cdef int64_t _interval_ns
    cdef public list found

    cdef int64_t _open_ns(self, int64_t start, int64_t end) except -1
    cdef int64_t _limit(self) noexcept
    cdef bint _take(self, int64_t ts) except -1
    cdef bint _on_quote(self, int64_t ts) except -1
    cdef bint _on_trade(self, int64_t ts) except -1
    cdef bint _silent_at(self, int64_t ts) except -1

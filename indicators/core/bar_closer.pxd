from libc.stdint cimport int64_t


cdef enum:
    # A year of minutes. Bars without events are closed one by one: a time stamp of another unit
    # must not run for hours.
    MAX_EMPTY_BARS = 527_040


cdef class BarCloser:
    cdef readonly int64_t interval_ns
    cdef readonly bint with_empty
    # The bar in progress. Without one `bar_end` is the earliest start of the next.
    cdef readonly int64_t bar_start, bar_end
    cdef readonly bint is_open
    cdef public list closed
    cdef int64_t _longest_ns

    cdef int _set_up(self, int64_t interval_ns, bint with_empty, int64_t longest_bars) except -1
    cdef void _close_nothing(self) noexcept
    cdef bint _open_bar(self, int64_t ts) noexcept
    cdef int _advance(self, int64_t ts) except -1
    cdef int _close_bar(self) except -1

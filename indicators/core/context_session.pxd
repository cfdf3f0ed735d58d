from libc.stdint cimport int64_t

from indicators.core.value_area cimport Area


cdef class ContextSession:
    cdef object _source
    cdef int64_t start, end, minutes
    # If its data begin where it does, and have no gap.
    cdef bint is_whole
    # The value area of the session before.
    cdef bint has_balance
    cdef int64_t balance_start, balance_poc, balance_val, balance_vah

    cdef void _clear(self) noexcept
    cdef int _begin(self, int64_t ts) except -1
    cdef void _end(self, bint is_silent) noexcept
    cdef void _set_balance(self, Area area, int64_t bin_ticks) noexcept

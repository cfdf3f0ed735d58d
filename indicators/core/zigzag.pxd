from libc.stdint cimport int64_t


# Every member has eight bytes, in the order of `PIVOT_DTYPE`.
cdef struct PivotRow:
    int64_t bar
    int64_t ts
    int64_t tick
    int64_t is_high
    int64_t structure
    int64_t confirmed_bar
    int64_t confirmed_ts
    int64_t bars
    int64_t duration_ns
    int64_t is_seed
    double return_pct


cdef class Zigzag:
    cdef readonly double reversal_pct
    cdef readonly bint keep_opposite
    cdef readonly int64_t count
    cdef int64_t _numerator, _denominator
    cdef double _threshold
    cdef bint _has_pivot, _has_high, _is_up
    cdef int64_t _last_high, _last_low
    cdef int64_t _extreme_bar, _extreme_ts, _extreme
    cdef PivotRow _pivot

    cdef double _price(self, int64_t tick) noexcept nogil
    cdef double _reversal(self, int64_t extreme, int64_t opposite) noexcept nogil
    cdef PivotRow _row(self, int64_t confirmed_bar, int64_t confirmed_ts) noexcept nogil
    cdef bint _step(self, int64_t ts, int64_t high, int64_t low) noexcept nogil
    cdef bint _has_tail(self) noexcept nogil


cdef object pivot_values(PivotRow* row)

from libc.stdint cimport int64_t


cdef struct FlowRow:
    int64_t volume
    int64_t delta
    int64_t trades


cdef struct Flow:
    int64_t score
    # The sign of `change`.
    int64_t direction
    int64_t change
    int64_t accelerates
    # Of the minutes before.
    int64_t prior_volume
    int64_t prior_trades
    int64_t prior_minutes


cdef class AggressiveFlow:
    cdef readonly str scoring
    cdef readonly int lookback, average
    cdef bint _is_tiered, _is_relative
    cdef int64_t _ratio_num, _ratio_den, _pressure_num, _pressure_den, _delta_num, _delta_den
    cdef FlowRow* _rows
    cdef Py_ssize_t _size
    cdef int64_t _count
    cdef int64_t _prior_volume, _prior_trades, _prior_abs_delta

    cdef void _clear(self) noexcept nogil
    cdef int64_t _change(self, int64_t first, int64_t last) noexcept nogil
    cdef Flow _update(
        self, int64_t volume, int64_t buy, int64_t sell, int64_t trades
    ) noexcept nogil
    cdef int64_t _basic(self, Flow flow, int64_t volume, int64_t own, int64_t signed) noexcept nogil
    cdef int64_t _tiered(
        self, Flow flow, int64_t volume, int64_t own, int64_t signed
    ) noexcept nogil

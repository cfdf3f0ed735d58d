from libc.stdint cimport int64_t


cdef struct Nearest:
    # -1 without a level.
    Py_ssize_t index
    int64_t level
    int64_t near
    int64_t fire
    # 1 for a price below the level, -1 for one above it, 0 at it.
    int64_t direction
    # -1 at the first price, else if it has come nearer.
    int64_t approaching
    int64_t distance_num
    # 0 where the distance has no value.
    int64_t distance_den


cdef class LevelAlert:
    cdef readonly str unit
    cdef int _unit
    cdef int64_t _near_num, _near_den, _rearm_num, _rearm_den
    cdef int64_t* _fired
    cdef Py_ssize_t _fired_count, _fired_capacity
    cdef int64_t _previous
    cdef bint _has_previous

    cdef void _clear(self) noexcept
    cdef int64_t _base(self, int64_t level, int64_t atr_num) noexcept nogil
    cdef Nearest _update(
        self, int64_t price, const int64_t* levels, Py_ssize_t n, int64_t atr_num, int64_t atr_den
    ) except *

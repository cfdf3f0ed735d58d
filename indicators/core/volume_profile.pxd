from libc.stdint cimport int64_t


cdef struct Level:
    int64_t tick
    int64_t buy
    int64_t sell
    int64_t unsigned_


cdef class VolumeProfile:
    cdef int64_t* _total
    cdef int64_t* _buy
    cdef int64_t* _sell
    cdef int64_t _origin
    cdef Py_ssize_t _capacity
    cdef int64_t _low
    cdef int64_t _high
    cdef readonly int64_t total_volume

    cdef int _fit(self, int64_t tick) except -1
    cdef int _add(self, int64_t tick, int64_t size, int sign) except -1
    cdef int _put(self, Level level) except -1
    cdef int _take(self, Level level) except -1
    cdef void _clear(self) noexcept nogil


cdef class RollingProfile:
    cdef readonly VolumeProfile window
    cdef readonly VolumeProfile minute
    cdef readonly int minutes
    cdef readonly int64_t current_minute
    cdef bint _started
    cdef Level* _levels
    cdef Py_ssize_t _levels_capacity, _levels_head, _levels_count
    cdef int64_t* _owners
    cdef list _late

    cdef int _append(self, int64_t owner, Level level) except -1
    cdef int _add(self, int64_t tick, int64_t size, int sign) except -1
    cdef int _add_late(self, int64_t minute, int64_t tick, int64_t size, int sign) except -1
    cdef int _advance(self, int64_t minute) except -1

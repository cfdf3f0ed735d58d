from libc.stdint cimport int64_t

from indicators.core.volume_profile cimport VolumeProfile


cdef struct Zone:
    # Both inside (ticks).
    int64_t low
    int64_t high
    int64_t price
    int64_t volume


cdef class VolumeZones:
    cdef int64_t _low_num, _low_den, _high_num, _high_den
    cdef int64_t* _bins
    cdef Py_ssize_t _capacity
    # The low zones from the start, the high ones after them.
    cdef Zone* _zones
    cdef Py_ssize_t low_count, high_count

    cdef int _ensure(self, Py_ssize_t n) except -1
    cdef int _find(
        self, const int64_t* volumes, int64_t first_tick, Py_ssize_t n, int64_t bin_ticks
    ) except -1
    cdef int _of_profile(self, VolumeProfile profile, int64_t bin_ticks) except -1
    cdef list _tuples(self)

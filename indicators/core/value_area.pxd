from libc.stdint cimport int64_t

from indicators.core.volume_profile cimport VolumeProfile


cdef enum Reason:
    VALID = 0
    EMPTY = 1
    NO_WIDTH = 2
    MIN_BINS = 3
    SILENT = 4


cdef struct Area:
    int reason
    int64_t poc
    int64_t val
    int64_t vah
    int64_t volume
    int64_t total
    int64_t populated
    int64_t bins


cdef class ValueArea:
    cdef int64_t _numerator
    cdef int64_t _denominator
    cdef readonly int64_t min_bins
    cdef readonly str method
    cdef readonly str poc_tie
    cdef bint _is_central
    cdef int _rows
    cdef int64_t* _bins
    cdef int64_t* _order
    cdef Py_ssize_t _bins_capacity
    cdef Py_ssize_t _added

    cdef int _ensure(self, Py_ssize_t n) except -1
    cdef Area _compute(
        self, const int64_t* volumes, int64_t first_tick, Py_ssize_t n, int64_t bin_ticks
    ) except *
    cdef Area _of_profile(self, VolumeProfile profile, int64_t bin_ticks) except *
    cdef object _levels(self, Area area)

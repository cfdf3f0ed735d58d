from libc.stdint cimport int64_t
from libc.stdint cimport uint8_t

from indicators.core.bar_closer cimport BarCloser
from indicators.core.gaps cimport GapFinder


cdef class FeatureCloser(BarCloser):
    cdef readonly GapFinder gaps
    # A gap is in `gaps.found` that its reader has not been given.
    cdef bint _has_gap
    cdef bint _batch
    cdef object _dtype
    cdef char* _rows
    cdef Py_ssize_t _row_size, _row_count, _row_capacity

    cdef int _set_rows(self, object dtype, Py_ssize_t size) except -1
    cdef int _store(self, const void* row) except -1
    cdef int _on_quote(
        self, int64_t ts, int64_t bid, int64_t ask, int64_t bid_size, int64_t ask_size
    ) except -1
    cdef int _on_trade(self, int64_t ts, int64_t price, int64_t size, int side) except -1
    cdef int _take_many(
        self,
        Py_ssize_t n,
        const uint8_t* kinds,
        const int64_t* ts_event,
        const int64_t* price,
        const int64_t* ask,
        const int64_t* size,
        const int64_t* ask_size,
        const uint8_t* side,
    ) except -1
    cdef tuple _values_of(self, const void* row)

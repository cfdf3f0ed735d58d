from libc.stdint cimport int64_t


cdef class SessionTrueRange:
    cdef readonly int period
    cdef readonly int64_t total
    cdef int64_t* _ranges
    cdef int64_t _count
    cdef int64_t _last_close
    cdef bint _has_close

    cdef void _clear(self) noexcept nogil
    cdef void _update(self, int64_t high, int64_t low, int64_t close) noexcept nogil

from libc.stdint cimport int64_t


cdef class SessionLabels:
    cdef object _source
    # 0 before the first, and where there are none.
    cdef int64_t label, next_label
    cdef int64_t since, until

    cdef void _clear(self) noexcept
    cdef int _read(self, int64_t ts) except -1

from libc.stdint cimport int64_t


cdef class BucketProfile:
    cdef int64_t* _volumes
    cdef int64_t _origin
    cdef Py_ssize_t _capacity
    cdef int64_t _low
    cdef int64_t _high
    cdef readonly int64_t bucket_ticks
    cdef readonly int64_t total_volume
    cdef readonly int64_t buckets

    cdef int _fit(self, int64_t bucket) except -1
    cdef int _add(self, int64_t tick, int64_t size) except -1

from libc.stdint cimport int64_t


cdef inline int64_t floor_div(int64_t a, int64_t b) noexcept nogil:
    # C division truncates towards zero; negative prices need the floor.
    cdef int64_t q = a / b
    if a % b != 0 and (a < 0) != (b < 0):
        q -= 1
    return q

from libc.stdint cimport int64_t


cdef enum:
    # Ticks in one profile, 1.6 GB: a print beyond it is a bad price, not a market.
    MAX_SPAN = 67_108_864


cdef inline int64_t floor_div(int64_t a, int64_t b) noexcept nogil:
    # C division truncates towards zero; negative prices need the floor.
    cdef int64_t q = a / b
    if a % b != 0 and (a < 0) != (b < 0):
        q -= 1
    return q


cdef inline int64_t magnitude(int64_t value) noexcept nogil:
    return -value if value < 0 else value


cdef inline Py_ssize_t bin_count(int64_t first_tick, Py_ssize_t n, int64_t width) noexcept nogil:
    return floor_div(first_tick + n - 1, width) - floor_div(first_tick, width) + 1


cdef inline void sum_bins(
    const int64_t* volumes, int64_t first_tick, Py_ssize_t n, int64_t width, int64_t* bins
) noexcept nogil:
    # Bins are whole multiples of the width, anchored at price zero.
    cdef int64_t volume
    cdef int64_t boundary = (floor_div(first_tick, width) + 1) * width - first_tick
    cdef Py_ssize_t i = 0, b = 0
    while i < n:
        if boundary > n:
            boundary = n
        volume = 0
        while i < boundary:
            volume += volumes[i]
            i += 1
        bins[b] = volume
        b += 1
        boundary += width

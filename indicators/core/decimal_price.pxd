from libc.stdint cimport int64_t


cdef inline double price_of(int64_t ticks, int64_t numerator, int64_t denominator) noexcept nogil:
    # One division of exact integers: the double nearest to the decimal price.
    return <double>(ticks * numerator) / <double>denominator

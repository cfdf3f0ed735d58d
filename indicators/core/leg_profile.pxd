from libc.stdint cimport int64_t

from indicators.core.row_buffer cimport RowBuffer


cdef struct Bin:
    double low
    double high
    double price
    double volume


cdef class LegProfile:
    cdef readonly bint clean
    cdef readonly double bin_size
    cdef readonly int64_t oversized
    cdef int64_t _numerator, _denominator
    cdef RowBuffer _bins, _ranges

    cdef double _price(self, int64_t tick) noexcept nogil
    cdef double _median_range(
        self, const int64_t* high, const int64_t* low, Py_ssize_t n
    ) except? -1.0
    cdef int _of_bars(
        self, const int64_t* high, const int64_t* low, const int64_t* volume, Py_ssize_t n
    ) except -1
    cdef int _of_prints(
        self,
        const int64_t* high,
        const int64_t* low,
        Py_ssize_t n,
        const int64_t* ticks,
        const int64_t* volumes,
        Py_ssize_t prints,
    ) except -1
    cdef void _add_bar(
        self, Bin* bins, Py_ssize_t count, double lo, double step, double low, double high,
        double volume,
    ) noexcept nogil
    cdef int _keep_traded(self) except -1
    cdef inline Bin* _first(self) noexcept nogil:
        return <Bin*>self._bins._first()

from indicators.core.leg_profile cimport Bin
from indicators.core.row_buffer cimport RowBuffer


# Every member has eight bytes, in the order of `NODE_DTYPE`.
cdef struct NodeRow:
    double price
    double low
    double high
    double volume
    double raw_volume
    double pct_of_max
    double depth_pct
    double pct_of_total
    double distance_to_poc
    double poc_price
    double value_area_low
    double value_area_high


cdef class LegNodes:
    cdef readonly double edge, prominence, min_share, value_area
    cdef readonly int top, smooth, min_bars
    cdef readonly bint clean
    cdef RowBuffer _smoothed, _peaks, _found

    cdef int _scan(self, const Bin* bins, Py_ssize_t n) except -1
    cdef Py_ssize_t _run_end(self, const double* v, Py_ssize_t n, Py_ssize_t i) noexcept nogil
    cdef bint _is_extreme(
        self, const double* v, Py_ssize_t n, Py_ssize_t first, Py_ssize_t last, double sign
    ) noexcept nogil
    cdef int _smooth_into(self, const Bin* bins, Py_ssize_t n) except -1
    cdef inline NodeRow* _first(self) noexcept nogil:
        return <NodeRow*>self._found._first()


cdef object node_values(NodeRow* row, int rank)

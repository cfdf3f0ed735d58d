from libc.stdint cimport int64_t

from indicators.core.leg_nodes cimport LegNodes
from indicators.core.leg_nodes cimport NodeRow
from indicators.core.leg_profile cimport LegProfile
from indicators.core.row_buffer cimport RowBuffer
from indicators.core.zigzag cimport PivotRow
from indicators.core.zigzag cimport Zigzag


# Every member has eight bytes, in the order of `LEG_DTYPE`.
cdef struct LegRow:
    int64_t leg_id
    int64_t direction
    int64_t start_bar
    int64_t end_bar
    int64_t confirmed_bar
    int64_t start_ts
    int64_t end_ts
    int64_t confirmed_ts
    int64_t start_tick
    int64_t end_tick
    int64_t bars
    int64_t duration_ns
    int64_t is_seeded
    int64_t nodes
    double return_pct
    double bin_size


# In the order of `LEG_NODE_DTYPE`.
cdef struct LegNodeRow:
    int64_t leg_id
    int64_t rank
    NodeRow node


cdef class LegStructure:
    cdef readonly Zigzag zigzag
    cdef readonly LegNodes nodes
    cdef readonly LegProfile profile
    cdef readonly int64_t leg_count
    cdef readonly bint exact
    cdef RowBuffer _high, _low, _volume, _print_ends, _ticks, _volumes
    cdef int64_t _base
    cdef PivotRow _before
    cdef bint _has_before, _has_leg
    cdef LegRow _leg
    cdef RowBuffer _pivots, _legs, _leg_nodes

    cdef void _forget(self) noexcept nogil
    cdef int _push(self, int64_t high, int64_t low, int64_t volume) except -1
    cdef bint _on_bar(self, int64_t ts, int64_t high, int64_t low) except -1
    cdef int _on_pivot(self, PivotRow* pivot) except -1
    cdef void _drop_before(self, int64_t bar) noexcept nogil
    cdef int _store(self, PivotRow* pivot) except -1

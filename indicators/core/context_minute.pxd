from libc.stdint cimport int64_t

from indicators.core.auction_state cimport AuctionState
from indicators.core.context_clock cimport ContextClock
from indicators.core.context_row cimport ContextRow
from indicators.core.level_alert cimport Nearest
from indicators.core.zone_changes cimport ZoneChanges


cdef class ContextMinute(ContextClock):
    cdef readonly AuctionState state
    cdef ZoneChanges _changes
    cdef int64_t _min_profile, _warmup
    cdef bint _closes
    cdef double _tick_size, _lot_size
    # The closes of the session that momentum goes back to.
    cdef int64_t* _session_closes
    cdef Py_ssize_t _mom_lookback
    cdef ContextRow _row

    cdef Nearest _nearest(self, int64_t price) except *
    cdef int _put_levels(self) except -1
    cdef void _write_prints(self, ContextRow* row) noexcept
    cdef int _write_session(self, ContextRow* row) except -1
    cdef int _write_state(self, ContextRow* row) except -1
    cdef int _write_nodes(self, ContextRow* row) except -1
    cdef int _write_flow(self, ContextRow* row) except -1

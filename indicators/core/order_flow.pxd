from libc.stdint cimport int64_t


cdef enum SideSource:
    AUTO = 0
    VENUE = 1
    INFERRED = 2
    BOTH = 3


cdef enum Rule:
    QUOTE = 0
    INSIDE = 1
    LOCKED = 2
    NO_QUOTE = 3
    VENUE_SIDE = 4


cdef struct Quote:
    int64_t ts
    int64_t bid
    int64_t ask


cdef class OrderFlow:
    cdef int _source
    cdef bint _tick_rule
    cdef int64_t _max_age
    cdef Quote _quotes[256]
    cdef int64_t _quote_count
    cdef int64_t _group_ts
    cdef bint _has_group
    cdef Quote _pinned
    cdef bint _has_pinned
    cdef int64_t _previous_price
    cdef bint _has_previous
    cdef int _last_sign
    cdef bint _feed_has_sides
    cdef readonly int64_t buy
    cdef readonly int64_t sell
    cdef readonly int64_t unsigned_volume
    cdef readonly int64_t ambiguous
    cdef readonly int64_t trade_count
    cdef readonly int64_t group_count
    cdef readonly int64_t stale_trades
    cdef readonly int64_t cvd
    cdef readonly int64_t compared_volume
    cdef readonly int64_t agreed_volume
    cdef int _rule
    cdef int _quote_sign

    cdef void _on_quote(self, int64_t ts, int64_t bid, int64_t ask) noexcept nogil
    cdef int _on_trade(self, int64_t ts, int64_t price, int64_t size, int side) noexcept nogil
    cdef void _start_minute(self) noexcept nogil


cdef double bulk_buy_fraction_c(const double* changes, Py_ssize_t n) noexcept nogil

cimport cython

from libc.stdint cimport int64_t

from indicators.core.context_minute cimport ContextMinute


@cython.final
cdef class MarketContext(ContextMinute):
    cdef object _on_alert
    cdef int _side_source
    cdef bint _alerts_trades

    cdef int _sign_of(self, int64_t price, int64_t size, int side) noexcept
    cdef int _fit(self, int64_t price) except -1
    cdef int _alert_trade(self, int64_t ts, int64_t price) except -1

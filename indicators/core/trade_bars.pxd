from libc.stdint cimport int64_t

from indicators.core.bar_closer cimport BarCloser


# Every member has eight bytes, in the order of `COLUMNS`.
cdef struct Bar:
    int64_t ts
    int64_t open
    int64_t high
    int64_t low
    int64_t close
    int64_t buy
    int64_t sell
    int64_t unsigned_
    int64_t trade_count


cdef class TradeBars(BarCloser):
    cdef Bar _bar
    cdef int64_t* _ticks
    cdef int64_t* _volumes
    cdef Py_ssize_t _count, _capacity, _last
    cdef Bar* _rows
    cdef Py_ssize_t _row_count, _row_capacity
    cdef bint _batch
    cdef readonly int64_t late_trades

    cdef int _print(self, int64_t tick, int64_t size) except -1
    cdef int _on_trade(self, int64_t ts, int64_t tick, int64_t size, int sign) except -1
    cdef int _store(self) except -1

from libc.stdint cimport int64_t


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


cdef class SecondBars:
    cdef Bar _bar
    cdef bint _is_open
    cdef int64_t _earliest
    cdef int64_t* _ticks
    cdef int64_t* _volumes
    cdef Py_ssize_t _count, _capacity, _last
    cdef readonly int64_t late_trades
    cdef public list closed

    cdef int _print(self, int64_t tick, int64_t size) except -1
    cdef int _on_trade(self, int64_t ts, int64_t tick, int64_t size, int sign) except -1
    cdef int _close(self) except -1


cdef bint extend(Bar* bar, int64_t second, int64_t tick, int64_t size, int sign) noexcept nogil
cdef void start(Bar* bar, int64_t second, int64_t tick, int64_t size, int sign) noexcept nogil

from libc.stdint cimport int8_t
from libc.stdint cimport int64_t

from indicators.core.bar_closer cimport BarCloser
from indicators.core.value_area cimport ValueArea
from indicators.core.volume_profile cimport Level
from indicators.core.volume_profile cimport VolumeProfile


cdef enum:
    # The bars in the slope of the cumulative delta.
    SLOPE_BARS = 5


# Every member has eight bytes, in the order of `COLUMNS`.
cdef struct FootprintRow:
    int64_t ts_start
    int64_t ts_end
    int64_t open
    int64_t high
    int64_t low
    int64_t close
    int64_t volume
    int64_t buy
    int64_t sell
    int64_t unsigned_
    int64_t inferred
    int64_t delta
    int64_t min_delta
    int64_t max_delta
    int64_t trade_count
    int64_t late_trades
    int64_t poc
    int64_t closed_by
    int64_t cvd
    double cvd_slope
    int64_t session_start
    int64_t session_end
    int64_t in_session
    int64_t session_volume
    int64_t session_poc
    int64_t session_val
    int64_t session_vah
    int64_t whole
    int64_t session_whole
    int64_t level_count


cdef class FootprintBars(BarCloser):
    cdef readonly str kind
    cdef readonly int64_t size
    cdef readonly VolumeProfile session
    cdef VolumeProfile _profile
    cdef ValueArea _area
    cdef object _sessions
    cdef FootprintRow _bar
    cdef int _kind
    cdef bint _tick_rule, _has_last, _batch
    cdef int _last_sign
    # What happened before it is late.
    cdef int64_t _last_close
    cdef int64_t _last_tick, _gap_ns, _since, _cvd
    cdef int64_t _session_start, _session_end
    cdef bint _in_session
    cdef int64_t[SLOPE_BARS] _cvds
    cdef int _cvd_count
    cdef FootprintRow* _rows
    cdef Py_ssize_t _row_count, _row_capacity
    cdef Level* _levels
    cdef Py_ssize_t _level_count, _level_capacity

    cdef int _read_session(self, int64_t ts, int64_t bar_start) except -1
    cdef void _push_cvd(self) noexcept nogil
    cdef int _end_full(self, int64_t ts) except -1
    cdef bint _is_full(self) noexcept nogil
    cdef int _end_bar(self, int64_t end, int closed_by) except -1
    cdef int _sum_up(self) except -1
    cdef int _store(self) except -1
    cdef object _values(self)
    cdef int _on_trade(self, int64_t ts, int64_t tick, int64_t size, int sign) except -1
    cdef Py_ssize_t _on_run(
        self,
        const int64_t* ts,
        const int64_t* ticks,
        const int64_t* sizes,
        const int8_t* signs,
        Py_ssize_t i,
        Py_ssize_t n,
    ) noexcept
    cdef int _on_trades(
        self,
        const int64_t[::1] ts,
        const int64_t[::1] ticks,
        const int64_t[::1] sizes,
        const int8_t[::1] signs,
    ) except -1

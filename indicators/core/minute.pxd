from libc.stdint cimport int64_t

from indicators.core.feature_closer cimport FeatureCloser
from indicators.core.order_flow cimport OrderFlow
from indicators.core.quotes cimport QuoteImbalance
from indicators.core.quotes cimport SpreadAverage
from indicators.core.value_area cimport ValueArea
from indicators.core.volatility cimport BinWidth
from indicators.core.volatility cimport MinuteVolatility
from indicators.core.volume_profile cimport RollingProfile


# Every member has eight bytes, in the order of `ROW_DTYPE`.
cdef struct MinuteRow:
    int64_t ts_min
    int64_t has_bar
    int64_t open
    int64_t high
    int64_t low
    int64_t close
    int64_t volume
    int64_t turnover
    int64_t trade_count
    int64_t group_count
    int64_t quote_count
    int64_t has_quote
    int64_t bid
    int64_t ask
    int64_t bid_size
    int64_t ask_size
    int64_t quote_age_ms
    int64_t spread_sum
    int64_t spread_count
    int64_t has_return
    double last_return
    int64_t return_count
    double sigma
    double raw_width
    int64_t proposed_width
    int64_t rebucket
    int64_t width
    int64_t va_reason
    int64_t populated_bins
    int64_t total
    int64_t va_volume
    int64_t va_bins
    int64_t poc
    int64_t val
    int64_t vah
    int64_t buy
    int64_t sell
    int64_t unsigned_volume
    int64_t ambiguous
    int64_t stale_trades
    int64_t late_trades
    int64_t cvd
    double bulk_net
    double qimb_close
    double qimb_ema
    int64_t warm


cdef class MinuteFeatures(FeatureCloser):
    cdef readonly RollingProfile profile
    cdef readonly OrderFlow flow
    cdef readonly QuoteImbalance imbalance
    cdef readonly SpreadAverage spread
    cdef readonly MinuteVolatility volatility
    cdef readonly BinWidth width
    cdef readonly ValueArea area
    cdef bint _bulk
    cdef Py_ssize_t _bulk_lookback
    cdef list _bulk_changes
    cdef int64_t _bulk_close
    cdef bint _has_bulk_close
    cdef int64_t _warmup
    cdef int64_t _minute
    cdef int64_t _closed_minutes
    cdef int64_t _first
    cdef int64_t _silent_minutes
    cdef int64_t _late
    cdef int64_t _quotes
    cdef int64_t _open, _high, _low, _close, _volume, _turnover
    cdef bint _has_quote
    cdef int64_t _bid, _ask, _bid_size, _ask_size, _quote_ts
    cdef MinuteRow _row
    cdef int64_t _price_num, _price_den, _size_num, _size_den

    cdef int _clear(self) except -1
    cdef int _start_again(self, int64_t ts) except -1
    cdef int _start(self, int64_t ts) except -1
    cdef double _price(self, int64_t ticks) noexcept nogil
    cdef double _size(self, int64_t lots) noexcept nogil

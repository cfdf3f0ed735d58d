cimport cython

from libc.stdint cimport int64_t

from indicators.core.aggressive_flow cimport AggressiveFlow
from indicators.core.auction_state cimport AuctionState
from indicators.core.feature_closer cimport FeatureCloser
from indicators.core.level_alert cimport LevelAlert
from indicators.core.level_alert cimport Nearest
from indicators.core.true_range cimport SessionTrueRange
from indicators.core.value_area cimport ValueArea
from indicators.core.volume_profile cimport RollingProfile
from indicators.core.volume_profile cimport VolumeProfile
from indicators.core.volume_zones cimport VolumeZones
from indicators.core.volume_zones cimport Zone


# Every member has eight bytes, in the order of `ROW_DTYPE`.
cdef struct ContextRow:
    int64_t ts_min
    int64_t open
    int64_t high
    int64_t low
    int64_t close
    int64_t volume
    int64_t buy
    int64_t sell
    int64_t trade_count
    int64_t late_trades
    int64_t outside_trades
    int64_t inferred
    int64_t estimated
    int64_t session_start
    int64_t session_end
    int64_t session_minutes
    int64_t label
    int64_t next_label
    int64_t minutes_in_label
    int64_t minutes_to_next
    int64_t has_levels
    int64_t poc
    int64_t val
    int64_t vah
    int64_t state
    int64_t confidence
    int64_t has_base
    int64_t base
    int64_t momentum
    int64_t has_atr
    int64_t true_ranges
    int64_t lvn_count
    int64_t hvn_count
    int64_t has_lvn
    int64_t lvn
    int64_t lvn_low
    int64_t lvn_high
    int64_t lvn_distance_num
    int64_t lvn_distance_den
    int64_t lvn_near
    int64_t lvn_alert
    int64_t lvn_trade_alerts
    int64_t lvn_direction
    int64_t lvn_approaching
    int64_t flow_score
    int64_t flow_direction
    int64_t cvd_change
    int64_t cvd_accelerates
    int64_t longest_run
    int64_t prior_volume
    int64_t prior_trades
    int64_t prior_minutes
    int64_t buy_print
    int64_t buy_print_price
    int64_t sell_print
    int64_t sell_print_price
    int64_t has_balance
    int64_t balance_start
    int64_t balance_poc
    int64_t balance_val
    int64_t balance_vah
    int64_t warm


@cython.final
cdef class MarketContext(FeatureCloser):
    cdef readonly RollingProfile profile
    cdef readonly VolumeProfile session
    cdef readonly ValueArea area
    cdef readonly AuctionState state
    cdef readonly VolumeZones zones
    cdef readonly LevelAlert alert
    cdef readonly AggressiveFlow flow
    cdef readonly SessionTrueRange true_range
    cdef object _sessions, _labels, _on_alert
    cdef int64_t _bin_ticks, _min_profile, _warmup
    cdef int _side_source
    cdef bint _alerts_trades, _keeps_zones, _closes
    cdef double _tick_size, _lot_size
    # The closes of the session that momentum goes back to.
    cdef int64_t* _session_closes
    cdef Py_ssize_t _mom_lookback
    # The levels of the alert, rising, with their zones.
    cdef Zone* _levels
    cdef int64_t* _prices
    cdef Py_ssize_t _level_count, _level_capacity
    cdef Zone* _kept
    cdef Py_ssize_t _kept_count
    cdef int64_t _first, _session_start, _session_end, _session_minutes
    cdef bint _is_whole, _has_first, _has_balance
    cdef int64_t _balance_start, _balance_poc, _balance_val, _balance_vah
    cdef int64_t _label, _next_label, _label_since, _label_until
    cdef int64_t _closed_minutes, _silent_minutes
    # The minute in progress. Prints by side: sell, none, buy.
    cdef int64_t _open, _high, _low, _close, _late, _outside, _inferred, _fired
    cdef int64_t _trades, _run, _run_limit, _longest
    cdef int _run_sign
    # The arrays of the minute's profile, valid for prices from `_lowest` to below `_beyond`.
    cdef int64_t* _total
    cdef int64_t* _buys
    cdef int64_t* _sells
    cdef int64_t _origin, _lowest, _beyond
    cdef int64_t[3] _volumes, _largest, _largest_price
    cdef bint _has_close, _is_estimated
    cdef bint _has_sides
    cdef int _last_sign
    cdef int64_t _previous
    cdef ContextRow _row

    cdef int _clear(self) except -1
    cdef void _start_minute(self) noexcept
    cdef int _open_at(self, int64_t ts) except -1
    cdef int _begin_session(self, int64_t ts) except -1
    cdef int _end_session(self) except -1
    cdef int _move_on(self) except -1
    cdef int _note_first(self, int64_t ts) except -1
    cdef int _start_again(self, int64_t ts) except -1
    cdef int _sign_of(self, int64_t price, int64_t size, int side) noexcept
    cdef int _fit(self, int64_t price) except -1
    cdef int _print(self, int64_t price, int64_t size, int sign) except -1
    cdef int _alert_trade(self, int64_t ts, int64_t price) except -1
    cdef int _find_levels(self) except -1
    cdef int _read_label(self) except -1
    cdef Nearest _nearest(self, int64_t price) except *

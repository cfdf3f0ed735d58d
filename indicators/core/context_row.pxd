from libc.stdint cimport int64_t


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


cdef tuple context_values(const ContextRow* row, double tick_size, double lot_size)

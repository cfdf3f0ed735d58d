"""The row of a minute of market context: its integers, and its values with names and units."""

import numpy as np

from libc.stdint cimport int64_t

from indicators.core.arithmetic cimport magnitude

from indicators.core.aggressive_flow import DIRECTIONS as FLOW_DIRECTIONS
from indicators.core.aggressive_flow import score_label
from indicators.core.auction_state import MOMENTUM_WORDS
from indicators.core.auction_state import STATES
from indicators.core.level_alert import DIRECTIONS as LEVEL_DIRECTIONS


LABELS = (None, "ASIAN", "LONDON", "NEW_YORK", "AFTER_HOURS", "CLOSED")
RECOMMENDATIONS = (None, "REDUCED", "MEAN_REVERSION", "TREND_MODEL", None, None)

COLUMNS = (
    "ts_min", "open", "high", "low", "close", "volume", "buy", "sell", "unsigned", "trade_count",
    "late_trades", "outside_trades", "unclear_share", "estimated", "session_start", "closes_at",
    "session_minutes", "market_session", "minutes_in_market_session", "recommendation",
    "next_market_session", "minutes_to_next", "poc", "val", "vah", "state", "confidence",
    "distance_pct", "momentum_pct", "momentum", "momentum_close", "true_ranges", "lvn_count",
    "hvn_count", "lvn", "lvn_low", "lvn_high", "lvn_distance", "lvn_near", "lvn_alert",
    "lvn_trade_alerts", "lvn_direction", "lvn_approaching", "flow_score", "flow_label",
    "flow_direction", "volume_ratio", "cvd_change", "cvd_accelerates", "buy_pressure",
    "longest_run", "prior_volume", "prior_trades", "prior_minutes", "buy_print", "buy_print_price",
    "sell_print", "sell_print_price", "balance_start", "balance_poc", "balance_val", "balance_vah",
    "warm", "tick_size", "lot_size",
)
_FIELDS = (
    "ts_min", "open", "high", "low", "close", "volume", "buy", "sell", "trade_count", "late_trades",
    "outside_trades", "inferred", "estimated", "session_start", "session_end", "session_minutes",
    "label", "next_label", "minutes_in_label", "minutes_to_next", "has_levels", "poc", "val", "vah",
    "state", "confidence", "has_base", "base", "momentum", "has_atr", "true_ranges", "lvn_count",
    "hvn_count", "has_lvn", "lvn", "lvn_low", "lvn_high", "lvn_distance_num", "lvn_distance_den",
    "lvn_near", "lvn_alert", "lvn_trade_alerts", "lvn_direction", "lvn_approaching", "flow_score",
    "flow_direction", "cvd_change", "cvd_accelerates", "longest_run", "prior_volume",
    "prior_trades", "prior_minutes", "buy_print", "buy_print_price", "sell_print",
    "sell_print_price", "has_balance", "balance_start", "balance_poc", "balance_val", "balance_vah",
    "warm",
)
ROW_DTYPE = np.dtype([(name, "i8") for name in _FIELDS])


cdef inline double percent(int64_t change, int64_t price) noexcept nogil:
    # One division of exact integers: the double nearest to the exact value.
    return <double>(100 * change) / <double>magnitude(price)


cdef tuple context_values(const ContextRow* row, double tick_size, double lot_size):
    cdef bint levels = row.has_levels
    cdef bint known = row.state != 0
    cdef bint lvn = row.has_lvn
    cdef bint balance = row.has_balance
    cdef int64_t unsigned_ = row.volume - row.buy - row.sell
    cdef int64_t signed = row.buy + row.sell
    return (
        row.ts_min,
        row.open,
        row.high,
        row.low,
        row.close,
        row.volume,
        row.buy,
        row.sell,
        unsigned_,
        row.trade_count,
        row.late_trades,
        row.outside_trades,
        <double>(row.inferred + unsigned_) / <double>row.volume if row.volume else 0.0,
        bool(row.estimated),
        row.session_start,
        row.session_end if row.session_end else None,
        row.session_minutes,
        LABELS[row.label],
        row.minutes_in_label if row.label else None,
        RECOMMENDATIONS[row.label],
        LABELS[row.next_label],
        row.minutes_to_next if row.label else None,
        row.poc if levels else None,
        row.val if levels else None,
        row.vah if levels else None,
        STATES[row.state],
        row.confidence,
        percent(magnitude(row.close - row.poc), row.poc) if known else None,
        percent(row.close - row.base, row.base) if known else None,
        MOMENTUM_WORDS[row.momentum] if known else None,
        row.base if row.has_base else None,
        row.true_ranges if row.has_atr else None,
        row.lvn_count,
        row.hvn_count,
        row.lvn if lvn else None,
        row.lvn_low if lvn else None,
        row.lvn_high if lvn else None,
        <double>row.lvn_distance_num / <double>row.lvn_distance_den
        if row.lvn_distance_den else None,
        bool(row.lvn_near),
        bool(row.lvn_alert),
        row.lvn_trade_alerts,
        LEVEL_DIRECTIONS[row.lvn_direction] if lvn else None,
        bool(row.lvn_approaching) if lvn and row.lvn_approaching >= 0 else None,
        row.flow_score,
        score_label(row.flow_score),
        FLOW_DIRECTIONS[row.flow_direction],
        <double>(row.volume * row.prior_minutes) / <double>row.prior_volume
        if row.prior_volume else 1.0,
        row.cvd_change,
        bool(row.cvd_accelerates),
        <double>(100 * row.buy) / <double>signed if signed else 50.0,
        row.longest_run,
        row.prior_volume,
        row.prior_trades,
        row.prior_minutes,
        row.buy_print if row.buy_print else None,
        row.buy_print_price if row.buy_print else None,
        row.sell_print if row.sell_print else None,
        row.sell_print_price if row.sell_print else None,
        row.balance_start if balance else None,
        row.balance_poc if balance else None,
        row.balance_val if balance else None,
        row.balance_vah if balance else None,
        bool(row.warm),
        tick_size,
        lot_size,
    )

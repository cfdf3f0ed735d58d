"""The market context of each minute: state, low volume nodes, aggressive flow, session, balance."""

from typing import NamedTuple

cimport cython
import numpy as np

from libc.stdint cimport int64_t
from libc.stdint cimport uint8_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc
from libc.stdlib cimport realloc
from libc.string cimport memcpy

from indicators.core.aggressive_flow cimport AggressiveFlow
from indicators.core.aggressive_flow cimport Flow
from indicators.core.arithmetic cimport floor_div
from indicators.core.arithmetic cimport magnitude
from indicators.core.auction_state cimport AuctionState
from indicators.core.auction_state cimport State
from indicators.core.bar_closer cimport MAX_EMPTY_BARS
from indicators.core.feature_closer cimport FeatureCloser
from indicators.core.gaps cimport GapFinder
from indicators.core.level_alert cimport LevelAlert
from indicators.core.level_alert cimport Nearest
from indicators.core.true_range cimport SessionTrueRange
from indicators.core.value_area cimport EMPTY
from indicators.core.value_area cimport Area
from indicators.core.value_area cimport ValueArea
from indicators.core.volume_profile cimport Level
from indicators.core.volume_profile cimport RollingProfile
from indicators.core.volume_profile cimport VolumeProfile
from indicators.core.volume_zones cimport VolumeZones
from indicators.core.volume_zones cimport Zone

from indicators.core.aggressive_flow import DIRECTIONS as FLOW_DIRECTIONS
from indicators.core.aggressive_flow import score_label
from indicators.core.auction_state import MOMENTUM_WORDS
from indicators.core.auction_state import STATES
from indicators.core.exact import exact
from indicators.core.level_alert import DIRECTIONS as LEVEL_DIRECTIONS


cdef extern from *:
    ctypedef long long int128_t "__int128"


cdef int64_t NANOS_PER_MINUTE = 60_000_000_000
cdef int64_t NANOS_PER_DAY = 86_400_000_000_000

SIDE_SOURCES = ("auto", "venue", "tick_rule")
cdef enum:
    AUTO = 0
    VENUE = 1
    TICK_RULE = 2
LABELS = (None, "ASIAN", "LONDON", "NEW_YORK", "AFTER_HOURS", "CLOSED")
RECOMMENDATIONS = (None, "REDUCED", "MEAN_REVERSION", "TREND_MODEL", None, None)

COLUMNS = (
    "ts_min", "open", "high", "low", "close", "volume", "buy", "sell", "unsigned", "trade_count",
    "late_trades", "outside_trades", "unclear_share", "estimated", "session_start",
    "closes_at", "session_minutes", "market_session", "minutes_in_market_session",
    "recommendation", "next_market_session", "minutes_to_next", "poc", "val", "vah", "state", "confidence", "distance_pct", "momentum_pct", "momentum", "momentum_close", "true_ranges", "lvn_count", "hvn_count", "lvn", "lvn_low", "lvn_high",
    "lvn_distance", "lvn_near", "lvn_alert", "lvn_trade_alerts", "lvn_direction",
    "lvn_approaching", "flow_score", "flow_label", "flow_direction", "volume_ratio", "cvd_change", "cvd_accelerates",
    "buy_pressure", "longest_run", "prior_volume", "prior_trades", "prior_minutes", "buy_print",
    "buy_print_price", "sell_print", "sell_print_price", "balance_start", "balance_poc",
    "balance_val", "balance_vah", "warm", "tick_size", "lot_size",
)
_FIELDS = (
    "ts_min", "open", "high", "low", "close", "volume", "buy", "sell", "trade_count",
    "late_trades", "outside_trades", "inferred", "estimated", "session_start",
    "session_end", "session_minutes", "label", "next_label", "minutes_in_label", "minutes_to_next", "has_levels", "poc", "val",
    "vah", "state", "confidence", "has_base", "base", "momentum", "has_atr", "true_ranges",
    "lvn_count", "hvn_count", "has_lvn", "lvn", "lvn_low", "lvn_high", "lvn_distance_num",
    "lvn_distance_den", "lvn_near", "lvn_alert", "lvn_trade_alerts", "lvn_direction",
    "lvn_approaching", "flow_score", "flow_direction", "cvd_change", "cvd_accelerates", "longest_run", "prior_volume",
    "prior_trades", "prior_minutes", "buy_print", "buy_print_price", "sell_print",
    "sell_print_price", "has_balance", "balance_start", "balance_poc", "balance_val",
    "balance_vah", "warm",
)
ROW_DTYPE = np.dtype([(name, "i8") for name in _FIELDS])


cdef inline double percent(int64_t change, int64_t price) noexcept nogil:
    # One division of exact integers: the double nearest to the exact value.
    return <double>(100 * change) / <double>magnitude(price)


class MinuteDetails(NamedTuple):
    footprint: tuple
    zones: list


def _named(kind, names, *values):
    try:
        return kind(*values)
    except ValueError as error:
        message = str(error)
        for own, given in names.items():
            message = message.replace(f"`{own}`", f"`{given}`")
        raise ValueError(message) from None


def utc_day(int64_t ts):
    cdef int64_t start = floor_div(ts, NANOS_PER_DAY) * NANOS_PER_DAY
    return start, start + NANOS_PER_DAY


@cython.final
cdef class MarketContext(FeatureCloser):
    def __cinit__(
        self,
        tick_size,
        lot_size,
        *,
        int64_t bin_ticks=1,
        va_fraction="0.7",
        int state_lookback=60,
        int mom_lookback=20,
        dist_max_pct="1",
        mom_min_pct="0.5",
        int64_t min_profile_minutes=10,
        lvn_ratio="0.3",
        hvn_ratio="1.5",
        str alert_unit="percent",
        alert_near="0.5",
        alert_rearm="0.75",
        bint alert_each_trade=False,
        bint alert_previous_session=False,
        str flow_scoring="basic",
        int flow_lookback=5,
        int avg_lookback=60,
        volume_ratio_min="2",
        cvd_min="1000",
        cvd_min_rel=None,
        pressure_min="70",
        int atr_period=14,
        str side_source="auto",
        int64_t warmup_minutes=60,
        sessions=None,
        bint sessions_close=True,
        labels=None,
        GapFinder gaps=None,
        on_alert=None,
    ):
        self._tick_size = float(exact("tick_size", tick_size))
        self._lot_size = float(exact("lot_size", lot_size))
        for name, value in (
            ("bin_ticks", bin_ticks),
            ("mom_lookback", mom_lookback),
            ("min_profile_minutes", min_profile_minutes),
            ("warmup_minutes", warmup_minutes),
        ):
            if value < 1:
                raise ValueError(f"`{name}` must be positive, was {value}")
        if side_source not in SIDE_SOURCES:
            raise ValueError(
                f"`side_source` must be one of {', '.join(SIDE_SOURCES)}, was {side_source}"
            )
        self._bin_ticks = bin_ticks
        self._mom_lookback = mom_lookback
        self._min_profile = min_profile_minutes
        self._warmup = warmup_minutes
        self._side_source = SIDE_SOURCES.index(side_source)
        self._alerts_trades = alert_each_trade
        self._keeps_zones = alert_previous_session
        self._on_alert = on_alert
        self._sessions = utc_day if sessions is None else sessions
        self._closes = sessions_close and sessions is not None
        self._labels = labels
        self.profile = _named(RollingProfile, {"minutes": "state_lookback"}, state_lookback)
        self.session = VolumeProfile()
        self.area = _named(ValueArea, {"fraction": "va_fraction"}, va_fraction, 1, "one_row")
        self.state = AuctionState(dist_max_pct, mom_min_pct)
        self.zones = VolumeZones(lvn_ratio, hvn_ratio)
        self.alert = _named(
            LevelAlert,
            {"unit": "alert_unit", "near": "alert_near", "rearm": "alert_rearm"},
            alert_unit,
            alert_near,
            alert_rearm,
        )
        self.flow = _named(
            AggressiveFlow,
            {"scoring": "flow_scoring", "lookback": "flow_lookback", "average": "avg_lookback"},
            flow_scoring,
            flow_lookback,
            avg_lookback,
            volume_ratio_min,
            cvd_min,
            cvd_min_rel,
            pressure_min,
        )
        self.true_range = _named(SessionTrueRange, {"period": "atr_period"}, atr_period)
        self.gaps = gaps
        self._set_up(
            NANOS_PER_MINUTE, True, MAX_EMPTY_BARS if gaps is None else 10 * MAX_EMPTY_BARS
        )
        self._set_rows(ROW_DTYPE, sizeof(ContextRow))
        self._levels = NULL
        self._prices = NULL
        self._kept = NULL
        self._level_capacity = 0
        self._session_closes = <int64_t*>malloc(mom_lookback * sizeof(int64_t))
        if self._session_closes == NULL:
            raise MemoryError
        self.reset()

    def __dealloc__(self):
        free(self._session_closes)
        free(self._levels)
        free(self._prices)
        free(self._kept)

    def reset(self):
        if self.gaps is not None:
            self.gaps.reset()
        self._clear()
        self.closed = []
        self._row_count = 0
        self._batch = False
        self._has_gap = False

    cdef int _clear(self) except -1:
        self.profile.reset()
        self.session._clear()
        self.alert._clear()
        self.flow._clear()
        self.true_range._clear()
        self._close_nothing()
        self._level_count = 0
        self._kept_count = 0
        self._session_start = self._session_end = 0
        self._session_minutes = 0
        self._is_whole = False
        self._has_first = False
        self._first = 0
        self._has_balance = False
        self._balance_start = self._balance_poc = self._balance_val = self._balance_vah = 0
        self._label = self._next_label = 0
        self._label_since = 0
        self._label_until = -(<int64_t>1 << 62)
        self._closed_minutes = 0
        self._silent_minutes = 0
        self._has_close = False
        self._has_sides = False
        self._last_sign = 0
        self._previous = 0
        self._close = 0
        self._start_minute()
        return 0

    cdef void _start_minute(self) noexcept:
        cdef int i
        self._late = 0
        self._outside = 0
        self._inferred = 0
        self._fired = 0
        self._trades = 0
        self._run = 0
        self._longest = self._run_limit = 0
        self._run_sign = 0
        self._is_estimated = False
        self._lowest = self._beyond = 0
        for i in range(3):
            self._volumes[i] = 0
            self._largest[i] = 0
            self._largest_price[i] = 0

    cdef int _note_first(self, int64_t ts) except -1:
        if not self._has_first:
            self._has_first = True
            self._first = ts
        return 0

    cdef int _begin_session(self, int64_t ts) except -1:
        start, end = self._sessions(ts)
        if not (end > ts and end > start):
            raise ValueError(f"the session of {ts} is given from {start} to {end}")
        self._session_start = start
        self._session_end = end
        self._lowest = self._beyond = 0
        self._session_minutes = 0
        self.profile.reset()
        self.session._clear()
        self.alert._clear()
        self.true_range._clear()
        self._level_count = 0
        return 0

    cdef int _open_at(self, int64_t ts) except -1:
        cdef int64_t limit = NANOS_PER_MINUTE if self.gaps is None else self.gaps.limit_ns
        if ts < self._session_start:
            return 0
        self._begin_session(ts)
        if ts < self._session_start:
            return 0
        # The first event of a session may come a moment after its start.
        self._is_whole = max(self._first, self._session_start) - self._session_start <= limit
        self._open_bar(ts)
        self.profile._advance(floor_div(self.bar_start, NANOS_PER_MINUTE))
        return 0

    cdef int _end_session(self) except -1:
        cdef Area area
        cdef bint is_silent = self.gaps is not None and self.gaps._silent_at(self._session_end)
        if self.session.total_volume:
            # A session in part gives no balance, and that of an older one is out of date.
            self._has_balance = self._is_whole and not is_silent
            self._kept_count = 0
            if self._has_balance:
                area = self.area._of_profile(self.session, self._bin_ticks)
                self._balance_start = self._session_start
                self._balance_poc = area.poc * self._bin_ticks
                self._balance_val = area.val * self._bin_ticks
                self._balance_vah = area.vah * self._bin_ticks
                if self._keeps_zones:
                    self._kept_count = self.zones.low_count
                    memcpy(self._kept, self.zones._zones, self._kept_count * sizeof(Zone))
        self._is_whole = True
        return 0

    cdef int _move_on(self) except -1:
        cdef int64_t start = self.bar_end
        if start >= self._session_end:
            self._end_session()
            self._begin_session(start)
            start = max(start, self._session_start)
        self.bar_start = start
        self.bar_end = start + NANOS_PER_MINUTE
        self.profile._advance(floor_div(start, NANOS_PER_MINUTE))
        return 0

    cdef int _advance(self, int64_t ts) except -1:
        if not self.is_open:
            return 0
        if ts - self.bar_end > self._longest_ns:
            raise ValueError(
                f"time {ts} lies more than {self._longest_ns // NANOS_PER_DAY} days after the "
                f"bar that ends at {self.bar_end}"
            )
        while ts >= self.bar_end:
            self._close_bar()
            self._move_on()
        return 0

    cdef int _start_again(self, int64_t ts) except -1:
        self._has_gap = True
        self._clear()
        self._note_first(ts)
        return 0

    cdef int _on_quote(
        self, int64_t ts, int64_t bid, int64_t ask, int64_t bid_size, int64_t ask_size
    ) except -1:
        if self.is_open and ts >= self.bar_end:
            self._advance(ts)
        if self.gaps is not None and self.gaps._on_quote(ts):
            self._start_again(ts)
        return self._note_first(ts)

    cdef int _sign_of(self, int64_t price, int64_t size, int side) noexcept:
        cdef int sign = (side & 1) - (side >> 1)
        self._has_sides |= sign != 0
        if self._side_source == TICK_RULE or (self._side_source == AUTO and not self._has_sides):
            sign = 0
            if self._has_close:
                sign = (price > self._previous) - (price < self._previous)
                if sign == 0:
                    sign = self._last_sign
            if sign != 0:
                self._inferred += size
        if sign != 0:
            self._last_sign = sign
        self._previous = price
        return sign

    cdef int _on_trade(self, int64_t ts, int64_t price, int64_t size, int side) except -1:
        if self.is_open and ts >= self.bar_end:
            self._advance(ts)
        # Refused here or not at all, so that a bad price leaves no trace.
        if price < self._lowest or price >= self._beyond:
            self._fit(price)
        if self.gaps is not None and self.gaps._on_trade(ts):
            self._start_again(ts)
            self._fit(price)
        if not self._has_first:
            self._note_first(ts)
        if not self.is_open:
            self._open_at(ts)
        if ts < self.bar_start:
            if not self.is_open or ts < self._session_start:
                self._outside += 1
                return 0
            # It joins the minute in progress: what is published stays as it is.
            self._late += 1
        elif not self.is_open:
            self._outside += 1
            return 0
        if self._beyond == self._lowest:
            self._fit(price)
        self._print(price, size, self._sign_of(price, size, side))
        if self._alerts_trades:
            self._alert_trade(ts, price)
        return 0

    cdef int _fit(self, int64_t price) except -1:
        # The arrays themselves: to count references would cost as much as to add a print.
        cdef VolumeProfile minute = self.profile.minute
        if self._is_estimated:
            raise ValueError(f"the minute {self.bar_start} has a candle already")
        if self._trades:
            minute._low = self._low
            minute._high = self._high
        self.session._fit(price)
        minute._fit(price)
        self._origin = minute._origin
        self._total = minute._total
        self._buys = minute._buy
        self._sells = minute._sell
        # The session holds the window.
        self._lowest = max(minute._origin, self.session._origin)
        self._beyond = min(
            minute._origin + <int64_t>minute._capacity,
            self.session._origin + <int64_t>self.session._capacity,
        )
        return 0

    cdef int _print(self, int64_t price, int64_t size, int sign) except -1:
        # By masks, without jumps on the sign: which side comes next cannot be predicted.
        cdef int which = sign + 1
        cdef int64_t wide = sign, change = sign ^ self._run_sign
        cdef int64_t i = price - self._origin
        self._total[i] += size
        self._buys[i] += size & (-wide >> 63)
        self._sells[i] += size & (wide >> 63)
        if self._trades == 0:
            self._open = self._high = self._low = price
        elif price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._close = price
        self._has_close = True
        self._trades += 1
        self._volumes[which] += size
        self._run = (self._run & ~((change | -change) >> 63)) + 1
        self._run_sign = sign
        if self._run > self._run_limit and sign != 0:
            self._run_limit = self._run
            self._longest = self._run * sign
        if size >= self._largest[which] and (
            # Of equal prints the one farthest on the side of a stop.
            size > self._largest[which]
            or sign * price < sign * self._largest_price[which]
        ):
            self._largest[which] = size
            self._largest_price[which] = price
        return 0

    cdef int _take_many(
        self,
        Py_ssize_t n,
        const uint8_t* kinds,
        const int64_t* ts_event,
        const int64_t* price,
        const int64_t* ask,
        const int64_t* size,
        const int64_t* ask_size,
        const uint8_t* side,
    ) except -1:
        # As the base has it: here the compiler joins the calls into one loop.
        cdef Py_ssize_t i
        for i in range(n):
            if kinds[i] == 0:
                self._on_quote(ts_event[i], price[i], ask[i], size[i], ask_size[i])
            else:
                self._on_trade(ts_event[i], price[i], size[i], side[i])
        return 0

    cdef Nearest _nearest(self, int64_t price) except *:
        cdef bint has_atr = self.true_range._count >= self.true_range.period
        return self.alert._update(
            price,
            self._prices,
            self._level_count,
            self.true_range.total,
            self.true_range.period if has_atr else 0,
        )

    cdef int _alert_trade(self, int64_t ts, int64_t price) except -1:
        cdef Nearest nearest
        cdef Zone zone
        if self._level_count == 0:
            return 0
        nearest = self._nearest(price)
        if nearest.fire:
            self._fired += 1
            if self._on_alert is not None and not self._batch:
                zone = self._levels[nearest.index]
                self._on_alert(
                    ts,
                    price,
                    zone.price,
                    zone.low,
                    zone.high,
                    LEVEL_DIRECTIONS[nearest.direction],
                    None if nearest.approaching < 0 else bool(nearest.approaching),
                )
        return 0

    cdef int _find_levels(self) except -1:
        cdef Py_ssize_t i = 0, k = 0, count = 0, needed
        cdef Zone zone
        cdef Zone* levels
        cdef Zone* kept
        cdef int64_t* prices
        self.zones._of_profile(self.session, self._bin_ticks)
        needed = self.zones.low_count + self._kept_count
        if needed > self._level_capacity:
            needed *= 2
            levels = <Zone*>realloc(self._levels, needed * sizeof(Zone))
            if levels == NULL:
                raise MemoryError
            self._levels = levels
            kept = <Zone*>realloc(self._kept, needed * sizeof(Zone))
            if kept == NULL:
                raise MemoryError
            self._kept = kept
            prices = <int64_t*>realloc(self._prices, needed * sizeof(int64_t))
            if prices == NULL:
                raise MemoryError
            self._prices = prices
            self._level_capacity = needed
        while i < self.zones.low_count or k < self._kept_count:
            if k == self._kept_count or (
                i < self.zones.low_count and self.zones._zones[i].price <= self._kept[k].price
            ):
                zone = self.zones._zones[i]
                i += 1
            else:
                zone = self._kept[k]
                k += 1
            if count and self._prices[count - 1] == zone.price:
                continue
            self._levels[count] = zone
            self._prices[count] = zone.price
            count += 1
        self._level_count = count
        return 0

    cdef int _read_label(self) except -1:
        cdef int64_t ts = self.bar_end
        if self._labels is None or ts < self._label_until:
            return 0
        label, following, since, until = self._labels(ts)
        if not since <= ts < until:
            raise ValueError(f"the label of {ts} is given from {since} until {until}")
        self._label = LABELS.index(label)
        self._next_label = LABELS.index(following)
        self._label_since = since
        self._label_until = until
        return 0

    cdef int _close_bar(self) except -1:
        cdef ContextRow* row = &self._row
        cdef VolumeProfile minute = self.profile.minute
        cdef bint is_silent = self.gaps is not None and self.gaps._silent_at(self.bar_end)
        cdef Area area
        cdef State state
        cdef Flow flow
        cdef Nearest nearest
        cdef Level level
        cdef int64_t tick, i
        # A candle whose volume is not known has prices, and no levels.
        cdef bint has_bar = self._trades > 0 or self._is_estimated
        if not has_bar:
            self._open = self._high = self._low = self._close
        if self._trades:
            minute._low = self._low
            minute._high = self._high
            minute.total_volume = self._volumes[0] + self._volumes[1] + self._volumes[2]
        for tick in range(minute._low, minute._high + 1):
            i = tick - minute._origin
            if minute._total[i] != 0:
                level.tick = tick
                level.buy = minute._buy[i]
                level.sell = minute._sell[i]
                level.unsigned_ = minute._total[i] - level.buy - level.sell
                self.profile.window._put(level)
                self.session._put(level)
        row.ts_min = self.bar_start
        row.open = self._open
        row.high = self._high
        row.low = self._low
        row.close = self._close
        row.volume = self._volumes[0] + self._volumes[1] + self._volumes[2]
        row.buy = self._volumes[2]
        row.sell = self._volumes[0]
        row.trade_count = self._trades
        row.late_trades = self._late
        row.outside_trades = self._outside
        row.inferred = self._inferred
        row.estimated = self._is_estimated
        row.longest_run = self._longest
        row.buy_print = self._largest[2]
        row.buy_print_price = self._largest_price[2]
        row.sell_print = self._largest[0]
        row.sell_print_price = self._largest_price[0]

        self._read_label()
        row.session_start = self._session_start
        row.session_end = self._session_end if self._closes else 0
        row.label = self._label
        row.next_label = self._next_label
        row.minutes_in_label = row.minutes_to_next = 0
        if self._label:
            row.minutes_in_label = (self.bar_end - self._label_since) // NANOS_PER_MINUTE
            row.minutes_to_next = (self._label_until - self.bar_end) // NANOS_PER_MINUTE

        row.has_base = self._session_minutes >= self._mom_lookback
        row.base = 0
        if row.has_base:
            row.base = self._session_closes[self._session_minutes % self._mom_lookback]
        self._session_closes[self._session_minutes % self._mom_lookback] = row.close
        self._session_minutes += 1
        row.session_minutes = self._session_minutes
        self.true_range._update(row.high, row.low, row.close)
        row.has_atr = self.true_range._count >= self.true_range.period
        row.true_ranges = self.true_range.total if row.has_atr else 0

        row.has_levels = False
        row.poc = row.val = row.vah = 0
        if self._session_minutes >= self._min_profile:
            area = self.area._of_profile(self.profile.window, self._bin_ticks)
            if area.reason != EMPTY:
                row.has_levels = True
                row.poc = area.poc * self._bin_ticks
                row.val = area.val * self._bin_ticks
                row.vah = area.vah * self._bin_ticks
        row.state = row.confidence = row.momentum = 0
        if row.has_levels and row.has_base:
            state = self.state._of(row.close, row.poc, row.val, row.vah, row.base)
            row.state = state.code
            row.confidence = state.confidence
            row.momentum = self.state._momentum_word(row.close, row.base)

        self._find_levels()
        nearest = self._nearest(row.close)
        row.lvn_count = self.zones.low_count
        row.hvn_count = self.zones.high_count
        row.has_lvn = nearest.index >= 0
        row.lvn = row.lvn_low = row.lvn_high = 0
        if row.has_lvn:
            row.lvn = nearest.level
            row.lvn_low = self._levels[nearest.index].low
            row.lvn_high = self._levels[nearest.index].high
        row.lvn_distance_num = nearest.distance_num
        row.lvn_distance_den = nearest.distance_den
        row.lvn_near = nearest.near
        row.lvn_alert = nearest.fire
        row.lvn_trade_alerts = self._fired
        row.lvn_direction = nearest.direction
        row.lvn_approaching = nearest.approaching

        flow = self.flow._update(row.volume, row.buy, row.sell, row.trade_count)
        row.flow_score = flow.score
        row.flow_direction = flow.direction
        row.cvd_change = flow.change
        row.cvd_accelerates = flow.accelerates
        row.prior_volume = flow.prior_volume
        row.prior_trades = flow.prior_trades
        row.prior_minutes = flow.prior_minutes

        row.has_balance = self._has_balance
        row.balance_start = self._balance_start if self._has_balance else 0
        row.balance_poc = self._balance_poc if self._has_balance else 0
        row.balance_val = self._balance_val if self._has_balance else 0
        row.balance_vah = self._balance_vah if self._has_balance else 0
        self._closed_minutes += 1
        row.warm = self._closed_minutes >= self._warmup and not is_silent
        self._silent_minutes = self._silent_minutes + 1 if is_silent else 0

        if not has_bar and self._silent_minutes > max(
            <int64_t>max(self.profile.minutes, self.flow.average), self._warmup
        ):
            # A hole in a recording: no minute of it says anything new.
            pass
        elif self._batch:
            self._store(row)
        else:
            self.closed.append(
                (
                    self._values_of(row),
                    MinuteDetails(minute.columns(), self.zones._tuples()),
                )
            )
        self._start_minute()
        return 0

    cdef tuple _values_of(self, const void* data):
        cdef const ContextRow* row = <const ContextRow*>data
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
            self._tick_size,
            self._lot_size,
        )

    def update_bar(
        self,
        int64_t ts_min,
        int64_t open,
        int64_t high,
        int64_t low,
        int64_t close,
        int64_t volume,
    ):
        cdef int64_t k, part, n = high - low + 1, done = 0, span, body
        if not (low <= open <= high and low <= close <= high):
            raise ValueError(f"the bar of {ts_min} has prices outside of its high and low")
        if volume < 0:
            raise ValueError(f"`volume` must not be negative, was {volume}")
        if self.is_open and ts_min >= self.bar_end:
            self._advance(ts_min)
        self.session._fit(low)
        self.session._fit(high)
        if self.gaps is not None and self.gaps._on_trade(ts_min):
            self._start_again(ts_min)
        self._note_first(ts_min)
        if not self.is_open:
            self._open_at(ts_min)
        if not self.is_open or ts_min < self.bar_start:
            self._outside += 1
            return
        if self._trades or self._is_estimated:
            raise ValueError(f"the minute {self.bar_start} has prints or a bar already")
        for k in range(n if volume else 0):
            part = <int64_t>(<int128_t>volume * (k + 1) / n) - done
            done += part
            if part:
                self.profile.minute._add(low + k, part, 0)
        # Twice the range as a denominator: a lot that is left over has no side.
        span = 2 * (high - low)
        body = close - open
        self._volumes[2] = self._volumes[0] = volume / 2
        if span:
            self._volumes[2] = <int64_t>(<int128_t>volume * (span / 2 + body) / span)
            self._volumes[0] = <int64_t>(<int128_t>volume * (span / 2 - body) / span)
        self._volumes[1] = volume - self._volumes[0] - self._volumes[2]
        self._open = open
        self._high = high
        self._low = low
        self._close = self._previous = close
        self._has_close = True
        self._is_estimated = True

    def start_again(self, int64_t ts):
        self.close_until(ts)
        self._clear()
        self._note_first(ts)

    @property
    def initialized(self):
        return self._closed_minutes >= self._warmup

    @property
    def has_inputs(self):
        return self.is_open

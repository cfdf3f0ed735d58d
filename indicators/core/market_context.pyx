"""The market context of each minute: state, low volume nodes, aggressive flow, session, balance."""

cimport cython

from libc.stdint cimport int64_t
from libc.stdint cimport uint8_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc

from indicators.core.aggressive_flow cimport AggressiveFlow
from indicators.core.alert_levels cimport AlertLevels
from indicators.core.arithmetic cimport floor_div
from indicators.core.auction_state cimport AuctionState
from indicators.core.bar_closer cimport MAX_EMPTY_BARS
from indicators.core.context_minute cimport ContextMinute
from indicators.core.context_row cimport ContextRow
from indicators.core.context_session cimport ContextSession
from indicators.core.gaps cimport GapFinder
from indicators.core.level_alert cimport LevelAlert
from indicators.core.level_alert cimport Nearest
from indicators.core.minute_prints cimport add_print
from indicators.core.minute_prints cimport int128_t
from indicators.core.minute_prints cimport take_candle
from indicators.core.session_labels cimport SessionLabels
from indicators.core.true_range cimport SessionTrueRange
from indicators.core.value_area cimport ValueArea
from indicators.core.volume_profile cimport RollingProfile
from indicators.core.volume_profile cimport VolumeProfile
from indicators.core.volume_zones cimport VolumeZones
from indicators.core.volume_zones cimport Zone
from indicators.core.zone_changes cimport ZoneChanges

from errors import ParameterError
from indicators.core.context_minute import MinuteDetails
from indicators.core.context_row import ROW_DTYPE
from indicators.core.exact import exact
from indicators.core.level_alert import DIRECTIONS as LEVEL_DIRECTIONS
from indicators.core.parts import part_of


cdef int64_t NANOS_PER_MINUTE = 60_000_000_000
cdef int64_t NANOS_PER_DAY = 86_400_000_000_000

SIDE_SOURCES = ("auto", "venue", "tick_rule")
cdef enum:
    AUTO = 0
    VENUE = 1
    TICK_RULE = 2


def utc_day(int64_t ts):
    cdef int64_t start = floor_div(ts, NANOS_PER_DAY) * NANOS_PER_DAY
    return start, start + NANOS_PER_DAY


@cython.final
cdef class MarketContext(ContextMinute):
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
                raise ParameterError(name, f"must be positive, was {value}")
        if side_source not in SIDE_SOURCES:
            raise ParameterError(
                "side_source", f"must be one of {', '.join(SIDE_SOURCES)}, was {side_source}"
            )
        self._bin_ticks = bin_ticks
        self._mom_lookback = mom_lookback
        self._min_profile = min_profile_minutes
        self._warmup = warmup_minutes
        self._side_source = SIDE_SOURCES.index(side_source)
        self._alerts_trades = alert_each_trade
        self._keeps_zones = alert_previous_session
        self._on_alert = on_alert
        self.sessions = ContextSession(utc_day if sessions is None else sessions)
        self._closes = sessions_close and sessions is not None
        self.labels = SessionLabels(labels)
        self.profile = part_of(RollingProfile, {"minutes": "state_lookback"}, state_lookback)
        self.session = VolumeProfile()
        self.area = part_of(ValueArea, {"fraction": "va_fraction"}, va_fraction, 1, "one_row")
        self.state = AuctionState(dist_max_pct, mom_min_pct)
        self.zones = VolumeZones(lvn_ratio, hvn_ratio)
        self.alert = part_of(
            LevelAlert,
            {"unit": "alert_unit", "near": "alert_near", "rearm": "alert_rearm"},
            alert_unit,
            alert_near,
            alert_rearm,
        )
        self.flow = part_of(
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
        self.true_range = part_of(SessionTrueRange, {"period": "atr_period"}, atr_period)
        self.gaps = gaps
        self._set_up(
            NANOS_PER_MINUTE, True, MAX_EMPTY_BARS if gaps is None else 10 * MAX_EMPTY_BARS
        )
        self._set_rows(ROW_DTYPE, sizeof(ContextRow))
        self.levels = AlertLevels()
        self._changes = ZoneChanges()
        self._session_closes = <int64_t*>malloc(mom_lookback * sizeof(int64_t))
        if self._session_closes == NULL:
            raise MemoryError
        self.reset()

    def __dealloc__(self):
        free(self._session_closes)

    def reset(self):
        if self.gaps is not None:
            self.gaps.reset()
        self._clear()
        self._changes._clear()
        self.closed = []
        self._row_count = 0
        self._batch = False
        self._has_gap = False

    cdef int _on_quote(
        self, int64_t ts, int64_t bid, int64_t ask, int64_t bid_size, int64_t ask_size
    ) except -1:
        if self.is_open and ts >= self.bar_end:
            self._advance(ts)
        if self.gaps is not None and self.gaps._on_quote(ts):
            self._start_again(ts)
        if not self._has_first:
            self._note_first(ts)
        return 0

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
            if not self.is_open or ts < self.sessions.start:
                self._outside += 1
                return 0
            # It joins the minute in progress: what is published stays as it is.
            self._late += 1
        elif not self.is_open:
            self._outside += 1
            return 0
        if self._beyond == self._lowest:
            self._fit(price)
        add_print(&self._minute, price, size, self._sign_of(price, size, side))
        self._has_close = True
        if self._alerts_trades:
            self._alert_trade(ts, price)
        return 0

    cdef int _fit(self, int64_t price) except -1:
        # The arrays themselves: to count references would cost as much as to add a print.
        cdef VolumeProfile minute = self.profile.minute
        if self._is_estimated:
            raise ValueError(f"the minute {self.bar_start} has a candle already")
        if self._minute.trades:
            minute._low = self._minute.low
            minute._high = self._minute.high
        self.session._fit(price)
        minute._fit(price)
        self._minute.origin = minute._origin
        self._minute.total = minute._total
        self._minute.buys = minute._buy
        self._minute.sells = minute._sell
        # The session holds the window.
        self._lowest = max(minute._origin, self.session._origin)
        self._beyond = min(
            minute._origin + <int64_t>minute._capacity,
            self.session._origin + <int64_t>self.session._capacity,
        )
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

    cdef int _alert_trade(self, int64_t ts, int64_t price) except -1:
        cdef Nearest nearest
        cdef Zone zone
        if self.levels._count == 0:
            return 0
        nearest = self._nearest(price)
        if nearest.fire:
            self._fired += 1
            if self._on_alert is not None and not self._batch:
                zone = self.levels._zones[nearest.index]
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

    def update_bar(
        self,
        int64_t ts_min,
        int64_t open,
        int64_t high,
        int64_t low,
        int64_t close,
        int64_t volume,
    ):
        cdef int64_t k, part, n = high - low + 1, done = 0
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
        if self._minute.trades or self._is_estimated:
            raise ValueError(f"the minute {self.bar_start} has prints or a bar already")
        for k in range(n if volume else 0):
            part = <int64_t>(<int128_t>volume * (k + 1) / n) - done
            done += part
            if part:
                self.profile.minute._add(low + k, part, 0)
        take_candle(&self._minute, open, high, low, close, volume)
        self._previous = close
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

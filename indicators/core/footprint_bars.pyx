"""Footprint bars: the volume of each aggressor at each price, with delta, CVD and session profile."""

import numpy as np

from libc.stdint cimport int8_t
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport realloc
from libc.string cimport memcpy
from libc.string cimport memset

from indicators.core.arithmetic cimport floor_div
from indicators.core.arithmetic cimport magnitude
from indicators.core.bar_closer cimport BarCloser
from indicators.core.value_area cimport Area
from indicators.core.value_area cimport ValueArea
from indicators.core.volume_profile cimport Level
from indicators.core.volume_profile cimport VolumeProfile

from errors import ParameterError


COLUMNS = (
    "ts_start",
    "ts_end",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "buy",
    "sell",
    "unsigned",
    "inferred",
    "delta",
    "min_delta",
    "max_delta",
    "trade_count",
    "late_trades",
    "poc",
    "closed_by",
    "cvd",
    "cvd_slope",
    "session_start",
    "session_end",
    "in_session",
    "session_volume",
    "session_poc",
    "session_val",
    "session_vah",
    "whole",
    "session_whole",
)
LEVEL_COLUMNS = ("levels", "level_buy", "level_sell", "level_unsigned")
KINDS = ("time", "volume", "ticks", "delta", "range")
CLOSED_BY = ("TIME", "VOLUME", "TICKS", "DELTA", "RANGE", "SESSION")

cdef enum:
    TIME = 0
    VOLUME = 1
    TICKS = 2
    DELTA = 3
    RANGE = 4
    SESSION = 5

cdef int64_t BEGINNING = -(<int64_t>1 << 62)
cdef int64_t END_OF_TIME = <int64_t>1 << 62


cdef double slope_of(const int64_t* values, int n) noexcept nogil:
    # Least squares over 0, 1, ... n - 1: exact sums and one division.
    cdef int64_t total = 0, product = 0
    cdef int i
    if n < 2:
        return 0.0
    for i in range(n):
        total += values[i]
        product += i * values[i]
    return <double>(6 * (2 * product - (n - 1) * total)) / <double>(n * (n * n - 1))


cdef class FootprintBars(BarCloser):
    def __cinit__(
        self,
        str kind="time",
        int64_t size=300_000_000_000,
        sessions=None,
        bint tick_rule=False,
        va_fraction="0.7",
        int64_t gap_ns=0,
    ):
        if kind not in KINDS:
            raise ParameterError("kind", f"must be one of {', '.join(KINDS)}, was {kind}")
        if size < 1:
            raise ParameterError("size", f"must be positive, was {size}")
        if gap_ns < 0:
            raise ParameterError("gap_ns", f"must not be negative, was {gap_ns}")
        try:
            self._area = ValueArea(va_fraction, 1, "two_row", "middle")
        except ParameterError as e:
            raise ParameterError("va_fraction", e.reason) from None
        self.kind = kind
        self._kind = KINDS.index(kind)
        self.size = size
        # Bars of events are as long as their session.
        self._set_up(size if self._kind == TIME else END_OF_TIME, False, 0)
        self.session = VolumeProfile()
        self._profile = VolumeProfile()
        self._sessions = sessions
        self._tick_rule = tick_rule
        self._gap_ns = gap_ns
        self._rows = NULL
        self._levels = NULL
        self._row_capacity = 0
        self._level_capacity = 0
        self.reset()

    def __dealloc__(self):
        free(self._rows)
        free(self._levels)

    def reset(self):
        self._close_nothing()
        self.closed = []
        self._profile._clear()
        self.session._clear()
        memset(&self._bar, 0, sizeof(FootprintRow))
        self._has_last = False
        self._last_sign = 0
        self._last_tick = 0
        self._last_close = BEGINNING
        self._since = BEGINNING
        self._cvd = 0
        self._cvd_count = 0
        self._session_start = BEGINNING
        self._session_end = BEGINNING
        self._in_session = True
        self._row_count = 0
        self._level_count = 0
        self._batch = False

    def start_again(self, int64_t ts):
        self._advance(ts)
        self._since = ts
        self._has_last = False
        self._last_sign = 0

    cdef int _read_session(self, int64_t ts, int64_t bar_start) except -1:
        cdef int64_t start, end
        if self._sessions is None:
            start, end, self._in_session = bar_start, END_OF_TIME, True
        else:
            start, end, self._in_session = self._sessions(ts)
            if not start <= ts < end:
                raise ValueError(f"the session of {ts} is given from {start} to {end}")
        self._session_start = start
        self._session_end = end
        self.session._clear()
        self._cvd = 0
        self._cvd_count = 0
        return 0

    cdef int _advance(self, int64_t ts) except -1:
        cdef int64_t start
        if self.is_open and ts >= self.bar_end:
            self._end_bar(
                self.bar_end,
                TIME if self._kind == TIME and self.bar_end % self.size == 0 else SESSION,
            )
        if not self.is_open:
            if self._kind == TIME:
                start = floor_div(ts, self.size) * self.size
                if start > self.bar_end:
                    self.bar_end = start
            # A late trade does not open a bar in a session that is over.
            if self._session_end > self.bar_end and ts >= self._session_end:
                self.bar_end = self._session_end
            if self._kind == TIME or ts >= self._session_end:
                self._last_close = self.bar_end
        return 0

    cdef int _end_bar(self, int64_t end, int closed_by) except -1:
        self._bar.ts_end = end
        self._bar.closed_by = closed_by
        self.bar_end = end
        self._close_bar()
        self.is_open = False
        return 0

    cdef int _close_bar(self) except -1:
        self._bar.ts_start = self.bar_start
        self._sum_up()
        if self._batch:
            self._store()
        else:
            self.closed.append((self._values(), self._profile.columns()))
        self._profile._clear()
        memset(&self._bar, 0, sizeof(FootprintRow))
        return 0

    cdef void _push_cvd(self) noexcept nogil:
        cdef int i
        if self._cvd_count == SLOPE_BARS:
            for i in range(SLOPE_BARS - 1):
                self._cvds[i] = self._cvds[i + 1]
            self._cvd_count -= 1
        self._cvds[self._cvd_count] = self._cvd
        self._cvd_count += 1

    cdef int _sum_up(self) except -1:
        cdef FootprintRow* bar = &self._bar
        cdef VolumeProfile profile = self._profile
        cdef int64_t tick, i, best = -1, far = 0, distance
        cdef Level level
        cdef Area area
        bar.volume = bar.buy + bar.sell + bar.unsigned_
        bar.delta = bar.buy - bar.sell
        for tick in range(bar.low, bar.high + 1):
            i = tick - profile._origin
            if profile._total[i] == 0:
                continue
            level.tick = tick
            level.buy = profile._buy[i]
            level.sell = profile._sell[i]
            level.unsigned_ = profile._total[i] - level.buy - level.sell
            self.session._put(level)
            distance = magnitude(2 * tick - bar.low - bar.high)
            if profile._total[i] > best or (profile._total[i] == best and distance < far):
                best = profile._total[i]
                far = distance
                bar.poc = tick
        area = self._area._of_profile(self.session, 1)
        self._cvd += bar.delta
        self._push_cvd()
        bar.cvd = self._cvd
        bar.cvd_slope = slope_of(self._cvds, self._cvd_count)
        bar.session_start = self._session_start
        bar.session_end = self._session_end
        bar.in_session = self._in_session
        bar.session_volume = area.total
        bar.session_poc = area.poc
        bar.session_val = area.val
        bar.session_vah = area.vah
        bar.whole = bar.ts_start >= self._since
        bar.session_whole = self._session_start >= self._since
        return 0

    cdef int _store(self) except -1:
        cdef VolumeProfile profile = self._profile
        cdef Py_ssize_t capacity, count = 0
        cdef int64_t tick, i
        cdef FootprintRow* rows
        cdef Level* levels
        cdef Level* level
        if self._row_count == self._row_capacity:
            capacity = max(256, 2 * self._row_capacity)
            rows = <FootprintRow*>realloc(self._rows, capacity * sizeof(FootprintRow))
            if rows == NULL:
                raise MemoryError
            self._rows = rows
            self._row_capacity = capacity
        capacity = self._level_count + self._bar.high - self._bar.low + 1
        if capacity > self._level_capacity:
            capacity = max(4096, 2 * capacity)
            levels = <Level*>realloc(self._levels, capacity * sizeof(Level))
            if levels == NULL:
                raise MemoryError
            self._levels = levels
            self._level_capacity = capacity
        for tick in range(self._bar.low, self._bar.high + 1):
            i = tick - profile._origin
            if profile._total[i] != 0:
                level = self._levels + self._level_count + count
                level.tick = tick
                level.buy = profile._buy[i]
                level.sell = profile._sell[i]
                level.unsigned_ = profile._total[i] - level.buy - level.sell
                count += 1
        self._bar.level_count = count
        self._level_count += count
        self._rows[self._row_count] = self._bar
        self._row_count += 1
        return 0

    cdef object _values(self):
        cdef FootprintRow* bar = &self._bar
        return (
            bar.ts_start,
            bar.ts_end,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
            bar.buy,
            bar.sell,
            bar.unsigned_,
            bar.inferred,
            bar.delta,
            bar.min_delta,
            bar.max_delta,
            bar.trade_count,
            bar.late_trades,
            bar.poc,
            CLOSED_BY[bar.closed_by],
            bar.cvd,
            bar.cvd_slope,
            bar.session_start,
            bar.session_end,
            bool(bar.in_session),
            bar.session_volume,
            bar.session_poc,
            bar.session_val,
            bar.session_vah,
            bool(bar.whole),
            bool(bar.session_whole),
        )

    cdef bint _is_full(self) noexcept nogil:
        cdef FootprintRow* bar = &self._bar
        if self._kind == VOLUME:
            return bar.buy + bar.sell + bar.unsigned_ >= self.size
        if self._kind == TICKS:
            return bar.trade_count >= self.size
        if self._kind == DELTA:
            return magnitude(bar.buy - bar.sell) >= self.size
        return self._kind == RANGE and bar.high - bar.low >= self.size

    cdef int _on_trade(self, int64_t ts, int64_t tick, int64_t size, int sign) except -1:
        cdef FootprintRow* bar = &self._bar
        cdef int64_t delta, start
        if self._since == BEGINNING:
            self._since = ts - self._gap_ns
        if self.is_open:
            if ts >= self.bar_end:
                self._advance(ts)
            elif ts < self.bar_start and ts < self._last_close:
                # It joins the bar in progress: what is published stays as it is.
                bar.late_trades += 1
        if not self.is_open:
            start = floor_div(ts, self.size) * self.size if self._kind == TIME else ts
            if ts < self.bar_end:
                bar.late_trades += ts < self._last_close
                start = self.bar_end
            if max(start, ts) >= self._session_end:
                self._read_session(max(start, ts), start)
            # A session that begins within an interval cuts it.
            self.bar_start = max(start, self.bar_end, self._session_start)
            self.bar_end = self._session_end
            if self._kind == TIME:
                start = floor_div(self.bar_start, self.size) * self.size
                self.bar_end = min(start + self.size, self._session_end)
            self.is_open = True
            bar.open = bar.high = bar.low = tick
        if tick > bar.high:
            bar.high = tick
        elif tick < bar.low:
            bar.low = tick
        bar.close = tick
        bar.trade_count += 1
        if self._tick_rule:
            if self._has_last and tick != self._last_tick:
                self._last_sign = 1 if tick > self._last_tick else -1
            self._has_last = True
            self._last_tick = tick
            if sign == 0 and self._last_sign != 0:
                sign = self._last_sign
                bar.inferred += size
        if sign > 0:
            bar.buy += size
        elif sign < 0:
            bar.sell += size
        else:
            bar.unsigned_ += size
        delta = bar.buy - bar.sell
        if delta > bar.max_delta:
            bar.max_delta = delta
        elif delta < bar.min_delta:
            bar.min_delta = delta
        self._profile._add(tick, size, sign)
        if self._kind != TIME:
            self._end_full(ts)
        return 0

    cdef int _end_full(self, int64_t ts) except -1:
        if self._is_full():
            # Starts rise by a nanosecond at least, also of bars within one.
            self._end_bar(max(ts, self.bar_start) + 1, self._kind)
            self._last_close = max(ts, self._last_close)
        return 0

    cdef Py_ssize_t _on_run(
        self,
        const int64_t* ts,
        const int64_t* ticks,
        const int64_t* sizes,
        const int8_t* signs,
        Py_ssize_t i,
        Py_ssize_t n,
    ) noexcept:
        # What `_on_trade` does with trades of the bar in progress, up to one that fills it, in
        # registers and without jumps: which side comes next cannot be predicted.
        cdef FootprintRow* bar = &self._bar
        cdef VolumeProfile profile = self._profile
        cdef int64_t* total = profile._total
        cdef int64_t* buys = profile._buy
        cdef int64_t* sells = profile._sell
        cdef int64_t origin = profile._origin, capacity = profile._capacity
        cdef int64_t start = self.bar_start, end = self.bar_end
        cdef int64_t high = bar.high, low = bar.low, close = bar.close
        cdef int64_t buy = bar.buy, sell = bar.sell, unsigned_ = bar.unsigned_
        cdef int64_t most = bar.max_delta, least = bar.min_delta
        cdef int64_t size, bought, sold, delta, k, filled
        cdef int64_t count = bar.trade_count
        cdef int kind = self._kind
        while i < n:
            k = ticks[i] - origin
            if ts[i] >= end or ts[i] < start or k < 0 or k >= capacity:
                break
            close = ticks[i]
            size = sizes[i]
            bought = size & -<int64_t>(signs[i] > 0)
            sold = size & -<int64_t>(signs[i] < 0)
            total[k] += size
            buys[k] += bought
            sells[k] += sold
            buy += bought
            sell += sold
            unsigned_ += size - bought - sold
            delta = buy - sell
            most = delta if delta > most else most
            least = delta if delta < least else least
            high = close if close > high else high
            low = close if close < low else low
            count += 1
            i += 1
            if kind != TIME:
                if kind == VOLUME:
                    filled = buy + sell + unsigned_
                elif kind == TICKS:
                    filled = count
                elif kind == DELTA:
                    filled = magnitude(delta)
                else:
                    filled = high - low
                if filled >= self.size:
                    break
        bar.high = profile._high = high
        bar.low = profile._low = low
        bar.close = close
        bar.buy = buy
        bar.sell = sell
        bar.unsigned_ = unsigned_
        bar.max_delta = most
        bar.min_delta = least
        bar.trade_count = count
        return i

    cdef int _on_trades(
        self,
        const int64_t[::1] ts,
        const int64_t[::1] ticks,
        const int64_t[::1] sizes,
        const int8_t[::1] signs,
    ) except -1:
        cdef Py_ssize_t i = 0, first, n = ts.shape[0]
        if not ticks.shape[0] == sizes.shape[0] == signs.shape[0] == n:
            raise ValueError("`ts_event`, `ticks`, `sizes` and `signs` must have one length")
        for i in range(n):
            if sizes[i] <= 0:
                raise ValueError(f"`sizes` must be positive, was {sizes[i]} at {i}")
        i = 0
        while i < n:
            if self.is_open and not self._tick_rule:
                first = i
                i = self._on_run(&ts[0], &ticks[0], &sizes[0], &signs[0], i, n)
                if i > first and self._kind != TIME:
                    self._end_full(ts[i - 1])
                if i > first:
                    continue
            self._on_trade(ts[i], ticks[i], sizes[i], signs[i])
            i += 1
        return 0

    def update(self, int64_t ts_event, int64_t tick, int64_t size, int sign=0):
        if size <= 0:
            raise ValueError(f"`size` must be positive, was {size}")
        self._on_trade(ts_event, tick, size, sign)

    def update_many(
        self,
        const int64_t[::1] ts_event not None,
        const int64_t[::1] ticks not None,
        const int64_t[::1] sizes not None,
        const int8_t[::1] signs not None,
    ):
        self._on_trades(ts_event, ticks, sizes, signs)


def footprint_bars(
    const int64_t[::1] ts_event not None,
    const int64_t[::1] ticks not None,
    const int64_t[::1] sizes not None,
    const int8_t[::1] signs not None,
    str kind="time",
    int64_t size=300_000_000_000,
    sessions=None,
    bint tick_rule=False,
    va_fraction="0.7",
    int64_t gap_ns=0,
):
    cdef FootprintBars core = FootprintBars(kind, size, sessions, tick_rule, va_fraction, gap_ns)
    cdef unsigned char[::1] view
    core._batch = True
    core._on_trades(ts_event, ticks, sizes, signs)
    if core.is_open:
        # The end of the data is no end of a bar of events: it lasts until its session's.
        core._advance(core.bar_end)
    names = [*COLUMNS, "level_count"]
    kinds = ["<f8" if name == "cvd_slope" else "<i8" for name in names]
    rows = np.empty(core._row_count, dtype=list(zip(names, kinds)))
    if core._row_count:
        view = rows.view(np.uint8)
        memcpy(&view[0], core._rows, core._row_count * sizeof(FootprintRow))
    levels = np.empty((core._level_count, 4), dtype=np.int64)
    if core._level_count:
        view = levels.reshape(-1).view(np.uint8)
        memcpy(&view[0], core._levels, core._level_count * sizeof(Level))
    return rows, levels

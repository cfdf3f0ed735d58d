"""The close of a minute of market context: its row, and what is published beside it."""

from typing import NamedTuple

from libc.stdint cimport int64_t

from indicators.core.aggressive_flow cimport Flow
from indicators.core.auction_state cimport State
from indicators.core.context_clock cimport ContextClock
from indicators.core.context_row cimport ContextRow
from indicators.core.context_row cimport context_values
from indicators.core.level_alert cimport Nearest
from indicators.core.minute_prints cimport volume_of
from indicators.core.value_area cimport EMPTY
from indicators.core.value_area cimport Area
from indicators.core.volume_profile cimport Level
from indicators.core.volume_profile cimport VolumeProfile


cdef int64_t NANOS_PER_MINUTE = 60_000_000_000


class MinuteDetails(NamedTuple):
    footprint: tuple
    nodes_gone: list
    nodes_found: list


cdef class ContextMinute(ContextClock):
    cdef Nearest _nearest(self, int64_t price) except *:
        cdef bint has_atr = self.true_range._count >= self.true_range.period
        return self.alert._update(
            price,
            self.levels._prices,
            self.levels._count,
            self.true_range.total,
            self.true_range.period if has_atr else 0,
        )

    cdef int _close_bar(self) except -1:
        cdef ContextRow* row = &self._row
        cdef bint is_silent = self.gaps is not None and self.gaps._silent_at(self.bar_end)
        # A candle whose volume is not known has prices, and no levels.
        cdef bint has_bar = self._minute.trades > 0 or self._is_estimated
        if not has_bar:
            self._minute.open = self._minute.high = self._minute.low = self._minute.close
        self._put_levels()
        self._write_prints(row)
        self._write_session(row)
        self._write_state(row)
        self._write_nodes(row)
        self._write_flow(row)
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
            details = MinuteDetails(self.profile.minute.columns(), *self._changes._take(self.zones))
            self.closed.append((self._values_of(row), details))
        self._start_minute()
        return 0

    cdef int _put_levels(self) except -1:
        cdef VolumeProfile minute = self.profile.minute
        cdef Level level
        cdef int64_t tick, i
        if self._minute.trades:
            minute._low = self._minute.low
            minute._high = self._minute.high
            minute.total_volume = volume_of(&self._minute)
        for tick in range(minute._low, minute._high + 1):
            i = tick - minute._origin
            if minute._total[i] != 0:
                level.tick = tick
                level.buy = minute._buy[i]
                level.sell = minute._sell[i]
                level.unsigned_ = minute._total[i] - level.buy - level.sell
                self.profile.window._put(level)
                self.session._put(level)
        return 0

    cdef void _write_prints(self, ContextRow* row) noexcept:
        row.ts_min = self.bar_start
        row.open = self._minute.open
        row.high = self._minute.high
        row.low = self._minute.low
        row.close = self._minute.close
        row.volume = volume_of(&self._minute)
        row.buy = self._minute.volumes[2]
        row.sell = self._minute.volumes[0]
        row.trade_count = self._minute.trades
        row.late_trades = self._late
        row.outside_trades = self._outside
        row.inferred = self._inferred
        row.estimated = self._is_estimated
        row.longest_run = self._minute.longest
        row.buy_print = self._minute.largest[2]
        row.buy_print_price = self._minute.largest_price[2]
        row.sell_print = self._minute.largest[0]
        row.sell_print_price = self._minute.largest_price[0]

    cdef int _write_session(self, ContextRow* row) except -1:
        row.session_start = self.sessions.start
        row.session_end = self.sessions.end if self._closes else 0
        self.labels._read(self.bar_end)
        row.label = self.labels.label
        row.next_label = self.labels.next_label
        row.minutes_in_label = row.minutes_to_next = 0
        if row.label:
            row.minutes_in_label = (self.bar_end - self.labels.since) // NANOS_PER_MINUTE
            row.minutes_to_next = (self.labels.until - self.bar_end) // NANOS_PER_MINUTE

        row.has_balance = self.sessions.has_balance
        row.balance_start = self.sessions.balance_start
        row.balance_poc = self.sessions.balance_poc
        row.balance_val = self.sessions.balance_val
        row.balance_vah = self.sessions.balance_vah
        return 0

    cdef int _write_state(self, ContextRow* row) except -1:
        cdef Area area
        cdef State state
        row.has_base = self.sessions.minutes >= self._mom_lookback
        row.base = 0
        if row.has_base:
            row.base = self._session_closes[self.sessions.minutes % self._mom_lookback]
        self._session_closes[self.sessions.minutes % self._mom_lookback] = row.close
        self.sessions.minutes += 1
        row.session_minutes = self.sessions.minutes
        self.true_range._update(row.high, row.low, row.close)
        row.has_atr = self.true_range._count >= self.true_range.period
        row.true_ranges = self.true_range.total if row.has_atr else 0

        row.has_levels = False
        row.poc = row.val = row.vah = 0
        if self.sessions.minutes >= self._min_profile:
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
        return 0

    cdef int _write_nodes(self, ContextRow* row) except -1:
        cdef Nearest nearest
        self.zones._of_profile(self.session, self._bin_ticks)
        self.levels._merge(self.zones)
        nearest = self._nearest(row.close)
        row.lvn_count = self.zones.low_count
        row.hvn_count = self.zones.high_count
        row.has_lvn = nearest.index >= 0
        row.lvn = row.lvn_low = row.lvn_high = 0
        if row.has_lvn:
            row.lvn = nearest.level
            row.lvn_low = self.levels._zones[nearest.index].low
            row.lvn_high = self.levels._zones[nearest.index].high
        row.lvn_distance_num = nearest.distance_num
        row.lvn_distance_den = nearest.distance_den
        row.lvn_near = nearest.near
        row.lvn_alert = nearest.fire
        row.lvn_trade_alerts = self._fired
        row.lvn_direction = nearest.direction
        row.lvn_approaching = nearest.approaching
        return 0

    cdef int _write_flow(self, ContextRow* row) except -1:
        cdef Flow flow
        flow = self.flow._update(row.volume, row.buy, row.sell, row.trade_count)
        row.flow_score = flow.score
        row.flow_direction = flow.direction
        row.cvd_change = flow.change
        row.cvd_accelerates = flow.accelerates
        row.prior_volume = flow.prior_volume
        row.prior_trades = flow.prior_trades
        row.prior_minutes = flow.prior_minutes
        return 0

    cdef tuple _values_of(self, const void* row):
        return context_values(<const ContextRow*>row, self._tick_size, self._lot_size)

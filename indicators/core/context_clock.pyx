"""The sessions and minutes of market context: when they begin and end, what starts again."""

from libc.stdint cimport int64_t

from indicators.core.arithmetic cimport floor_div
from indicators.core.feature_closer cimport FeatureCloser
from indicators.core.minute_prints cimport start_prints


cdef int64_t NANOS_PER_MINUTE = 60_000_000_000
cdef int64_t NANOS_PER_DAY = 86_400_000_000_000


cdef class ContextClock(FeatureCloser):
    cdef int _clear(self) except -1:
        self.profile.reset()
        self.session._clear()
        self.alert._clear()
        self.flow._clear()
        self.true_range._clear()
        self._close_nothing()
        self.levels._clear()
        self.sessions._clear()
        self.labels._clear()
        self._has_first = False
        self._first = 0
        self._closed_minutes = 0
        self._silent_minutes = 0
        self._has_close = False
        self._has_sides = False
        self._last_sign = 0
        self._previous = 0
        self._minute.close = 0
        self._start_minute()
        return 0

    cdef void _start_minute(self) noexcept:
        self._late = 0
        self._outside = 0
        self._inferred = 0
        self._fired = 0
        self._is_estimated = False
        self._lowest = self._beyond = 0
        start_prints(&self._minute)

    cdef int _note_first(self, int64_t ts) except -1:
        if not self._has_first:
            self._has_first = True
            self._first = ts
        return 0

    cdef int _begin_session(self, int64_t ts) except -1:
        self.sessions._begin(ts)
        self._lowest = self._beyond = 0
        self.profile.reset()
        self.session._clear()
        self.alert._clear()
        self.true_range._clear()
        self.levels._count = 0
        return 0

    cdef int _open_at(self, int64_t ts) except -1:
        cdef int64_t limit = NANOS_PER_MINUTE if self.gaps is None else self.gaps.limit_ns
        if ts < self.sessions.start:
            return 0
        self._begin_session(ts)
        if ts < self.sessions.start:
            return 0
        # The first event of a session may come a moment after its start.
        self.sessions.is_whole = self._first - self.sessions.start <= limit
        self._open_bar(ts)
        self.profile._advance(floor_div(self.bar_start, NANOS_PER_MINUTE))
        return 0

    cdef int _end_session(self) except -1:
        cdef bint is_silent = (
            self.gaps is not None and self.gaps._silent_at(self.sessions.end)
        )
        if self.session.total_volume:
            self.levels._kept_count = 0
            self.sessions._end(is_silent)
            if self.sessions.has_balance:
                self.sessions._set_balance(
                    self.area._of_profile(self.session, self._bin_ticks), self._bin_ticks
                )
                if self._keeps_zones:
                    self.levels._keep(self.zones)
        self.sessions.is_whole = True
        return 0

    cdef int _move_on(self) except -1:
        cdef int64_t start = self.bar_end
        if start >= self.sessions.end:
            self._end_session()
            self._begin_session(start)
            start = max(start, self.sessions.start)
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

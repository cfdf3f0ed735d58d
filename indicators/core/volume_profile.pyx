"""Volume at price on integer ticks: arbitrary spans and a rolling window of wall-clock minutes."""

import numpy as np

from libc.stdint cimport int8_t
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc
from libc.stdlib cimport free
from libc.stdlib cimport malloc
from libc.string cimport memcpy
from libc.string cimport memset

from indicators.core.arithmetic cimport MAX_SPAN
from indicators.core.arithmetic cimport floor_div

from errors import ParameterError


cdef int64_t NANOS_PER_MINUTE = 60_000_000_000
cdef int64_t MIN_SLACK = 512
cdef int64_t MAX_SLACK = 65_536

cdef int64_t MAX_TICK = <int64_t>1 << 61


cdef class VolumeProfile:
    def __cinit__(self):
        self._total = NULL
        self._capacity = 0
        self._low = 0
        self._high = -1
        self.total_volume = 0

    def __dealloc__(self):
        free(self._total)

    cdef int _fit(self, int64_t tick) except -1:
        # The span is laid anew around what is populated, so a drifting window does not grow.
        cdef int64_t bottom = tick
        cdef int64_t top = tick
        cdef int64_t span, slack, origin
        cdef Py_ssize_t capacity, kept, offset
        cdef int64_t* block
        if 0 <= tick - self._origin < self._capacity:
            return 0
        if self._high >= self._low:
            bottom = min(bottom, self._low)
            top = max(top, self._high)
        if not -MAX_TICK <= tick <= MAX_TICK or top - bottom >= MAX_SPAN:
            raise ValueError(f"tick {tick} lies too far away: a profile spans {MAX_SPAN} ticks")
        span = top - bottom + 1
        slack = MIN_SLACK + min(span / 2, MAX_SLACK)
        origin = bottom - slack
        capacity = span + 2 * slack
        block = <int64_t*>calloc(3 * capacity, sizeof(int64_t))
        if block == NULL:
            raise MemoryError(f"no memory for a profile of {span} ticks")
        if self._high >= self._low:
            kept = self._high - self._low + 1
            offset = self._low - origin
            memcpy(block + offset, self._total + (self._low - self._origin), kept * 8)
            memcpy(block + capacity + offset, self._buy + (self._low - self._origin), kept * 8)
            memcpy(block + 2 * capacity + offset, self._sell + (self._low - self._origin), kept * 8)
        free(self._total)
        self._total = block
        self._buy = block + capacity
        self._sell = block + 2 * capacity
        self._origin = origin
        self._capacity = capacity
        return 0

    cdef int _add(self, int64_t tick, int64_t size, int sign) except -1:
        cdef int64_t i = tick - self._origin
        if i < 0 or i >= self._capacity:
            self._fit(tick)
            i = tick - self._origin
        self._total[i] += size
        if sign > 0:
            self._buy[i] += size
        elif sign < 0:
            self._sell[i] += size
        self.total_volume += size
        if self._high < self._low:
            self._low = tick
            self._high = tick
        elif tick < self._low:
            self._low = tick
        elif tick > self._high:
            self._high = tick
        return 0

    cdef int _put(self, Level level) except -1:
        cdef int64_t i
        self._add(level.tick, level.buy + level.sell + level.unsigned_, 0)
        i = level.tick - self._origin
        self._buy[i] += level.buy
        self._sell[i] += level.sell
        return 0

    cdef int _take(self, Level level) except -1:
        cdef int64_t i = level.tick - self._origin
        cdef int64_t size = level.buy + level.sell + level.unsigned_
        cdef int64_t unsigned_ = 0
        if 0 <= i < self._capacity:
            unsigned_ = self._total[i] - self._buy[i] - self._sell[i]
        if (
            i < 0
            or i >= self._capacity
            or level.buy > self._buy[i]
            or level.sell > self._sell[i]
            or level.unsigned_ > unsigned_
        ):
            raise ValueError(f"more volume taken from tick {level.tick} than the profile holds")
        self._total[i] -= size
        self._buy[i] -= level.buy
        self._sell[i] -= level.sell
        self.total_volume -= size
        while self._low <= self._high and self._total[self._low - self._origin] == 0:
            self._low += 1
        while self._high >= self._low and self._total[self._high - self._origin] == 0:
            self._high -= 1
        return 0

    cdef void _clear(self) noexcept nogil:
        cdef int64_t first
        if self._high - self._low > MAX_SLACK:
            # Given back: to clear a stretch that one far print has opened would touch all of it.
            free(self._total)
            self._total = NULL
            self._capacity = 0
        elif self._high >= self._low:
            first = self._low - self._origin
            memset(self._total + first, 0, (self._high - self._low + 1) * 8)
            memset(self._buy + first, 0, (self._high - self._low + 1) * 8)
            memset(self._sell + first, 0, (self._high - self._low + 1) * 8)
        self._low = 0
        self._high = -1
        self.total_volume = 0

    def add(self, int64_t tick, int64_t size, int sign=0):
        if size <= 0:
            raise ValueError(f"`size` must be positive, was {size}")
        self._add(tick, size, sign)

    def add_many(
        self,
        const int64_t[::1] ticks not None,
        const int64_t[::1] sizes not None,
        const int8_t[::1] signs=None,
    ):
        cdef Py_ssize_t i, n = ticks.shape[0]
        if sizes.shape[0] != n or (signs is not None and signs.shape[0] != n):
            raise ValueError("`ticks`, `sizes` and `signs` must have one length")
        for i in range(n):
            if sizes[i] <= 0:
                raise ValueError(f"`sizes` must be positive, was {sizes[i]} at {i}")
        for i in range(n):
            self._add(ticks[i], sizes[i], 0 if signs is None else signs[i])

    def merge(self, VolumeProfile other not None):
        for level in other.levels():
            self._put(Level(level[0], level[1], level[2], level[3]))

    def subtract(self, VolumeProfile other not None):
        levels = other.levels()
        cdef int64_t i
        # Nothing is changed unless every level can be taken.
        for tick, buy, sell, unsigned_ in levels:
            i = tick - self._origin
            if not (
                0 <= i < self._capacity
                and buy <= self._buy[i]
                and sell <= self._sell[i]
                and unsigned_ <= self._total[i] - self._buy[i] - self._sell[i]
            ):
                raise ValueError(f"more volume taken from tick {tick} than the profile holds")
        for level in levels:
            self._take(Level(level[0], level[1], level[2], level[3]))

    def clear(self):
        self._clear()

    @property
    def low(self):
        return self._low if self._high >= self._low else None

    @property
    def high(self):
        return self._high if self._high >= self._low else None

    def volume_at(self, int64_t tick):
        if tick < self._low or tick > self._high:
            return 0
        return self._total[tick - self._origin]

    def columns(self):
        cdef int64_t tick, i
        cdef list ticks = [], buy = [], sell = [], unsigned_ = []
        for tick in range(self._low, self._high + 1):
            i = tick - self._origin
            if self._total[i] != 0:
                ticks.append(tick)
                buy.append(self._buy[i])
                sell.append(self._sell[i])
                unsigned_.append(self._total[i] - self._buy[i] - self._sell[i])
        return ticks, buy, sell, unsigned_

    def levels(self):
        return list(zip(*self.columns()))

    def arrays(self):
        cdef Py_ssize_t n = max(0, self._high - self._low + 1)
        cdef Py_ssize_t which
        result = np.zeros((3, n), dtype=np.int64)
        cdef int64_t[:, ::1] view = result
        if n:
            for which in range(3):
                memcpy(
                    &view[which, 0],
                    self._total + which * self._capacity + (self._low - self._origin),
                    n * 8,
                )
        total, buy, sell = result
        return self.low, buy, sell, total - buy - sell


cdef class RollingProfile:
    def __cinit__(self, int minutes):
        if minutes < 1:
            raise ParameterError("minutes", f"must be positive, was {minutes}")
        self.minutes = minutes
        self._levels_capacity = 1024
        self._levels = <Level*>malloc(self._levels_capacity * sizeof(Level))
        self._owners = <int64_t*>malloc(self._levels_capacity * sizeof(int64_t))
        if self._levels == NULL or self._owners == NULL:
            raise MemoryError
        self.window = VolumeProfile()
        self.minute = VolumeProfile()
        self.reset()

    def __dealloc__(self):
        free(self._levels)
        free(self._owners)

    def reset(self):
        self.window._clear()
        self.minute._clear()
        self.current_minute = 0
        self._started = False
        self._levels_head = 0
        self._levels_count = 0
        self._late = []

    cdef int _append(self, int64_t owner, Level level) except -1:
        cdef Py_ssize_t i, capacity, slot
        cdef Level* levels
        cdef int64_t* owners
        if self._levels_count == self._levels_capacity:
            capacity = 2 * self._levels_capacity
            levels = <Level*>malloc(capacity * sizeof(Level))
            owners = <int64_t*>malloc(capacity * sizeof(int64_t))
            if levels == NULL or owners == NULL:
                free(levels)
                free(owners)
                raise MemoryError
            for i in range(self._levels_count):
                slot = (self._levels_head + i) % self._levels_capacity
                levels[i] = self._levels[slot]
                owners[i] = self._owners[slot]
            free(self._levels)
            free(self._owners)
            self._levels = levels
            self._owners = owners
            self._levels_capacity = capacity
            self._levels_head = 0
        slot = (self._levels_head + self._levels_count) % self._levels_capacity
        self._levels[slot] = level
        self._owners[slot] = owner
        self._levels_count += 1
        return 0

    cdef int _add(self, int64_t tick, int64_t size, int sign) except -1:
        self.window._add(tick, size, sign)
        self.minute._add(tick, size, sign)
        return 0

    cdef int _add_late(self, int64_t minute, int64_t tick, int64_t size, int sign) except -1:
        cdef int64_t buy = size if sign > 0 else 0
        cdef int64_t sell = size if sign < 0 else 0
        if minute <= self.current_minute - self.minutes:
            return 0
        self.window._add(tick, size, sign)
        self._late.append((minute, tick, buy, sell, size - buy - sell))
        return 0

    cdef int _advance(self, int64_t minute) except -1:
        cdef int64_t tick, i, oldest
        cdef Level level
        cdef VolumeProfile closing = self.minute
        if not self._started:
            self._started = True
            self.current_minute = minute
            return 0
        if minute <= self.current_minute:
            return 0
        for tick in range(closing._low, closing._high + 1):
            i = tick - closing._origin
            if closing._total[i] != 0:
                level.tick = tick
                level.buy = closing._buy[i]
                level.sell = closing._sell[i]
                level.unsigned_ = closing._total[i] - level.buy - level.sell
                self._append(self.current_minute, level)
        closing._clear()
        self.current_minute = minute
        oldest = minute - self.minutes + 1
        while self._levels_count and self._owners[self._levels_head] < oldest:
            self.window._take(self._levels[self._levels_head])
            self._levels_head = (self._levels_head + 1) % self._levels_capacity
            self._levels_count -= 1
        if self._late:
            kept = []
            for entry in self._late:
                if entry[0] < oldest:
                    self.window._take(Level(entry[1], entry[2], entry[3], entry[4]))
                else:
                    kept.append(entry)
            self._late = kept
        return 0

    def update(self, int64_t ts_event, int64_t tick, int64_t size, int sign=0):
        cdef int64_t minute = floor_div(ts_event, NANOS_PER_MINUTE)
        if size <= 0:
            raise ValueError(f"`size` must be positive, was {size}")
        if self._started and minute < self.current_minute:
            self._add_late(minute, tick, size, sign)
            return
        self._advance(minute)
        self._add(tick, size, sign)

    def advance(self, int64_t ts_event):
        self._advance(floor_div(ts_event, NANOS_PER_MINUTE))

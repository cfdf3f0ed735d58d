"""One-second bars with the volume of each aggressor side, and the volume at each price."""

import numpy as np

from libc.stdint cimport int8_t
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc
from libc.string cimport memcpy
from libc.string cimport memmove

from indicators.core.arithmetic cimport floor_div


COLUMNS = ("ts", "open", "high", "low", "close", "buy", "sell", "unsigned", "trade_count")

cdef int64_t NANOS_PER_SECOND = 1_000_000_000
cdef int64_t BEGINNING = -(<int64_t>1 << 62)


cdef void start(Bar* bar, int64_t second, int64_t tick, int64_t size, int sign) noexcept nogil:
    bar.ts = second
    bar.open = tick
    bar.high = tick
    bar.low = tick
    bar.buy = 0
    bar.sell = 0
    bar.unsigned_ = 0
    bar.trade_count = 0
    extend(bar, second, tick, size, sign)


cdef bint extend(Bar* bar, int64_t second, int64_t tick, int64_t size, int sign) noexcept nogil:
    # A print of an earlier second joins the bar in progress: what is published stays as it is.
    if second > bar.ts:
        return False
    if tick > bar.high:
        bar.high = tick
    elif tick < bar.low:
        bar.low = tick
    bar.close = tick
    if sign > 0:
        bar.buy += size
    elif sign < 0:
        bar.sell += size
    else:
        bar.unsigned_ += size
    bar.trade_count += 1
    return True


cdef class SecondBars:
    def __cinit__(self):
        self._ticks = NULL
        self._volumes = NULL
        self._capacity = 0
        self.reset()

    def __dealloc__(self):
        free(self._ticks)
        free(self._volumes)

    def reset(self):
        self._is_open = False
        self._earliest = BEGINNING
        self._count = 0
        self._last = 0
        self.late_trades = 0
        self.closed = []

    cdef int _print(self, int64_t tick, int64_t size) except -1:
        cdef Py_ssize_t low = 0, high = self._count, middle, capacity
        cdef int64_t* ticks
        cdef int64_t* volumes
        if self._last < self._count and self._ticks[self._last] == tick:
            self._volumes[self._last] += size
            return 0
        while low < high:
            middle = (low + high) // 2
            if self._ticks[middle] < tick:
                low = middle + 1
            else:
                high = middle
        self._last = low
        if low < self._count and self._ticks[low] == tick:
            self._volumes[low] += size
            return 0
        if self._count == self._capacity:
            capacity = 2 * self._capacity + 64
            ticks = <int64_t*>malloc(capacity * sizeof(int64_t))
            volumes = <int64_t*>malloc(capacity * sizeof(int64_t))
            if ticks == NULL or volumes == NULL:
                free(ticks)
                free(volumes)
                raise MemoryError
            if self._count:
                memcpy(ticks, self._ticks, self._count * sizeof(int64_t))
                memcpy(volumes, self._volumes, self._count * sizeof(int64_t))
            free(self._ticks)
            free(self._volumes)
            self._ticks = ticks
            self._volumes = volumes
            self._capacity = capacity
        memmove(self._ticks + low + 1, self._ticks + low, (self._count - low) * sizeof(int64_t))
        memmove(self._volumes + low + 1, self._volumes + low, (self._count - low) * sizeof(int64_t))
        self._ticks[low] = tick
        self._volumes[low] = size
        self._count += 1
        return 0

    cdef int _close(self) except -1:
        cdef Bar bar = self._bar
        cdef Py_ssize_t i
        self.closed.append(
            (
                (
                    bar.ts,
                    bar.open,
                    bar.high,
                    bar.low,
                    bar.close,
                    bar.buy,
                    bar.sell,
                    bar.unsigned_,
                    bar.trade_count,
                ),
                (
                    [self._ticks[i] for i in range(self._count)],
                    [self._volumes[i] for i in range(self._count)],
                ),
            )
        )
        self._is_open = False
        self._earliest = bar.ts + NANOS_PER_SECOND
        self._count = 0
        return 0

    cdef int _on_trade(self, int64_t ts, int64_t tick, int64_t size, int sign) except -1:
        cdef int64_t second = floor_div(ts, NANOS_PER_SECOND) * NANOS_PER_SECOND
        if self._is_open:
            if extend(&self._bar, second, tick, size, sign):
                self.late_trades += second < self._bar.ts
                return self._print(tick, size)
            self._close()
        if second < self._earliest:
            self.late_trades += 1
            second = self._earliest
        start(&self._bar, second, tick, size, sign)
        self._is_open = True
        return self._print(tick, size)

    def update(self, int64_t ts_event, int64_t tick, int64_t size, int sign=0):
        if size < 0:
            raise ValueError(f"`size` must not be negative, was {size}")
        self._on_trade(ts_event, tick, size, sign)

    def close_until(self, int64_t ts):
        cdef int64_t second = floor_div(ts, NANOS_PER_SECOND) * NANOS_PER_SECOND
        if self._is_open and self._bar.ts < second:
            self._close()
        if not self._is_open and second > self._earliest:
            self._earliest = second

    def take(self):
        closed = self.closed
        self.closed = []
        return closed


def second_bars(
    const int64_t[::1] ts_event not None,
    const int64_t[::1] ticks not None,
    const int64_t[::1] sizes not None,
    const int8_t[::1] signs not None,
):
    cdef Py_ssize_t i, row = 0, n = ts_event.shape[0]
    cdef int64_t second
    cdef Bar bar
    if not ticks.shape[0] == sizes.shape[0] == signs.shape[0] == n:
        raise ValueError("`ts_event`, `ticks`, `sizes` and `signs` must have one length")
    for i in range(n):
        if sizes[i] < 0:
            raise ValueError(f"`sizes` must not be negative, was {sizes[i]} at {i}")
    result = np.empty((n, 9), dtype=np.int64)
    cdef int64_t[:, ::1] out = result
    for i in range(n):
        second = floor_div(ts_event[i], NANOS_PER_SECOND) * NANOS_PER_SECOND
        if i and extend(&bar, second, ticks[i], sizes[i], signs[i]):
            continue
        if i:
            _write(out, row, &bar)
            row += 1
        start(&bar, second, ticks[i], sizes[i], signs[i])
    if n:
        _write(out, row, &bar)
        row += 1
    return result[:row].copy()


cdef void _write(int64_t[:, ::1] out, Py_ssize_t row, Bar* bar) noexcept:
    out[row, 0] = bar.ts
    out[row, 1] = bar.open
    out[row, 2] = bar.high
    out[row, 3] = bar.low
    out[row, 4] = bar.close
    out[row, 5] = bar.buy
    out[row, 6] = bar.sell
    out[row, 7] = bar.unsigned_
    out[row, 8] = bar.trade_count

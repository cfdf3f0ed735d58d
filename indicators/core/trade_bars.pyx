"""Bars of trades with the volume of each aggressor side, and the volume at each price."""

import numpy as np

from libc.stdint cimport int8_t
from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc
from libc.stdlib cimport realloc
from libc.string cimport memcpy
from libc.string cimport memmove

from indicators.core.bar_closer cimport MAX_EMPTY_BARS
from indicators.core.bar_closer cimport BarCloser


COLUMNS = ("ts", "open", "high", "low", "close", "buy", "sell", "unsigned", "trade_count")


cdef inline void add_print(Bar* bar, int64_t tick, int64_t size, int sign) noexcept nogil:
    if bar.trade_count == 0:
        bar.open = bar.high = bar.low = tick
        bar.buy = bar.sell = bar.unsigned_ = 0
    elif tick > bar.high:
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


cdef class TradeBars(BarCloser):
    def __cinit__(self, int64_t interval_ns, bint with_empty=False):
        self._set_up(interval_ns, with_empty, MAX_EMPTY_BARS)
        self._ticks = NULL
        self._volumes = NULL
        self._capacity = 0
        self._rows = NULL
        self._row_capacity = 0
        self.reset()

    def __dealloc__(self):
        free(self._ticks)
        free(self._volumes)
        free(self._rows)

    def reset(self):
        self._close_nothing()
        self.closed = []
        self._bar.trade_count = 0
        self._count = 0
        self._last = 0
        self._row_count = 0
        self._batch = False
        self.late_trades = 0

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

    cdef int _store(self) except -1:
        cdef Py_ssize_t capacity
        cdef Bar* rows
        if self._row_count == self._row_capacity:
            capacity = max(1024, 2 * self._row_capacity)
            rows = <Bar*>realloc(self._rows, capacity * sizeof(Bar))
            if rows == NULL:
                raise MemoryError
            self._rows = rows
            self._row_capacity = capacity
        self._rows[self._row_count] = self._bar
        self._row_count += 1
        return 0

    cdef int _close_bar(self) except -1:
        cdef Bar* bar = &self._bar
        cdef Py_ssize_t i
        bar.ts = self.bar_start
        if bar.trade_count == 0:
            # Nothing was traded: the price stays where it was.
            bar.open = bar.high = bar.low = bar.close
            bar.buy = bar.sell = bar.unsigned_ = 0
        if self._batch:
            self._store()
        else:
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
        bar.trade_count = 0
        self._count = 0
        return 0

    cdef int _on_trade(self, int64_t ts, int64_t tick, int64_t size, int sign) except -1:
        cdef Bar* bar = &self._bar
        if self.is_open:
            if ts >= self.bar_end:
                self._advance(ts)
            elif ts < self.bar_start:
                # It joins the bar in progress: what is published stays as it is.
                self.late_trades += 1
        if not self.is_open:
            self.late_trades += self._open_bar(ts)
        add_print(bar, tick, size, sign)
        return 0 if self._batch else self._print(tick, size)

    def update(self, int64_t ts_event, int64_t tick, int64_t size, int sign=0):
        if size < 0:
            raise ValueError(f"`size` must not be negative, was {size}")
        self._on_trade(ts_event, tick, size, sign)

    def update_many(
        self,
        const int64_t[::1] ts_event not None,
        const int64_t[::1] ticks not None,
        const int64_t[::1] sizes not None,
        const int8_t[::1] signs not None,
    ):
        cdef Py_ssize_t i, n = ts_event.shape[0]
        if not ticks.shape[0] == sizes.shape[0] == signs.shape[0] == n:
            raise ValueError("`ts_event`, `ticks`, `sizes` and `signs` must have one length")
        for i in range(n):
            if sizes[i] < 0:
                raise ValueError(f"`sizes` must not be negative, was {sizes[i]} at {i}")
        for i in range(n):
            self._on_trade(ts_event[i], ticks[i], sizes[i], signs[i])


def trade_bars(
    const int64_t[::1] ts_event not None,
    const int64_t[::1] ticks not None,
    const int64_t[::1] sizes not None,
    const int8_t[::1] signs not None,
    int64_t interval_ns,
    bint with_empty=False,
):
    cdef Py_ssize_t i, n = ts_event.shape[0]
    cdef TradeBars core = TradeBars(interval_ns, with_empty)
    cdef unsigned char[::1] view
    if not ticks.shape[0] == sizes.shape[0] == signs.shape[0] == n:
        raise ValueError("`ts_event`, `ticks`, `sizes` and `signs` must have one length")
    for i in range(n):
        if sizes[i] < 0:
            raise ValueError(f"`sizes` must not be negative, was {sizes[i]} at {i}")
    core._batch = True
    for i in range(n):
        if core.is_open and core.bar_start <= ts_event[i] < core.bar_end:
            add_print(&core._bar, ticks[i], sizes[i], signs[i])
        else:
            core._on_trade(ts_event[i], ticks[i], sizes[i], signs[i])
    if core.is_open:
        core._advance(core.bar_end)
    result = np.empty((core._row_count, len(COLUMNS)), dtype=np.int64)
    if core._row_count:
        view = result.reshape(-1).view(np.uint8)
        memcpy(&view[0], core._rows, core._row_count * sizeof(Bar))
    return result

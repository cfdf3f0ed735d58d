"""Zigzag pivots on the wicks of bars, known from the bar that confirms them on."""

from typing import NamedTuple

import numpy as np

from errors import ParameterError
from indicators.core.exact import exact

from libc.math cimport INFINITY
from libc.math cimport NAN
from libc.math cimport fabs
from libc.math cimport isfinite
from libc.math cimport isnan
from libc.stdint cimport int64_t

from indicators.core.decimal_price cimport price_of
from indicators.core.row_buffer cimport RowBuffer


LEAST_PCT = 1e-6
STRUCTURES = ("LL", "HL", "LH", "HH")
PIVOT_DTYPE = np.dtype(
    [
        ("bar", np.int64),
        ("ts", np.int64),
        ("tick", np.int64),
        ("is_high", np.int64),
        ("structure", np.int64),
        ("confirmed_bar", np.int64),
        ("confirmed_ts", np.int64),
        ("bars", np.int64),
        ("duration_ns", np.int64),
        ("is_seed", np.int64),
        ("return_pct", np.float64),
    ]
)


class Pivot(NamedTuple):
    bar: int
    ts: int
    tick: int
    is_high: bool
    structure: str
    confirmed_bar: int | None
    confirmed_ts: int | None
    bars: int
    duration_ns: int
    is_seed: bool
    return_pct: float | None


cdef object pivot_values(PivotRow* row):
    cdef bint is_tail = row.confirmed_bar < 0
    return Pivot(
        row.bar,
        row.ts,
        row.tick,
        bool(row.is_high),
        STRUCTURES[row.structure],
        None if is_tail else row.confirmed_bar,
        None if is_tail else row.confirmed_ts,
        row.bars,
        row.duration_ns,
        bool(row.is_seed),
        None if isnan(row.return_pct) else row.return_pct,
    )


cdef class Zigzag:
    def __cinit__(self, tick_size, double reversal_pct=0.12, bint keep_opposite=False):
        tick = exact("tick_size", tick_size)
        if not (isfinite(reversal_pct) and LEAST_PCT <= reversal_pct < 100.0):
            raise ParameterError(
                "reversal_pct", f"{reversal_pct!r} is not within {LEAST_PCT:g} to 100"
            )
        self._numerator, self._denominator = tick.numerator, tick.denominator
        self.reversal_pct = reversal_pct
        self._threshold = reversal_pct / 100.0
        self.keep_opposite = keep_opposite
        self.count = 0
        self._has_pivot = False

    def reset(self):
        self.count = 0
        self._has_pivot = False

    def start_again(self):
        self._has_pivot = False

    cdef double _price(self, int64_t tick) noexcept nogil:
        return price_of(tick, self._numerator, self._denominator)

    cdef double _reversal(self, int64_t extreme, int64_t opposite) noexcept nogil:
        cdef double price = self._price(extreme)
        if extreme == opposite:
            return 0.0
        # Any move away from zero is larger than each share of it.
        if extreme == 0:
            return INFINITY if (opposite < 0) == self._is_up else -INFINITY
        if self._is_up:
            return (price - self._price(opposite)) / fabs(price)
        return (self._price(opposite) - price) / fabs(price)

    cdef PivotRow _row(self, int64_t confirmed_bar, int64_t confirmed_ts) noexcept nogil:
        # The running extreme as a pivot.
        cdef PivotRow row
        cdef double before = self._price(self._pivot.tick)
        cdef bint is_high = self._is_up
        row.bar = self._extreme_bar
        row.ts = self._extreme_ts
        row.tick = self._extreme
        row.is_high = is_high
        if is_high:
            row.structure = 3 if not self._has_high or self._extreme > self._last_high else 2
        else:
            # There is a low before each other low: the seed.
            row.structure = 1 if self._extreme > self._last_low else 0
        row.confirmed_bar = confirmed_bar
        row.confirmed_ts = confirmed_ts
        row.bars = row.bar - self._pivot.bar
        row.duration_ns = row.ts - self._pivot.ts
        row.is_seed = False
        row.return_pct = NAN
        if self._pivot.tick > 0:
            row.return_pct = (self._price(row.tick) / before - 1.0) * 100.0
        elif self._pivot.tick < 0:
            # A rise is positive at negative prices as well.
            row.return_pct = -(self._price(row.tick) / before - 1.0) * 100.0
        return row

    cdef bint _step(self, int64_t ts, int64_t high, int64_t low) noexcept nogil:
        cdef int64_t i = self.count, edge, opposite
        cdef bint is_new
        self.count += 1
        if not self._has_pivot:
            self._has_pivot = True
            self._has_high = False
            self._last_low = low
            self._is_up = True
            self._extreme_bar = i
            self._extreme_ts = ts
            self._extreme = high
            self._pivot.bar = self._pivot.confirmed_bar = i
            self._pivot.ts = self._pivot.confirmed_ts = ts
            self._pivot.tick = low
            self._pivot.is_high = False
            self._pivot.structure = 1
            self._pivot.bars = 0
            self._pivot.duration_ns = 0
            self._pivot.is_seed = True
            self._pivot.return_pct = 0.0
            return True
        edge = high if self._is_up else low
        opposite = low if self._is_up else high
        is_new = edge >= self._extreme if self._is_up else edge <= self._extreme
        if is_new or (not self.keep_opposite and self._extreme_bar <= self._pivot.bar):
            self._extreme_bar = i
            self._extreme_ts = ts
            self._extreme = edge
        if not self._reversal(self._extreme, opposite) >= self._threshold:
            return False
        self._pivot = self._row(i, ts)
        if self._is_up:
            self._has_high = True
            self._last_high = self._extreme
        else:
            self._last_low = self._extreme
        self._is_up = not self._is_up
        self._extreme_bar = i
        self._extreme_ts = ts
        self._extreme = opposite
        return True

    cdef bint _has_tail(self) noexcept nogil:
        return self._has_pivot and self._extreme_bar > self._pivot.bar

    def update(self, int64_t ts, int64_t high, int64_t low):
        if low > high:
            raise ValueError(f"`low` must not be above `high`, was {low} above {high}")
        return pivot_values(&self._pivot) if self._step(ts, high, low) else None

    @property
    def pivot(self):
        return pivot_values(&self._pivot) if self._has_pivot else None

    @property
    def tail(self):
        cdef PivotRow row
        if not self._has_tail():
            return None
        row = self._row(-1, -1)
        return pivot_values(&row)


def zigzag_pivots(
    const int64_t[::1] ts not None,
    const int64_t[::1] high not None,
    const int64_t[::1] low not None,
    tick_size,
    double reversal_pct=0.12,
    bint keep_opposite=False,
    *,
    bint with_tail=False,
):
    cdef Zigzag core = Zigzag(tick_size, reversal_pct, keep_opposite)
    cdef RowBuffer rows = RowBuffer(sizeof(PivotRow))
    cdef Py_ssize_t i, n = ts.shape[0]
    if not high.shape[0] == low.shape[0] == n:
        raise ValueError("`ts`, `high` and `low` must have one length")
    for i in range(n):
        if low[i] > high[i]:
            raise ValueError(f"`low` must not be above `high`, was {low[i]} above {high[i]} at {i}")
        if core._step(ts[i], high[i], low[i]):
            (<PivotRow*>rows._add())[0] = core._pivot
    if with_tail and core._has_tail():
        (<PivotRow*>rows._add())[0] = core._row(-1, -1)
    return rows.take(PIVOT_DTYPE)


def auto_reversal_pct(
    const int64_t[::1] high not None,
    const int64_t[::1] low not None,
    const int64_t[::1] close not None,
    tick_size,
    double ceiling=0.12,
    double factor=1.8,
    double floor=0.04,
):
    tick = exact("tick_size", tick_size)
    cdef int64_t numerator = tick.numerator, denominator = tick.denominator
    cdef Py_ssize_t i, n = high.shape[0], count = 0
    cdef double[::1] view
    cdef double price, candidate
    if not low.shape[0] == close.shape[0] == n:
        raise ValueError("`high`, `low` and `close` must have one length")
    for name, value in (("ceiling", ceiling), ("factor", factor), ("floor", floor)):
        if not (isfinite(value) and value > 0):
            raise ParameterError(name, f"{value!r} is not positive")
    ranges = np.empty(n, dtype=np.float64)
    view = ranges
    for i in range(n):
        price = price_of(close[i], numerator, denominator)
        if close[i] > 0:
            view[count] = (
                price_of(high[i], numerator, denominator)
                - price_of(low[i], numerator, denominator)
            ) / price * 100.0
            count += 1
    if not count:
        return max(LEAST_PCT, ceiling)
    candidate = factor * float(np.quantile(ranges[:count], 0.5))
    return max(LEAST_PCT, min(ceiling, max(floor, candidate)))

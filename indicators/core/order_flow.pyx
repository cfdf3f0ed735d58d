"""Aggressor side of each print and the signed volume of a minute."""

import numpy as np

from libc.math cimport M_SQRT1_2
from libc.math cimport erf
from libc.math cimport sqrt
from libc.stdint cimport int8_t
from libc.stdint cimport int64_t
from libc.stdint cimport uint8_t

from errors import ParameterError


SIDE_SOURCES = ("auto", "venue", "inferred", "both")
RULES = ("QUOTE", "INSIDE", "LOCKED", "NO_QUOTE", "VENUE")

cdef int64_t NANOS_PER_MILLISECOND = 1_000_000


cdef class OrderFlow:
    def __cinit__(
        self,
        str side_source="auto",
        bint use_tick_rule=True,
        int64_t max_quote_staleness_ms=250,
    ):
        if side_source not in SIDE_SOURCES:
            raise ParameterError(
                "side_source", f"must be one of {', '.join(SIDE_SOURCES)}, was {side_source}"
            )
        if max_quote_staleness_ms < 0:
            raise ParameterError(
                "max_quote_staleness_ms", f"must not be negative, was {max_quote_staleness_ms}"
            )
        self._source = SIDE_SOURCES.index(side_source)
        self._tick_rule = use_tick_rule
        self._max_age = max_quote_staleness_ms * NANOS_PER_MILLISECOND
        self.reset()

    def reset(self):
        self._quote_count = 0
        self._has_group = False
        self._group_ts = 0
        self._has_pinned = False
        self._has_previous = False
        self._previous_price = 0
        self._last_sign = 0
        self._feed_has_sides = False
        self.cvd = 0
        self.compared_volume = 0
        self.agreed_volume = 0
        self._rule = NO_QUOTE
        self._quote_sign = 0
        self._start_minute()

    cdef void _start_minute(self) noexcept nogil:
        self.buy = 0
        self.sell = 0
        self.unsigned_volume = 0
        self.ambiguous = 0
        self.trade_count = 0
        self.group_count = 0
        self.stale_trades = 0

    cdef void _on_quote(self, int64_t ts, int64_t bid, int64_t ask) noexcept nogil:
        cdef Quote* quote = &self._quotes[self._quote_count & 255]
        quote.ts = ts
        quote.bid = bid
        quote.ask = ask
        self._quote_count += 1

    cdef int _on_trade(self, int64_t ts, int64_t price, int64_t size, int side) noexcept nogil:
        cdef int64_t i, oldest
        cdef int venue = 1 if side == 1 else (-1 if side == 2 else 0)
        cdef int inferred = 0
        cdef int sign
        cdef bint by_venue
        if not self._has_group or ts != self._group_ts:
            # All prints of one time stamp are judged by the quote before the first of them: a
            # sweep must not be judged by the quote it has itself moved.
            self._has_group = True
            self._group_ts = ts
            self.group_count += 1
            self._has_pinned = False
            i = self._quote_count - 1
            oldest = self._quote_count - 256
            while i >= 0 and i >= oldest:
                if self._quotes[i & 255].ts <= ts:
                    self._pinned = self._quotes[i & 255]
                    self._has_pinned = True
                    break
                i -= 1

        if not self._has_pinned:
            self._rule = NO_QUOTE
        elif self._pinned.bid >= self._pinned.ask:
            self._rule = LOCKED
        elif price >= self._pinned.ask:
            self._rule = QUOTE
            inferred = 1
        elif price <= self._pinned.bid:
            self._rule = QUOTE
            inferred = -1
        else:
            self._rule = INSIDE
        self._quote_sign = inferred
        if inferred == 0 and self._tick_rule and self._has_previous:
            if price > self._previous_price:
                inferred = 1
            elif price < self._previous_price:
                inferred = -1
            else:
                inferred = self._last_sign

        if venue != 0:
            self._feed_has_sides = True
        by_venue = self._source == VENUE or (self._source == AUTO and self._feed_has_sides)
        if by_venue:
            sign = venue
            self._rule = VENUE_SIDE
            if venue == 0:
                self.ambiguous += size
        else:
            sign = inferred
            if self._quote_sign == 0:
                self.ambiguous += size
            if self._source == BOTH and venue != 0 and inferred != 0:
                self.compared_volume += size
                if venue == inferred:
                    self.agreed_volume += size

        if self._has_pinned and ts - self._pinned.ts > self._max_age:
            self.stale_trades += 1
        self._previous_price = price
        self._has_previous = True
        if sign != 0:
            self._last_sign = sign
        self.trade_count += 1
        if sign > 0:
            self.buy += size
            self.cvd += size
        elif sign < 0:
            self.sell += size
            self.cvd -= size
        else:
            self.unsigned_volume += size
        return sign

    def update_quote(self, int64_t ts_event, int64_t bid, int64_t ask):
        self._on_quote(ts_event, bid, ask)

    def update_trade(self, int64_t ts_event, int64_t price, int64_t size, int side=0):
        if size <= 0:
            raise ValueError(f"`size` must be positive, was {size}")
        return self._on_trade(ts_event, price, size, side)

    def start_minute(self):
        self._start_minute()

    @property
    def delta(self):
        return self.buy - self.sell

    @property
    def volume(self):
        return self.buy + self.sell + self.unsigned_volume

    @property
    def rule(self):
        return RULES[self._rule]

    @property
    def quote_sign(self):
        return self._quote_sign

    @property
    def quote_age_ns(self):
        return self._group_ts - self._pinned.ts if self._has_pinned else None

    @property
    def agreement(self):
        if self.compared_volume == 0:
            return None
        return <double>self.agreed_volume / <double>self.compared_volume

    def update_many(
        self,
        const uint8_t[::1] kinds not None,
        const int64_t[::1] ts_event not None,
        const int64_t[::1] price not None,
        const int64_t[::1] ask not None,
        const int64_t[::1] size not None,
        const uint8_t[::1] side not None,
    ):
        cdef Py_ssize_t i, n = kinds.shape[0]
        if not (
            ts_event.shape[0] == price.shape[0] == ask.shape[0] == size.shape[0]
            == side.shape[0] == n
        ):
            raise ValueError("the columns must have one length")
        for i in range(n):
            if kinds[i] != 0 and size[i] <= 0:
                raise ValueError(f"`size` must be positive, was {size[i]} at {i}")
        result = np.zeros(n, dtype=np.int8)
        cdef int8_t[::1] out = result
        with nogil:
            for i in range(n):
                if kinds[i] == 0:
                    self._on_quote(ts_event[i], price[i], ask[i])
                else:
                    out[i] = self._on_trade(ts_event[i], price[i], size[i], side[i])
        return result


cdef double bulk_buy_fraction_c(const double* changes, Py_ssize_t n) noexcept nogil:
    cdef double mean = 0.0, squares = 0.0, deviation
    cdef Py_ssize_t i
    if n < 2:
        return 0.5
    for i in range(n):
        mean += changes[i]
    mean /= n
    for i in range(n):
        squares += (changes[i] - mean) * (changes[i] - mean)
    deviation = sqrt(squares / (n - 1))
    if deviation == 0.0:
        return 0.5
    return 0.5 * (1.0 + erf(changes[n - 1] / deviation * M_SQRT1_2))


def bulk_buy_fraction(const double[::1] changes not None):
    return bulk_buy_fraction_c(&changes[0] if changes.shape[0] else NULL, changes.shape[0])

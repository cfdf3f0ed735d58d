"""Imbalance of the best bid and ask sizes, and the average spread at minute closes."""

import numpy as np

from libc.math cimport NAN
from libc.stdint cimport int64_t

from errors import ParameterError


cdef extern from "<math.h>" nogil:
    long double expl(long double)
    long double logl(long double)


cdef class QuoteImbalance:
    def __cinit__(self, int span_seconds=60):
        if span_seconds < 2:
            raise ParameterError("span_seconds", f"must be at least 2, was {span_seconds}")
        self.span_seconds = span_seconds
        # Imbalances of both signs cancel: a double loses the digits of an average near zero.
        self._log_decay = logl(<long double>(span_seconds - 1) / <long double>(span_seconds + 1))
        self.reset()

    def reset(self):
        self._has_value = False
        self._value = NAN
        self._ema = NAN
        self._ema_ts = 0

    cdef long double _at(self, int64_t ts) noexcept nogil:
        if ts <= self._ema_ts or self._ema == self._value:
            return self._ema
        return self._value + (self._ema - self._value) * expl(
            self._log_decay * (<long double>(ts - self._ema_ts) / <long double>1e9)
        )

    cdef void _on_quote(self, int64_t ts, int64_t bid_size, int64_t ask_size) noexcept nogil:
        cdef int64_t total = bid_size + ask_size
        cdef long double value = 0.0
        if total != 0:
            value = <long double>(bid_size - ask_size) / <long double>total
        if self._has_value:
            if ts > self._ema_ts:
                self._ema = self._at(ts)
                self._ema_ts = ts
        else:
            self._ema = value
            self._ema_ts = ts
            self._has_value = True
        self._value = value

    cdef void _start_minute(self, int64_t ts) noexcept nogil:
        self._ema = self._value
        self._ema_ts = ts

    def update(self, int64_t ts_event, int64_t bid_size, int64_t ask_size):
        if bid_size < 0 or ask_size < 0:
            raise ValueError("`bid_size` and `ask_size` must not be negative")
        self._on_quote(ts_event, bid_size, ask_size)

    def update_many(
        self,
        const int64_t[::1] ts_event not None,
        const int64_t[::1] bid_size not None,
        const int64_t[::1] ask_size not None,
    ):
        cdef Py_ssize_t i, n = ts_event.shape[0]
        if bid_size.shape[0] != n or ask_size.shape[0] != n:
            raise ValueError("`ts_event`, `bid_size` and `ask_size` must have one length")
        for i in range(n):
            if bid_size[i] < 0 or ask_size[i] < 0:
                raise ValueError(f"`bid_size` and `ask_size` must not be negative, were at {i}")
        with nogil:
            for i in range(n):
                self._on_quote(ts_event[i], bid_size[i], ask_size[i])

    def start_minute(self, int64_t ts_boundary):
        self._start_minute(ts_boundary)

    def value_at(self, int64_t ts):
        return <double>self._at(ts) if self._has_value else None

    @property
    def value(self):
        return <double>self._value if self._has_value else None


cdef class SpreadAverage:
    def __cinit__(self, int minutes=60):
        if minutes < 1:
            raise ParameterError("minutes", f"must be positive, was {minutes}")
        self.minutes = minutes
        self._spreads = np.zeros(minutes, dtype=np.int64)
        self._known = np.zeros(minutes, dtype=np.int64)
        self.reset()

    def reset(self):
        self._spreads[:] = 0
        self._known[:] = 0
        self._next = 0
        self.spread_sum = 0
        self.count = 0

    cdef void _close(self, bint known, int64_t spread) noexcept nogil:
        cdef Py_ssize_t i = self._next
        self.spread_sum -= self._spreads[i]
        self.count -= self._known[i]
        self._spreads[i] = spread if known else 0
        self._known[i] = known
        self.spread_sum += self._spreads[i]
        self.count += self._known[i]
        self._next = (i + 1) % self.minutes

    def close(self, spread):
        if spread is None:
            self._close(False, 0)
        else:
            self._close(True, spread)

    @property
    def value(self):
        return <double>self.spread_sum / <double>self.count if self.count else None

"""Detection of gaps: silences of an open market."""

from libc.stdint cimport int64_t
from libc.stdint cimport uint8_t

from errors import ParameterError


# An open market quotes all the time, unless its quotes were sampled. It may well go without a print
# for minutes, a thin one for hours. So a silence is also measured by the pace of what came before.
QUOTE_PACE = 5
PRINT_FACTOR = 15
PRINT_PACE = 100
cdef int64_t OF_QUOTES = QUOTE_PACE
cdef int64_t FACTOR = PRINT_FACTOR
cdef int64_t OF_PRINTS = PRINT_PACE
cdef int64_t NEVER = 2**63 - 1
cdef double NANOS_PER_SECOND = 1e9


cdef class GapFinder:
    def __cinit__(self, double gap_after_s, closed_ns=None):
        if not 0.0 < gap_after_s < 1e9:
            raise ParameterError(
                "gap_after_s", f"must be positive and below 1e9, was {gap_after_s}"
            )
        self.limit_ns = <int64_t>(gap_after_s * NANOS_PER_SECOND + 0.5)
        self._closed_ns = closed_ns
        self.reset()

    def __repr__(self):
        return f"GapFinder({self.limit_ns / NANOS_PER_SECOND:g})"

    def reset(self):
        self.has_quotes = False
        self.found = []
        self._has_last = False
        self._is_silent = False
        self._is_paused = False
        self._last = 0
        self._latest = 0
        self._check_at = 0
        self._intervals = 0
        self._interval_ns = 0

    cdef int64_t _open_ns(self, int64_t start, int64_t end) except -1:
        if self._closed_ns is None:
            return end - start
        return end - start - <int64_t>self._closed_ns(start, end)

    cdef int64_t _limit(self) noexcept:
        cdef int64_t mean = self._interval_ns // self._intervals if self._intervals else 0
        if not self.has_quotes:
            if self._intervals < OF_PRINTS:
                return NEVER
            return max(FACTOR * self.limit_ns, OF_PRINTS * mean)
        if self._intervals < OF_QUOTES:
            return self.limit_ns
        return max(self.limit_ns, OF_QUOTES * mean)

    cdef bint _take(self, int64_t ts) except -1:
        cdef int64_t limit = self._limit()
        cdef int64_t silent_ns = ts - self._last if self._has_last else 0
        self._is_silent = False
        self._check_at = 0
        if silent_ns > self.limit_ns:
            silent_ns = self._open_ns(self._last, ts)
        if silent_ns > limit:
            self.found.append((self._last, ts, silent_ns))
        elif self._has_last:
            self._intervals += 1
            self._interval_ns += max(<int64_t>0, silent_ns)
        if not self._has_last or ts > self._last:
            self._last = ts
        self._has_last = True
        return silent_ns > limit

    cdef bint _on_quote(self, int64_t ts) except -1:
        cdef bint is_gap
        if self._is_paused:
            return False
        is_gap = self._take(ts)
        if not self.has_quotes:
            self.has_quotes = True
            self._intervals = 0
            self._interval_ns = 0
        return is_gap

    cdef bint _on_trade(self, int64_t ts) except -1:
        if self._is_paused:
            return False
        if self.has_quotes:
            self._latest = max(self._latest, ts)
            return False
        return self._take(ts)

    cdef bint _silent_at(self, int64_t ts) except -1:
        cdef int64_t limit, open_ns
        if self._is_silent:
            return True
        if (
            not self._has_last
            or self._is_paused
            or ts - self._last <= self.limit_ns
            or ts < self._check_at
        ):
            return False
        limit = self._limit()
        open_ns = self._open_ns(self._last, ts)
        if open_ns > limit:
            self._is_silent = True
            return True
        # Until then the market cannot have been silent for long enough.
        self._check_at = ts + limit - open_ns if limit < NEVER else NEVER
        return False

    def on_quote(self, int64_t ts_event):
        return self._on_quote(ts_event)

    def on_trade(self, int64_t ts_event):
        return self._on_trade(ts_event)

    def is_silent_at(self, int64_t ts):
        return self._silent_at(ts)

    def unended(self):
        cdef int64_t open_ns
        if not self._has_last or self._latest - self._last <= self.limit_ns:
            return None
        open_ns = self._open_ns(self._last, self._latest)
        return (self._last, self._latest, open_ns) if open_ns > self._limit() else None

    def update_many(self, const uint8_t[::1] kinds not None, const int64_t[::1] ts_event not None):
        cdef Py_ssize_t i, n = kinds.shape[0]
        if ts_event.shape[0] != n:
            raise ValueError("the columns must have one length")
        for i in range(n):
            if kinds[i] == 0:
                self._on_quote(ts_event[i])
            else:
                self._on_trade(ts_event[i])

    def pause(self):
        self._is_paused = True

    def resume(self, int64_t ts, bint has_quotes):
        self._is_paused = False
        if has_quotes is not self.has_quotes:
            self._intervals = 0
            self._interval_ns = 0
        self.has_quotes = has_quotes
        self._has_last = True
        self._is_silent = False
        self._last = ts
        self._check_at = 0

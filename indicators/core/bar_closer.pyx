"""When a bar of aligned intervals opens and closes: the one rule for all bars of ticks."""

from libc.stdint cimport int64_t

from indicators.core.arithmetic cimport floor_div

from errors import ParameterError


cdef int64_t NANOS_PER_DAY = 86_400_000_000_000
cdef int64_t BEGINNING = -(<int64_t>1 << 62)


cdef class BarCloser:
    def __cinit__(self):
        self.interval_ns = 1
        self.closed = []
        self._close_nothing()

    cdef int _set_up(self, int64_t interval_ns, bint with_empty, int64_t longest_bars) except -1:
        if interval_ns < 1:
            raise ParameterError("interval_ns", f"must be positive, was {interval_ns}")
        self.interval_ns = interval_ns
        self.with_empty = with_empty
        self._longest_ns = min(longest_bars, (<int64_t>1 << 62) // interval_ns) * interval_ns
        return 0

    cdef void _close_nothing(self) noexcept:
        self.is_open = False
        self.bar_start = BEGINNING
        self.bar_end = BEGINNING

    cdef bint _open_bar(self, int64_t ts) noexcept:
        # What is closed stays as it is: a late event opens the earliest bar that is not.
        cdef bint is_late = ts < self.bar_end
        self.bar_start = self.bar_end
        if not is_late:
            self.bar_start = floor_div(ts, self.interval_ns) * self.interval_ns
        self.bar_end = self.bar_start + self.interval_ns
        self.is_open = True
        return is_late

    cdef int _advance(self, int64_t ts) except -1:
        cdef int64_t start
        if self.is_open and self.with_empty:
            if ts - self.bar_end > self._longest_ns:
                raise ValueError(
                    f"time {ts} lies more than {self._longest_ns // NANOS_PER_DAY} days after the "
                    f"bar that ends at {self.bar_end}"
                )
            while ts >= self.bar_end:
                self._close_bar()
                self.bar_start = self.bar_end
                self.bar_end += self.interval_ns
            return 0
        if self.is_open and ts >= self.bar_end:
            self._close_bar()
            self.is_open = False
        if not self.is_open:
            start = floor_div(ts, self.interval_ns) * self.interval_ns
            if start > self.bar_end:
                self.bar_end = start
        return 0

    cdef int _close_bar(self) except -1:
        raise NotImplementedError(f"{type(self).__name__} does not say how it closes a bar")

    def close_until(self, int64_t ts):
        self._advance(ts)

    def take(self):
        closed = self.closed
        self.closed = []
        return closed

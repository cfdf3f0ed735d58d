"""The session of market context: its times, whether its data are whole, the balance before it."""

from libc.stdint cimport int64_t

from indicators.core.value_area cimport Area


cdef class ContextSession:
    def __cinit__(self, source):
        self._source = source
        self._clear()

    cdef void _clear(self) noexcept:
        self.start = self.end = self.minutes = 0
        self.is_whole = False
        self._end(True)

    cdef int _begin(self, int64_t ts) except -1:
        start, end = self._source(ts)
        if not (end > ts and end > start):
            raise ValueError(f"the session of {ts} is given from {start} to {end}")
        self.start = start
        self.end = end
        self.minutes = 0
        return 0

    cdef void _end(self, bint is_silent) noexcept:
        # A session in part gives no balance, and that of an older one is out of date.
        self.has_balance = self.is_whole and not is_silent
        self.balance_start = self.balance_poc = self.balance_val = self.balance_vah = 0

    cdef void _set_balance(self, Area area, int64_t bin_ticks) noexcept:
        self.balance_start = self.start
        self.balance_poc = area.poc * bin_ticks
        self.balance_val = area.val * bin_ticks
        self.balance_vah = area.vah * bin_ticks

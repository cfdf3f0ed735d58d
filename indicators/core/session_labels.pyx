"""The label of the market session in force, read once for each."""

from libc.stdint cimport int64_t

from indicators.core.context_row import LABELS


cdef class SessionLabels:
    def __cinit__(self, source=None):
        self._source = source
        self._clear()

    cdef void _clear(self) noexcept:
        self.label = self.next_label = 0
        self.since = 0
        self.until = -(<int64_t>1 << 62)

    cdef int _read(self, int64_t ts) except -1:
        if self._source is None or ts < self.until:
            return 0
        label, following, since, until = self._source(ts)
        if not since <= ts < until:
            raise ValueError(f"the label of {ts} is given from {since} until {until}")
        self.label = LABELS.index(label)
        self.next_label = LABELS.index(following)
        self.since = since
        self.until = until
        return 0

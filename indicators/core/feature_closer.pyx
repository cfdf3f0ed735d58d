"""Features of closed bars from quotes and prints: event by event and in columns, with gaps."""

import numpy as np

from libc.stdint cimport int64_t
from libc.stdint cimport uint8_t
from libc.stdlib cimport free
from libc.stdlib cimport realloc
from libc.string cimport memcpy

from indicators.core.bar_closer cimport BarCloser


cdef class FeatureCloser(BarCloser):
    def __cinit__(self):
        self._rows = NULL
        self._row_capacity = 0
        self._row_count = 0
        self._batch = False
        self._has_gap = False

    def __dealloc__(self):
        free(self._rows)

    cdef int _set_rows(self, object dtype, Py_ssize_t size) except -1:
        if dtype.itemsize != size:
            raise ImportError("the row struct and its NumPy type differ")
        self._dtype = dtype
        self._row_size = size
        return 0

    cdef int _store(self, const void* row) except -1:
        cdef Py_ssize_t capacity
        cdef char* rows
        if self._row_count == self._row_capacity:
            capacity = max(1024, 2 * self._row_capacity)
            rows = <char*>realloc(self._rows, capacity * self._row_size)
            if rows == NULL:
                raise MemoryError
            self._rows = rows
            self._row_capacity = capacity
        memcpy(self._rows + self._row_count * self._row_size, row, self._row_size)
        self._row_count += 1
        return 0

    cdef int _on_quote(
        self, int64_t ts, int64_t bid, int64_t ask, int64_t bid_size, int64_t ask_size
    ) except -1:
        raise NotImplementedError(f"{type(self).__name__} takes no quotes")

    cdef int _on_trade(self, int64_t ts, int64_t price, int64_t size, int side) except -1:
        raise NotImplementedError(f"{type(self).__name__} takes no prints")

    cdef int _take_many(
        self,
        Py_ssize_t n,
        const uint8_t* kinds,
        const int64_t* ts_event,
        const int64_t* price,
        const int64_t* ask,
        const int64_t* size,
        const int64_t* ask_size,
        const uint8_t* side,
    ) except -1:
        cdef Py_ssize_t i
        for i in range(n):
            if kinds[i] == 0:
                self._on_quote(ts_event[i], price[i], ask[i], size[i], ask_size[i])
            else:
                self._on_trade(ts_event[i], price[i], size[i], side[i])
        return 0

    cdef tuple _values_of(self, const void* row):
        raise NotImplementedError(f"{type(self).__name__} has no values")

    def update_quote(
        self, int64_t ts_event, int64_t bid, int64_t ask, int64_t bid_size, int64_t ask_size
    ):
        self._on_quote(ts_event, bid, ask, bid_size, ask_size)

    def update_trade(self, int64_t ts_event, int64_t price, int64_t size, int side=0):
        if size <= 0:
            raise ValueError(f"`size` must be positive, was {size}")
        self._on_trade(ts_event, price, size, side)

    def close_until(self, int64_t ts):
        if self.is_open:
            self._advance(ts)

    def update_many(
        self,
        const uint8_t[::1] kinds not None,
        const int64_t[::1] ts_event not None,
        const int64_t[::1] price not None,
        const int64_t[::1] ask not None,
        const int64_t[::1] size not None,
        const int64_t[::1] ask_size not None,
        const uint8_t[::1] side not None,
    ):
        cdef Py_ssize_t i, n = kinds.shape[0]
        if not (
            ts_event.shape[0] == price.shape[0] == ask.shape[0] == size.shape[0]
            == ask_size.shape[0] == side.shape[0] == n
        ):
            raise ValueError("the columns must have one length")
        for i in range(n):
            if kinds[i] != 0 and size[i] <= 0:
                raise ValueError(f"`size` must be positive, was {size[i]} at {i}")
        if n == 0:
            return
        self._batch = True
        try:
            self._take_many(
                n, &kinds[0], &ts_event[0], &price[0], &ask[0], &size[0], &ask_size[0], &side[0]
            )
        finally:
            self._batch = False

    def close_many(self, int64_t ts):
        self._batch = True
        try:
            self.close_until(ts)
        finally:
            self._batch = False

    def take_rows(self):
        result = np.empty(self._row_count, dtype=self._dtype)
        cdef unsigned char[::1] view = result.view(np.uint8)
        if self._row_count:
            memcpy(&view[0], self._rows, self._row_count * self._row_size)
        self._row_count = 0
        return result

    def values(self, rows):
        cdef const unsigned char[::1] view
        cdef Py_ssize_t i
        result = []
        if rows.dtype != self._dtype:
            raise ValueError("`rows` must be rows taken from this class")
        view = np.ascontiguousarray(rows).view(np.uint8)
        for i in range(len(rows)):
            result.append(self._values_of(&view[i * self._row_size]))
        return result

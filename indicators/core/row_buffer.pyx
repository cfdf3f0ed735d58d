"""A growing array of C structs that becomes a NumPy array."""

import numpy as np

from libc.stdlib cimport free
from libc.stdlib cimport realloc
from libc.string cimport memcpy
from libc.string cimport memmove


cdef enum:
    FIRST_CAPACITY = 256


cdef class RowBuffer:
    def __cinit__(self, Py_ssize_t item_size=8):
        if item_size < 1:
            raise ValueError(f"`item_size` must be positive, was {item_size}")
        self._item = item_size
        self._data = NULL
        self._capacity = 0
        self.count = 0

    def __dealloc__(self):
        free(self._data)

    cdef void* _add(self) except NULL:
        cdef Py_ssize_t capacity
        cdef char* data
        if self.count == self._capacity:
            capacity = max(<Py_ssize_t>FIRST_CAPACITY, 2 * self._capacity)
            data = <char*>realloc(self._data, capacity * self._item)
            if data == NULL:
                raise MemoryError
            self._data = data
            self._capacity = capacity
        self.count += 1
        return self._data + (self.count - 1) * self._item

    cdef void _drop(self, Py_ssize_t count) noexcept nogil:
        # The first rows go; the others move to the front.
        self.count -= count
        if self.count:
            memmove(self._data, self._data + count * self._item, self.count * self._item)

    def take(self, dtype):
        cdef unsigned char[::1] view
        if np.dtype(dtype).itemsize != self._item:
            raise ValueError(f"`dtype` must have {self._item} bytes, was {dtype}")
        result = np.empty(self.count, dtype=dtype)
        if self.count:
            view = result.view(np.uint8)
            memcpy(&view[0], self._data, self.count * self._item)
        self.count = 0
        return result

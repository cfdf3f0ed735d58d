cdef class RowBuffer:
    cdef char* _data
    cdef Py_ssize_t _item, _capacity
    cdef readonly Py_ssize_t count

    cdef void* _add(self) except NULL
    cdef void _drop(self, Py_ssize_t count) noexcept nogil
    cdef inline void* _first(self) noexcept nogil:
        return self._data

from libc.stdint cimport int64_t

from indicators.core.volume_zones cimport VolumeZones
from indicators.core.volume_zones cimport Zone


cdef class AlertLevels:
    cdef Zone* _zones
    cdef int64_t* _prices
    cdef Py_ssize_t _count, _capacity
    # The zones of the session before.
    cdef Zone* _kept
    cdef Py_ssize_t _kept_count

    cdef void _clear(self) noexcept
    cdef int _ensure(self, Py_ssize_t needed) except -1
    cdef int _keep(self, VolumeZones zones) except -1
    cdef int _merge(self, VolumeZones zones) except -1

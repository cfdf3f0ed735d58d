from indicators.core.volume_zones cimport VolumeZones
from indicators.core.volume_zones cimport Zone


cdef class ZoneChanges:
    # The zones of the last call: the low ones from the start, the high ones after them.
    cdef Zone* _known
    cdef Py_ssize_t _low_count, _high_count, _capacity

    cdef void _clear(self) noexcept
    cdef tuple _take(self, VolumeZones zones)
    cdef int _compare(
        self,
        const Zone* before,
        Py_ssize_t before_count,
        const Zone* now,
        Py_ssize_t now_count,
        str kind,
        list gone,
        list found,
    ) except -1
    cdef int _keep(self, VolumeZones zones) except -1

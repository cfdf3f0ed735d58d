"""The levels of an alert: low volume nodes of a session and of the one before, by rising price."""

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport realloc
from libc.string cimport memcpy

from indicators.core.volume_zones cimport VolumeZones
from indicators.core.volume_zones cimport Zone


cdef class AlertLevels:
    def __cinit__(self):
        self._zones = NULL
        self._prices = NULL
        self._kept = NULL
        self._capacity = 0
        self._clear()

    def __dealloc__(self):
        free(self._zones)
        free(self._prices)
        free(self._kept)

    cdef void _clear(self) noexcept:
        self._count = 0
        self._kept_count = 0

    cdef int _ensure(self, Py_ssize_t needed) except -1:
        cdef Zone* zones
        cdef Zone* kept
        cdef int64_t* prices
        if needed <= self._capacity:
            return 0
        needed *= 2
        zones = <Zone*>realloc(self._zones, needed * sizeof(Zone))
        if zones == NULL:
            raise MemoryError
        self._zones = zones
        kept = <Zone*>realloc(self._kept, needed * sizeof(Zone))
        if kept == NULL:
            raise MemoryError
        self._kept = kept
        prices = <int64_t*>realloc(self._prices, needed * sizeof(int64_t))
        if prices == NULL:
            raise MemoryError
        self._prices = prices
        self._capacity = needed
        return 0

    cdef int _keep(self, VolumeZones zones) except -1:
        self._ensure(zones.low_count)
        self._kept_count = zones.low_count
        memcpy(self._kept, zones._zones, self._kept_count * sizeof(Zone))
        return 0

    cdef int _merge(self, VolumeZones zones) except -1:
        cdef Py_ssize_t i = 0, k = 0, count = 0
        cdef Zone zone
        self._ensure(zones.low_count + self._kept_count)
        while i < zones.low_count or k < self._kept_count:
            if k == self._kept_count or (
                i < zones.low_count and zones._zones[i].price <= self._kept[k].price
            ):
                zone = zones._zones[i]
                i += 1
            else:
                zone = self._kept[k]
                k += 1
            if count and self._prices[count - 1] == zone.price:
                continue
            self._zones[count] = zone
            self._prices[count] = zone.price
            count += 1
        self._count = count
        return 0

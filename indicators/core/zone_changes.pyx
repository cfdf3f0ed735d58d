"""Which zones of a profile end and begin from one close to the next."""

from libc.stdlib cimport free
from libc.stdlib cimport realloc
from libc.string cimport memcpy

from indicators.core.volume_zones cimport VolumeZones
from indicators.core.volume_zones cimport Zone

from indicators.core.volume_zones import VolumeZone


cdef class ZoneChanges:
    def __cinit__(self):
        self._known = NULL
        self._capacity = 0
        self._clear()

    def __dealloc__(self):
        free(self._known)

    cdef void _clear(self) noexcept:
        self._low_count = self._high_count = 0

    cdef tuple _take(self, VolumeZones zones):
        cdef list gone = [], found = []
        self._compare(
            self._known, self._low_count, zones._zones, zones.low_count, "LVN", gone, found
        )
        self._compare(
            self._known + self._low_count,
            self._high_count,
            zones._zones + zones.low_count,
            zones.high_count,
            "HVN",
            gone,
            found,
        )
        self._keep(zones)
        return gone, found

    cdef int _compare(
        self,
        const Zone* before,
        Py_ssize_t before_count,
        const Zone* now,
        Py_ssize_t now_count,
        str kind,
        list gone,
        list found,
    ) except -1:
        # Zones of one kind lie apart, by rising price. The same prices are the same zone, whatever
        # its volume.
        cdef Py_ssize_t i = 0, k = 0
        cdef bint is_gone, is_found
        while i < before_count or k < now_count:
            is_gone = k == now_count
            is_found = i == before_count
            if not (is_gone or is_found):
                if before[i].low == now[k].low and before[i].high == now[k].high:
                    i += 1
                    k += 1
                    continue
                is_gone = before[i].low <= now[k].low
            if is_gone:
                gone.append(_tuple(kind, before[i]))
                i += 1
            else:
                found.append(_tuple(kind, now[k]))
                k += 1
        return 0

    cdef int _keep(self, VolumeZones zones) except -1:
        cdef Zone* known
        cdef Py_ssize_t count = zones.low_count + zones.high_count
        if count > self._capacity:
            known = <Zone*>realloc(self._known, 2 * count * sizeof(Zone))
            if known == NULL:
                raise MemoryError
            self._known = known
            self._capacity = 2 * count
        if count:
            memcpy(self._known, zones._zones, count * sizeof(Zone))
        self._low_count = zones.low_count
        self._high_count = zones.high_count
        return 0


cdef object _tuple(str kind, Zone zone):
    return VolumeZone(kind, zone.low, zone.high, zone.price, zone.volume)

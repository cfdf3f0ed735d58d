"""Zones of low and high volume of a profile, found at each close."""

from typing import NamedTuple

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc

from indicators.core.arithmetic cimport bin_count
from indicators.core.arithmetic cimport floor_div
from indicators.core.arithmetic cimport sum_bins
from indicators.core.volume_profile cimport VolumeProfile

from errors import ParameterError
from indicators.core.exact import exact_ratio


cdef extern from *:
    ctypedef long long int128_t "__int128"


class VolumeZone(NamedTuple):
    kind: str
    low: int
    high: int
    price: int
    volume: int


cdef class VolumeZones:
    def __cinit__(self, lvn_ratio="0.3", hvn_ratio="1.5"):
        self._low_num, self._low_den = exact_ratio("lvn_ratio", lvn_ratio)
        self._high_num, self._high_den = exact_ratio("hvn_ratio", hvn_ratio)
        self._bins = NULL
        self._zones = NULL
        self._capacity = 0
        self.low_count = 0
        self.high_count = 0

    def __dealloc__(self):
        free(self._bins)
        free(self._zones)

    cdef int _ensure(self, Py_ssize_t n) except -1:
        if n > self._capacity:
            free(self._bins)
            free(self._zones)
            self._capacity = 0
            self._bins = <int64_t*>malloc(2 * n * sizeof(int64_t))
            self._zones = <Zone*>malloc(2 * n * sizeof(Zone))
            if self._bins == NULL or self._zones == NULL:
                raise MemoryError
            self._capacity = 2 * n
        return 0

    cdef int _find(
        self, const int64_t* volumes, int64_t first_tick, Py_ssize_t n, int64_t bin_ticks
    ) except -1:
        cdef int64_t total = 0, populated = 0, first_bin
        cdef int64_t lowest, highest
        cdef Py_ssize_t i, count, start
        cdef const int64_t* bins = volumes
        cdef Zone* zone
        self.low_count = self.high_count = 0
        if n <= 0:
            return 0
        first_bin = floor_div(first_tick, bin_ticks)
        count = bin_count(first_tick, n, bin_ticks)
        self._ensure(count)
        if bin_ticks != 1:
            sum_bins(volumes, first_tick, n, bin_ticks, self._bins)
            bins = self._bins
        for i in range(count):
            total += bins[i]
            populated += bins[i] != 0
        if total == 0:
            return 0
        # Whole volumes: the least that is not below the low threshold, the least above the other.
        lowest = <int64_t>(
            (<int128_t>self._low_num * total + <int128_t>self._low_den * populated - 1)
            / (<int128_t>self._low_den * populated)
        )
        highest = <int64_t>(
            <int128_t>self._high_num * total / (<int128_t>self._high_den * populated) + 1
        )
        start = -1
        for i in range(count):
            if bins[i] >= lowest:
                # A run that begins with the profile is a tail of it.
                if 0 < start < i:
                    zone = &self._zones[self.low_count]
                    zone.low = (first_bin + start) * bin_ticks
                    zone.high = (first_bin + i) * bin_ticks - 1
                    self.low_count += 1
                start = i + 1
            elif start < 0:
                start = 0
        start = -1
        for i in range(count + 1):
            if i < count and bins[i] >= highest:
                if start < 0:
                    start = i
            elif start >= 0:
                zone = &self._zones[self.low_count + self.high_count]
                zone.low = (first_bin + start) * bin_ticks
                zone.high = (first_bin + i) * bin_ticks - 1
                self.high_count += 1
                start = -1
        for i in range(self.low_count + self.high_count):
            zone = &self._zones[i]
            zone.price = floor_div(zone.low + zone.high, 2)
            zone.volume = 0
            for start in range(
                floor_div(zone.low, bin_ticks) - first_bin,
                floor_div(zone.high, bin_ticks) - first_bin + 1,
            ):
                zone.volume += bins[start]
        return 0

    cdef int _of_profile(self, VolumeProfile profile, int64_t bin_ticks) except -1:
        cdef Py_ssize_t n = profile._high - profile._low + 1
        if n <= 0:
            return self._find(NULL, 0, 0, bin_ticks)
        return self._find(
            profile._total + (profile._low - profile._origin), profile._low, n, bin_ticks
        )

    cdef list _tuples(self):
        cdef Py_ssize_t i
        cdef Zone zone
        zones = []
        for i in range(self.low_count + self.high_count):
            zone = self._zones[i]
            kind = "LVN" if i < self.low_count else "HVN"
            zones.append(VolumeZone(kind, zone.low, zone.high, zone.price, zone.volume))
        return zones

    def of_profile(self, VolumeProfile profile not None, int64_t bin_ticks=1):
        if bin_ticks < 1:
            raise ParameterError("bin_ticks", f"must be positive, was {bin_ticks}")
        self._of_profile(profile, bin_ticks)
        return self._tuples()

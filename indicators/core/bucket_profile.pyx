"""Volume in price buckets that prices are rounded to: thin buckets and value area."""

from typing import NamedTuple

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc
from libc.string cimport memcpy

from indicators.core.arithmetic cimport MAX_SPAN

from errors import ParameterError
from indicators.core.exact import exact_ratio


cdef extern from *:
    ctypedef long long int128_t "__int128"


cdef int64_t UNTRADED = -1
cdef int64_t SLACK = 256
cdef int64_t MAX_BUCKET = <int64_t>1 << 58


class ThinBucket(NamedTuple):
    price: int
    volume: int
    average: float
    ratio: float


class BucketArea(NamedTuple):
    poc: int
    val: int
    vah: int


cdef inline int64_t nearest(int64_t tick, int64_t width) noexcept nogil:
    # Halves move away from zero; C division truncates towards it.
    if tick < 0:
        return -((-2 * tick + width) / (2 * width))
    return (2 * tick + width) / (2 * width)


cdef class BucketProfile:
    def __cinit__(self, int64_t bucket_ticks=1):
        if bucket_ticks < 1:
            raise ParameterError("bucket_ticks", f"must be positive, was {bucket_ticks}")
        self.bucket_ticks = bucket_ticks
        self._volumes = NULL
        self.clear()

    def __dealloc__(self):
        free(self._volumes)

    def clear(self):
        free(self._volumes)
        self._volumes = NULL
        self._capacity = 0
        self._origin = 0
        self._low = 0
        self._high = -1
        self.total_volume = 0
        self.buckets = 0

    cdef int _fit(self, int64_t bucket) except -1:
        cdef int64_t bottom = bucket, top = bucket, origin
        cdef Py_ssize_t capacity, i
        cdef int64_t* block
        if self._high >= self._low:
            bottom = min(bottom, self._low)
            top = max(top, self._high)
        if not -MAX_BUCKET <= bucket <= MAX_BUCKET or top - bottom >= MAX_SPAN:
            raise ValueError(f"bucket {bucket} lies too far away: a profile spans {MAX_SPAN}")
        origin = bottom - SLACK
        capacity = 2 * (top - bottom + 1) + 2 * SLACK
        block = <int64_t*>malloc(capacity * sizeof(int64_t))
        if block == NULL:
            raise MemoryError(f"no memory for a profile of {capacity} buckets")
        for i in range(capacity):
            block[i] = UNTRADED
        if self._high >= self._low:
            memcpy(
                block + (self._low - origin),
                self._volumes + (self._low - self._origin),
                (self._high - self._low + 1) * sizeof(int64_t),
            )
        free(self._volumes)
        self._volumes = block
        self._origin = origin
        self._capacity = capacity
        return 0

    cdef int _add(self, int64_t tick, int64_t size) except -1:
        cdef int64_t bucket = nearest(tick, self.bucket_ticks)
        cdef int64_t i = bucket - self._origin
        if i < 0 or i >= self._capacity:
            self._fit(bucket)
            i = bucket - self._origin
        if self._volumes[i] == UNTRADED:
            self._volumes[i] = 0
            self.buckets += 1
        self._volumes[i] += size
        self.total_volume += size
        if self._high < self._low:
            self._low = bucket
            self._high = bucket
        elif bucket < self._low:
            self._low = bucket
        elif bucket > self._high:
            self._high = bucket
        return 0

    def add(self, int64_t tick, int64_t size):
        if size < 0:
            raise ValueError(f"`size` must not be negative, was {size}")
        self._add(tick, size)

    def add_prints(self, ticks, volumes):
        cdef int64_t volume
        if len(ticks) != len(volumes):
            raise ValueError("`ticks` and `volumes` must have one length")
        for tick, volume in zip(ticks, volumes):
            if volume < 0:
                raise ValueError(f"`volumes` must not be negative, was {volume}")
            self._add(tick, volume)

    def thin_buckets(self, ratio="0.15"):
        cdef int64_t bucket, volume, numerator, denominator
        cdef double average
        numerator, denominator = exact_ratio("ratio", ratio)
        thin = []
        if self.total_volume == 0:
            return thin
        average = <double>self.total_volume / <double>self.buckets
        for bucket in range(self._low, self._high + 1):
            volume = self._volumes[bucket - self._origin]
            if volume == UNTRADED:
                continue
            if (
                <int128_t>volume * self.buckets * denominator
                < <int128_t>numerator * self.total_volume
            ):
                thin.append(
                    ThinBucket(
                        bucket * self.bucket_ticks, volume, average, <double>volume / average
                    )
                )
        return thin

    def value_area(self, fraction="0.7"):
        cdef int64_t numerator, denominator, needed, collected, below, above, i
        cdef int64_t low, high, poc, size = self._high - self._low + 1
        cdef int64_t* volumes
        numerator, denominator = exact_ratio("fraction", fraction, 1)
        if self.total_volume == 0:
            return None
        volumes = self._volumes + (self._low - self._origin)
        poc = 0
        for i in range(size):
            if volumes[i] > volumes[poc]:
                poc = i
        needed = <int64_t>(<int128_t>numerator * self.total_volume / denominator)
        collected = volumes[poc]
        low = high = poc
        while collected < needed:
            below = low - 1
            while below >= 0 and volumes[below] == UNTRADED:
                below -= 1
            above = high + 1
            while above < size and volumes[above] == UNTRADED:
                above += 1
            if above >= size or (below >= 0 and volumes[below] >= volumes[above]):
                low = below
                collected += volumes[below]
            else:
                high = above
                collected += volumes[above]
        return BucketArea(
            (self._low + poc) * self.bucket_ticks,
            (self._low + low) * self.bucket_ticks,
            (self._low + high) * self.bucket_ticks,
        )


def thin_buckets(
    const int64_t[::1] ts_event not None,
    const int64_t[::1] ticks not None,
    const int64_t[::1] sizes not None,
    int64_t start,
    int64_t end,
    int64_t bucket_ticks=2,
    ratio="0.15",
):
    cdef BucketProfile profile = BucketProfile(bucket_ticks)
    cdef Py_ssize_t i, n = ts_event.shape[0]
    if ticks.shape[0] != n or sizes.shape[0] != n:
        raise ValueError("`ts_event`, `ticks` and `sizes` must have one length")
    for i in range(n):
        if sizes[i] < 0:
            raise ValueError(f"`sizes` must not be negative, was {sizes[i]} at {i}")
        if start <= ts_event[i] <= end:
            profile._add(ticks[i], sizes[i])
    return profile.thin_buckets(ratio)

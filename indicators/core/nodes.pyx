"""High and low volume nodes of a volume histogram, with exact integer rules."""

from typing import NamedTuple

import numpy as np

from libc.stdint cimport int64_t

from indicators.core.arithmetic cimport bin_count
from indicators.core.arithmetic cimport floor_div
from indicators.core.arithmetic cimport sum_bins
from indicators.core.volume_profile cimport VolumeProfile

from errors import ParameterError
from indicators.core.exact import exact_ratio


cdef extern from *:
    ctypedef long long int128_t "__int128"


KINDS = ("lvn", "hvn")
METHODS = ("mean_ratio", "prominence")
DEFAULT_RATIOS = {"lvn": "0.3", "hvn": "1.5"}


class Node(NamedTuple):
    first: int
    last: int
    price: int
    volume: int
    depth: float
    prominence: float | None

    @property
    def middle(self):
        return (self.first + self.last) // 2

    def in_ticks(self, bin_ticks):
        low = self.first * bin_ticks
        high = (self.last + 1) * bin_ticks - 1
        return low, high, (low + high) // 2


cdef list _runs(
    const int64_t[::1] volumes, int64_t first_bin, bint low, int64_t numerator, int64_t denominator
):
    cdef Py_ssize_t i = 0, start, best, n = volumes.shape[0]
    cdef int64_t total = 0, populated = 0, largest = 0, volume
    cdef int128_t threshold, scale
    cdef double depth
    for i in range(n):
        total += volumes[i]
        populated += volumes[i] != 0
        largest = max(largest, volumes[i])
    threshold = <int128_t>numerator * total
    scale = <int128_t>denominator * populated
    nodes = []
    i = 0
    while i < n:
        start = i
        best = i
        volume = 0
        while i < n and (
            volumes[i] * scale < threshold if low else volumes[i] * scale > threshold
        ):
            volume += volumes[i]
            if volumes[i] < volumes[best] if low else volumes[i] > volumes[best]:
                best = i
            i += 1
        # A run at either end is a tail of the profile, no low volume node.
        if i > start and not (low and (start == 0 or i == n)):
            depth = <double>volumes[best] / <double>largest
            if low:
                depth = <double>(largest - volumes[best]) / <double>largest
            nodes.append(
                Node(first_bin + start, first_bin + i - 1, first_bin + best, volume, depth, None)
            )
        if i == start:
            i += 1
    return nodes


cdef list _prominent(
    const int64_t[::1] volumes,
    int64_t first_bin,
    bint low,
    Py_ssize_t smooth,
    int64_t numerator,
    int64_t denominator,
):
    cdef Py_ssize_t n = volumes.shape[0], half = smooth / 2
    cdef Py_ssize_t i, j, end, left, right, first, last, top = 0
    cdef int64_t volume, height, width, key, key_width
    cdef int128_t drop
    cdef double depth
    # A smoothed value is sums / counts: compared by cross-multiplication, never divided. For low
    # nodes the sums are negated, so that every extremum is a maximum.
    cdef int64_t[::1] sums = np.zeros(n, dtype=np.int64)
    cdef int64_t[::1] counts = np.zeros(n, dtype=np.int64)
    for i in range(n):
        for j in range(max(0, i - half), min(n, i + half + 1)):
            sums[i] += volumes[j]
            counts[i] += 1
        if _compare(sums[i], counts[i], sums[top], counts[top]) > 0:
            top = i
    cdef int64_t largest = sums[top], largest_width = counts[top]
    if low:
        for i in range(n):
            sums[i] = -sums[i]
    nodes = []
    i = 0
    while i < n:
        end = i
        height, width = sums[i], counts[i]
        while end + 1 < n and _compare(sums[end + 1], counts[end + 1], height, width) == 0:
            end += 1
        if not _is_peak(sums, counts, i, end, low):
            i = end + 1
            continue
        key, key_width = 0, 1
        # The lowest ground on the way to higher ground; of equal peaks the lower price is higher.
        left = _saddle(sums, counts, i, -1, low)
        right = _saddle(sums, counts, end, 1, low)
        if left < 0 or (
            right >= 0 and _compare(sums[right], counts[right], sums[left], counts[left]) > 0
        ):
            left = right
        if left >= 0:
            key, key_width = sums[left], counts[left]
        drop = <int128_t>height * key_width - <int128_t>key * width
        if drop * largest_width * denominator >= <int128_t>largest * width * key_width * numerator:
            first, last, volume = i, end, 0
            while first > 0 and _in_zone(
                sums[first - 1], counts[first - 1], height, width, key, key_width
            ):
                first -= 1
            while last < n - 1 and _in_zone(
                sums[last + 1], counts[last + 1], height, width, key, key_width
            ):
                last += 1
            for j in range(first, last + 1):
                volume += volumes[j]
            depth = _quotient(<int128_t>height * largest_width, <int128_t>width * largest)
            nodes.append(
                Node(
                    first_bin + first,
                    first_bin + last,
                    first_bin + i,
                    volume,
                    1.0 + depth if low else depth,
                    _quotient(drop * largest_width, <int128_t>width * key_width * largest),
                )
            )
        i = end + 1
    return nodes


cdef inline int _compare(int64_t a, int64_t a_width, int64_t b, int64_t b_width) noexcept nogil:
    cdef int128_t left = <int128_t>a * b_width, right = <int128_t>b * a_width
    return (left > right) - (left < right)


cdef inline double _quotient(int128_t numerator, int128_t denominator) noexcept nogil:
    return <double>numerator / <double>denominator


cdef inline bint _in_zone(
    int64_t a, int64_t a_width, int64_t height, int64_t width, int64_t key, int64_t key_width
) noexcept nogil:
    return 2 * <int128_t>a * width * key_width >= (
        (<int128_t>height * key_width + <int128_t>key * width) * a_width
    )


cdef bint _is_peak(
    int64_t[::1] sums, int64_t[::1] counts, Py_ssize_t first, Py_ssize_t last, bint low
) noexcept nogil:
    cdef Py_ssize_t n = sums.shape[0]
    if low and (first == 0 or last == n - 1):
        return False
    if first > 0 and _compare(sums[first - 1], counts[first - 1], sums[first], counts[first]) > 0:
        return False
    return last == n - 1 or (
        _compare(sums[last + 1], counts[last + 1], sums[first], counts[first]) < 0
    )


cdef Py_ssize_t _saddle(
    int64_t[::1] sums, int64_t[::1] counts, Py_ssize_t peak, int step, bint low
) noexcept nogil:
    # Outside the profile there is no volume: the end of every valley, and no higher peak.
    cdef Py_ssize_t n = sums.shape[0], i = peak + step, lowest = -1
    cdef int order
    while 0 <= i < n:
        order = _compare(sums[i], counts[i], sums[peak], counts[peak])
        if order > 0 or (order == 0 and step < 0):
            return lowest
        if lowest < 0 or _compare(sums[i], counts[i], sums[lowest], counts[lowest]) < 0:
            lowest = i
        i += step
    return lowest if low else -1


def find_nodes(
    const int64_t[::1] volumes not None,
    int64_t first_bin=0,
    *,
    str kind="lvn",
    str method="mean_ratio",
    ratio=None,
    int smooth=3,
    prominence="0.15",
):
    cdef Py_ssize_t i, low = 0, high = volumes.shape[0]
    cdef int64_t numerator, denominator
    if kind not in KINDS:
        raise ParameterError("kind", f"must be one of {', '.join(KINDS)}, was {kind}")
    if method not in METHODS:
        raise ParameterError("method", f"must be one of {', '.join(METHODS)}, was {method}")
    if not (1 <= smooth <= 999 and smooth % 2 == 1):
        raise ParameterError("smooth", f"must be an odd number from 1 to 999, was {smooth}")
    limit = exact_ratio("ratio", DEFAULT_RATIOS[kind] if ratio is None else ratio)
    share = exact_ratio("prominence", prominence, 1)
    for i in range(high):
        if volumes[i] < 0:
            raise ValueError(f"`volumes` must not be negative, was {volumes[i]} at {i}")
    while high and volumes[high - 1] == 0:
        high -= 1
    while low < high and volumes[low] == 0:
        low += 1
    if low == high:
        return []
    if method == "mean_ratio":
        numerator, denominator = limit
        return _runs(volumes[low:high], first_bin + low, kind == "lvn", numerator, denominator)
    numerator, denominator = share
    return _prominent(
        volumes[low:high], first_bin + low, kind == "lvn", smooth, numerator, denominator
    )


def find_profile_nodes(
    VolumeProfile profile not None,
    int64_t bin_ticks=1,
    *,
    str kind="lvn",
    str method="mean_ratio",
    ratio=None,
    int smooth=3,
    prominence="0.15",
):
    cdef Py_ssize_t n = profile._high - profile._low + 1
    cdef int64_t first_bin = 0
    cdef int64_t[::1] view
    if bin_ticks < 1:
        raise ParameterError("bin_ticks", f"must be positive, was {bin_ticks}")
    bins = np.zeros(0 if n <= 0 else bin_count(profile._low, n, bin_ticks), dtype=np.int64)
    if n > 0:
        view = bins
        first_bin = floor_div(profile._low, bin_ticks)
        sum_bins(
            profile._total + (profile._low - profile._origin), profile._low, n, bin_ticks, &view[0]
        )
    return find_nodes(
        bins,
        first_bin,
        kind=kind,
        method=method,
        ratio=ratio,
        smooth=smooth,
        prominence=prominence,
    )

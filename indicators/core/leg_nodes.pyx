"""The low volume nodes of a leg's profile, ranked by depth."""

from typing import NamedTuple

import numpy as np

from errors import ParameterError

from libc.math cimport fabs
from libc.math cimport isfinite
from libc.stdlib cimport qsort

from indicators.core.leg_profile cimport Bin
from indicators.core.row_buffer cimport RowBuffer

from indicators.core.leg_profile import BIN_DTYPE as _BIN_DTYPE


PRESETS = {
    "legacy": {
        "edge": 0.15,
        "prominence": 0.5,
        "min_share": 0.005,
        "value_area": 0.7,
        "top": 3,
        "smooth": 3,
        "min_bars": 10,
        "clean": False,
    },
    "head": {
        "edge": 0.15,
        "prominence": 0.6,
        "min_share": 0.005,
        "value_area": 0.9,
        "top": 5,
        "smooth": 1,
        "min_bars": 5,
        "clean": False,
    },
    "clean": {
        "edge": 0.15,
        "prominence": 0.5,
        "min_share": 0.0,
        "value_area": 0.7,
        "top": 3,
        "smooth": 3,
        "min_bars": 10,
        "clean": True,
    },
}
MAX_SMOOTH = 999
# Volumes of two bins this near to one another, as a share of the largest, differ by rounding alone.
cdef double SAME = 1e-9
NODE_DTYPE = np.dtype(
    [
        ("price", np.float64),
        ("low", np.float64),
        ("high", np.float64),
        ("volume", np.float64),
        ("raw_volume", np.float64),
        ("pct_of_max", np.float64),
        ("depth_pct", np.float64),
        ("pct_of_total", np.float64),
        ("distance_to_poc", np.float64),
        ("poc_price", np.float64),
        ("value_area_low", np.float64),
        ("value_area_high", np.float64),
    ]
)


class LegNode(NamedTuple):
    rank: int
    price: float
    low: float
    high: float
    volume: float
    raw_volume: float
    pct_of_max: float
    depth_pct: float
    pct_of_total: float
    distance_to_poc: float
    poc_price: float
    value_area_low: float
    value_area_high: float


cdef object node_values(NodeRow* row, int rank):
    return LegNode(
        rank,
        row.price,
        row.low,
        row.high,
        row.volume,
        row.raw_volume,
        row.pct_of_max,
        row.depth_pct,
        row.pct_of_total,
        row.distance_to_poc,
        row.poc_price,
        row.value_area_low,
        row.value_area_high,
    )


cdef int by_rank(const void* a, const void* b) noexcept nogil:
    cdef const NodeRow* left = <const NodeRow*>a
    cdef const NodeRow* right = <const NodeRow*>b
    if left.depth_pct != right.depth_pct:
        return -1 if left.depth_pct > right.depth_pct else 1
    if left.distance_to_poc != right.distance_to_poc:
        return -1 if left.distance_to_poc > right.distance_to_poc else 1
    return (left.price > right.price) - (left.price < right.price)


cdef class LegNodes:
    def __cinit__(
        self,
        *,
        double edge=0.15,
        double prominence=0.5,
        double min_share=0.005,
        double value_area=0.7,
        int top=3,
        int smooth=3,
        int min_bars=10,
        bint clean=False,
    ):
        for name, value, limit in (("edge", edge, 0.5), ("min_share", min_share, 1.0)):
            if not (isfinite(value) and 0 <= value < limit):
                raise ParameterError(name, f"{value!r} is not at least 0 and below {limit:g}")
        for name, value in (("prominence", prominence), ("value_area", value_area)):
            if not (isfinite(value) and 0 < value <= 1):
                raise ParameterError(name, f"{value!r} is not above 0 and at most 1")
        for name, count in (("top", top), ("min_bars", min_bars)):
            if count < 1:
                raise ParameterError(name, f"{count} is not positive")
        if not (1 <= smooth <= MAX_SMOOTH and smooth % 2 == 1):
            raise ParameterError("smooth", f"{smooth} is no odd number from 1 to {MAX_SMOOTH}")
        self.edge, self.prominence = edge, prominence
        self.min_share, self.value_area = min_share, value_area
        self.top, self.smooth, self.min_bars, self.clean = top, smooth, min_bars, clean
        self._smoothed = RowBuffer(sizeof(double))
        self._peaks = RowBuffer(sizeof(Py_ssize_t))
        self._found = RowBuffer(sizeof(NodeRow))

    cdef int _smooth_into(self, const Bin* bins, Py_ssize_t n) except -1:
        # The running sum of pandas, compensated, which gives a common value as it is.
        cdef Py_ssize_t i, half = self.smooth // 2, start = 0, end = 0, until
        cdef Py_ssize_t same = 0
        cdef double total = 0.0, added = 0.0, removed = 0.0, last = bins[0].volume, y, t, value
        self._smoothed.count = 0
        for i in range(n):
            until = min(n, i + half + 1)
            while start < i - half:
                y = -bins[start].volume - removed
                t = total + y
                removed = t - total - y
                total = t
                start += 1
            while end < until:
                value = bins[end].volume
                y = value - added
                t = total + y
                added = t - total - y
                total = t
                same = same + 1 if value == last else 1
                last = value
                end += 1
            value = last if same >= end - start else max(0.0, total / <double>(end - start))
            (<double*>self._smoothed._add())[0] = bins[i].volume if self.smooth == 1 else value
        return 0

    cdef Py_ssize_t _run_end(self, const double* v, Py_ssize_t n, Py_ssize_t i) noexcept nogil:
        cdef Py_ssize_t last = i
        while self.clean and last + 1 < n and v[last + 1] == v[i]:
            last += 1
        return last

    cdef bint _is_extreme(
        self, const double* v, Py_ssize_t n, Py_ssize_t first, Py_ssize_t last, double sign
    ) noexcept nogil:
        cdef double left, right
        if first == 0 or last == n - 1:
            return False
        left = sign * (v[first] - v[first - 1])
        right = sign * (v[last] - v[last + 1])
        if self.clean:
            return left > 0.0 and right > 0.0
        return left >= 0.0 and right >= 0.0 and (left > 0.0 or right > 0.0)

    cdef int _scan(self, const Bin* bins, Py_ssize_t n) except -1:
        cdef Py_ssize_t i, last, middle, peak = 0, poc = 0, left, right, margin
        cdef double total = 0.0, largest, covered, below, above, near, floor_
        cdef double* v
        cdef Py_ssize_t* peaks
        cdef NodeRow* node
        self._found.count = 0
        self._peaks.count = 0
        if n < 3:
            return 0
        self._smooth_into(bins, n)
        v = <double*>self._smoothed._first()
        for i in range(n):
            total += v[i]
            if v[i] > v[poc]:
                poc = i
        largest = v[poc]
        if total <= 0.0:
            return 0
        if self.clean:
            near = SAME * largest
            for i in range(n):
                if v[i] <= near:
                    v[i] = 0.0
                elif i > 0 and fabs(v[i] - v[i - 1]) <= near:
                    v[i] = v[i - 1]
            for i in range(poc):
                if v[i] >= largest - near:
                    poc = i
                    break
            largest = v[poc]
        left = right = poc
        covered = v[poc]
        while covered / total < self.value_area and (left > 0 or right < n - 1):
            below = v[left - 1] if left > 0 else -1.0
            above = v[right + 1] if right < n - 1 else -1.0
            if below >= above:
                left -= 1
                covered += below
            else:
                right += 1
                covered += above
        # Maxima by rising position. Where equal neighbours are one run, it stands in its middle.
        i = 0
        while i < n:
            last = self._run_end(v, n, i)
            if self._is_extreme(v, n, i, last, 1.0) or i <= poc <= last:
                (<Py_ssize_t*>self._peaks._add())[0] = (i + last) // 2
            i = last + 1
        peaks = <Py_ssize_t*>self._peaks._first()
        margin = max(<Py_ssize_t>1, <Py_ssize_t>(<double>n * self.edge))
        floor_ = self.min_share * total
        i = 0
        while i < n:
            last = self._run_end(v, n, i)
            middle = (i + last) // 2
            if (
                self._is_extreme(v, n, i, last, -1.0)
                and margin <= middle <= n - margin - 1
                and left <= middle <= right
                and not v[middle] < floor_
            ):
                while peak + 1 < self._peaks.count and (
                    abs(peaks[peak + 1] - middle) < abs(peaks[peak] - middle)
                ):
                    peak += 1
                if not v[middle] > self.prominence * v[peaks[peak]]:
                    node = <NodeRow*>self._found._add()
                    node.low = bins[i].low
                    node.high = bins[last].high
                    node.price = bins[i].price
                    if last > i:
                        node.price = (node.low + node.high) / 2.0
                    node.volume = v[middle]
                    node.raw_volume = bins[middle].volume
                    node.pct_of_max = v[middle] / largest
                    node.depth_pct = 1.0 - v[middle] / largest
                    node.pct_of_total = v[middle] / total
                    node.poc_price = bins[poc].price
                    node.distance_to_poc = fabs(node.price - node.poc_price)
                    node.value_area_low = bins[left].price
                    node.value_area_high = bins[right].price
            i = last + 1
        if self._found.count > 1:
            qsort(self._found._first(), self._found.count, sizeof(NodeRow), by_rank)
        if self._found.count > self.top:
            self._found.count = self.top
        return 0

    def scan(self, bins not None):
        cdef const unsigned char[::1] view
        cdef Py_ssize_t i
        if bins.dtype != _BIN_DTYPE:
            raise ValueError("`bins` must be a profile of LegProfile")
        view = np.ascontiguousarray(bins).view(np.uint8)
        self._found.count = 0
        if len(bins):
            self._scan(<const Bin*>&view[0], len(bins))
        return [node_values(self._first() + i, i + 1) for i in range(self._found.count)]

    def smoothed(self, bins not None):
        cdef const unsigned char[::1] view
        if bins.dtype != _BIN_DTYPE:
            raise ValueError("`bins` must be a profile of LegProfile")
        view = np.ascontiguousarray(bins).view(np.uint8)
        self._smoothed.count = 0
        if len(bins):
            self._smooth_into(<const Bin*>&view[0], len(bins))
        return self._smoothed.take(np.float64)

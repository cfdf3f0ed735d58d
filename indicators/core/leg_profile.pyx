"""The volume at price of a leg of bars, in bins that adapt to the bars."""

import numpy as np

from indicators.core.exact import exact

from libc.math cimport ceil
from libc.stdint cimport int64_t
from libc.stdlib cimport qsort

from indicators.core.decimal_price cimport price_of
from indicators.core.row_buffer cimport RowBuffer


RANGE_BARS = 200
BINS_PER_RANGE = 20
LEAST_BIN = 1e-6
# 160 MB; a leg of more of them has a bin far below the tick.
MAX_BINS = 4_194_304

cdef Py_ssize_t _RANGE_BARS = RANGE_BARS
cdef double _BINS_PER_RANGE = BINS_PER_RANGE
cdef double _LEAST_BIN = LEAST_BIN
cdef double _MAX_BINS = MAX_BINS
BIN_DTYPE = np.dtype(
    [("low", np.float64), ("high", np.float64), ("price", np.float64), ("volume", np.float64)]
)


cdef int by_size(const void* a, const void* b) noexcept nogil:
    cdef double left = (<const double*>a)[0], right = (<const double*>b)[0]
    return (left > right) - (left < right)


cdef class LegProfile:
    def __cinit__(self, tick_size, bint clean=False):
        tick = exact("tick_size", tick_size)
        self._numerator, self._denominator = tick.numerator, tick.denominator
        self.clean = clean
        self.bin_size = 0.0
        self.oversized = 0
        self._bins = RowBuffer(sizeof(Bin))
        self._ranges = RowBuffer(sizeof(double))

    cdef double _price(self, int64_t tick) noexcept nogil:
        return price_of(tick, self._numerator, self._denominator)

    cdef double _median_range(
        self, const int64_t* high, const int64_t* low, Py_ssize_t n
    ) except? -1.0:
        cdef Py_ssize_t i, first = max(<Py_ssize_t>0, n - _RANGE_BARS), count = n - first
        cdef double* ranges
        self._ranges.count = 0
        for i in range(first, n):
            (<double*>self._ranges._add())[0] = self._price(high[i]) - self._price(low[i])
        ranges = <double*>self._ranges._first()
        qsort(ranges, count, sizeof(double), by_size)
        if count % 2:
            return ranges[count // 2]
        return (ranges[count // 2 - 1] + ranges[count // 2]) / 2.0

    cdef int _of_bars(
        self, const int64_t* high, const int64_t* low, const int64_t* volume, Py_ssize_t n
    ) except -1:
        cdef Py_ssize_t i, k, count
        cdef int64_t lowest = low[0], highest = high[0]
        cdef double bin_size, lo, step, edges, edge, upper
        cdef Bin* bins
        self._bins.count = 0
        bin_size = max(self._median_range(high, low, n) / _BINS_PER_RANGE, _LEAST_BIN)
        if self.clean:
            bin_size = max(bin_size, self._price(1) / 10.0)
        self.bin_size = bin_size
        for i in range(1, n):
            lowest = min(lowest, low[i])
            highest = max(highest, high[i])
        if highest <= lowest:
            return 0
        lo = self._price(lowest)
        edges = ceil(((self._price(highest) + bin_size) - lo) / bin_size)
        if edges < 2.0:
            return 0
        if edges > _MAX_BINS:
            self.oversized += 1
            return 0
        count = <Py_ssize_t>edges - 1
        # The way in which NumPy fills a range.
        step = (lo + bin_size) - lo
        edge = lo
        for k in range(count):
            upper = lo + bin_size if k == 0 else lo + <double>(k + 1) * step
            bins = <Bin*>self._bins._add()
            bins.low = edge
            bins.high = upper
            bins.price = (edge + upper) / 2.0
            bins.volume = 0.0
            edge = upper
        bins = self._first()
        for i in range(n):
            if volume[i] > 0 and (high[i] > low[i] or self.clean):
                self._add_bar(
                    bins, count, lo, step, self._price(low[i]), self._price(high[i]),
                    <double>volume[i],
                )
        return self._keep_traded()

    cdef void _add_bar(
        self, Bin* bins, Py_ssize_t count, double lo, double step, double low, double high,
        double volume,
    ) noexcept nogil:
        cdef Py_ssize_t k = min(count - 1, <Py_ssize_t>((low - lo) / step))
        cdef double extent = high - low, overlap, start, end
        # The last edge that is not above the low.
        while k + 1 < count and bins[k + 1].low <= low:
            k += 1
        while k > 0 and bins[k].low > low:
            k -= 1
        if extent <= 0.0:
            bins[k].volume += volume
            return
        while k < count and bins[k].low <= high:
            start = max(low, bins[k].low)
            end = min(high, bins[k].high)
            overlap = end - start
            if overlap > 0.0:
                bins[k].volume += volume * (overlap / extent)
            k += 1

    cdef int _of_prints(
        self,
        const int64_t* high,
        const int64_t* low,
        Py_ssize_t n,
        const int64_t* ticks,
        const int64_t* volumes,
        Py_ssize_t prints,
    ) except -1:
        cdef Py_ssize_t i, count
        cdef int64_t lowest, highest, width, first
        cdef double half = self._price(1) / 2.0
        cdef Bin* bins
        self._bins.count = 0
        width = max(
            <int64_t>1,
            <int64_t>(self._median_range(high, low, n) / _BINS_PER_RANGE / self._price(1)),
        )
        self.bin_size = self._price(width)
        if prints == 0:
            return 0
        lowest = highest = ticks[0]
        for i in range(1, prints):
            lowest = min(lowest, ticks[i])
            highest = max(highest, ticks[i])
        if (highest - lowest) // width >= <int64_t>_MAX_BINS:
            self.oversized += 1
            return 0
        count = (highest - lowest) // width + 1
        for i in range(count):
            first = lowest + i * width
            bins = <Bin*>self._bins._add()
            bins.low = self._price(first) - half
            bins.high = self._price(first + width - 1) + half
            bins.price = (self._price(first) + self._price(first + width - 1)) / 2.0
            bins.volume = 0.0
        bins = self._first()
        for i in range(prints):
            bins[(ticks[i] - lowest) // width].volume += <double>volumes[i]
        return self._keep_traded()

    cdef int _keep_traded(self) except -1:
        cdef Py_ssize_t i, first = 0, kept = 0, last = self._bins.count
        cdef Bin* bins = self._first()
        if self.clean:
            # Only the empty bins at the ends go.
            while last > 0 and bins[last - 1].volume == 0.0:
                last -= 1
            while first < last and bins[first].volume == 0.0:
                first += 1
        for i in range(first, last):
            if self.clean or bins[i].volume != 0.0:
                bins[kept] = bins[i]
                kept += 1
        self._bins.count = kept
        return 0

    def of_bars(
        self,
        const int64_t[::1] high not None,
        const int64_t[::1] low not None,
        const int64_t[::1] volume not None,
    ):
        check_bars(high, low, volume.shape[0])
        if high.shape[0] == 0:
            self._bins.count = 0
            return self._bins.take(BIN_DTYPE)
        self._of_bars(&high[0], &low[0], &volume[0], high.shape[0])
        return self._bins.take(BIN_DTYPE)

    def of_prints(
        self,
        const int64_t[::1] high not None,
        const int64_t[::1] low not None,
        const int64_t[::1] ticks not None,
        const int64_t[::1] volumes not None,
    ):
        check_bars(high, low, high.shape[0])
        if ticks.shape[0] != volumes.shape[0]:
            raise ValueError("`ticks` and `volumes` must have one length")
        if high.shape[0] == 0 or ticks.shape[0] == 0:
            self._bins.count = 0
            return self._bins.take(BIN_DTYPE)
        self._of_prints(
            &high[0], &low[0], high.shape[0], &ticks[0], &volumes[0], ticks.shape[0]
        )
        return self._bins.take(BIN_DTYPE)


cdef int check_bars(
    const int64_t[::1] high, const int64_t[::1] low, Py_ssize_t volumes
) except -1:
    cdef Py_ssize_t i, n = high.shape[0]
    if not low.shape[0] == volumes == n:
        raise ValueError("the columns of the bars must have one length")
    for i in range(n):
        if low[i] > high[i]:
            raise ValueError(f"`low` must not be above `high`, was {low[i]} above {high[i]} at {i}")
    return 0

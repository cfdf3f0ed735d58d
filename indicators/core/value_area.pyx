"""Point of control and value area of a volume histogram, with exact integer rules."""

from typing import NamedTuple

import numpy as np

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport malloc

from errors import ParameterError
from indicators.core.exact import exact_ratio

from indicators.core.arithmetic cimport MAX_SPAN
from indicators.core.arithmetic cimport bin_count
from indicators.core.arithmetic cimport floor_div
from indicators.core.arithmetic cimport magnitude
from indicators.core.arithmetic cimport sum_bins
from indicators.core.volume_profile cimport VolumeProfile


cdef extern from *:
    ctypedef long long int128_t "__int128"


cdef int64_t NANOS_PER_MINUTE = 60_000_000_000

REASONS = (None, "EMPTY", "NO_WIDTH", "MIN_BINS", "SILENT")
METHODS = ("one_row", "two_row")
POC_TIES = ("lowest", "middle")


class Levels(NamedTuple):
    valid: bool
    reason: str | None
    poc: int | None
    val: int | None
    vah: int | None
    volume: int
    total: int
    coverage: float | None
    populated: int
    bins: int


cdef extern from *:
    """
    #include <stdint.h>

    /* Wider registers halve the scan; the sums and maxima of integers are the same in any order. */
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
    __attribute__((target_clones("avx2", "default")))
    #endif
    static int64_t auction_scan(
        const int64_t* v, int64_t n, int64_t* total, int64_t* populated, int64_t* poc
    ) {
        int64_t sum = 0, empty = 0, best = -1, block = 0;
        for (int64_t first = 0; first < n; first += 64) {
            int64_t last = first + 64 < n ? first + 64 : n;
            int64_t largest = v[first];
            for (int64_t i = first; i < last; i++) {
                sum += v[i];
                empty += v[i] == 0;
                largest = v[i] > largest ? v[i] : largest;
            }
            if (largest > best) {
                best = largest;
                block = first;
            }
        }
        *total = sum;
        *populated = n - empty;
        while (v[block] != best) block++;
        *poc = block;
        return best;
    }
    """
    int64_t auction_scan(
        const int64_t* v, int64_t n, int64_t* total, int64_t* populated, int64_t* poc
    ) noexcept nogil


cdef class ValueArea:
    def __cinit__(
        self,
        fraction="0.7",
        int64_t min_bins=20,
        str method="one_row",
        str poc_tie="lowest",
    ):
        self._numerator, self._denominator = exact_ratio("fraction", fraction, 1)
        if min_bins < 1:
            raise ParameterError("min_bins", f"must be positive, was {min_bins}")
        if method not in METHODS:
            raise ParameterError("method", f"must be one of {', '.join(METHODS)}, was {method}")
        if poc_tie not in POC_TIES:
            raise ParameterError("poc_tie", f"must be one of {', '.join(POC_TIES)}, was {poc_tie}")
        self.min_bins = min_bins
        self.method = method
        self.poc_tie = poc_tie
        self._is_central = poc_tie == "middle"
        self._rows = 1 if method == "one_row" else 2
        self._bins = NULL
        self._order = NULL
        self._bins_capacity = 0

    def __dealloc__(self):
        free(self._bins)
        free(self._order)

    cdef int _ensure(self, Py_ssize_t n) except -1:
        if n > self._bins_capacity:
            free(self._bins)
            free(self._order)
            self._bins_capacity = 0
            self._bins = <int64_t*>malloc(2 * n * sizeof(int64_t))
            self._order = <int64_t*>malloc(2 * n * sizeof(int64_t))
            if self._bins == NULL or self._order == NULL:
                raise MemoryError
            self._bins_capacity = 2 * n
        return 0

    cdef Area _compute(
        self, const int64_t* volumes, int64_t first_tick, Py_ssize_t n, int64_t bin_ticks
    ) except *:
        cdef Area area
        cdef int64_t first_bin, best, total = 0, populated = 0, peak = 0, needed
        cdef int64_t below, above, beyond_below, beyond_above, down, lo, hi, cum
        cdef Py_ssize_t i, count, poc, added
        cdef const int64_t* bins
        area.reason = EMPTY
        area.poc = area.val = area.vah = area.volume = area.total = 0
        area.populated = area.bins = 0
        self._added = 0
        if n == 0:
            return area
        first_bin = floor_div(first_tick, bin_ticks)
        count = bin_count(first_tick, n, bin_ticks)
        self._ensure(count)
        if bin_ticks == 1:
            bins = volumes
        else:
            bins = self._bins
            sum_bins(volumes, first_tick, n, bin_ticks, self._bins)
        best = auction_scan(bins, count, &total, &populated, &peak)
        poc = peak
        if self._is_central:
            for i in range(peak + 1, count):
                if bins[i] == best and (
                    magnitude(2 * i - (count - 1)) < magnitude(2 * poc - (count - 1))
                ):
                    poc = i
        area.total = total
        area.populated = populated
        if total == 0:
            return area
        lo = hi = poc
        cum = best
        self._order[0] = first_bin + poc
        added = 1
        # The least whole volume that is not below the fraction of the total.
        needed = <int64_t>(
            (<int128_t>self._numerator * total + self._denominator - 1) / self._denominator
        )
        if self._rows == 1 and lo > 1 and hi < count - 2:
            # Both neighbours and the bins behind them are read ahead and chosen without a jump:
            # which side is larger cannot be predicted. The general steps below give the same.
            below = bins[lo - 1]
            above = bins[hi + 1]
            while cum < needed and lo > 1 and hi < count - 2:
                beyond_below = bins[lo - 2]
                beyond_above = bins[hi + 2]
                down = below >= above
                cum += below if down else above
                lo -= down
                hi += 1 - down
                self._order[added] = first_bin + (lo if down else hi)
                added += 1
                below = beyond_below if down else below
                above = above if down else beyond_above
        while cum < needed:
            below = above = -1
            if lo > 0:
                below = bins[lo - 1]
                if self._rows == 2 and lo > 1:
                    below += bins[lo - 2]
            if hi < count - 1:
                above = bins[hi + 1]
                if self._rows == 2 and hi < count - 2:
                    above += bins[hi + 2]
            if below >= above:
                for i in range(min(<int64_t>self._rows, lo)):
                    lo -= 1
                    self._order[added] = first_bin + lo
                    added += 1
                cum += below
            else:
                for i in range(min(<int64_t>self._rows, count - 1 - hi)):
                    hi += 1
                    self._order[added] = first_bin + hi
                    added += 1
                cum += above
        self._added = added
        area.poc = first_bin + poc
        area.val = first_bin + lo
        area.vah = first_bin + hi
        area.volume = cum
        area.bins = hi - lo + 1
        area.reason = MIN_BINS if populated < self.min_bins else VALID
        return area

    cdef Area _of_profile(self, VolumeProfile profile, int64_t bin_ticks) except *:
        cdef Py_ssize_t n = profile._high - profile._low + 1
        if n <= 0:
            return self._compute(NULL, 0, 0, bin_ticks)
        return self._compute(
            profile._total + (profile._low - profile._origin), profile._low, n, bin_ticks
        )

    cdef object _levels(self, Area area):
        if area.reason == EMPTY:
            return Levels(False, "EMPTY", None, None, None, 0, 0, None, 0, 0)
        return Levels(
            valid=area.reason == VALID,
            reason=REASONS[area.reason],
            poc=area.poc,
            val=area.val,
            vah=area.vah,
            volume=area.volume,
            total=area.total,
            coverage=<double>area.volume / <double>area.total,
            populated=area.populated,
            bins=area.bins,
        )

    @property
    def order(self):
        return tuple([self._order[i] for i in range(self._added)])

    def of_volumes(
        self,
        const int64_t[::1] volumes not None,
        int64_t first_tick=0,
        int64_t bin_ticks=1,
    ):
        if bin_ticks < 1:
            raise ParameterError("bin_ticks", f"must be positive, was {bin_ticks}")
        cdef Py_ssize_t i, low = 0, n = volumes.shape[0]
        for i in range(n):
            if volumes[i] < 0:
                raise ValueError(f"`volumes` must not be negative, was {volumes[i]} at {i}")
        while n and volumes[n - 1] == 0:
            n -= 1
        while low < n and volumes[low] == 0:
            low += 1
        return self._levels(
            self._compute(&volumes[low] if n else NULL, first_tick + low, n - low, bin_ticks)
        )

    def of_profile(self, VolumeProfile profile not None, int64_t bin_ticks=1):
        if bin_ticks < 1:
            raise ParameterError("bin_ticks", f"must be positive, was {bin_ticks}")
        return self._levels(self._of_profile(profile, bin_ticks))


def rolling_value_area(
    const int64_t[::1] ts_event not None,
    const int64_t[::1] ticks not None,
    const int64_t[::1] sizes not None,
    ValueArea area not None,
    int minutes=240,
    int64_t bin_ticks=1,
):
    cdef Py_ssize_t n = ts_event.shape[0]
    cdef Py_ssize_t i = 0, expired = 0, row = 0, rows
    cdef int64_t boundary, oldest, low, high, lowest, highest, first
    cdef Area found
    cdef int64_t* volumes
    if ticks.shape[0] != n or sizes.shape[0] != n:
        raise ValueError("`ts_event`, `ticks` and `sizes` must have one length")
    for name, value in (("minutes", minutes), ("bin_ticks", bin_ticks)):
        if value < 1:
            raise ParameterError(name, f"must be positive, was {value}")
    if n == 0:
        return np.empty((0, 7), dtype=np.int64)
    first = floor_div(ts_event[0], NANOS_PER_MINUTE)
    low = high = ticks[0]
    for i in range(n):
        if sizes[i] <= 0:
            raise ValueError(f"`sizes` must be positive, was {sizes[i]} at {i}")
        if i and ts_event[i] < ts_event[i - 1]:
            raise ValueError(f"`ts_event` must be ascending, was not at {i}")
        if ticks[i] < low:
            low = ticks[i]
        elif ticks[i] > high:
            high = ticks[i]
    if high - low >= MAX_SPAN:
        raise ValueError(f"`ticks` must span at most {MAX_SPAN}, were from {low} to {high}")
    rows = floor_div(ts_event[n - 1], NANOS_PER_MINUTE) - first + 1
    result = np.empty((rows, 7), dtype=np.int64)
    cdef int64_t[:, ::1] out = result
    held = np.zeros(high - low + 1, dtype=np.int64)
    cdef int64_t[::1] view = held
    volumes = &view[0]
    lowest = highest = ticks[0] - low
    i = 0
    boundary = (first + 1) * NANOS_PER_MINUTE
    while row < rows:
        while i < n and ts_event[i] < boundary:
            volumes[ticks[i] - low] += sizes[i]
            if ticks[i] - low < lowest:
                lowest = ticks[i] - low
            elif ticks[i] - low > highest:
                highest = ticks[i] - low
            i += 1
        oldest = boundary - minutes * NANOS_PER_MINUTE
        while expired < i and ts_event[expired] < oldest:
            volumes[ticks[expired] - low] -= sizes[expired]
            expired += 1
        while lowest < highest and volumes[lowest] == 0:
            lowest += 1
        while highest > lowest and volumes[highest] == 0:
            highest -= 1
        found = area._compute(volumes + lowest, low + lowest, highest - lowest + 1, bin_ticks)
        out[row, 0] = boundary - NANOS_PER_MINUTE
        out[row, 1] = found.reason
        out[row, 2] = found.poc
        out[row, 3] = found.val
        out[row, 4] = found.vah
        out[row, 5] = found.volume
        out[row, 6] = found.total
        row += 1
        boundary += NANOS_PER_MINUTE
    return result

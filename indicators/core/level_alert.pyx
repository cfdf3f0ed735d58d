"""An alert that fires once when the price comes near a level, and is armed again far from it."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from libc.stdint cimport int64_t
from libc.stdlib cimport free
from libc.stdlib cimport realloc

from indicators.core.arithmetic cimport magnitude

from errors import ParameterError
from indicators.core.exact import exact_ratio


cdef extern from *:
    ctypedef long long int128_t "__int128"


UNITS = ("percent", "ticks", "atr")
DIRECTIONS = {1: "UP", -1: "DOWN", 0: "AT"}
cdef enum:
    PERCENT = 0
    TICKS = 1
    ATR = 2


class NearestLevel(NamedTuple):
    level: int
    distance: Fraction | None
    near: bool
    fire: bool
    direction: str
    approaching: bool | None


cdef Py_ssize_t position(const int64_t* levels, Py_ssize_t n, int64_t price) noexcept nogil:
    # The first level at or above the price.
    cdef Py_ssize_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) // 2
        if levels[middle] < price:
            low = middle + 1
        else:
            high = middle
    return low


cdef class LevelAlert:
    def __cinit__(self, str unit="percent", near="0.5", rearm="0.75"):
        if unit not in UNITS:
            raise ParameterError("unit", f"must be one of {', '.join(UNITS)}, was {unit}")
        self.unit = unit
        self._unit = UNITS.index(unit)
        self._near_num, self._near_den = exact_ratio("near", near)
        self._rearm_num, self._rearm_den = exact_ratio("rearm", rearm)
        if self._rearm_num * self._near_den < self._near_num * self._rearm_den:
            raise ParameterError("rearm", f"must not be below `near` {near}, was {rearm}")
        self._fired = NULL
        self._fired_capacity = 0
        self._clear()

    def __dealloc__(self):
        free(self._fired)

    cdef void _clear(self) noexcept:
        self._fired_count = 0
        self._previous = 0
        self._has_previous = False

    cdef int64_t _base(self, int64_t level, int64_t atr_num) noexcept nogil:
        if self._unit == PERCENT:
            return magnitude(level)
        return atr_num if self._unit == ATR else 1

    cdef Nearest _update(
        self, int64_t price, const int64_t* levels, Py_ssize_t n, int64_t atr_num, int64_t atr_den
    ) except *:
        cdef Nearest found
        cdef int64_t previous = self._previous, distance, level, scale, base
        cdef bint has_previous = self._has_previous
        cdef Py_ssize_t i, kept = 0, at
        cdef int64_t* fired
        self._previous = price
        self._has_previous = True
        found.index = -1
        found.level = found.near = found.fire = found.direction = 0
        found.approaching = -1
        found.distance_num = found.distance_den = 0
        if n == 0:
            # What has fired is remembered until there are levels again.
            return found
        scale = 100 if self._unit == PERCENT else (atr_den if self._unit == ATR else 1)
        for i in range(self._fired_count):
            level = self._fired[i]
            at = position(levels, n, level)
            if at == n or levels[at] != level:
                continue
            base = self._base(level, atr_num)
            if (self._unit != ATR or atr_den) and (
                <int128_t>magnitude(price - level) * scale * self._rearm_den
                >= <int128_t>self._rearm_num * base
            ):
                continue
            self._fired[kept] = level
            kept += 1
        self._fired_count = kept
        at = position(levels, n, price)
        if at == n or (at > 0 and price - levels[at - 1] <= levels[at] - price):
            at -= 1
        level = levels[at]
        base = self._base(level, atr_num)
        distance = magnitude(price - level)
        found.index = at
        found.level = level
        found.direction = (price < level) - (price > level)
        if has_previous:
            found.approaching = distance < magnitude(previous - level)
        if self._unit != ATR or atr_den:
            found.distance_num = distance * scale
            found.distance_den = base
            found.near = (
                <int128_t>distance * scale * self._near_den < <int128_t>self._near_num * base
            )
        if not found.near:
            return found
        for i in range(self._fired_count):
            if self._fired[i] == level:
                return found
        if self._fired_count == self._fired_capacity:
            fired = <int64_t*>realloc(
                self._fired, (2 * self._fired_capacity + 8) * sizeof(int64_t)
            )
            if fired == NULL:
                raise MemoryError
            self._fired = fired
            self._fired_capacity = 2 * self._fired_capacity + 8
        self._fired[self._fired_count] = level
        self._fired_count += 1
        found.fire = True
        return found

    def update(self, int64_t price, levels, atr=None):
        cdef const int64_t[::1] view
        cdef Nearest found
        cdef int64_t numerator = 0, denominator = 0
        array = np.unique(np.asarray(levels, dtype=np.int64))
        view = array
        if atr is not None:
            ratio = Fraction(atr)
            numerator, denominator = ratio.numerator, ratio.denominator
        found = self._update(
            price, &view[0] if len(array) else NULL, len(array), numerator, denominator
        )
        if found.index < 0:
            return None
        return NearestLevel(
            found.level,
            Fraction(found.distance_num, found.distance_den) if found.distance_den else None,
            bool(found.near),
            bool(found.fire),
            DIRECTIONS[found.direction],
            None if found.approaching < 0 else bool(found.approaching),
        )

    def clear(self):
        self._clear()

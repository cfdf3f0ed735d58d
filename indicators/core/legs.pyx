"""Legs between the pivots of a zigzag, with the low volume nodes of their profiles."""

from typing import NamedTuple

import numpy as np

from libc.math cimport isnan
from libc.stdint cimport int64_t

from indicators.core.leg_nodes cimport LegNodes
from indicators.core.leg_nodes cimport NodeRow
from indicators.core.leg_nodes cimport node_values
from indicators.core.leg_profile cimport LegProfile
from indicators.core.row_buffer cimport RowBuffer
from indicators.core.zigzag cimport PivotRow
from indicators.core.zigzag cimport Zigzag
from indicators.core.zigzag cimport pivot_values

from indicators.core.leg_nodes import NODE_DTYPE as _NODE_DTYPE
from indicators.core.zigzag import PIVOT_DTYPE as _PIVOT_DTYPE


PATTERNS = {1: "HL->HH", -1: "LH->LL"}
DIRECTIONS = {1: "uptrend", -1: "downtrend"}
LEG_DTYPE = np.dtype(
    [
        ("leg_id", np.int64),
        ("direction", np.int64),
        ("start_bar", np.int64),
        ("end_bar", np.int64),
        ("confirmed_bar", np.int64),
        ("start_ts", np.int64),
        ("end_ts", np.int64),
        ("confirmed_ts", np.int64),
        ("start_tick", np.int64),
        ("end_tick", np.int64),
        ("bars", np.int64),
        ("duration_ns", np.int64),
        ("is_seeded", np.int64),
        ("nodes", np.int64),
        ("return_pct", np.float64),
        ("bin_size", np.float64),
    ]
)
LEG_NODE_DTYPE = np.dtype(
    [("leg_id", np.int64), ("rank", np.int64), *_NODE_DTYPE.descr],
)
# Fewer bars are not worth to be moved to the front.
cdef enum:
    DROP_FROM = 512
cdef enum:
    LOW_LOW = 0
    HIGH_LOW = 1
    LOW_HIGH = 2
    HIGH_HIGH = 3


class Leg(NamedTuple):
    leg_id: int
    direction: int
    start_bar: int
    end_bar: int
    confirmed_bar: int | None
    start_ts: int
    end_ts: int
    confirmed_ts: int | None
    start_tick: int
    end_tick: int
    bars: int
    duration_ns: int
    is_seeded: bool
    return_pct: float | None
    bin_size: float | None

    @property
    def pattern(self):
        return PATTERNS[self.direction]


class Confirmation(NamedTuple):
    pivot: tuple
    leg: Leg | None
    nodes: tuple


class Structures(NamedTuple):
    pivots: np.ndarray
    legs: np.ndarray
    nodes: np.ndarray


cdef object leg_values(LegRow* row):
    cdef bint is_tail = row.confirmed_bar < 0
    return Leg(
        row.leg_id,
        row.direction,
        row.start_bar,
        row.end_bar,
        None if is_tail else row.confirmed_bar,
        row.start_ts,
        row.end_ts,
        None if is_tail else row.confirmed_ts,
        row.start_tick,
        row.end_tick,
        row.bars,
        row.duration_ns,
        bool(row.is_seeded),
        None if isnan(row.return_pct) else row.return_pct,
        row.bin_size if row.bin_size else None,
    )


cdef class LegStructure:
    def __cinit__(
        self,
        tick_size,
        LegNodes nodes=None,
        double reversal_pct=0.12,
        bint keep_opposite=False,
        bint exact=False,
    ):
        self.nodes = LegNodes() if nodes is None else nodes
        self.zigzag = Zigzag(tick_size, reversal_pct, keep_opposite)
        self.profile = LegProfile(tick_size, self.nodes.clean)
        self.exact = exact
        self._high = RowBuffer(sizeof(int64_t))
        self._low = RowBuffer(sizeof(int64_t))
        self._volume = RowBuffer(sizeof(int64_t))
        self._print_ends = RowBuffer(sizeof(int64_t))
        self._ticks = RowBuffer(sizeof(int64_t))
        self._volumes = RowBuffer(sizeof(int64_t))
        self._pivots = RowBuffer(sizeof(PivotRow))
        self._legs = RowBuffer(sizeof(LegRow))
        self._leg_nodes = RowBuffer(sizeof(LegNodeRow))
        self.reset()

    def reset(self):
        self.zigzag.reset()
        self.profile.oversized = 0
        self.leg_count = 0
        self._pivots.count = self._legs.count = self._leg_nodes.count = 0
        self._base = 0
        self._forget()

    def start_again(self):
        self.zigzag.start_again()
        self._base = self.zigzag.count
        self._forget()

    cdef void _forget(self) noexcept nogil:
        self._has_before = self._has_leg = False
        self._high.count = self._low.count = self._volume.count = 0
        self._print_ends.count = self._ticks.count = self._volumes.count = 0

    cdef int _push(self, int64_t high, int64_t low, int64_t volume) except -1:
        (<int64_t*>self._high._add())[0] = high
        (<int64_t*>self._low._add())[0] = low
        (<int64_t*>self._volume._add())[0] = volume
        if self.exact:
            (<int64_t*>self._print_ends._add())[0] = self._ticks.count
        return 0

    cdef bint _on_bar(self, int64_t ts, int64_t high, int64_t low) except -1:
        # Its volume has been pushed.
        if not self.zigzag._step(ts, high, low):
            return False
        self._on_pivot(&self.zigzag._pivot)
        return True

    cdef int _on_pivot(self, PivotRow* pivot) except -1:
        cdef PivotRow* before = &self._before
        cdef LegRow* leg = &self._leg
        cdef int64_t first, count, start = 0, end
        cdef int64_t* ends
        self._has_leg = False
        self.nodes._found.count = 0
        if self._has_before:
            leg.direction = 0
            if before.structure == HIGH_LOW and pivot.structure == HIGH_HIGH:
                leg.direction = 1
            elif before.structure == LOW_HIGH and pivot.structure == LOW_LOW:
                leg.direction = -1
            if leg.direction:
                self._has_leg = True
                leg.leg_id = self.leg_count
                self.leg_count += 1
                leg.start_bar, leg.end_bar = before.bar, pivot.bar
                leg.confirmed_bar = pivot.confirmed_bar
                leg.start_ts, leg.end_ts = before.ts, pivot.ts
                leg.confirmed_ts = pivot.confirmed_ts
                leg.start_tick, leg.end_tick = before.tick, pivot.tick
                leg.bars, leg.duration_ns = pivot.bars, pivot.duration_ns
                leg.is_seeded = before.is_seed
                leg.return_pct = pivot.return_pct
                leg.bin_size = 0.0
                if leg.bars >= self.nodes.min_bars:
                    first = before.bar - self._base
                    count = leg.bars + 1
                    if self.exact:
                        ends = <int64_t*>self._print_ends._first()
                        start = ends[first - 1] if first > 0 else 0
                        end = ends[first + count - 1]
                        self.profile._of_prints(
                            <int64_t*>self._high._first() + first,
                            <int64_t*>self._low._first() + first,
                            count,
                            <int64_t*>self._ticks._first() + start,
                            <int64_t*>self._volumes._first() + start,
                            end - start,
                        )
                    else:
                        self.profile._of_bars(
                            <int64_t*>self._high._first() + first,
                            <int64_t*>self._low._first() + first,
                            <int64_t*>self._volume._first() + first,
                            count,
                        )
                    leg.bin_size = self.profile.bin_size
                    self.nodes._scan(self.profile._first(), self.profile._bins.count)
                leg.nodes = self.nodes._found.count
        self._before = pivot[0]
        self._has_before = True
        self._drop_before(pivot.bar)
        return 0

    cdef void _drop_before(self, int64_t bar) noexcept nogil:
        # The next leg begins with the bar of the last pivot.
        cdef int64_t i, count = bar - self._base, prints
        cdef int64_t* ends
        if count < DROP_FROM:
            return
        self._high._drop(count)
        self._low._drop(count)
        self._volume._drop(count)
        if self.exact:
            prints = (<int64_t*>self._print_ends._first())[count - 1]
            self._print_ends._drop(count)
            self._ticks._drop(prints)
            self._volumes._drop(prints)
            ends = <int64_t*>self._print_ends._first()
            for i in range(self._print_ends.count):
                ends[i] -= prints
        self._base = bar

    cdef int _store(self, PivotRow* pivot) except -1:
        cdef LegNodeRow* row
        cdef Py_ssize_t i
        (<PivotRow*>self._pivots._add())[0] = pivot[0]
        if self._has_leg:
            (<LegRow*>self._legs._add())[0] = self._leg
            for i in range(self.nodes._found.count):
                row = <LegNodeRow*>self._leg_nodes._add()
                row.leg_id = self._leg.leg_id
                row.rank = i + 1
                row.node = self.nodes._first()[i]
        return 0

    def update(
        self, int64_t ts, int64_t high, int64_t low, int64_t volume, ticks=None, volumes=None
    ):
        if low > high:
            raise ValueError(f"`low` must not be above `high`, was {low} above {high}")
        if volume < 0:
            raise ValueError(f"`volume` must not be negative, was {volume}")
        if self.exact:
            if ticks is None or volumes is None or len(ticks) != len(volumes):
                raise ValueError("`ticks` and `volumes` must be given, of one length")
            for tick, lots in zip(ticks, volumes):
                (<int64_t*>self._ticks._add())[0] = tick
                (<int64_t*>self._volumes._add())[0] = lots
        self._push(high, low, volume)
        if not self._on_bar(ts, high, low):
            return None
        return Confirmation(
            pivot_values(&self.zigzag._pivot),
            leg_values(&self._leg) if self._has_leg else None,
            tuple(
                [
                    node_values(self.nodes._first() + i, i + 1)
                    for i in range(self.nodes._found.count)
                ]
            ),
        )

    def update_many(
        self,
        const int64_t[::1] ts not None,
        const int64_t[::1] high not None,
        const int64_t[::1] low not None,
        const int64_t[::1] volume not None,
    ):
        cdef Py_ssize_t i, n = ts.shape[0]
        if not high.shape[0] == low.shape[0] == volume.shape[0] == n:
            raise ValueError("`ts`, `high`, `low` and `volume` must have one length")
        if self.exact:
            raise ValueError("an exact profile takes bars one by one, with their prints")
        for i in range(n):
            if low[i] > high[i]:
                raise ValueError(
                    f"`low` must not be above `high`, was {low[i]} above {high[i]} at {i}"
                )
            if volume[i] < 0:
                raise ValueError(f"`volume` must not be negative, was {volume[i]} at {i}")
        for i in range(n):
            self._push(high[i], low[i], volume[i])
            if self._on_bar(ts[i], high[i], low[i]):
                self._store(&self.zigzag._pivot)

    def take(self):
        return Structures(
            self._pivots.take(_PIVOT_DTYPE),
            self._legs.take(LEG_DTYPE),
            self._leg_nodes.take(LEG_NODE_DTYPE),
        )

    def _end_with_tail(self):
        cdef PivotRow row
        if self.zigzag._has_tail():
            row = self.zigzag._row(-1, -1)
            self._on_pivot(&row)
            self._store(&row)


def leg_structures(
    const int64_t[::1] ts not None,
    const int64_t[::1] high not None,
    const int64_t[::1] low not None,
    const int64_t[::1] volume not None,
    tick_size,
    LegNodes nodes=None,
    double reversal_pct=0.12,
    bint keep_opposite=False,
    *,
    bint with_tail=False,
):
    core = LegStructure(tick_size, nodes, reversal_pct, keep_opposite)
    core.update_many(ts, high, low, volume)
    if with_tail:
        core._end_with_tail()
    return core.take()

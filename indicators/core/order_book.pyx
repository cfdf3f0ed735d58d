"""Best bid and ask from an exchange's order-by-order messages."""

import numpy as np

from libc.stdint cimport int64_t
from libc.stdint cimport uint8_t
from libc.stdint cimport uint32_t
from libc.stdint cimport uint64_t


cdef enum:
    ADD = 65  # A
    CANCEL = 67  # C
    MODIFY = 77  # M
    CLEAR = 82  # R
    BID = 66  # B
    ASK = 65  # A
    LAST_OF_EVENT = 128
    SNAPSHOT = 32

cdef int64_t NO_PRICE = 0x7FFFFFFFFFFFFFFF


cdef class _Side:
    cdef dict levels
    cdef int sign
    cdef int64_t best

    def __cinit__(self, int sign):
        self.levels = {}
        self.sign = sign
        self.best = NO_PRICE

    cdef void clear(self):
        self.levels.clear()
        self.best = NO_PRICE

    cdef void add(self, int64_t price, int64_t size):
        cdef int64_t total = <int64_t>self.levels.get(price, 0) + size
        if total > 0:
            self.levels[price] = total
            if self.best == NO_PRICE or self.sign * (price - self.best) > 0:
                self.best = price
            return
        self.levels.pop(price, None)
        if price == self.best:
            if not self.levels:
                self.best = NO_PRICE
            else:
                self.best = max(self.levels) if self.sign > 0 else min(self.levels)

    cdef int64_t best_size(self):
        return 0 if self.best == NO_PRICE else <int64_t>self.levels[self.best]


cdef class OrderBook:
    def __cinit__(self):
        self._orders = {}
        self._bids = _Side(1)
        self._asks = _Side(-1)
        self.unknown_orders = 0
        self._bid = self._ask = NO_PRICE
        self._bid_size = self._ask_size = 0

    cdef dict _orders
    cdef _Side _bids
    cdef _Side _asks
    cdef readonly int64_t unknown_orders
    cdef int64_t _bid
    cdef int64_t _ask
    cdef int64_t _bid_size
    cdef int64_t _ask_size

    def apply(
        self,
        const uint8_t[:] actions,
        const uint8_t[:] sides,
        const uint64_t[:] order_ids,
        const int64_t[:] prices,
        const uint32_t[:] sizes,
        const uint8_t[:] flags,
    ):
        cdef Py_ssize_t n = actions.shape[0], i, found = 0
        for other in (sides, order_ids, prices, sizes, flags):
            if other.shape[0] != n:
                raise ValueError(f"columns of {n} and {other.shape[0]} rows")
        rows = np.empty(n, dtype=np.int64)
        best = np.empty((4, n), dtype=np.int64)
        cdef int64_t[:] out_rows = rows
        cdef int64_t[:, :] out = best
        for i in range(n):
            self._take(actions[i], sides[i], order_ids[i], prices[i], sizes[i])
            if not flags[i] & LAST_OF_EVENT or flags[i] & SNAPSHOT:
                continue
            if not self._has_changed():
                continue
            out_rows[found] = i
            out[0, found] = self._bid
            out[1, found] = self._ask
            out[2, found] = self._bid_size
            out[3, found] = self._ask_size
            found += 1
        return (rows[:found].copy(), *(column[:found].copy() for column in best))

    cdef void _take(
        self, uint8_t action, uint8_t side, uint64_t order_id, int64_t price, int64_t size
    ):
        cdef int64_t left
        cdef _Side own
        if action == CLEAR:
            self._orders.clear()
            self._bids.clear()
            self._asks.clear()
            return
        if action != ADD and action != CANCEL and action != MODIFY:
            return
        known = self._orders.get(order_id)
        if known is None and action != ADD:
            self.unknown_orders += 1
        if action == CANCEL:
            if known is None:
                return
            own = known[2]
            left = known[1] - size
            own.add(known[0], -min(size, <int64_t>known[1]))
            if left > 0:
                self._orders[order_id] = (known[0], left, own)
            else:
                del self._orders[order_id]
            return
        if known is not None:
            own = known[2]
            own.add(known[0], -known[1])
            del self._orders[order_id]
        if price == NO_PRICE or size <= 0 or (side != BID and side != ASK):
            return
        own = self._bids if side == BID else self._asks
        own.add(price, size)
        self._orders[order_id] = (price, size, own)

    cdef bint _has_changed(self):
        cdef int64_t bid = self._bids.best, ask = self._asks.best
        cdef int64_t bid_size = self._bids.best_size(), ask_size = self._asks.best_size()
        if (
            bid == self._bid
            and ask == self._ask
            and bid_size == self._bid_size
            and ask_size == self._ask_size
        ):
            return False
        self._bid, self._ask = bid, ask
        self._bid_size, self._ask_size = bid_size, ask_size
        return True

from libc.stdint cimport int64_t


cdef enum StateCode:
    UNKNOWN = 0
    BALANCE = 1
    IMBALANCE_UP = 2
    IMBALANCE_DOWN = 3


cdef struct State:
    int64_t code
    int64_t confidence


cdef class AuctionState:
    cdef int64_t _dist_num, _dist_den, _mom_num, _mom_den

    cdef State _of(
        self, int64_t close, int64_t poc, int64_t val, int64_t vah, int64_t base
    ) noexcept nogil
    cdef int _momentum_word(self, int64_t close, int64_t base) noexcept nogil

# The prints of one minute in a struct: inline functions, which cost no call for each print.

from libc.stdint cimport int64_t


cdef extern from *:
    ctypedef long long int128_t "__int128"


cdef struct MinutePrints:
    int64_t open
    int64_t high
    int64_t low
    int64_t close
    int64_t trades
    int64_t run
    int64_t run_limit
    int64_t longest
    int run_sign
    # By side: sell, none, buy.
    int64_t[3] volumes
    int64_t[3] largest
    int64_t[3] largest_price
    # The arrays of the minute's profile, which begin at the price `origin`.
    int64_t* total
    int64_t* buys
    int64_t* sells
    int64_t origin


cdef inline void start_prints(MinutePrints* minute) noexcept nogil:
    # The prices stay: a minute without prints has the last close.
    cdef int i
    minute.trades = 0
    minute.run = 0
    minute.longest = minute.run_limit = 0
    minute.run_sign = 0
    for i in range(3):
        minute.volumes[i] = 0
        minute.largest[i] = 0
        minute.largest_price[i] = 0


cdef inline int64_t volume_of(const MinutePrints* minute) noexcept nogil:
    return minute.volumes[0] + minute.volumes[1] + minute.volumes[2]


cdef inline void add_print(
    MinutePrints* minute, int64_t price, int64_t size, int sign
) noexcept nogil:
    # By masks, without jumps on the sign: which side comes next cannot be predicted.
    cdef int which = sign + 1
    cdef int64_t wide = sign, change = sign ^ minute.run_sign
    cdef int64_t i = price - minute.origin
    minute.total[i] += size
    minute.buys[i] += size & (-wide >> 63)
    minute.sells[i] += size & (wide >> 63)
    if minute.trades == 0:
        minute.open = minute.high = minute.low = price
    elif price > minute.high:
        minute.high = price
    elif price < minute.low:
        minute.low = price
    minute.close = price
    minute.trades += 1
    minute.volumes[which] += size
    minute.run = (minute.run & ~((change | -change) >> 63)) + 1
    minute.run_sign = sign
    if minute.run > minute.run_limit and sign != 0:
        minute.run_limit = minute.run
        minute.longest = minute.run * sign
    if size >= minute.largest[which] and (
        # Of equal prints the one farthest on the side of a stop.
        size > minute.largest[which]
        or sign * price < sign * minute.largest_price[which]
    ):
        minute.largest[which] = size
        minute.largest_price[which] = price


cdef inline void take_candle(
    MinutePrints* minute, int64_t open, int64_t high, int64_t low, int64_t close, int64_t volume
) noexcept nogil:
    # Twice the range as a denominator: a lot that is left over has no side.
    cdef int64_t span = 2 * (high - low), body = close - open
    minute.volumes[2] = minute.volumes[0] = volume / 2
    if span:
        minute.volumes[2] = <int64_t>(<int128_t>volume * (span / 2 + body) / span)
        minute.volumes[0] = <int64_t>(<int128_t>volume * (span / 2 - body) / span)
    minute.volumes[1] = volume - minute.volumes[0] - minute.volumes[2]
    minute.open = open
    minute.high = high
    minute.low = low
    minute.close = close

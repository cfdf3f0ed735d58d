"""Balance or imbalance of a market, from its value area and its momentum."""

from fractions import Fraction
from typing import NamedTuple

from libc.stdint cimport int64_t

from indicators.core.arithmetic cimport magnitude

from indicators.core.exact import exact_ratio


cdef extern from *:
    ctypedef long long int128_t "__int128"


STATES = ("UNKNOWN", "BALANCE", "IMBALANCE_UP", "IMBALANCE_DOWN")
MOMENTUM_WORDS = ("NONE", "WEAK", "MODERATE", "STRONG")
cdef int64_t UNDECIDED = 25


class StateReading(NamedTuple):
    state: str
    confidence: int
    distance_pct: Fraction | None
    momentum_pct: Fraction | None
    momentum: str | None


cdef class AuctionState:
    def __cinit__(self, dist_max_pct="1", mom_min_pct="0.5"):
        self._dist_num, self._dist_den = exact_ratio("dist_max_pct", dist_max_pct)
        self._mom_num, self._mom_den = exact_ratio("mom_min_pct", mom_min_pct)

    cdef State _of(
        self, int64_t close, int64_t poc, int64_t val, int64_t vah, int64_t base
    ) noexcept nogil:
        cdef State state
        cdef int128_t far, limit, moved, least
        cdef int64_t outside, width = vah - val
        state.code = UNKNOWN
        state.confidence = 0
        if poc == 0 or base == 0:
            # A share of a price of zero is not defined.
            return state
        far = <int128_t>100 * magnitude(close - poc) * self._dist_den
        limit = <int128_t>self._dist_num * magnitude(poc)
        moved = <int128_t>100 * magnitude(close - base) * self._mom_den
        least = <int128_t>self._mom_num * magnitude(base)
        state.code = BALANCE
        state.confidence = UNDECIDED
        outside = close - vah if close > base else val - close
        if far < limit and val <= close <= vah:
            state.confidence = <int64_t>((100 * limit - 50 * far) / limit)
        elif moved > least and outside > 0:
            state.code = IMBALANCE_UP if close > base else IMBALANCE_DOWN
            moved = min(moved - least, least)
            if width == 0:
                state.confidence = <int64_t>(75 + 25 * moved / least)
            else:
                state.confidence = <int64_t>(
                    50 + 25 * (moved * width + min(outside, width) * least) / (least * width)
                )
        return state

    cdef int _momentum_word(self, int64_t close, int64_t base) noexcept nogil:
        # Half the least momentum of an imbalance is weak, twice that is strong.
        cdef int128_t moved = <int128_t>100 * magnitude(close - base) * self._mom_den
        cdef int128_t least = <int128_t>self._mom_num * magnitude(base)
        return (2 * moved >= least) + (moved >= least) + (moved >= 2 * least)

    def of(self, int64_t close, poc, val, vah, base):
        cdef State state
        if poc is None or val is None or vah is None or base is None:
            return StateReading("UNKNOWN", 0, None, None, None)
        if val > vah:
            raise ValueError(f"`val` {val} lies above `vah` {vah}")
        state = self._of(close, poc, val, vah, base)
        if state.code == UNKNOWN:
            return StateReading("UNKNOWN", 0, None, None, None)
        return StateReading(
            STATES[state.code],
            state.confidence,
            Fraction(100 * abs(close - poc), abs(poc)),
            Fraction(100 * (close - base), abs(base)),
            MOMENTUM_WORDS[self._momentum_word(close, base)],
        )

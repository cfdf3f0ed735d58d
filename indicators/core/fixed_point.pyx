"""Exact conversion between int64 ticks or lots and the 128-bit fixed-point values of Nautilus."""

import numpy as np

from libc.stdint cimport int64_t
from libc.stdint cimport uint64_t
from libc.string cimport memcpy


cdef extern from *:
    ctypedef long long int128_t "__int128"
    bint __builtin_mul_overflow(int128_t, int128_t, int128_t*) nogil


cdef inline int128_t _from_words(int64_t high, uint64_t low) noexcept nogil:
    return (<int128_t>high) * (<int128_t>4294967296) * (<int128_t>4294967296) + <int128_t>low


cdef int128_t _unit(object unit_raw) except? -1:
    if unit_raw <= 0 or unit_raw >= 1 << 100:
        raise ValueError(f"`unit_raw` must be positive and below 2**100, was {unit_raw}")
    return _from_words(<int64_t>(unit_raw >> 64), <uint64_t>(unit_raw & 0xFFFFFFFFFFFFFFFF))


def encode_raw(const int64_t[::1] values not None, unit_raw):
    cdef int128_t unit = _unit(unit_raw)
    cdef Py_ssize_t i, n = values.shape[0]
    cdef Py_ssize_t bad = -1
    cdef int128_t raw
    out = np.empty((n, 16), dtype=np.uint8)
    cdef unsigned char[:, ::1] view = out
    with nogil:
        for i in range(n):
            if __builtin_mul_overflow(<int128_t>values[i], unit, &raw):
                bad = i
                break
            memcpy(&view[i, 0], &raw, 16)
    if bad >= 0:
        raise ValueError(f"value {bad} does not fit into 128 bits at the unit {unit_raw}")
    return out


def decode_raw(const unsigned char[::1] data not None, unit_raw):
    cdef int128_t unit = _unit(unit_raw)
    cdef int128_t raw, quotient
    cdef Py_ssize_t i, n
    cdef Py_ssize_t bad = -1
    if data.shape[0] % 16 != 0:
        raise ValueError(f"`data` must hold 16 bytes a value, was {data.shape[0]} bytes")
    n = data.shape[0] // 16
    out = np.empty(n, dtype=np.int64)
    cdef int64_t[::1] view = out
    with nogil:
        for i in range(n):
            memcpy(&raw, &data[16 * i], 16)
            quotient = raw / unit
            view[i] = <int64_t>quotient
            if quotient * unit != raw or <int128_t>view[i] != quotient:
                bad = i
                break
    if bad >= 0:
        if quotient * unit == raw:
            raise ValueError(f"value {bad} does not fit into 64 bits at the unit {unit_raw}")
        raise ValueError(f"value {bad} is not a multiple of the unit {unit_raw}")
    return out

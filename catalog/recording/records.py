"""
The binary records of a recorder's write-ahead log.

A record is its length (2 bytes) and CRC-32 (4 bytes), then its content: fixed fields, little
endian, followed by a text. A record that a crash has cut short, or a disk has changed, fails its
length or checksum; reading ends there.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32


QUOTE, TRADE, BAR, HEADER = 0, 1, 2, 3
LATE = 1

_HEAD = struct.Struct("<HI")
_FIXED = struct.Struct("<BBBqqqqqqq")
LONGEST = 0xFFFF


class Record(NamedTuple):
    """
    Represents a quote, a trade or a bar of a recording, in ticks and lots.

    Attributes
    ----------
    kind : int
        `QUOTE`, `TRADE` or `BAR`.
    ts_event, ts_recv : int
        The venue's time and the time of receipt (ns UTC).
    a, b : int
        Bid and ask; the price of a trade and 0; open and high of a bar (ticks).
    a_size, b_size : int
        Their sizes; the size of a trade and 0 (lots); low and close of a bar (ticks).
    volume : int
        The volume of a bar (lots), else 0.
    side : int
        The aggressor of a trade as in Nautilus: 1 buyer, 2 seller, 0 none.
    text : str
        The trade id, or the bar type.
    is_late : bool
        If it was requested from the venue after a lost connection, and so was recorded behind
        events that are younger.

    """

    kind: int
    ts_event: int
    ts_recv: int
    a: int
    b: int
    a_size: int
    b_size: int
    volume: int = 0
    side: int = 0
    text: str = ""
    is_late: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """Return what makes two records of different recorders one event."""
        if self.kind == TRADE:
            return (TRADE, self.text, self.ts_event, self.a, self.a_size, self.side)
        return (self.kind, self.text, self.ts_event, self.a, self.b, self.a_size, self.b_size)


def encode(record: Record) -> bytes:
    """Return a record as bytes."""
    flags = LATE if record.is_late else 0
    fixed = _FIXED.pack(
        record.kind,
        flags,
        record.side,
        record.ts_event,
        record.ts_recv,
        record.a,
        record.b,
        record.a_size,
        record.b_size,
        record.volume,
    )
    return _framed(fixed + record.text.encode())


def encode_header(text: str) -> bytes:
    """Return the first record of a segment, which describes it."""
    return _framed(bytes((HEADER,)) + text.encode())


def decode(content: bytes) -> Iterator[tuple[int, str | Record]]:
    """
    Yield the records of a segment up to the first that is incomplete or damaged.

    Yields
    ------
    tuple[int, str or Record]
        The position behind it in the content, and the header or the record.

    """
    at, end = 0, len(content)
    while at + _HEAD.size <= end:
        length, checksum = _HEAD.unpack_from(content, at)
        start = at + _HEAD.size
        payload = content[start : start + length]
        if len(payload) < length or not payload or crc32(payload) != checksum:
            return
        at = start + length
        if payload[0] == HEADER:
            yield at, payload[1:].decode()
            continue
        kind, flags, side, *values = _FIXED.unpack_from(payload)
        text = payload[_FIXED.size :].decode()
        ts_event, ts_recv, a, b, a_size, b_size, volume = values
        yield (
            at,
            Record(
                kind,
                ts_event,
                ts_recv,
                a,
                b,
                a_size,
                b_size,
                volume,
                side,
                text,
                bool(flags & LATE),
            ),
        )


def _framed(payload: bytes) -> bytes:
    return _HEAD.pack(len(payload), crc32(payload)) + payload

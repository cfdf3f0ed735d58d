"""
Check the write-ahead log of an SQLite database against its checksums.

SQLite reads a log up to its first bad frame and ignores the commits behind it without an error.
Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log and
https://www.sqlite.org/walformat.html
"""

import struct
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


type Words = NDArray[np.uint32]

MAGIC = 0x377F0682
HEADER = struct.Struct(">8I")
FRAME_WORDS = 6
PAGE_SIZES = tuple(2**power for power in range(9, 17))
# A log of this size is checkpointed hundreds of times over; reading it would delay a start.
LARGEST = 64 * 2**20
INDEX_HEADER = 48


def wal_damage(wal: Path, index: Path) -> str | None:
    """
    Return the damage found in a log, None without any.

    Parameters
    ----------
    wal : Path
        The log, of a database that no process has open.
    index : Path
        Its index (`-shm`), which has the number of committed frames.

    """
    try:
        if wal.stat().st_size > LARGEST:
            return None
        content = wal.read_bytes()
    except FileNotFoundError:
        content = b""
    if not content:
        known, copied = _indexed_frames(index)
        return f"{wal.name} with {known} frames is gone" if known > copied else None
    fault = f"the header of {wal.name} is damaged"
    if len(content) < HEADER.size:
        return fault
    magic, _, size, _, *salts, first, second = HEADER.unpack_from(content)
    order = ">" if magic & 1 else "<"
    head = np.frombuffer(content, f"{order}u4", 6).astype(np.uint32)
    if magic & ~1 != MAGIC or size not in PAGE_SIZES or _sums(head, (0, 0)) != (first, second):
        return fault
    good, is_cut_off = _frames(content, order, size, (salts[0], salts[1]), (first, second))
    if is_cut_off:
        return f"frame {good + 1} of {wal.name} is damaged, and commits follow it"
    committed, _ = _indexed_frames(index, content[16:24])
    if committed > good:
        return f"{wal.name} has {good} good frames of the {committed} that were committed"
    return None


def _frames(
    content: bytes, order: str, size: int, salts: tuple[int, int], sums: tuple[int, int]
) -> tuple[int, bool]:
    """Return the frames before the first bad one, and whether a commit lies behind that."""
    words = FRAME_WORDS + size // 4
    count = (len(content) - HEADER.size) // (4 * words)
    shape = (count, words)
    raw = np.frombuffer(content, ">u4", count * words, HEADER.size).reshape(shape)
    native = np.frombuffer(content, f"{order}u4", count * words, HEADER.size).reshape(shape)
    good, is_good = 0, True
    for fields, data in zip(raw[:, :FRAME_WORDS].tolist(), native, strict=True):
        _, commit, *found_salts, first, second = fields
        # Frames of an earlier round have other salts: they may lie behind the last one.
        is_valid = tuple(found_salts) == salts
        if is_valid:
            summed = np.concatenate((data[:2], data[FRAME_WORDS:])).astype(np.uint32)
            is_valid = _sums(summed, sums) == (first, second)
        if is_valid and is_good:
            good += 1
        elif is_valid and commit:
            return good, True
        else:
            is_good = False
        # Each sum goes on from the one before it as it is written, good or bad.
        sums = first, second
    return good, False


def _indexed_frames(index: Path, salts: bytes | None = None) -> tuple[int, int]:
    """
    Return how many frames an index knows, and how many of them are in the database already.

    None where it belongs to another round than that of some salts.
    """
    try:
        with index.open("rb") as file:
            content = file.read(2 * INDEX_HEADER + 4)
    except FileNotFoundError:
        return 0, 0
    # Two copies of the header; they differ where a process was killed between them.
    first, second = content[:INDEX_HEADER], content[INDEX_HEADER : 2 * INDEX_HEADER]
    is_whole = len(content) == 2 * INDEX_HEADER + 4 and first == second
    if not is_whole or (salts is not None and first[32:40] != salts):
        return 0, 0
    (known,) = struct.unpack_from("=I", content, 16)
    (copied,) = struct.unpack_from("=I", content, 2 * INDEX_HEADER)
    return known, copied


def _sums(words: Words, start: tuple[int, int]) -> tuple[int, int]:
    """
    Return the two sums of a log over words of 32 bits.

    For each pair (x, y) SQLite computes `first += x + second; second += y + first`: a linear step,
    so that all of them together are one product.
    """
    weights, (a, b, c) = _weights(len(words) // 2)
    first, second = (int((row * words).sum(dtype=np.uint32)) for row in weights)
    mask = 0xFFFFFFFF
    return (
        (a * start[0] + b * start[1] + first) & mask,
        (b * start[0] + c * start[1] + second) & mask,
    )


@cache
def _weights(
    pairs: int,
) -> tuple[Words, tuple[int, int, int]]:
    # Powers of [[1, 1], [1, 2]], which are symmetric: [[a, b], [b, c]].
    a, b, c = 1, 0, 1
    weights = np.empty((2, 2 * pairs), np.uint32)
    mask = 0xFFFFFFFF
    for pair in reversed(range(pairs)):
        weights[:, 2 * pair] = (a + b) & mask, (b + c) & mask
        weights[:, 2 * pair + 1] = b, c
        a, b, c = (a + b) & mask, (b + c) & mask, (b + 2 * c) & mask
    return weights, (a, b, c)

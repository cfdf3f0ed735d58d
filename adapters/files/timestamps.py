"""Exact conversion of time stamps in any usual unit or ISO 8601 to nanoseconds."""

from decimal import Decimal
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.text import cast_or_null
from adapters.text import unscaled
from adapters.text import valid_mask


TimeUnit = Literal["s", "ms", "us", "ns", "iso"]

NS_PER_SECOND = 1_000_000_000

# The decimals that make a value of the unit whole nanoseconds, and the values read as that unit.
_DECIMALS: dict[TimeUnit, int] = {"s": 9, "ms": 6, "us": 3, "ns": 0}
_RANGES: dict[TimeUnit, tuple[int, int]] = {
    "s": (0, 10**11),
    "ms": (10**11, 10**14),
    "us": (10**14, 10**17),
    "ns": (10**17, 10**37),
}
_OFFSET = r"[Tt ]\d{2}.*([Zz]|[+-]\d{2}(:?\d{2})?)$"


class MixedTimeUnitsError(ValueError):
    """
    Represents a stamp of another unit than the rest of its column.

    Attributes
    ----------
    row : int
        The position in the column.
    unit : TimeUnit
        The unit of the stamp.

    """

    def __init__(self, row: int, unit: TimeUnit) -> None:
        super().__init__(f"row {row} is in {unit}")
        self.row = row
        self.unit = unit


def detect_units(texts: pa.Array) -> list[TimeUnit | None]:
    """
    Return the unit of each time stamp, inferred from its magnitude.

    Numbers below 1e11 are seconds, below 1e14 milliseconds, below 1e17 microseconds, otherwise
    nanoseconds; anything else must be ISO 8601. Zero and negative numbers are not valid.

    Parameters
    ----------
    texts : pa.Array
        The time stamps (shape `n`).

    Returns
    -------
    list[TimeUnit | None]
        The units; None if the text is not a time.

    """
    texts = pc.utf8_trim_whitespace(texts)
    numbers = _numbers(texts, 9).to_pylist()
    stamps = valid_mask(_iso(texts))
    return [
        _unit_of(number) if number is not None else "iso" if is_stamp else None
        for number, is_stamp in zip(numbers, stamps, strict=True)
    ]


def parse_times(
    texts: pa.Array,
    unit: TimeUnit,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """
    Convert time stamps of one unit to nanoseconds.

    Digits beyond the nanosecond are dropped. ISO 8601 without an offset is UTC, a date alone is
    its midnight.

    Parameters
    ----------
    texts : pa.Array
        The time stamps (shape `n`).
    unit : TimeUnit
        The unit of the column.

    Returns
    -------
    ts : NDArray[np.int64]
        The times (ns UTC); 0 where there is none.
    valid : NDArray[np.bool_]
        A mask of the texts that are times after 1970 within 64 bits.

    Raises
    ------
    MixedTimeUnitsError
        If a stamp is of another unit.

    """
    texts = pc.utf8_trim_whitespace(texts)
    if unit == "iso":
        stamps = _iso(texts)
        valid = valid_mask(stamps)
        _refuse_other_units(texts, ~valid, unit)
        ts = pc.fill_null(stamps, 0).to_numpy()
        return ts, valid & (ts > 0)
    low, high = _RANGES[unit]
    numbers = _numbers(texts, _DECIMALS[unit])
    positive = pc.greater(numbers, Decimal(0))
    fits = pc.and_(pc.greater_equal(numbers, Decimal(low)), pc.less(numbers, Decimal(high)))
    odd = pc.fill_null(pc.or_(pc.invert(positive), pc.invert(fits)), True)
    _refuse_other_units(texts, odd.to_numpy(zero_copy_only=False), unit)
    ts, valid = unscaled(numbers)
    return ts, valid & (ts > 0)


def parse_timestamp(text: str) -> tuple[int, TimeUnit] | tuple[None, None]:
    """
    Convert one time stamp to nanoseconds, like `parse_times` for a column.

    Parameters
    ----------
    text : str
        The time stamp.

    Returns
    -------
    ns : int or None
        The time (ns UTC), of any size; None if the text is not a time.
    unit : TimeUnit or None
        The unit inferred from the magnitude.

    """
    texts = pa.array([text.strip()], pa.string())
    unit = detect_units(texts)[0]
    if unit is None:
        return None, None
    if unit == "iso":
        return _iso(texts)[0].as_py(), unit
    number = _numbers(texts, _DECIMALS[unit])[0].as_py()
    return int(number.scaleb(_DECIMALS[unit])), unit


def lacks_offset(texts: pa.Array) -> bool:
    """Return True if any ISO 8601 stamp has no offset from UTC."""
    return not pc.all(pc.match_substring_regex(pc.utf8_trim_whitespace(texts), _OFFSET)).as_py()


def _unit_of(number: Decimal) -> TimeUnit | None:
    if number <= 0:
        return None
    return next(unit for unit, (_, high) in _RANGES.items() if number < high)


def _refuse_other_units(texts: pa.Array, odd: NDArray[np.bool_], unit: TimeUnit) -> None:
    rows = np.flatnonzero(odd)
    if len(rows) == 0:
        return
    units = detect_units(texts.take(pa.array(rows)))
    for row, other in zip(rows, units, strict=True):
        if other is not None and other != unit:
            raise MixedTimeUnitsError(int(row), other)


def _numbers(texts: pa.Array, decimals: int) -> pa.Array:
    kind = pa.decimal128(38, decimals)
    try:
        return pc.cast(texts, kind)
    except pa.ArrowInvalid:
        pattern = rf"(\.\d{{{decimals}}})\d+$" if decimals else r"(\.)\d*$"
        return cast_or_null(pc.replace_substring_regex(texts, pattern, r"\1"), kind)


def _iso(texts: pa.Array) -> pa.Array:
    utc, naive = pa.timestamp("ns", "UTC"), pa.timestamp("ns")
    for kind in (utc, naive):
        try:
            return pc.cast(pc.cast(texts, kind), pa.int64())
        except pa.ArrowInvalid:
            continue
    texts = pc.replace_substring_regex(texts, r"(\.\d{9})\d+", r"\1")
    has_offset = pc.match_substring_regex(texts, _OFFSET)
    with_offset = cast_or_null(pc.if_else(has_offset, texts, ""), utc)
    without = cast_or_null(pc.if_else(has_offset, "", texts), naive)
    return pc.coalesce(pc.cast(with_offset, pa.int64()), pc.cast(without, pa.int64()))

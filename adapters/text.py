"""Vectorized conversion of text columns to numbers, with a mask of invalid values."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def cast_or_null(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """
    Cast text to another type; text that does not parse becomes null.

    Parameters
    ----------
    texts : pa.Array
        The texts (empty counts as null).
    kind : pa.DataType
        The target type.

    Returns
    -------
    pa.Array

    """
    return _halve(pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts), kind)


def _halve(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    # One bad row costs a few more casts of smaller and smaller parts, not a loop over all rows.
    try:
        return pc.cast(texts, kind)
    except pa.ArrowInvalid:
        if len(texts) == 1:
            return pa.nulls(1, kind)
        middle = len(texts) // 2
        parts = _halve(texts[:middle], kind), _halve(texts[middle:], kind)
        return pa.concat_arrays(parts)


def valid_mask(column: pa.Array) -> NDArray[np.bool_]:
    """Return a mask of the values that are not null."""
    mask: NDArray[np.bool_] = pc.is_valid(column).to_numpy(zero_copy_only=False)
    return mask


def parse_floats(texts: pa.Array) -> NDArray[np.float64]:
    """
    Parse decimal text.

    Parameters
    ----------
    texts : pa.Array
        The texts (shape `n`).

    Returns
    -------
    NDArray[np.float64]
        The values; NaN where the text is not a number.

    """
    column = cast_or_null(texts, pa.float64())
    values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return values


def parse_integers(texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """
    Parse integer text.

    Parameters
    ----------
    texts : pa.Array
        The texts (shape `n`).

    Returns
    -------
    values : NDArray[np.int64]
        The values; 0 where the text is not an integer.
    valid : NDArray[np.bool_]
        Which texts are integers.

    """
    column = cast_or_null(texts, pa.int64())
    return pc.fill_null(column, 0).to_numpy(), valid_mask(column)


def unscaled(column: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """
    Return the digits of decimals as integers (12.5 with two decimals is 1250).

    Parameters
    ----------
    column : pa.Array
        A decimal128 column (shape `n`).

    Returns
    -------
    values : NDArray[np.int64]
        The integers; 0 where null or beyond 64 bits.
    valid : NDArray[np.bool_]
        Which values are neither null nor beyond 64 bits.

    """
    filled = pc.fill_null(column, 0)
    words = np.frombuffer(filled.buffers()[1], dtype="<i8")
    words = words.reshape(-1, 2)[filled.offset : filled.offset + len(filled)]
    low, high = words[:, 0], words[:, 1]
    valid = valid_mask(column) & (high == low >> 63)
    return np.where(valid, low, 0), valid

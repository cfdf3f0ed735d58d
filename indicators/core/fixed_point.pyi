import numpy as np
from numpy.typing import NDArray

def encode_raw(values: NDArray[np.int64], unit_raw: int) -> NDArray[np.uint8]:
    """
    Encode tick or lot counts as little-endian 128-bit fixed-point values.

    Parameters
    ----------
    values : NDArray[np.int64]
        The counts (shape `n`).
    unit_raw : int
        The fixed-point value of one tick or lot (for a tick of 0.1 at 16 decimals: 10**15).

    Returns
    -------
    NDArray[np.uint8]
        Shape `(n, 16)`, the layout of price and size columns in the Parquet catalog.

    Raises
    ------
    ValueError
        If `unit_raw` is not positive, or a value does not fit into 128 bits.

    """

def decode_raw(data: NDArray[np.uint8], unit_raw: int) -> NDArray[np.int64]:
    """
    Decode little-endian 128-bit fixed-point values into tick or lot counts.

    Parameters
    ----------
    data : NDArray[np.uint8]
        The contiguous bytes of a price or size column (shape `16 * n`).
    unit_raw : int
        The fixed-point value of one tick or lot.

    Returns
    -------
    NDArray[np.int64]
        The counts (shape `n`).

    Raises
    ------
    ValueError
        If a value is not an exact multiple of `unit_raw`, a count does not fit into 64 bits, or
        the length is not `16 * n`.

    """

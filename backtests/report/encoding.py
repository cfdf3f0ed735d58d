"""Compact columns for the page: numbers as base64, times as milliseconds."""

import base64
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000


def nanoseconds(times: "pd.Series[Any]") -> NDArray[np.int64]:
    """Return times as ns since the epoch; the series holds no missing time."""
    values: NDArray[np.int64] = times.dt.as_unit("ns").astype("int64").to_numpy()
    return values


def milliseconds(time: pd.Timestamp) -> int:
    """Return a time as ms since the epoch, the unit of the time axes."""
    return time.as_unit("ns").value // NS_PER_MS


def pack(values: Any, dtype: str) -> str:
    """Return an array as base64 of little-endian numbers of `dtype` ("f4", "i4")."""
    return base64.b64encode(np.asarray(values, dtype=f"<{dtype}").tobytes()).decode("ascii")


def decimals_of(*columns: "pd.Series[Any]", limit: int = 9) -> int:
    """Return how many decimals show all values without loss, at most `limit`."""
    values = np.concatenate([column.to_numpy(dtype=float, na_value=np.nan) for column in columns])
    values = values[np.isfinite(values)]
    for decimals in range(limit):
        if np.allclose(np.round(values, decimals), values, rtol=0.0, atol=10.0**-limit):
            return decimals
    return limit

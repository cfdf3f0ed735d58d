"""Reads bars back from a Parquet catalog as ticks."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.columns import NUMBERS
from catalog.columns import decode_columns
from catalog.columns import read_columns
from catalog.increments import Increments
from catalog.increments import read_increments
from catalog.layout import BARS
from catalog.layout import END_OF_TIME
from catalog.layout import data_files
from catalog.layout import instrument_of
from errors import AuctionError


PRICES = ("open", "high", "low", "close")


class Bars(NamedTuple):
    """
    Represents consecutive bars.

    Attributes
    ----------
    ts_init : NDArray[np.int64]
        The times of the close, at which the bars are known (ns UTC).
    open, high, low, close : NDArray[np.int64]
        The prices in ticks.

    """

    ts_init: NDArray[np.int64]
    open: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    close: NDArray[np.int64]


def bar_rows(
    catalog_path: Path,
    bar_type: str,
    start_ns: int = 0,
    end_ns: int = END_OF_TIME,
    increments: Increments | None = None,
) -> Iterator[tuple[int, ...]]:
    """
    Yield bars in order of time, one by one.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    bar_type : str
        The bar type, like ``BTCUSDT-LINEAR.BYBIT-1-MINUTE-LAST-EXTERNAL``.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included.
    increments : Increments, optional
        The units to count in; those of the catalog by default.

    Yields
    ------
    tuple[int, ...]
        `ts_init`, `ts_event` (ns UTC), open, high, low, close (ticks) and volume (lots).

    Raises
    ------
    AuctionError
        If a file is damaged or a value is off its increment.

    """
    files = data_files(catalog_path, BARS, bar_type)
    if not files:
        return
    units = increments or read_increments(catalog_path, instrument_of(BARS, bar_type))
    for path, batch in read_columns(files, NUMBERS[BARS], start_ns, end_ns, 100_000):
        columns = decode_columns(path, batch, BARS, units)
        names = ("ts_init", "ts_event", *PRICES, "volume")
        yield from zip(*(columns[name].tolist() for name in names), strict=True)


def read_bars(
    catalog_path: Path,
    bar_type: str,
    start_ns: int = 0,
    end_ns: int = END_OF_TIME,
    batch_rows: int = 100_000,
) -> Iterator[Bars]:
    """
    Read bars in order of time.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    bar_type : str
        The bar type, like ``BTCUSDT-LINEAR.BYBIT-1-MINUTE-LAST-EXTERNAL``.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included.
    batch_rows : int
        The number of rows held at a time.

    Returns
    -------
    Iterator[Bars]
        The bars, in consecutive parts.

    Raises
    ------
    AuctionError
        If the catalog has none, a file is damaged or a price is off the tick.

    """
    files = data_files(catalog_path, BARS, bar_type)
    if not files:
        raise AuctionError(f"catalog {catalog_path} has no bars {bar_type}: ingest them")
    increments = read_increments(catalog_path, instrument_of(BARS, bar_type))

    def decoded() -> Iterator[Bars]:
        for path, batch in read_columns(files, PRICES, start_ns, end_ns, batch_rows):
            columns = decode_columns(path, batch, BARS, increments)
            yield Bars(columns["ts_init"], *(columns[name] for name in PRICES))

    return decoded()

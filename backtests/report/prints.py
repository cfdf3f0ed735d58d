"""The volume at each price as packed columns: what profiles and footprints of the page are of."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from backtests.report.encoding import NS_PER_S
from backtests.report.encoding import pack
from backtests.report.message_rows import UNITS
from errors import AuctionError
from strategies.common.views import Footprint


# The page holds cells of the first of these sizes that keeps their number small. Each is a multiple
# of those before it, so that cells can be joined as they are read.
MOST_CELLS = 100_000
FINE_BUCKETS = (1, 5, 10, 50, 100)
LENGTHS = (60, 300, 900, 3600)
COARSE_BUCKETS = (500, 1000)
LONG_LENGTHS = (14_400, 86_400)
ROWS = 20_000


@dataclass(frozen=True)
class Cells:
    """
    Represents the volume in buckets of price, one row for each bar and bucket.

    Attributes
    ----------
    time : NDArray[np.int64]
        The start of the bar (ns UTC), rising.
    tick : NDArray[np.int64]
        The lowest price of the bucket (ticks).
    lots : dict[str, NDArray[np.int64]]
        The volume by aggressor: buy, sell, unsigned. Whole, so that any order of adding is exact.

    """

    time: NDArray[np.int64]
    tick: NDArray[np.int64]
    lots: dict[str, NDArray[np.int64]]


def packed_prints(
    path: Path, footprint: Footprint, instrument: str, seconds: int, start_ns: int
) -> dict[str, Any] | None:
    """
    Return the volume at each price for a page, or None where the table has none.

    Parameters
    ----------
    path : Path
        The table.
    footprint : Footprint
        Its description.
    instrument : str
        The instrument.
    seconds : int
        The length of its bars.
    start_ns : int
        The start of the first bar of the chart (ns UTC).

    Returns
    -------
    dict[str, Any] | None
        Keys tick (price of a tick), bucket (ticks), seconds (length of a bar), and the packed
        columns start (seconds after `start_ns`), count (cells of each bar), first (lowest bucket of
        each bar), offset (of a cell from that), buy, sell, unsigned.

    Raises
    ------
    AuctionError
        If the table cannot be read or was written by another version.

    """
    sizes = list(_sizes(seconds))
    kept: Cells | None = None
    units = (0.0, 0.0)
    for cells, own in _read(path, footprint, instrument):
        units, joined = own, cells if kept is None else _together(kept, cells)
        kept = _joined(joined, *sizes[0])
        while len(kept.time) > MOST_CELLS and len(sizes) > 1:
            sizes.pop(0)
            kept = _joined(kept, *sizes[0])
    if kept is None:
        return None
    (length, bucket), (tick, lot) = sizes[0], units
    times, first, count = np.unique(kept.time, return_index=True, return_counts=True)
    buckets = kept.tick // bucket
    lowest = buckets[first]
    return {
        "tick": tick,
        "bucket": bucket,
        "seconds": length,
        "start": pack((times - start_ns) // NS_PER_S, "i4"),
        "count": pack(count, "i4"),
        "first": pack(lowest, "i4"),
        "offset": pack(buckets - np.repeat(lowest, count), "i4"),
        **{name: pack(lots * lot, "f4") for name, lots in kept.lots.items()},
    }


def _read(
    path: Path, footprint: Footprint, instrument: str
) -> Iterator[tuple[Cells, tuple[float, float]]]:
    """Yield the cells of an instrument part by part, and the sizes of a tick and a lot."""
    lists = {"buy": footprint.buy, "sell": footprint.sell, "unsigned": footprint.unsigned}
    named = {name: column for name, column in lists.items() if column}
    columns = ["instrument_id", footprint.time, *UNITS, footprint.ticks, *named.values()]
    try:
        with pq.ParquetFile(path) as file:
            missing = [name for name in columns if name not in file.schema_arrow.names]
            if missing:
                raise AuctionError(
                    f"{path}: column {missing[0]} is missing; run the backtest again"
                )
            for batch in file.iter_batches(ROWS, columns=columns):
                rows = batch.filter(pc.equal(batch.column("instrument_id"), instrument))
                counts = _numbers(pc.list_value_length(rows.column(footprint.ticks)))
                if counts.sum():
                    tick, lot = (float(_numbers(rows.column(name))[0]) for name in UNITS)
                    times = _numbers(rows.column(footprint.time).cast(pa.int64()))
                    cells = Cells(
                        time=np.repeat(times, counts),
                        tick=_flat(rows, footprint.ticks),
                        lots={name: _flat(rows, column) for name, column in named.items()},
                    )
                    yield cells, (tick, lot)
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise AuctionError(f"{path}: not readable ({reason}); run the backtest again") from None


def _flat(rows: pa.RecordBatch, column: str) -> NDArray[np.int64]:
    return _numbers(pc.list_flatten(rows.column(column))).astype(np.int64)


def _numbers(column: pa.Array) -> NDArray[Any]:
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def _sizes(seconds: int) -> Iterator[tuple[int, int]]:
    """Yield the length of a bar and the ticks of a bucket, each a multiple of those before it."""
    lengths = [one for one in LENGTHS if one > seconds and one % seconds == 0]
    yield from ((seconds, bucket) for bucket in FINE_BUCKETS)
    yield from ((length, FINE_BUCKETS[-1]) for length in lengths)
    longest = (lengths or [seconds])[-1]
    yield from ((longest, bucket) for bucket in COARSE_BUCKETS)
    longer = [one for one in LONG_LENGTHS if one > longest and one % longest == 0]
    yield from ((length, COARSE_BUCKETS[-1]) for length in longer)


def _together(first: Cells, second: Cells) -> Cells:
    return Cells(
        time=np.concatenate([first.time, second.time]),
        tick=np.concatenate([first.tick, second.tick]),
        lots={name: np.concatenate([lots, second.lots[name]]) for name, lots in first.lots.items()},
    )


def _joined(cells: Cells, seconds: int, bucket: int) -> Cells:
    span = seconds * NS_PER_S
    times, ticks = cells.time // span * span, cells.tick // bucket * bucket
    order = np.lexsort((ticks, times))
    times, ticks = times[order], ticks[order]
    firsts = np.flatnonzero(np.r_[True, (np.diff(times) != 0) | (np.diff(ticks) != 0)])
    return Cells(
        time=times[firsts],
        tick=ticks[firsts],
        lots={name: np.add.reduceat(lots[order], firsts) for name, lots in cells.lots.items()},
    )

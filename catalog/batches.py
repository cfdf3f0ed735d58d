"""Column batches of market data on their way into the catalog, in integer ticks and lots."""

from dataclasses import dataclass
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


NO_SIDE = 0
BUYER = 1
SELLER = 2


@dataclass(frozen=True, slots=True)
class TradeBatch:
    """
    Represents consecutive trades of one instrument in stream order.

    Attributes
    ----------
    ts_event : NDArray[np.int64]
        The venue's time stamps (ns UTC).
    price : NDArray[np.int64]
        The prices (ticks, may be negative).
    size : NDArray[np.int64]
        The sizes (lots, positive).
    side : NDArray[np.uint8]
        The aggressor: `NO_SIDE`, `BUYER` or `SELLER` (the values of Nautilus's AggressorSide).
    trade_id : pa.StringArray
        The venue's trade ids, or the ids made by the importer where the source has none.
    seq : NDArray[np.int64], optional
        Orders trades and quotes of one `ts_event` among each other.

    """

    ts_event: NDArray[np.int64]
    price: NDArray[np.int64]
    size: NDArray[np.int64]
    side: NDArray[np.uint8]
    trade_id: pa.StringArray
    seq: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.ts_event)


@dataclass(frozen=True, slots=True)
class QuoteBatch:
    """
    Represents consecutive best bid and ask quotes of one instrument in stream order.

    Attributes
    ----------
    ts_event : NDArray[np.int64]
        The venue's time stamps (ns UTC).
    bid, ask : NDArray[np.int64]
        The prices (ticks).
    bid_size, ask_size : NDArray[np.int64]
        The sizes (lots, zero or more).
    seq : NDArray[np.int64], optional
        Orders trades and quotes of one `ts_event` among each other.

    """

    ts_event: NDArray[np.int64]
    bid: NDArray[np.int64]
    ask: NDArray[np.int64]
    bid_size: NDArray[np.int64]
    ask_size: NDArray[np.int64]
    seq: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.ts_event)


@dataclass(frozen=True, slots=True)
class BarBatch:
    """
    Represents consecutive bars of one instrument and step.

    Attributes
    ----------
    ts_event : NDArray[np.int64]
        The times of the close (ns UTC).
    open, high, low, close : NDArray[np.int64]
        The prices (ticks).
    volume : NDArray[np.int64]
        The volumes (lots, zero or more).

    """

    ts_event: NDArray[np.int64]
    open: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    close: NDArray[np.int64]
    volume: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ts_event)


def select_rows[B: (TradeBatch, QuoteBatch, BarBatch)](
    batch: B, rows: NDArray[np.bool_] | slice
) -> B:
    """
    Return some rows of a batch.

    Parameters
    ----------
    batch : TradeBatch, QuoteBatch or BarBatch
        The batch.
    rows : NDArray[np.bool_] or slice
        A mask (shape `n`), or the rows from one to another.

    """

    def of(column: Any) -> Any:
        if column is None:
            return None
        if isinstance(column, pa.Array) and not isinstance(rows, slice):
            return column.filter(pa.array(rows))
        return column[rows]

    columns = {field.name: of(getattr(batch, field.name)) for field in fields(batch)}
    return type(batch)(**columns)

"""Small batches of ticks and bars for the catalog's tests."""

from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.reader import MergedTicks
from catalog.reader import read_ticks


BTC = "BTCUSDT-LINEAR.BYBIT"
MINUTE_BARS = f"{BTC}-1-MINUTE-LAST-EXTERNAL"

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
START = 1_723_161_600 * SECOND  # 2024-08-09


def trades(
    times: Sequence[int],
    *,
    price: int | Sequence[int] = 600_000,
    size: int | Sequence[int] = 1,
    side: int | Sequence[int] = 1,
    ids: Iterable[str] | None = None,
    seq: Sequence[int] | None = None,
) -> TradeBatch:
    """Return trades at times relative to `START` (ns)."""
    rows = len(times)
    return TradeBatch(
        ts_event=START + np.array(times, dtype=np.int64),
        price=np.broadcast_to(np.array(price, dtype=np.int64), rows),
        size=np.broadcast_to(np.array(size, dtype=np.int64), rows),
        side=np.broadcast_to(np.array(side, dtype=np.uint8), rows),
        trade_id=pa.array(list(ids) if ids else [f"t{at}" for at in range(rows)], pa.string()),
        seq=None if seq is None else np.array(seq, dtype=np.int64),
    )


def quotes(
    times: Sequence[int],
    *,
    bid: int | Sequence[int] = 599_999,
    ask: int | Sequence[int] = 600_000,
    seq: Sequence[int] | None = None,
) -> QuoteBatch:
    """Return quotes at times relative to `START` (ns)."""
    rows = len(times)
    return QuoteBatch(
        ts_event=START + np.array(times, dtype=np.int64),
        bid=np.broadcast_to(np.array(bid, dtype=np.int64), rows),
        ask=np.broadcast_to(np.array(ask, dtype=np.int64), rows),
        bid_size=np.full(rows, 3, dtype=np.int64),
        ask_size=np.full(rows, 4, dtype=np.int64),
        seq=None if seq is None else np.array(seq, dtype=np.int64),
    )


def bars(times: Sequence[int], *, close: int | Sequence[int] = 600_000) -> BarBatch:
    """Return bars that close at times relative to `START` (ns)."""
    rows = len(times)
    closes = np.broadcast_to(np.array(close, dtype=np.int64), rows)
    return BarBatch(
        ts_event=START + np.array(times, dtype=np.int64),
        open=closes,
        high=closes + 2,
        low=closes - 1,
        close=closes,
        volume=np.full(rows, 7, dtype=np.int64),
    )


def read_all(catalog: Path, **window: int) -> MergedTicks:
    """Return all ticks of `BTC` in one piece."""
    parts = list(read_ticks(catalog, BTC, **window))
    return MergedTicks(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in MergedTicks.__slots__
        ),
    )


def contents(catalog: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        str(path.relative_to(catalog)): path.read_bytes()
        for path in sorted(catalog.rglob("*"))
        if path.is_file()
    }

"""Small catalogs for tests: the vector stream, and hand-made ticks."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from nautilus_trader.model.instruments import Instrument

from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.definitions import write_instrument
from catalog.instruments import resolve_instrument
from catalog.writer import write_ticks
from tests.vectors import load


BTC = "BTCUSDT-LINEAR.BYBIT"
MS = 1_000_000
MINUTE = 60_000_000_000


@cache
def vector_stream() -> tuple[int, int, list[list[int]]]:
    """Return start and end (ns UTC) of the vector stream, and its events."""
    stream = load("004", "stream.json.gz")
    t0 = stream["meta"]["t0"]
    return t0 * MS, (t0 + stream["meta"]["minutes"] * 60_000) * MS, stream["events"]


def vector_rows() -> list[tuple[int, ...]]:
    """Return the events of the vector stream as rows for `write_catalog`."""
    t0, _, events = vector_stream()
    return [(e[0], t0 + e[1] * MS, *e[2:]) for e in events]


def write_vector_catalog(folder: Path) -> Path:
    """Write the vector stream as a catalog of BTCUSDT."""
    return write_catalog(folder, vector_rows())


def iso(ns: int) -> str:
    """Return a time as configuration text."""
    return pd.Timestamp(ns, tz="UTC").isoformat()


# The quotes of the vector stream are silent for up to three minutes.
NO_GAP = "actors.0.config.gap_after_s=200"


def write_catalog(
    folder: Path,
    rows: list[tuple[int, ...]],
    instrument_id: str = BTC,
    side: int = 0,
    instrument: Instrument | None = None,
) -> Path:
    """
    Write rows in stream order.

    A row is (0, ts, bid, bid_size, ask, ask_size) or (1, ts, price, size[, side]): prices in
    ticks, sizes in lots, times in ns.
    """
    instrument = instrument or resolve_instrument(instrument_id)
    trades = [(i, *r, side)[:6] for i, r in enumerate(rows) if r[0] == 1]
    quotes = [(i, *r) for i, r in enumerate(rows) if r[0] == 0]
    t = np.array(trades, dtype=np.int64).reshape(-1, 6)
    q = np.array(quotes, dtype=np.int64).reshape(-1, 7)

    def column(table: np.ndarray, index: int) -> np.ndarray:
        return np.ascontiguousarray(table[:, index])

    write_instrument(folder, instrument)
    write_ticks(
        folder,
        instrument,
        [
            TradeBatch(
                ts_event=column(t, 2),
                price=column(t, 3),
                size=column(t, 4),
                side=column(t, 5).astype(np.uint8),
                trade_id=pa.array([str(i) for i in t[:, 0]], pa.string()),
                seq=column(t, 0),
            ),
        ]
        if len(t)
        else None,
        [
            QuoteBatch(
                ts_event=column(q, 2),
                bid=column(q, 3),
                ask=column(q, 5),
                bid_size=column(q, 4),
                ask_size=column(q, 6),
                seq=column(q, 0),
            ),
        ]
        if len(q)
        else None,
        "synthetic",
    )
    return folder

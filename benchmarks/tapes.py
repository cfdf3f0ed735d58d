"""Synthetic trades and quotes: a bounded walk of the price, busy times at random."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.instruments import resolve_instrument
from catalog.layout import NS_PER_DAY
from catalog.layout import SYNTHETIC
from catalog.writer import write_ticks


INSTRUMENT_ID = "BTCUSDT-LINEAR.BYBIT"
TICK, LOT = "0.1", "0.001"
START_NS = 1_767_571_200_000_000_000  # 2026-01-05 00:00 UTC
LOWEST = 600_000  # ticks
NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Tape:
    """
    Represents trades in order of time.

    Attributes
    ----------
    ts_event : NDArray[np.int64]
        The times (ns UTC, whole milliseconds).
    price : NDArray[np.int64]
        The prices (ticks).
    size : NDArray[np.int64]
        The sizes (lots).
    side : NDArray[np.uint8]
        The aggressor, 1 for a buyer and 2 for a seller.

    """

    ts_event: NDArray[np.int64]
    price: NDArray[np.int64]
    size: NDArray[np.int64]
    side: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.ts_event)


def make_tape(
    trades: int,
    *,
    levels: int = 611,
    span_ns: int = NS_PER_DAY,
    start_ns: int = START_NS,
    seed: int = 7,
) -> Tape:
    """
    Return a tape whose prices walk over exactly the given number of levels.

    Parameters
    ----------
    trades : int
        The number of trades, at least two.
    levels : int, default 611
        The price levels from the lowest to the highest trade.
    span_ns : int, default one day
        The time that the trades fill at random (ns).
    start_ns : int
        The begin (ns UTC).
    seed : int, default 7
        The seed.

    """
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(size=trades))
    walk -= walk.min()
    milliseconds = np.sort(rng.integers(0, span_ns // NS_PER_MS, trades))
    return Tape(
        ts_event=start_ns + milliseconds * NS_PER_MS,
        price=LOWEST + np.rint(walk * ((levels - 1) / walk.max())).astype(np.int64),
        size=np.ceil(rng.lognormal(3.0, 1.5, trades)).astype(np.int64),
        side=rng.integers(1, 3, trades).astype(np.uint8),
    )


def quotes_before(tape: Tape) -> QuoteBatch:
    """Return one quote before each trade, one tick wide: a buyer trades at the ask."""
    bid = tape.price - (tape.side == 1)
    rng = np.random.default_rng(7)
    bid_size, ask_size = rng.integers(1, 20_000, (2, len(tape)))
    return QuoteBatch(tape.ts_event, bid, bid + 1, bid_size, ask_size)


def write_catalog(folder: Path, days: int, trades: int) -> int:
    """
    Write days of trades, each with a quote before it, and return the number of ticks.

    Parameters
    ----------
    folder : Path
        The catalog.
    days : int
        The days.
    trades : int
        The trades of a day.

    """
    # Made twice, since the writer reads one stream after the other.
    report = write_ticks(
        folder,
        resolve_instrument(INSTRUMENT_ID),
        (_trades(tape, day * trades) for day, tape in enumerate(_days(days, trades))),
        (quotes_before(tape) for tape in _days(days, trades)),
        SYNTHETIC,
    )
    return sum(report.rows.values())


def _days(days: int, trades: int) -> Iterator[Tape]:
    for day in range(days):
        yield make_tape(trades, start_ns=START_NS + day * NS_PER_DAY, seed=7 + day)


def _trades(tape: Tape, first_id: int) -> TradeBatch:
    ids = pa.array(np.arange(first_id, first_id + len(tape)), pa.int64()).cast(pa.string())
    return TradeBatch(tape.ts_event, tape.price, tape.size, tape.side, ids)

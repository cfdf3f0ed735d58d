"""Copies of a catalog's ticks in which what comes after a time is altered."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.contents import data_quality
from catalog.definitions import read_instrument
from catalog.layout import TICK_TYPES
from catalog.reader import QUOTE
from catalog.reader import TRADE
from catalog.reader import read_ticks
from catalog.writer import write_ticks


type Columns = dict[str, NDArray[np.int64]]

NAMES = ("kind", "ts_event", "a", "b", "a_size", "b_size", "side")
# How far later prices are moved, as a share of the price, and at least so many ticks.
SHIFT_DIVISOR = 200
LEAST_SHIFT = 200
DROPPED_EVERY = 3
INSERTED_EVERY = 5


def rewrite(
    source: Path,
    target: Path,
    instrument_id: str,
    window: tuple[int, int],
    change: Callable[[Columns], Columns],
) -> None:
    """
    Write what a change makes of the trades and quotes of a window.

    Memory does not grow with the window.

    Parameters
    ----------
    source, target : Path
        The catalogs.
    instrument_id : str
        The instrument; its definition and its quality labels are those of the source.
    window : tuple[int, int]
        The interval (ns UTC, the end excluded).
    change : Callable[[Columns], Columns]
        Takes the columns of `catalog.reader.MergedTicks` and `seq`, the number of each row, which
        orders rows of one time; returns as many columns with any number of rows. It is applied to
        consecutive parts of various lengths.

    Raises
    ------
    AuctionError
        If the source has no ticks of the instrument, or none are left.

    """

    def changed() -> Iterator[Columns]:
        number = 0
        for part in read_ticks(source, instrument_id, window[0], window[1] - 1):
            columns = {name: getattr(part, name).astype(np.int64) for name in NAMES}
            columns["seq"] = 2 * np.arange(number, number + len(part), dtype=np.int64)
            number += len(part)
            yield change(columns)

    labels = sorted(data_quality(source, instrument_id, list(TICK_TYPES)))
    quality, *further = labels or ["inferred"]
    write_ticks(
        target,
        read_instrument(source, instrument_id),
        (_trades(columns) for columns in changed()),
        (_quotes(columns) for columns in changed()),
        quality,
        *further,
    )


def _trades(columns: Columns) -> TradeBatch:
    rows = {name: values[columns["kind"] == TRADE] for name, values in columns.items()}
    return TradeBatch(
        ts_event=rows["ts_event"],
        price=rows["a"],
        size=rows["a_size"],
        side=rows["side"].astype(np.uint8),
        trade_id=pa.array([str(number) for number in rows["seq"].tolist()], pa.string()),
        seq=rows["seq"],
    )


def _quotes(columns: Columns) -> QuoteBatch:
    rows = {name: values[columns["kind"] == QUOTE] for name, values in columns.items()}
    return QuoteBatch(
        ts_event=rows["ts_event"],
        bid=rows["a"],
        ask=rows["b"],
        bid_size=rows["a_size"],
        ask_size=rows["b_size"],
        seq=rows["seq"],
    )


def unchanged(columns: Columns) -> Columns:
    """Return the columns as they are."""
    return columns


@dataclass(frozen=True, slots=True)
class AnotherFuture:
    """
    Represents a change of all events from a time on.

    A third of them is dropped, the others lie higher or lower, and copies of some are inserted.

    Attributes
    ----------
    at_ns : int
        The time (ns UTC).
    is_higher : bool
        If prices lie higher, lower otherwise.

    """

    at_ns: int
    is_higher: bool

    def __call__(self, columns: Columns) -> Columns:
        """Return the changed columns (`rewrite`)."""
        number = columns["seq"] // 2
        is_late = columns["ts_event"] >= self.at_ns
        price = np.abs(columns["a"])
        distance = np.maximum(price // SHIFT_DIVISOR, LEAST_SHIFT)
        if not self.is_higher:
            # Positive prices stay so.
            distance = np.minimum(distance, price // 2)
        shift = np.where(is_late, distance if self.is_higher else -distance, 0)
        is_quote = columns["kind"] == QUOTE
        moved = columns | {"a": columns["a"] + shift, "b": columns["b"] + shift * is_quote}
        kept = ~is_late | (number % DROPPED_EVERY > 0)
        inserted = is_late & (number % INSERTED_EVERY == 0)
        rows = np.concatenate([np.flatnonzero(kept), np.flatnonzero(inserted)])
        own = np.concatenate([np.zeros(kept.sum(), np.int64), np.ones(inserted.sum(), np.int64)])
        seq = columns["seq"][rows] + own
        order = np.argsort(seq, kind="stable")
        found = {name: values[rows][order] for name, values in moved.items()}
        return found | {"seq": seq[order]}

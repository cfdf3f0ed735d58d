"""The sample market as it is, with another future, and mirrored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.instruments import resolve_instrument
from catalog.reader import QUOTE
from catalog.reader import TRADE
from catalog.reader import read_ticks
from catalog.sample import MARKETS
from catalog.sample import write_sample
from catalog.sample.schedule import FIRST_DAY
from catalog.writer import write_ticks


type Columns = dict[str, NDArray[np.int64]]

NAMES = ("kind", "ts_event", "a", "b", "a_size", "b_size", "side")


def sample(folder: Path, instrument_id: str, days: int) -> Path:
    """Write the sample market of an instrument, and return its catalog."""
    (name,) = (key for key, market in MARKETS.items() if market.instrument_id == instrument_id)
    write_sample(folder, days=days, instruments=[name])
    return folder


def rewrite(
    source: Path,
    target: Path,
    instrument_id: str,
    window: tuple[int, int],
    change: Callable[[Columns], Columns],
) -> Path:
    """Write what a change makes of the ticks of a window (ns UTC, the end excluded)."""
    parts = list(read_ticks(source, instrument_id, window[0], window[1] - 1))
    columns = {n: np.concatenate([getattr(p, n) for p in parts]).astype(np.int64) for n in NAMES}
    columns = change(columns)
    seq = np.arange(len(columns["kind"]), dtype=np.int64)
    is_trade, is_quote = columns["kind"] == TRADE, columns["kind"] == QUOTE
    t = {name: values[is_trade] for name, values in columns.items()}
    q = {name: values[is_quote] for name, values in columns.items()}
    trades = TradeBatch(
        ts_event=t["ts_event"],
        price=t["a"],
        size=t["a_size"],
        side=t["side"].astype(np.uint8),
        trade_id=pa.array([str(number) for number in seq[is_trade]], pa.string()),
        seq=seq[is_trade],
    )
    quotes = QuoteBatch(
        ts_event=q["ts_event"],
        bid=q["a"],
        ask=q["b"],
        bid_size=q["a_size"],
        ask_size=q["b_size"],
        seq=seq[is_quote],
    )
    instrument = resolve_instrument(instrument_id, on=FIRST_DAY)
    write_ticks(target, instrument, [trades], [quotes], "synthetic")
    return target


def another_future(at: int) -> Callable[[Columns], Columns]:
    """Return a change of all that comes at a time (ns UTC) or later."""

    def change(columns: Columns) -> Columns:
        is_late = columns["ts_event"] >= at
        # A third of the events is missing, and the others lie higher.
        kept = ~is_late | (np.arange(len(is_late)) % 3 > 0)
        shift = np.where(is_late, 200, 0)
        moved = {"a": columns["a"] + shift, "b": columns["b"] + shift * (columns["kind"] == QUOTE)}
        return {name: values[kept] for name, values in (columns | moved).items()}

    return change


def mirrored(mirror: int) -> Callable[[Columns], Columns]:
    """Return the change of each price (ticks) into `mirror` minus it, with the sides swapped."""

    def change(columns: Columns) -> Columns:
        is_quote = columns["kind"] == QUOTE
        side = columns["side"]
        return columns | {
            "a": mirror - np.where(is_quote, columns["b"], columns["a"]),
            "b": np.where(is_quote, mirror - columns["a"], 0),
            "a_size": np.where(is_quote, columns["b_size"], columns["a_size"]),
            "b_size": np.where(is_quote, columns["a_size"], 0),
            "side": np.where(side > 0, 3 - side, 0),
        }

    return change

"""
Trades made up from one-minute bars, as a stand-in where no ticks are to be had.

Nothing of the order flow within the bar is known: path, sizes and sides are invented, so that open,
high, low, close and volume alone are those of the bar. The catalog labels them as estimated.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.databento.continuous import parse_rolling
from catalog.batches import BUYER
from catalog.batches import SELLER
from catalog.batches import BarBatch
from catalog.batches import TradeBatch
from catalog.layout import is_quality
from catalog.layout import proxy_label
from errors import UsageError


MINUTE_NS = 60_000_000_000
MEAN_TRADES = 50
LEAST_TRADES = 10
MADE_UP = (
    "trades made up from bars of one minute: path, sizes and sides within a bar are invented; all "
    "results show `estimated from bars`"
)
# The shares of the trades on the way to each turning point; the rest is on the last way.
WEIGHTS = (0.15, 0.35)


# What is commonly taken in place of a future that one has no data of.
PROXIES = {"SPY": "ES", "QQQ": "NQ", "IWM": "RTY", "DIA": "YM", "USO": "CL", "GLD": "GC"}


def check_synthesis(instrument_id: str, ticks: Sequence[Path], bars: Sequence[Path]) -> None:
    """
    Refuse an import whose bars cannot stand in for ticks.

    Raises
    ------
    UsageError
        If there are ticks, no bars, or bars of a continuous series.

    """
    if ticks or not bars:
        raise UsageError(f"{instrument_id}: --synthesize-ticks needs --bars alone")
    if parse_rolling(instrument_id.rpartition(".")[0]) is not None:
        raise UsageError(f"{instrument_id}: --synthesize-ticks needs a contract: name one")


def proxy_notes(instrument_id: str, proxy_for: str | None) -> list[str]:
    """
    Return what to say about an instrument that stands in for another, or may.

    Raises
    ------
    UsageError
        If the other is no symbol, or the same one.

    """
    symbol = instrument_id.rpartition(".")[0]
    if proxy_for is None:
        other = PROXIES.get(symbol)
        text = f"{symbol} is named nowhere as a stand-in: if it is one for {other}, ingest it with "
        return [] if other is None else [f"{text}--proxy-for {other}"]
    if proxy_for == symbol or not is_quality(proxy_label(proxy_for)):
        raise UsageError(f"--proxy-for {proxy_for}: name the symbol of another instrument, like ES")
    return [
        f"a proxy for {proxy_for}: prices, ticks and volumes are those of {symbol}; all results "
        f"show `{proxy_label(proxy_for)}`"
    ]


def check_minutes(step_ns: int) -> None:
    """Raise UsageError if the length of bars (ns) is not one minute."""
    if step_ns != MINUTE_NS:
        raise UsageError("--synthesize-ticks needs bars of one minute")


def synthetic_trades(bars: Iterator[BarBatch], seed: int) -> Iterator[TradeBatch]:
    """
    Yield trades for bars of one minute, a batch for each of theirs.

    A bar that closes at its open or above goes from open to low, high and close, another to high,
    low and close, over about fifty trades at even times, each within a tick of the straight way and
    within the bar. A bar of fewer lots has a trade of each, one of no volume none. Sizes add up to
    the volume and are larger at the turning points. A trade above the one before it is bought, one
    below it sold, one at its price either. A bar has the same trades whatever is read beside it.

    Parameters
    ----------
    bars : Iterator[BarBatch]
        The bars, stamped at their close.
    seed : int
        The seed; another makes other trades.

    """
    number = 0
    for batch in bars:
        parts = [_trades(batch, i, seed) for i in range(len(batch)) if batch.volume[i] > 0]
        if not parts:
            continue
        ts, price, size, side = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        ids = pa.array([str(number + i + 1) for i in range(len(ts))], pa.string())
        number += len(ts)
        yield TradeBatch(ts, price, size, side.astype(np.uint8), ids)


def _trades(batch: BarBatch, row: int, seed: int) -> tuple[NDArray[np.int64], ...]:
    closes = int(batch.ts_event[row])
    values = (batch.open, batch.high, batch.low, batch.close, batch.volume)
    open_, high, low, close, volume = (int(column[row]) for column in values)
    rng = np.random.default_rng([seed, closes // MINUTE_NS])
    count = max(LEAST_TRADES, int(MEAN_TRADES * rng.uniform(0.5, 1.5)))
    count = min(count, volume)
    turns = (open_, low, high, close) if close >= open_ else (open_, high, low, close)
    price, corners = _path(turns, count, low, high, rng)
    size = _sizes(volume, count, corners, rng)
    side = np.where(rng.integers(0, 2, count) == 1, BUYER, SELLER)
    change = np.diff(price, prepend=open_)
    side = np.where(change > 0, BUYER, np.where(change < 0, SELLER, side))
    ts = closes - MINUTE_NS + np.arange(count, dtype=np.int64) * MINUTE_NS // count
    return ts, price, size, side.astype(np.int64)


def _path(
    turns: tuple[int, int, int, int], count: int, low: int, high: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], list[int]]:
    # With fewer trades than turning points the last are the nearest to the bar's end.
    if count < len(turns):
        chosen = {1: (3,), 2: (0, 3), 3: (1, 2, 3)}[count]
        return np.array([turns[i] for i in chosen], dtype=np.int64), list(range(count))
    last = count - 1
    first = min(max(1, round(WEIGHTS[0] * last)), last - 2)
    second = min(max(first + 1, first + round(WEIGHTS[1] * last)), last - 1)
    corners = [0, first, second, last]
    way = np.rint(np.interp(np.arange(count), corners, turns)).astype(np.int64)
    way = np.clip(way + rng.integers(-1, 2, count), low, high)
    way[corners] = turns
    return way, corners


def _sizes(
    volume: int, count: int, corners: list[int], rng: np.random.Generator
) -> NDArray[np.int64]:
    weights = rng.integers(1, 31, count)
    weights[corners[1:]] = rng.integers(20, 101, len(corners) - 1)
    # A lot for each, the rest by weight; what rounding leaves goes to the last.
    rest = volume - count
    sizes = 1 + weights.astype(np.int64) * rest // int(weights.sum())
    sizes[-1] += volume - int(sizes.sum())
    return sizes.astype(np.int64)

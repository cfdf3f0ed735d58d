"""The streams of the vectors of order flow, and bars of plain levels."""

from decimal import ROUND_HALF_EVEN
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.footprint.footprint import Footprint
from tests.vectors import load


SECOND = 1_000_000_000
Trades = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]


def stream(name: str) -> tuple[Trades, int]:
    """Return the trades of a stream (ticks, lots), and the length of its bars (ns)."""
    rows: dict[str, Any] = load("002", f"01_ticks_{name}.json.gz")
    tick = Decimal(str(rows["tick_size"]))
    prices = rows["price"]
    if name != "es":
        # Some lie off the grid; those of `es` are ticks.
        prices = [nearest(price, tick) for price in prices]
    trades = (
        np.cumsum([rows["t0_ms"], *rows["dt_ms"]], dtype=np.int64) * 1_000_000,
        np.array(prices, dtype=np.int64),
        np.array(rows["volume"], dtype=np.int64),
        np.array([1 if side == "A" else -1 for side in rows["side"]], dtype=np.int8),
    )
    return trades, rows["timeframe_s"] * SECOND


def nearest(price: float, tick: Decimal) -> int:
    """Return the nearest tick; halves go to the even one."""
    return int((Decimal(str(price)) / tick).quantize(Decimal(1), ROUND_HALF_EVEN))


def bar_of(
    levels: list[list[int]],
    close: int | None = None,
    ts_start: int = 0,
    unsigned: list[int] | None = None,
) -> Footprint:
    """Return a bar of levels `[price, sell, buy]`; what detectors do not read is empty."""
    ticks, sells, buys = (list(column) for column in zip(*levels, strict=True))
    unsigned = unsigned or [0] * len(ticks)
    return plain_bar(
        ts_start=ts_start,
        high=ticks[-1],
        low=ticks[0],
        close=ticks[-1] if close is None else close,
        volume=sum(sells) + sum(buys) + sum(unsigned),
        buy=sum(buys),
        sell=sum(sells),
        delta=sum(buys) - sum(sells),
        levels=ticks,
        level_buy=buys,
        level_sell=sells,
        level_unsigned=unsigned,
    )


def plain_bar(**values: Any) -> Footprint:
    """Return a bar with some values; all others are empty."""
    empty = dict.fromkeys(Footprint.__dataclass_fields__, 0)
    lists = {name: [] for name in empty if name.startswith("level")}
    return Footprint(**{**empty, **lists, **values})

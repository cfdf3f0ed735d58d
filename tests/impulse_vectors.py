"""The vectors of the impulse system as bars, levels and trades in ticks."""

from fractions import Fraction
from typing import Any

from actors.impulse.bars import Second
from actors.impulse.levels import BreakoutLevels
from actors.impulse.params import ImpulseParams
from indicators.core.trade_bars import TradeBars
from tests.vectors import load


TICK = 0.25
LETTERS = {"A": -1, "B": 1, "N": 0}


def cases(name: str, key: str = "cases") -> list[Any]:
    """Return the cases of one file."""
    packed = name in {"e2e", "levels", "machine"}
    return load("000", f"{name}.json.gz" if packed else f"{name}.json")[key]


def named(name: str, key: str = "cases") -> dict[str, Any]:
    """Return the cases of one file by their names."""
    return {case["name"]: case for case in cases(name, key)}


def ticks_of(price: float, tick: float = TICK) -> int:
    """Return a price in ticks."""
    ticks = round(price / tick)
    assert abs(ticks * tick - price) < 1e-9, price
    return ticks


def second(row: list[Any], tick: float = TICK) -> Second:
    """Return a bar of the vectors."""
    ts, *prices = row[:5]
    open_, high, low, close = (ticks_of(price, tick) for price in prices)
    buy, sell, unsigned, trade_count = row[5:]
    return Second(
        ts=ts,
        open=open_,
        high=high,
        low=low,
        close=close,
        buy=buy,
        sell=sell,
        unsigned=unsigned,
        trade_count=trade_count,
    )


def seconds(trades: list[tuple[int, int, int, int]]) -> list[Second]:
    """Return the bars of trades (time, tick, size, sign), the last one included."""
    core = TradeBars(1_000_000_000)
    for ts, tick, size, sign in trades:
        core.update(ts, tick, size, sign)
    core.close_until(trades[-1][0] + 10**12)
    return [Second.of_core(values, prints) for values, prints in core.take()]


def levels(row: dict[str, float] | None) -> BreakoutLevels | None:
    """Return the levels of the vectors; 0 stands for an absent night."""
    if row is None:
        return None
    night = {key: ticks_of(row[key]) if row[key] else None for key in ("onh", "onl")}
    return BreakoutLevels(
        **{key: ticks_of(row[key]) for key in ("pdh", "pdl", "vah", "val")},
        **night,
    )


def impulse_params(config: dict[str, Any], **changes: Any) -> ImpulseParams:
    """Return the parameters of the state machine."""
    return ImpulseParams(
        breakout_threshold=ticks_of(config["breakout_threshold"]),
        min_impulse_size=ticks_of(config["min_impulse_size"]),
        min_impulse_score=config["min_impulse_score"],
        max_impulse_bars=config["max_impulse_bars"],
        max_hunting_bars=config["max_hunting_bars"],
        max_retrace_ratio=Fraction(str(config["max_retrace_ratio"])),
        **changes,
    )

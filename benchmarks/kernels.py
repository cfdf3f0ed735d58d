"""
The cores alone, fed with arrays.

The tape has 1,000,000 trades in 24 hours on 611 price levels. The value area of the last 240
minutes is evaluated at the end of every minute. The references give the same rows. The market
context takes the same trades in one minute, so without evaluations, and over the day, with them.
Footprint bars of five minutes, or of as many trades on average, hold the volume at each price.
"""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Row
from benchmarks.measure import alternate
from benchmarks.measure import cpu_seconds
from benchmarks.references import dict_value_area
from benchmarks.references import numpy_value_area
from benchmarks.tapes import LOT
from benchmarks.tapes import TICK
from benchmarks.tapes import Tape
from benchmarks.tapes import make_tape
from benchmarks.tapes import quotes_before
from indicators.core.footprint_bars import footprint_bars
from indicators.core.market_context import MarketContext
from indicators.core.minute import MinuteFeatures
from indicators.core.value_area import ValueArea
from indicators.core.value_area import rolling_value_area
from indicators.core.volume_profile import VolumeProfile


TRADES = 1_000_000
LEVELS = 4_096
CALLS = 2_000
NS_PER_MINUTE = 60_000_000_000


def run() -> list[Row]:
    """Return the figures."""
    tape = make_tape(TRADES)
    return [
        *_rolling(tape),
        *_single(),
        _minute_features(tape),
        *_market_context(tape),
        *_footprints(tape),
    ]


def _rolling(tape: Tape) -> list[Row]:
    area = ValueArea("0.7")
    figures = alternate(
        {
            "kernel": partial(
                cpu_seconds,
                lambda: rolling_value_area(tape.ts_event, tape.price, tape.size, area),
            ),
            "numpy": partial(cpu_seconds, lambda: numpy_value_area(tape)),
            "dict": partial(cpu_seconds, lambda: dict_value_area(tape)),
        },
        repetitions=7,
    )
    milliseconds = {name: [1e3 * value for value in values] for name, values in figures.items()}
    what = "rolling value area, 1 M trades"
    rows = [
        Row.of(f"{what}: kernel", milliseconds["kernel"], "ms", at_most=5.0),
        Row.of(f"{what}: dict and deque", milliseconds["dict"], "ms"),
        Row.of(f"{what}: NumPy recount", milliseconds["numpy"], "ms"),
    ]
    for name, label in (("dict", "dict and deque"), ("numpy", "NumPy recount")):
        ratios = [a / b for a, b in zip(figures[name], figures["kernel"], strict=True)]
        rows.append(Row.of(f"{label} / kernel", ratios, "times"))
    return rows


def _single() -> list[Row]:
    tape = make_tape(TRADES, levels=LEVELS)
    volumes = np.bincount(tape.price - tape.price.min(), weights=tape.size).astype(np.int64)
    profile = VolumeProfile()
    profile.add_many(tape.price, tape.size)
    area = ValueArea("0.7")

    def of_profile() -> float:
        return 1e6 / CALLS * cpu_seconds(lambda: [area.of_profile(profile) for _ in range(CALLS)])

    def of_volumes() -> float:
        return 1e6 / CALLS * cpu_seconds(lambda: [area.of_volumes(volumes) for _ in range(CALLS)])

    figures = alternate({"profile": of_profile, "array": of_volumes}, repetitions=15)
    what = f"value area with POC, {LEVELS:,} levels"
    return [
        Row.of(f"{what}: of a profile", figures["profile"], "us", at_most=5.0),
        Row.of(f"{what}: of an array, checked", figures["array"], "us"),
    ]


def _minute_features(tape: Tape) -> Row:
    quotes = quotes_before(tape)
    nothing = np.zeros(len(tape), dtype=np.int64)
    kind = np.tile(np.array([0, 1], dtype=np.uint8), len(tape))
    ts_event = np.repeat(tape.ts_event, 2)
    price, ask = _in_turn(quotes.bid, tape.price), _in_turn(quotes.ask, nothing)
    size, ask_size = _in_turn(quotes.bid_size, tape.size), _in_turn(quotes.ask_size, nothing)
    side = _in_turn(nothing, tape.side).astype(np.uint8)

    def once() -> float:
        features = MinuteFeatures(TICK, LOT)
        seconds = cpu_seconds(
            lambda: features.update_many(kind, ts_event, price, ask, size, ask_size, side)
        )
        return 1e9 * seconds / len(kind)

    figures = alternate({"minute": once}, repetitions=7)
    return Row.of("minute features, a quote before each trade", figures["minute"], "ns an event")


def _market_context(tape: Tape) -> list[Row]:
    kind = np.ones(len(tape), dtype=np.uint8)
    nothing = np.zeros(len(tape), dtype=np.int64)

    def once(trades: Tape) -> float:
        core = MarketContext(TICK, LOT)
        prices, sizes = (trades.price, nothing), (trades.size, nothing)
        return 1e3 * cpu_seconds(
            lambda: core.update_many(kind, trades.ts_event, *prices, *sizes, trades.side)
        )

    minute = make_tape(TRADES, span_ns=NS_PER_MINUTE)
    figures = alternate(
        {"minute": partial(once, minute), "day": partial(once, tape)}, repetitions=7
    )
    what = "market context, 1 M trades"
    return [
        Row.of(f"{what} of one minute", figures["minute"], "ms", at_most=12.0),
        Row.of(f"{what} of a day, with its evaluations", figures["day"], "ms"),
    ]


def _footprints(tape: Tape) -> list[Row]:
    signs = np.array([0, 1, -1], dtype=np.int8)[tape.side]
    columns = tape.ts_event, tape.price, tape.size, signs

    def once(kind: str, size: int) -> float:
        return 1e3 * cpu_seconds(lambda: footprint_bars(*columns, kind, size))

    figures = alternate(
        {
            "time": partial(once, "time", 5 * NS_PER_MINUTE),
            "ticks": partial(once, "ticks", TRADES // 288),
        },
        repetitions=7,
    )
    what = "footprint bars, 1 M trades"
    return [
        Row.of(f"{what}: of five minutes", figures["time"], "ms", at_most=15.0),
        Row.of(f"{what}: of as many trades", figures["ticks"], "ms", at_most=15.0),
    ]


def _in_turn(quoted: NDArray[np.int64], traded: NDArray[Any]) -> NDArray[np.int64]:
    return np.stack((quoted, traded), axis=1).ravel()

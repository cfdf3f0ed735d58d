"""Builds small markets around a value area for tests of the signal machines."""

from dataclasses import dataclass
from typing import NamedTuple

from hypothesis import strategies as st

from strategies.value_area.engine import Signal
from strategies.value_area.engine import SignalEngine
from strategies.value_area.inputs import Bar
from strategies.value_area.inputs import Minute
from strategies.value_area.inputs import ValueArea
from strategies.value_area.params import SignalParams
from tests.strategies.value_area_vectors import MINUTE_NS


AREA = ValueArea(val=49_900, vah=50_100, poc_half=100_000)
PIVOT = 50_000


class Flow(NamedTuple):
    """Represents order flow in lots and quote imbalance."""

    order_flow: float | None
    quote_imbalance: float | None


NEUTRAL = Flow(0, 0.0)
BUYING = Flow(100, 0.2)
SELLING = Flow(-100, -0.2)


def minute_at(
    number: int,
    low: int,
    high: int,
    close: int,
    *,
    area: ValueArea | None = AREA,
    prints: tuple[int, ...] | None = None,
    flow: Flow = NEUTRAL,
    ambiguous_share: float = 0.0,
) -> Minute:
    """Return a minute whose prints are by default all ticks between its low and its high."""
    ticks = range(low, high + 1) if prints is None else prints
    return Minute(
        ts_min=number * MINUTE_NS,
        bar=Bar(open=close, high=high, low=low, close=close, volume=1000, prints=ticks),
        value_area=area,
        order_flow=flow.order_flow,
        ambiguous_share=ambiguous_share,
        quote_imbalance=flow.quote_imbalance,
        spread_avg=1.0,
    )


@dataclass(frozen=True)
class Market:
    """Represents minutes, and at which of them a candidate is taken."""

    minutes: tuple[Minute, ...]
    takes: tuple[bool, ...]


def run(market: Market, params: SignalParams) -> list[Signal]:
    """Return the signals of a fresh engine."""
    engine = SignalEngine(params)
    signals = []
    for minute, take in zip(market.minutes, market.takes, strict=True):
        signal = engine.on_minute(minute)
        signals.append(signal)
        if take and signal.best is not None:
            engine.take(signal.best)
    return signals


def mirrored(minute: Minute) -> Minute:
    """Return the minute with prices reflected at the pivot and both flows negated."""
    bar, area = minute.bar, minute.value_area
    return Minute(
        ts_min=minute.ts_min,
        bar=bar
        and Bar(
            open=2 * PIVOT - bar.open,
            high=2 * PIVOT - bar.low,
            low=2 * PIVOT - bar.high,
            close=2 * PIVOT - bar.close,
            volume=bar.volume,
            prints=sorted(2 * PIVOT - price for price in bar.prints),
        ),
        value_area=area
        and ValueArea(
            val=2 * PIVOT - area.vah,
            vah=2 * PIVOT - area.val,
            poc_half=4 * PIVOT - area.poc_half,
        ),
        order_flow=None if minute.order_flow is None else -minute.order_flow,
        ambiguous_share=minute.ambiguous_share,
        quote_imbalance=None if minute.quote_imbalance is None else -minute.quote_imbalance,
        spread_avg=minute.spread_avg,
    )


SELDOM = (False,) * 9 + (True,)


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    """Draw trades within a few ticks of the pivot, at every tick or at the extremes alone."""
    close = PIVOT + draw(st.integers(-8, 8))
    low = close - draw(st.integers(0, 6))
    high = close + draw(st.integers(0, 6))
    every_tick = draw(st.booleans())
    prints = list(range(low, high + 1)) if every_tick else sorted({low, close, high})
    return Bar(open=low, high=high, low=low, close=close, volume=100, prints=prints)


@st.composite
def areas(draw: st.DrawFn) -> ValueArea:
    """Draw levels that move a little around the pivot."""
    val = PIVOT - draw(st.integers(1, 4))
    vah = PIVOT + draw(st.integers(1, 4))
    return ValueArea(val=val, vah=vah, poc_half=2 * PIVOT + draw(st.integers(-2, 2)))


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Draw up to twelve minutes, a few of them without trades or without a value area."""
    number = 0
    minutes = []
    takes = []
    for _ in range(draw(st.integers(1, 12))):
        number += 3 if draw(st.sampled_from(SELDOM)) else 1
        minutes.append(
            Minute(
                ts_min=number * MINUTE_NS,
                bar=None if draw(st.sampled_from(SELDOM)) else draw(bars()),
                value_area=None if draw(st.sampled_from(SELDOM)) else draw(areas()),
                order_flow=draw(st.sampled_from((-30, -10, -1, 0, 1, 10, 30, None))),
                ambiguous_share=draw(st.sampled_from((0.0, 0.35, 0.36))),
                quote_imbalance=draw(st.sampled_from((-0.2, -0.1, 0.0, 0.1, 0.2, None))),
                spread_avg=draw(st.sampled_from((1.0, 2.9, 3.0, None))),
            )
        )
        takes.append(draw(st.booleans()))
    return Market(tuple(minutes), tuple(takes))


def signal_params() -> st.SearchStrategy[SignalParams]:
    """Draw parameters that accept quickly, over all modes."""
    return st.builds(
        SignalParams,
        accept_outside_k=st.integers(1, 3),
        crossing_mode=st.sampled_from(("sequence", "each_bar")),
        seq_max_minutes=st.sampled_from((4, 240)),
        enable_retest_mode=st.booleans(),
        retest_initiative=st.booleans(),
        stop_buffer_ticks=st.integers(0, 2),
        use_qimb=st.booleans(),
        of_entry_min=st.sampled_from((None, 0.0)),
        of_breakout_min=st.sampled_from((None, 0.0)),
        of_fail_min=st.sampled_from((None, 0.0)),
    )

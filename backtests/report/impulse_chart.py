"""The chart of seconds with daily levels, impulses, low volume nodes and trades."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from backtests.report.encoding import NS_PER_S
from backtests.report.encoding import decimals_of
from backtests.report.encoding import milliseconds
from backtests.report.encoding import nanoseconds
from backtests.report.encoding import pack
from backtests.report.figures import utc
from backtests.report.impulse_data import ImpulseData
from backtests.report.impulse_spans import SECOND
from backtests.report.impulse_spans import impulse_spans
from backtests.report.impulse_traces import impulse_traces
from backtests.report.impulse_traces import level_labels
from backtests.report.impulse_traces import level_traces
from backtests.report.impulse_traces import node_traces
from backtests.report.levels import day_starts
from backtests.report.levels import level_spans
from backtests.report.markers import signal_traces
from backtests.report.markers import trade_traces
from backtests.report.market_chart import SECOND_STEPS
from backtests.report.market_chart import candle_trace
from backtests.report.market_chart import flow_trace
from backtests.report.market_chart import legend_rows
from backtests.report.market_chart import market_layout
from backtests.report.market_chart import overview_trace
from backtests.report.node_lives import NodeLife
from backtests.report.node_lives import node_lives
from backtests.report.run_data import RunData
from backtests.report.style import value_axis


# The page holds bars of the shortest of these lengths that keeps their number small.
LENGTHS = (1, 5, 10, 15, 30, 60, 300, 900, 3600)
MOST_BARS = 12_000
# A longer time without a trade is left out of the time axis.
LONGEST_GAP = pd.Timedelta(hours=2)


@dataclass(frozen=True)
class ImpulseStory:
    """
    Represents what happened on one instrument, by time.

    Attributes
    ----------
    data : ImpulseData
        Its tables.
    impulses : pd.DataFrame
        The rows of `impulse_spans`.
    nodes : list[NodeLife]
        The lives of its nodes.
    levels : pd.DataFrame
        The rows of `level_spans`.
    end : pd.Timestamp
        The end of its last second.

    """

    data: ImpulseData
    impulses: pd.DataFrame
    nodes: list[NodeLife]
    levels: pd.DataFrame
    end: pd.Timestamp


def impulse_story(run: RunData, instrument: str) -> ImpulseStory | None:
    """Return what happened on an instrument, or None where it has no second."""
    if run.impulses is None:
        return None
    data = run.impulses.of(instrument)
    if data.seconds.empty:
        return None
    end = data.seconds["ts_second"].max() + SECOND
    days = day_starts(data.levels)
    return ImpulseStory(
        data=data,
        impulses=impulse_spans(data.transitions, days, end),
        nodes=node_lives(data.visits, days, end),
        levels=level_spans(data.levels, end),
        end=end,
    )


def impulse_chart(
    run: RunData, instrument: str, story: ImpulseStory, chart_id: str
) -> dict[str, Any]:
    """
    Return the chart of one instrument.

    Bars travel as packed columns as those of `price_chart` do; `base` is their length in ms, and
    `levels` the daily levels that the page labels.
    """
    run = _placed(run, story.nodes)
    seconds = story.data.seconds
    bars = grouped(seconds)
    length = int(bars.attrs["seconds"])
    times = nanoseconds(bars["ts"])
    names = ["open", "high", "low", "close", "flow"]
    decimals = max(2, decimals_of(*(bars[name] for name in names[:4])))
    data = [
        *impulse_traces(story.impulses),
        *level_traces(story.levels),
        *node_traces(story.nodes, decimals),
        candle_trace(),
        flow_trace("Delta", "delta"),
        overview_trace(),
        *trade_traces(run, instrument, story.end),
        *signal_traces(run, instrument),
    ]
    return {
        "id": chart_id,
        "base": 1000 * length,
        "minutes": {
            "start": milliseconds(bars["ts"].iloc[0]),
            "seconds": pack((times - times[0]) // NS_PER_S, "i4"),
            **{name: pack(bars[name], "f4") for name in names},
        },
        "decimals": decimals,
        "levels": level_labels(story.levels),
        "data": data,
        "layout": _layout(bars["ts"], length, decimals, legend_rows(data)),
    }


def grouped(seconds: pd.DataFrame) -> pd.DataFrame:
    """
    Return seconds as bars of one length, so few that the page stays small.

    Returns
    -------
    pd.DataFrame
        Columns ts, open, high, low, close and flow (buy minus sell volume); `attrs` holds the
        length in seconds.

    """
    seconds = seconds.sort_values("ts_second", kind="stable")
    times = nanoseconds(seconds["ts_second"])
    length = next(
        (one for one in LENGTHS if len(np.unique(times // (one * NS_PER_S))) <= MOST_BARS),
        LENGTHS[-1],
    )
    flow = seconds["buy"] - seconds["sell"]
    starts = pd.to_datetime(times // (length * NS_PER_S) * (length * NS_PER_S), utc=True)
    bars = (
        seconds.assign(flow=flow, ts=starts)
        .groupby("ts", as_index=False)
        .agg(
            open=("open", "first"),
            high=("high", "max"),
            low=("low", "min"),
            close=("close", "last"),
            flow=("flow", "sum"),
        )
    )
    bars.attrs["seconds"] = length
    return bars


def _layout(starts: "pd.Series[Any]", length: int, decimals: int, legend: int) -> dict[str, Any]:
    bar = pd.Timedelta(seconds=length)
    first, last = starts.iloc[0], starts.iloc[-1] + bar
    layout = market_layout(first, last, decimals, (0.27, 1.0), "y2", SECOND_STEPS, legend)
    layout["xaxis"]["hoverformat"] = "%Y-%m-%d %H:%M:%S UTC"
    breaks = _breaks(starts, bar)
    for axis in ("xaxis", "xaxis2"):
        layout[axis]["rangebreaks"] = breaks
    layout["yaxis2"] = value_axis("Delta<br>buy − sell", (0.09, 0.23), tickformat=",.6~f")
    layout["margin"]["r"] = 124
    return layout


def _placed(run: RunData, nodes: Sequence[NodeLife]) -> RunData:
    """Return the run with a price for every candidate: that of its node where it has none."""
    prices = {time: node.price for node in nodes for time, name in node.steps if name == "SIGNAL"}
    found = run.candidates["ts"].map(prices).astype(float)
    entry = run.candidates["entry"].fillna(found)
    return replace(run, candidates=run.candidates.assign(entry=entry))


def _breaks(starts: "pd.Series[Any]", length: pd.Timedelta) -> Sequence[dict[str, Any]]:
    lasts = starts.shift() + length
    long = starts - lasts > LONGEST_GAP
    return [
        {
            "values": [utc(last, "milliseconds")],
            "dvalue": milliseconds(start) - milliseconds(last),
        }
        for last, start in zip(lasts[long], starts[long], strict=True)
    ]

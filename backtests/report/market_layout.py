"""The layout of a chart of the market: prices, panes, profile, footprint, slider."""

from collections.abc import Mapping
from collections.abc import Sequence
from math import ceil
from typing import Any

import pandas as pd

from backtests.report.encoding import milliseconds
from backtests.report.figures import utc
from backtests.report.style import RULE
from backtests.report.style import base_layout
from backtests.report.style import time_axis
from backtests.report.style import value_axis
from strategies.common.views import Pane
from strategies.common.views.style import MUTED


MINUTE = 60
MINUTE_STEPS = ((1, "hour", "1 h"), (4, "hour", "4 h"), (1, "day", "1 d"), (7, "day", "1 w"))
SECOND_STEPS = (
    (10, "minute", "10 min"),
    (30, "minute", "30 min"),
    (2, "hour", "2 h"),
    (1, "day", "1 d"),
)
# In pixels at a page width of 1280, with some room; labels right of the chart take a part of it.
SYMBOL_WIDTH, LETTER_WIDTH, LEGEND_WIDTH, LABEL_WIDTH = 42, 7.5, 960, 100
# In pixels: the whole with one pane or two, more for each further one.
HEIGHT, FURTHER = 744, 100
# In pixels: a pane, one that is alone, the gap above it, the slider.
PANE, ONE_PANE, GAP, SLIDER = 98, 104, 30, 67
# A longer time without a trade is left out of the time axis.
LONGEST_GAP = pd.Timedelta(hours=2)
# The part of the width for the profile, and where the chart ends beside it.
PROFILE, CHART = (0.885, 1.0), 0.88
FOOTPRINT_AXIS, OVERVIEW_AXIS = "yaxis8", "yaxis9"


def pane_axis(number: int) -> str:
    """Return the vertical axis of a pane, counted from the top, as traces name it."""
    return f"y{number + 2}"


def legend_rows(traces: Sequence[Mapping[str, Any]], *, has_labels: bool) -> int:
    """Return how many rows the legend of a chart takes on a wide page."""
    shown = [trace for trace in traces if trace.get("showlegend", True)]
    shown = [trace for trace in shown if trace.get("x") or "draw" in trace.get("meta", {})]
    names = [trace["name"] for trace in shown]
    width = sum(SYMBOL_WIDTH + LETTER_WIDTH * len(name) for name in names)
    return max(1, ceil(width / (LEGEND_WIDTH - has_labels * LABEL_WIDTH)))


def market_layout(
    starts: "pd.Series[Any]",
    seconds: int,
    decimals: int,
    panes: Sequence[Pane],
    legend: int,
    *,
    has_profile: bool,
    has_labels: bool,
) -> dict[str, Any]:
    """
    Return the layout of a chart of the market.

    Parameters
    ----------
    starts : pd.Series
        The starts of the bars, rising.
    seconds : int
        The length of a bar.
    decimals : int
        The decimals of the prices.
    panes : Sequence[Pane]
        The panes below the prices, from the top.
    legend : int
        The rows of the legend on a wide page, for which room is made.
    has_profile, has_labels : bool
        If room is made for a profile beside the prices, and for labels right of the chart.

    """
    first, last = starts.iloc[0], starts.iloc[-1] + pd.Timedelta(seconds=seconds)
    begin, finish = utc(first, "milliseconds"), utc(last, "milliseconds")
    span: dict[str, Any] = {"range": [begin, finish]}
    span |= {"minallowed": begin, "maxallowed": finish}
    span |= {"rangebreaks": _breaks(starts, pd.Timedelta(seconds=seconds))}
    span |= {"domain": [0.0, CHART]} if has_profile else {}
    height = HEIGHT + FURTHER * max(0, len(panes) - 2)
    more = 29 * (legend - 1)
    layout = base_layout(height + 96 + more)
    layout["margin"] |= {"t": 84 + more, "b": 12} | ({"r": 124} if has_labels else {})
    domains = _domains(height, len(panes))
    lowest = pane_axis(len(panes) - 1) if panes else "y"
    layout |= {
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "xaxis": _time_axis(lowest, seconds, height, more, span),
        "xaxis2": time_axis(
            anchor="y9",
            matches="x",
            showticklabels=False,
            showgrid=False,
            showline=False,
            ticks="",
            rangeslider={"visible": True, "thickness": 0.08, "bordercolor": RULE}
            | {"borderwidth": 1, "range": [begin, finish]},
            **span,
        ),
        "yaxis": value_axis("Price", domains[0], tickformat=f",.{decimals}f"),
        OVERVIEW_AXIS: value_axis("", (0.0, 0.001), anchor="x2", visible=False),
        FOOTPRINT_AXIS: value_axis(
            "Footprint, sell × buy",
            (0.0, 0.001),
            visible=False,
            ticks="",
            tickformat=f",.{decimals}f",
        ),
    }
    for number, pane in enumerate(panes):
        title = pane.title.replace("|", "<br>")
        axis = value_axis(title, domains[number + 1], tickformat=",.6~f", nticks=5)
        layout[f"yaxis{number + 2}"] = axis
    if has_profile:
        layout["xaxis3"] = value_axis("", PROFILE, visible=False, anchor="y")
    return layout


def _time_axis(
    lowest: str, seconds: int, height: int, more: int, span: dict[str, Any]
) -> dict[str, Any]:
    steps = MINUTE_STEPS if seconds >= MINUTE else SECOND_STEPS
    buttons: list[dict[str, Any]] = [
        {"count": count, "step": step, "label": label, "stepmode": "backward"}
        for count, step, label in steps
    ]
    clock = "%H:%M" if seconds >= MINUTE else "%H:%M:%S"
    return time_axis(
        anchor=lowest,
        hoverformat=f"%Y-%m-%d {clock} UTC",
        # A candlestick switches the slider of its own axis on by default.
        rangeslider={"visible": False},
        showspikes=True,
        spikemode="across",
        spikethickness=1,
        spikecolor=MUTED,
        spikedash="dot",
        spikesnap="cursor",
        rangeselector={
            "buttons": [*buttons, {"step": "all", "label": "All"}],
            "x": 0,
            "xanchor": "left",
            "y": 1.0 + (45 + 1.11 * more) / height,
            "yanchor": "bottom",
            "bgcolor": "#f3f5f8",
            "activecolor": "#d5dee8",
        },
        **span,
    )


def _domains(height: int, panes: int) -> list[tuple[float, float]]:
    """Return the parts of the height for the prices and for each pane, from the top."""
    pane = ONE_PANE if panes == 1 else PANE
    floor = SLIDER + panes * (pane + GAP)
    domains = [(floor / height, 1.0)]
    for number in range(panes):
        top = floor - GAP - number * (pane + GAP)
        domains.append(((top - pane) / height, top / height))
    return domains


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

"""What the charts of a market share: candles, a pane of flow, the overview, the axes."""

from collections.abc import Mapping
from collections.abc import Sequence
from math import ceil
from typing import Any

import pandas as pd

from backtests.report.figures import utc
from backtests.report.style import MUTED
from backtests.report.style import RULE
from backtests.report.style import base_layout
from backtests.report.style import time_axis
from backtests.report.style import value_axis


MINUTE_STEPS = ((1, "hour", "1 h"), (4, "hour", "4 h"), (1, "day", "1 d"), (7, "day", "1 w"))
SECOND_STEPS = (
    (10, "minute", "10 min"),
    (30, "minute", "30 min"),
    (2, "hour", "2 h"),
    (1, "day", "1 d"),
)
# In pixels at a page width of 1280, with some room.
SYMBOL_WIDTH, LETTER_WIDTH, LEGEND_WIDTH = 42, 7.5, 860


def candle_trace() -> dict[str, Any]:
    """Return the candles, which the page fills."""
    return {
        "type": "candlestick",
        "meta": "candles",
        "name": "Price",
        "increasing": {"line": {"color": MUTED, "width": 1}, "fillcolor": "#ffffff"},
        "decreasing": {"line": {"color": MUTED, "width": 1}, "fillcolor": MUTED},
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }


def flow_trace(name: str, text: str) -> dict[str, Any]:
    """Return the bars of buy minus sell volume, which the page fills."""
    return {
        "type": "bar",
        "meta": "flow",
        "name": name,
        "yaxis": "y2",
        "hovertemplate": f"{text} %{{y:,.4~f}}<extra></extra>",
        "marker": {"line": {"width": 0}},
        "showlegend": False,
    }


def overview_trace() -> dict[str, Any]:
    """Return the line in the slider below, which the page fills."""
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": "overview",
        "xaxis": "x2",
        "yaxis": "y4",
        "line": {"color": MUTED, "width": 1},
        "connectgaps": True,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def legend_rows(traces: Sequence[Mapping[str, Any]]) -> int:
    """Return how many rows the legend of a chart takes on a wide page."""
    shown = [trace for trace in traces if trace.get("showlegend", True) and trace.get("x")]
    names = [trace["name"] for trace in shown]
    return ceil(sum(SYMBOL_WIDTH + LETTER_WIDTH * len(name) for name in names) / LEGEND_WIDTH)


def market_layout(
    first: pd.Timestamp,
    last: pd.Timestamp,
    decimals: int,
    domain: tuple[float, float],
    lowest: str,
    steps: Sequence[tuple[int, str, str]],
    legend_rows: int = 1,
) -> dict[str, Any]:
    """
    Return the layout of a chart of the market; the axes of the other panes are left to the caller.

    Parameters
    ----------
    first, last : pd.Timestamp
        The ends of the time axis.
    decimals : int
        The decimals of the prices.
    domain : tuple[float, float]
        The part of the height for the prices.
    lowest : str
        The vertical axis of the pane that carries the times.
    steps : Sequence[tuple[int, str, str]]
        The buttons: count, unit and label of the span that each shows.
    legend_rows : int, default 1
        The rows of the legend on a wide page, for which room is made.

    """
    begin, finish = utc(first, "milliseconds"), utc(last, "milliseconds")
    span = {"range": [begin, finish], "minallowed": begin, "maxallowed": finish}
    buttons: list[dict[str, Any]] = [
        {"count": count, "step": step, "label": label, "stepmode": "backward"}
        for count, step, label in steps
    ]
    more = 29 * (legend_rows - 1)
    layout = base_layout(840 + more)
    layout["margin"] |= {"t": 84 + more, "b": 12}
    return layout | {
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "xaxis": time_axis(
            anchor=lowest,
            hoverformat="%Y-%m-%d %H:%M UTC",
            # A candlestick switches the slider of its own axis on unless told otherwise.
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
                "y": 1.06 + more / 670,
                "yanchor": "bottom",
                "bgcolor": "#f3f5f8",
                "activecolor": "#d5dee8",
            },
            **span,
        ),
        "xaxis2": time_axis(
            anchor="y4",
            matches="x",
            showticklabels=False,
            showgrid=False,
            showline=False,
            ticks="",
            rangeslider={"visible": True, "thickness": 0.08, "bordercolor": RULE}
            | {"borderwidth": 1, "range": [begin, finish]},
            **span,
        ),
        "yaxis": value_axis("Price", domain, tickformat=f",.{decimals}f"),
        "yaxis4": value_axis("", (0.0, 0.001), anchor="x2", visible=False),
    }

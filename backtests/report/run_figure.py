"""The chart of an instrument for notebooks: all points are in the figure, and no page draws it."""

from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from backtests.report.bar_columns import BarColumns
from backtests.report.bar_columns import bar_columns
from backtests.report.bar_columns import pane_column
from backtests.report.fields import rgba
from backtests.report.markers import signal_traces
from backtests.report.markers import trade_traces
from backtests.report.market_layout import pane_axis
from backtests.report.run_data import read_run
from backtests.report.shape_traces import placed_candidates
from backtests.report.shape_traces import shape_traces
from backtests.report.story import Story
from backtests.report.style import SELL
from errors import AuctionError
from errors import UsageError
from strategies.common.views import Band
from strategies.common.views import Chart
from strategies.common.views import Element
from strategies.common.views import Histogram
from strategies.common.views import Signals
from strategies.common.views import StepLine
from strategies.common.views import Style
from strategies.common.views.style import BUY
from strategies.common.views.style import MUTED


Trace = dict[str, Any]

HEIGHT, PANE_HEIGHT = 560, 120
# The shares of the height that a pane takes, and the space above it.
PANE, GAP = 0.14, 0.03


def run_figure(run_folder: Path, instrument: str | None = None) -> dict[str, Any]:
    """
    Return the views of a run's system, as data and layout of a Plotly figure.

    It shows what the chart of the report does, without footprint, profile and labels, which the
    page of the report draws.

    Parameters
    ----------
    run_folder : Path
        The run.
    instrument : str, optional
        The instrument; the first one of the run without it.

    Raises
    ------
    UsageError
        If the folder is no run, or has no such instrument.
    AuctionError
        If a file of the run is missing or cannot be read, or it closed no bar.

    """
    run = read_run(run_folder)
    instruments = [str(name) for name in run.summary["instruments"]]
    name = instruments[0] if instrument is None else instrument
    if name not in instruments:
        raise UsageError(f"{run_folder}: no {name}; the run has {', '.join(instruments)}")
    story = Story(run, name)
    if story.bars.empty:
        raise AuctionError(f"{run_folder}: no bar of {name} was closed: there is nothing to draw")
    chart, columns = run.views.chart, bar_columns(story)
    candidates = placed_candidates(story)
    data = [t for element in chart.elements for t in _element(story, element, columns.frame)]
    data.append(_candles(columns))
    for number, pane in enumerate(chart.panes):
        is_signed = isinstance(pane.of, Histogram) and pane.of.signed
        is_line = not isinstance(pane.of, Histogram)
        data.append(_pane(columns.frame, number, pane.of.name, is_line=is_line, signed=is_signed))
    data += trade_traces(story, candidates)
    if any(isinstance(element, Signals) for element in chart.elements):
        data += signal_traces(candidates)
    return {"data": data, "layout": _layout(name, chart)}


def _element(story: Story, element: Element, frame: pd.DataFrame) -> list[Trace]:
    match element:
        case Band():
            area = {"fill": "tonexty", "fillcolor": rgba(element.style, element.style.tint)}
            return [
                _steps(frame, element.upper, element.upper_name, element.style),
                _steps(frame, element.lower, element.lower_name, element.style) | area,
            ]
        case StepLine():
            return [_steps(frame, element.column, element.name, element.style)]
    return shape_traces(story, element)


def _steps(frame: pd.DataFrame, column: str, name: str, style: Style) -> Trace:
    line = {"shape": "hv", "color": style.color, "width": style.width, "dash": style.dash}
    return _of_bars(frame, frame[column], name) | {
        "type": "scatter",
        "mode": "lines",
        "line": line,
    }


def _candles(columns: BarColumns) -> Trace:
    frame = columns.frame
    return {
        "type": "candlestick",
        "name": "Price",
        "x": frame["ts"],
        **{name: frame[name] for name in ("open", "high", "low", "close")},
        "increasing": {"line": {"color": MUTED, "width": 1}, "fillcolor": "#ffffff"},
        "decreasing": {"line": {"color": MUTED, "width": 1}, "fillcolor": MUTED},
        "showlegend": False,
    }


def _pane(frame: pd.DataFrame, number: int, name: str, *, is_line: bool, signed: bool) -> Trace:
    values = frame[pane_column(number)]
    trace = _of_bars(frame, values, name) | {"yaxis": pane_axis(number), "showlegend": False}
    if is_line:
        return trace | {"type": "scatter", "mode": "lines", "line": {"color": MUTED, "width": 1.2}}
    colors = [BUY if value >= 0 else SELL for value in values] if signed else MUTED
    return trace | {"type": "bar", "marker": {"color": colors, "line": {"width": 0}}}


def _of_bars(frame: pd.DataFrame, values: "pd.Series[Any]", name: str) -> Trace:
    return {"name": escape(name), "x": frame["ts"], "y": values}


def _layout(name: str, chart: Chart) -> dict[str, Any]:
    panes = chart.panes
    bottom = len(panes) * (PANE + GAP)
    layout: dict[str, Any] = {
        "title": {"text": escape(name)},
        "height": HEIGHT + PANE_HEIGHT * len(panes),
        "template": "plotly_white",
        "hovermode": "closest",
        "xaxis": {"type": "date", "rangeslider": {"visible": False}},
        "yaxis": {"domain": [bottom, 1.0]},
    }
    for number, pane in enumerate(panes):
        top = bottom - GAP - number * (PANE + GAP)
        axis = pane_axis(number).replace("y", "yaxis", 1)
        layout[axis] = {
            "domain": [max(0.0, top - PANE), top],
            "title": {"text": escape(pane.title).replace("|", "<br>")},
        }
        if pane.bounds is not None:
            layout[axis]["range"] = list(pane.bounds)
    return layout

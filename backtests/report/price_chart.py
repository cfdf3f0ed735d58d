"""The chart of an instrument as its views describe it, with its trades."""

from html import escape
from typing import Any

from backtests.report.bar_columns import LAST
from backtests.report.bar_columns import PRICES
from backtests.report.bar_columns import WIDTH
from backtests.report.bar_columns import bar_columns
from backtests.report.bar_columns import pane_column
from backtests.report.encoding import NS_PER_S
from backtests.report.encoding import milliseconds
from backtests.report.encoding import nanoseconds
from backtests.report.encoding import pack
from backtests.report.fields import rgba
from backtests.report.markers import signal_traces
from backtests.report.markers import trade_traces
from backtests.report.market_layout import legend_rows
from backtests.report.market_layout import market_layout
from backtests.report.market_layout import pane_axis
from backtests.report.prints import packed_prints
from backtests.report.shape_traces import level_labels
from backtests.report.shape_traces import placed_candidates
from backtests.report.shape_traces import shape_traces
from backtests.report.story import Story
from strategies.common.views import Band
from strategies.common.views import Chart
from strategies.common.views import Histogram
from strategies.common.views import Levels
from strategies.common.views import Line
from strategies.common.views import Pane
from strategies.common.views import Profile
from strategies.common.views import Signals
from strategies.common.views import StepLine
from strategies.common.views.style import MUTED
from strategies.common.views.style import POC


Trace = dict[str, Any]


def price_chart(story: Story, chart_id: str) -> dict[str, Any]:
    """
    Return the chart of one instrument, which has a bar.

    Bars travel as packed columns; the page draws candles from them, of the shortest length that
    keeps the visible number of candles small.

    Returns
    -------
    dict[str, Any]
        Keys id, base (ms of a bar), bars (columns in float32, times as seconds after `start` in
        ms), joins (how a longer candle joins a column), facts (names and columns of the hover),
        prices (columns that the axis of prices makes room for), panes, decimals of the prices,
        levels to be labelled, prints (the volume at each price) and profile where there are any,
        data and layout of the figure; traces with a `draw` in their `meta` are filled by the page.

    """
    chart = story.run.views.chart
    columns = bar_columns(story)
    frame = columns.frame
    times = nanoseconds(frame["ts"])
    names = [*PRICES, *columns.joins]
    prints = None
    if story.run.prints is not None and chart.prints is not None:
        length, start = chart.bars.seconds, int(times[0])
        prints = packed_prints(story.run.prints, chart.prints, story.instrument, length, start)
    has_labels = any(isinstance(element, Levels) for element in chart.elements)
    profile = chart.profile if prints is not None else None
    candidates = placed_candidates(story)
    data = [*_elements(story, chart), *_panes(chart)]
    data += _profile(profile) if profile is not None else []
    data += [_footprint_trace()] if prints is not None and chart.footprint is not None else []
    data += [_overview()]
    # Below the entries: that of a market order lies where its signal does.
    if any(isinstance(element, Signals) for element in chart.elements):
        data += signal_traces(candidates)
    data += trade_traces(story, candidates)
    found: dict[str, Any] = {
        "id": chart_id,
        "base": 1000 * columns.seconds,
        "bars": {
            "start": milliseconds(frame["ts"].iloc[0]),
            "seconds": pack((times - times[0]) // NS_PER_S, "i4"),
            **{name: pack(frame[name], "f4") for name in names},
        },
        "joins": columns.joins,
        "facts": _facts(chart),
        "prices": [name for name, join in columns.joins.items() if join == LAST and name != WIDTH],
        "panes": [_pane(number, pane) for number, pane in enumerate(chart.panes)],
        "decimals": story.decimals,
        "levels": level_labels(story),
        "data": data,
        "layout": market_layout(
            frame["ts"],
            columns.seconds,
            story.decimals,
            chart.panes,
            legend_rows(data, has_labels=has_labels),
            has_profile=profile is not None,
            has_labels=has_labels,
        ),
    }
    if prints is not None:
        found["prints"] = prints
    if profile is not None:
        edges = {key: getattr(profile, key) for key in ("upper", "lower", "peak")}
        shown = {key: column for key, column in edges.items() if column}
        found["profile"] = {"name": profile.name, "minutes": profile.minutes, **shown}
    return found


def _facts(chart: Chart) -> list[list[str]]:
    facts = []
    for element in chart.elements:
        if isinstance(element, Band):
            facts += [[element.upper_name, element.upper], [element.lower_name, element.lower]]
        elif isinstance(element, StepLine):
            facts.append([element.name, element.column])
    return facts


def _pane(number: int, pane: Pane) -> dict[str, Any]:
    bounds = {} if pane.bounds is None else {"bounds": list(pane.bounds)}
    return {"axis": f"yaxis{number + 2}", "column": pane_column(number), **bounds}


def _elements(story: Story, chart: Chart) -> list[Trace]:
    # Candles lie over areas, zones and lines of the bars, and under what happened.
    traces: list[Trace] = []
    for element in chart.elements:
        match element:
            case Band():
                meta = {"draw": "band", "upper": element.upper, "lower": element.lower}
                traces.append(
                    {
                        "type": "scatter",
                        "mode": "lines",
                        "hoverinfo": "skip",
                        "meta": meta,
                        "name": escape(element.name),
                        "fill": "toself",
                        "fillcolor": rgba(element.style, element.style.tint),
                        "line": {"color": element.style.color, "width": element.style.width},
                    }
                )
            case StepLine():
                style = element.style
                traces.append(
                    {
                        "type": "scatter",
                        "mode": "lines",
                        "hoverinfo": "skip",
                        "meta": {"draw": "steps", "column": element.column},
                        "name": escape(element.name),
                        "line": {"color": style.color, "width": style.width, "dash": style.dash},
                    }
                )
            case _:
                traces += shape_traces(story, element)
    return [*traces, _candles()]


def _candles() -> Trace:
    return {
        "type": "candlestick",
        "meta": {"draw": "candles"},
        "name": "Price",
        "increasing": {"line": {"color": MUTED, "width": 1}, "fillcolor": "#ffffff"},
        "decreasing": {"line": {"color": MUTED, "width": 1}, "fillcolor": MUTED},
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }


def _panes(chart: Chart) -> list[Trace]:
    traces: list[Trace] = []
    for number, pane in enumerate(chart.panes):
        name = escape(pane.of.name)
        common = {"name": name, "yaxis": pane_axis(number), "showlegend": False}
        column = pane_column(number)
        if isinstance(pane.of, Histogram):
            traces.append(
                common
                | {
                    "type": "bar",
                    "meta": {"draw": "histogram", "column": column, "signed": pane.of.signed},
                    "hovertemplate": f"{name} %{{y:,.4~f}}<extra></extra>",
                    "marker": {"line": {"width": 0}},
                }
            )
        elif isinstance(pane.of, Line):
            traces.append(
                common
                | {
                    "type": "scatter",
                    "mode": "lines",
                    "meta": {"draw": "line", "column": column},
                    "line": {"color": MUTED, "width": 1.2},
                    "hovertemplate": f"{name} %{{y:.3f}}<extra></extra>",
                }
            )
    return traces


def _profile(profile: Profile) -> list[Trace]:
    return [
        {
            "type": "bar",
            "orientation": "h",
            "meta": {"draw": "profile"},
            "name": escape(profile.name),
            "xaxis": "x3",
            "yaxis": "y",
            "hoverinfo": "skip",
            "marker": {"line": {"width": 0}, "color": POC},
            "showlegend": False,
        }
    ]


def _footprint_trace() -> Trace:
    return {
        "type": "heatmap",
        "meta": {"draw": "footprint"},
        "name": "Footprint",
        "yaxis": "y8",
        "showscale": False,
        "showlegend": False,
        "hovertemplate": "%{text}<extra></extra>",
        "xgap": 1,
        "ygap": 1,
    }


def _overview() -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": {"draw": "overview"},
        "xaxis": "x2",
        "yaxis": "y9",
        "line": {"color": MUTED, "width": 1},
        "connectgaps": True,
        "hoverinfo": "skip",
        "showlegend": False,
    }

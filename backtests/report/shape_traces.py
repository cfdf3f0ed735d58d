"""The traces of levels, zones, trails, markers and signals."""

from collections.abc import Iterable
from html import escape
from typing import Any

import pandas as pd

from backtests.report.encoding import milliseconds
from backtests.report.fields import Fields
from backtests.report.fields import rgba
from backtests.report.levels import level_spans
from backtests.report.markers import HOVER
from backtests.report.story import Story
from strategies.common.views import Element
from strategies.common.views import Levels
from strategies.common.views import Markers
from strategies.common.views import Signals
from strategies.common.views import Style
from strategies.common.views import Trails
from strategies.common.views import Zones


# The page makes room for what protects a trade or leads to one, but not for far levels.
IN_VIEW = {"meta": {"keep": True}}


def shape_traces(story: Story, element: Element) -> list[dict[str, Any]]:
    """Return the traces of an element of the chart that bars do not carry."""
    match element:
        case Levels():
            return _levels(story, element)
        case Zones():
            return _zones(story, element)
        case Trails():
            return _trails(story, element)
        case Markers():
            return _markers(story, element)
    return []


def level_labels(story: Story) -> list[dict[str, Any]]:
    """Return the levels for the labels that the page sets at the edge of the view."""
    return [
        {
            "name": row["name"].upper(),
            "price": float(row["price"]),
            "from": milliseconds(row["begin"]),
            "to": milliseconds(row["finish"]),
            "color": group.style.color,
        }
        for element in story.run.views.chart.elements
        if isinstance(element, Levels)
        for row in _spans(story, element).to_dict(orient="records")
        for group in element.groups
        if row["name"] in group.columns
    ]


def placed_candidates(story: Story) -> pd.DataFrame:
    """Return the candidates with a price for each: that of what gave it where it has none."""
    candidates = story.candidates
    for element in story.run.views.chart.elements:
        if isinstance(element, Signals) and element.placed is not None:
            found = candidates["ts"].map(story.prices(element.placed)).astype(float)
            candidates = candidates.assign(entry=candidates["entry"].fillna(found))
    return candidates


def lines(
    name: str,
    spans: Iterable[tuple[pd.Timestamp, pd.Timestamp, float]],
    style: Style,
    **settings: Any,
) -> dict[str, Any]:
    """Return horizontal lines as one trace."""
    x: list[int | None] = []
    y: list[float | None] = []
    for begin, end, price in spans:
        x += [milliseconds(begin), milliseconds(end), None]
        y += [float(price), float(price), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": style.color, "width": style.width, "dash": style.dash},
        "hoverinfo": "skip",
        **settings,
    }


def _spans(story: Story, levels: Levels) -> pd.DataFrame:
    # In the order of the message, in which the page labels them.
    named = {name for group in levels.groups for name in group.columns}
    names = [name for name in levels.message.COLUMNS if name in named]
    return level_spans(story.rows(levels.message), names, levels.blocked, story.end)


def _levels(story: Story, levels: Levels) -> list[dict[str, Any]]:
    spans = _spans(story, levels)
    traces = []
    for group in levels.groups:
        own = spans["name"].isin(group.columns)
        for in_force in (True, False):
            rows = spans[own & (spans["in_force"] == in_force)]
            if rows.empty:
                continue
            name = group.name if in_force else f"{group.name}, {levels.blocked_name}"
            dash = group.style.dash if in_force else "dot"
            style = Style(color=group.style.color, width=group.style.width, dash=dash)
            pairs = zip(rows["begin"], rows["finish"], rows["price"], strict=True)
            traces.append(lines(name, pairs, style))
    return traces


def _zones(story: Story, zones: Zones) -> list[dict[str, Any]]:
    fields = Fields(story, zones.of)
    traces: list[dict[str, Any]] = []
    for outcome, outcome_name in zones.outcomes.items():
        rows = [row for row in story.values(zones.of) if row["outcome"] == outcome]
        if not rows:
            continue
        style = zones.styles[outcome]
        x: list[int | None] = []
        y: list[float | None] = []
        for row in rows:
            begin, end = milliseconds(row["begin"]), milliseconds(row["finish"])
            low, high = float(row[zones.first]), float(row[zones.last])
            x += [begin, end, end, begin, begin, None]
            y += [low, low, high, high, low, None]
        # "POC reached" keeps its capitals, "Returned inside" goes on in small letters.
        first, *rest = outcome_name.split(" ")
        word = first if first.isupper() else first.lower()
        title = f"{zones.name}: {' '.join([word, *rest])}"
        traces += [
            {
                "type": "scatter",
                "mode": "lines",
                "name": title,
                "legendgroup": title,
                "x": x,
                "y": y,
                "fill": "toself",
                "fillcolor": rgba(style, style.tint),
                "line": {"color": style.color, "width": style.width, "dash": style.dash},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{title}, marks",
                "legendgroup": title,
                "showlegend": False,
                "x": [milliseconds(row["begin"]) for row in rows],
                "y": [float(row[zones.first]) for row in rows],
                "text": [fields.hover(zones.hover, row) for row in rows],
                "hovertemplate": HOVER,
                "marker": {
                    "symbol": "square",
                    "size": 5,
                    "color": style.color,
                    "line": {"width": 0.8, "color": "#ffffff"},
                },
                "meta": {"size": 5, "outline": 0.8},
            },
        ]
    return traces


def _trails(story: Story, trails: Trails) -> list[dict[str, Any]]:
    states = [
        (state, begin, end, life.row[trails.price])
        for life in story.lives(trails.of)
        for state, begin, end in life.states(trails.of)
    ]
    traces = []
    for state, name in trails.states.items():
        spans = [span for own, *span in states if own == state]
        if spans:
            pairs = [(begin, end, price) for begin, end, price in spans]
            traces.append(lines(name, pairs, trails.styles[state], **IN_VIEW))
    return traces


def _markers(story: Story, markers: Markers) -> list[dict[str, Any]]:
    rows = [
        row
        for row in story.values(markers.of)
        if all(row[column] in values for column, values in markers.only.items())
    ]
    if not rows:
        return []
    fields = Fields(story, markers.of)
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": escape(markers.name),
            "showlegend": markers.in_legend,
            "x": [milliseconds(row["begin"]) for row in rows],
            "y": [float(row[markers.price]) for row in rows],
            "text": [fields.hover(markers.hover, row) for row in rows],
            "hovertemplate": HOVER,
            "marker": {"symbol": markers.symbol, "size": 7, "color": markers.color},
            "meta": {"size": 7, "outline": 1},
        }
    ]

"""What the chart shows beside price and trades: daily levels, impulses, low volume nodes."""

from collections.abc import Iterable
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from backtests.report.encoding import milliseconds
from backtests.report.figures import number
from backtests.report.figures import utc
from backtests.report.impulse_data import MARKS
from backtests.report.impulse_spans import UNFINISHED
from backtests.report.node_lives import STATES
from backtests.report.node_lives import NodeLife
from backtests.report.style import OUTCOMES
from backtests.report.style import POC
from backtests.report.style import STAGES
from backtests.report.style import TINT


HOVER = "%{text}<extra></extra>"
GROUPS = {
    "Prior day": (("PDH", "PDL", "PDC"), "#1d2733", "solid"),
    "Overnight": (("ONH", "ONL"), "#3f6f8f", "dash"),
    "Value area": (("VAH", "VAL", "POC"), "#8a6d1f", "solid"),
}
MARK_NAMES = dict(zip(MARKS, ("broke swing", "fast", "uniform", "volume", "size"), strict=True))
OUTCOME_NAMES = {
    "COMPLETE": "Complete",
    "INVALID_TIMEOUT": "Timed out",
    "INVALID_RETRACE": "Retraced",
    "SWITCHED": "Switched",
    UNFINISHED: "Unfinished",
}
STAGE_NAMES = dict(
    zip(STATES, ("LVN untouched", "LVN touched", "LVN armed", "LVN retesting"), strict=True)
)


def level_traces(levels: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the daily levels, one trace a group; those that cannot be broken are dotted."""
    traces = []
    for group, (names, color, dash) in GROUPS.items():
        own = levels["name"].isin(names)
        for in_force in (True, False):
            rows = levels[own & (levels["in_force"] == in_force)]
            if rows.empty:
                continue
            spans = zip(rows["begin"], rows["finish"], rows["price"], strict=True)
            name = group if in_force else f"{group}, not in force"
            line = {"color": color, "width": 1.1, "dash": dash if in_force else "dot"}
            traces.append(_lines(name, spans, line))
    return traces


def level_labels(levels: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the daily levels for the labels that the page sets at the edge of the view."""
    colors = {name: color for names, color, _ in GROUPS.values() for name in names}
    return [
        {
            "name": row["name"],
            "price": float(row["price"]),
            "from": milliseconds(row["begin"]),
            "to": milliseconds(row["finish"]),
            "color": colors[row["name"]],
        }
        for row in levels.to_dict(orient="records")
    ]


def impulse_traces(impulses: pd.DataFrame) -> list[dict[str, Any]]:
    """
    Return the impulses as boxes from breakout to end, first open to extreme, by outcome.

    Each has a mark at its breakout that tells its marks.
    """
    traces: list[dict[str, Any]] = []
    for outcome, name in OUTCOME_NAMES.items():
        rows = impulses[impulses["outcome"] == outcome]
        if rows.empty:
            continue
        color, dash = OUTCOMES[outcome]
        records = rows.to_dict(orient="records")
        x: list[int | None] = []
        y: list[float | None] = []
        for row in records:
            begin, end = milliseconds(row["start"]), milliseconds(row["finish"])
            low, high = float(row["start_price"]), float(row["extreme"])
            x += [begin, end, end, begin, begin, None]
            y += [low, low, high, high, low, None]
        title = f"Impulse: {name.lower()}"
        traces += [
            {
                "type": "scatter",
                "mode": "lines",
                "name": title,
                "legendgroup": title,
                "x": x,
                "y": y,
                "fill": "toself",
                "fillcolor": f"rgba({color}, {TINT[outcome]})",
                "line": {"color": f"rgb({color})", "width": 1, "dash": dash},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{title}, marks",
                "legendgroup": title,
                "showlegend": False,
                "x": [milliseconds(time) for time in rows["start"]],
                "y": [float(price) for price in rows["start_price"]],
                "text": [impulse_text(row) for row in records],
                "hovertemplate": HOVER,
                "marker": {
                    "symbol": "square",
                    "size": 5,
                    "color": f"rgb({color})",
                    "line": {"width": 0.8, "color": "#ffffff"},
                },
                "meta": {"size": 5, "outline": 0.8},
            },
        ]
    return traces


def impulse_text(row: Any) -> str:
    """Return an impulse with its marks as the text of its hover."""
    outcome = OUTCOME_NAMES.get(row["outcome"], str(row["outcome"]))
    marks = [f"{'✓' if row[key] else '✗'} {name}" for key, name in MARK_NAMES.items()]
    arrow = "▲" if row["direction"] == "Up" else "▼"
    extent = abs(row["extreme"] - row["start_price"])
    lasted = int((row["finish"] - row["start"]).total_seconds())
    return "<br>".join(
        [
            f"<b>{arrow} {escape(str(row['level']))} breakout: {escape(outcome)}</b>, "
            f"score {row['score']} of 5",
            ", ".join(marks),
            f"{number(extent)} points in {row['bars']} bars, {lasted} s",
        ]
    )


def node_traces(nodes: Sequence[NodeLife], decimals: int) -> list[dict[str, Any]]:
    """Return the nodes as bands by state, the darker the nearer to a trade, and their marks."""
    states = [(node, *state) for node in nodes for state in node.states()]
    traces = []
    for state, name in STAGE_NAMES.items():
        spans = [(begin, end, node.price) for node, own, begin, end in states if own == state]
        if spans:
            color, width = STAGES[state]
            traces.append(_lines(name, spans, {"color": color, "width": width}))
    if nodes:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "LVN found",
                "showlegend": False,
                "x": [milliseconds(node.found) for node in nodes],
                "y": [node.price for node in nodes],
                "text": [_node_text(node, decimals) for node in nodes],
                "hovertemplate": HOVER,
                "marker": {"symbol": "line-ns-open", "size": 7, "color": POC},
                "meta": {"size": 7, "outline": 1},
            }
        )
    return traces


def _node_text(node: NodeLife, decimals: int) -> str:
    events = (("touched", "TOUCHED"), ("armed", "ARMED"), ("retested", "RETESTING"))
    history = [f"{name} {node.count(event)}×" for name, event in events if node.count(event)]
    if node.count("SIGNAL"):
        history.append("signal")
    until = f"{'dropped' if node.dropped else 'until'} {utc(node.last, 'seconds').split()[1]}"
    return "<br>".join(
        [
            f"<b>LVN {number(node.price, decimals)}</b>, {number(100 * node.ratio, 1)} % "
            f"of the average bucket",
            ", ".join([*(history or ["never touched"]), until]),
        ]
    )


def _lines(
    name: str,
    spans: Iterable[tuple[pd.Timestamp, pd.Timestamp, float]],
    line: dict[str, Any],
) -> dict[str, Any]:
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
        "line": line,
        "hoverinfo": "skip",
        # The page makes room for nodes in view, as it does for stops, but not for far levels.
        **({"meta": "protection"} if name in STAGE_NAMES.values() else {}),
    }

"""The page of a sweep: its tables, heat maps of pairs of parameters, parallel coordinates."""

from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from itertools import combinations
from statistics import median
from typing import Any

from backtests.report.document import document
from backtests.report.document import section
from research.sweeps.space import Parameter
from research.sweeps.trials import Trial
from research.tables import TextTable
from research.tables import table_html


MOST_MAPS = 6
MOST_LINES = 2_000


def render_sweep(
    title: str,
    labels: Sequence[str],
    tables: Sequence[TextTable],
    parameters: Sequence[Parameter],
    trials: Sequence[Trial],
) -> str:
    """Return the page; the same results give the same text."""
    items = "".join(f"<li>{escape(label)}</li>" for label in labels)
    parts = [f'<header><h1>{escape(title)}</h1><ul class="labels">{items}</ul></header>']
    parts += [section(table_html(table)) for table in tables if table.rows or table.notes]
    charts: list[dict[str, Any]] = []
    valid = [trial for trial in trials if "default" in trial.results]
    varied = [parameter for parameter in parameters if len(parameter.values) > 1]
    for first, second in list(combinations(varied, 2))[:MOST_MAPS]:
        charts.append(_heat_map(len(charts), first, second, valid))
    if varied:
        charts.append(_coordinates(len(charts), varied, valid))
    for chart in charts:
        heading = f"<h2>{escape(chart.pop('title'))}</h2>"
        parts.append(section(f'{heading}<div class="chart" id="{chart["id"]}"></div>'))
    versions = {name: version(name) for name in ("auction-trader", "nautilus_trader")}
    return document(title, parts, charts, versions)


def _short(parameter: Parameter) -> str:
    return parameter.key.rpartition(".")[2]


def _heat_map(
    number: int, first: Parameter, second: Parameter, trials: Sequence[Trial]
) -> dict[str, Any]:
    cells: dict[tuple[str, str], list[float]] = {}
    for trial in trials:
        place = str(trial.point[first.key]), str(trial.point[second.key])
        cells.setdefault(place, []).append(trial.figure("sharpe", "default"))
    across, down = [str(v) for v in first.values], [str(v) for v in second.values]
    values = [[median(cells[x, y]) if (x, y) in cells else None for x in across] for y in down]
    trace = {
        "type": "heatmap",
        "x": across,
        "y": down,
        "z": values,
        "colorscale": "RdBu",
        # Blue is profit, as on the other pages.
        "reversescale": True,
        "zmid": 0,
        "colorbar": {"title": {"text": "Sharpe"}},
    }
    names = _short(first), _short(second)
    return {
        "id": f"chart-{number}",
        "title": f"Median Sharpe by {names[0]} and {names[1]}",
        "data": [trace],
        "layout": _layout({"xaxis": _axis(names[0]), "yaxis": _axis(names[1])}),
    }


def _axis(name: str) -> dict[str, Any]:
    return {"title": {"text": name}, "type": "category"}


def _coordinates(
    number: int, parameters: Sequence[Parameter], trials: Sequence[Trial]
) -> dict[str, Any]:
    shown = trials[:MOST_LINES]
    dimensions: list[dict[str, Any]] = []
    for parameter in parameters:
        places = {repr(value): place for place, value in enumerate(parameter.values)}
        dimensions.append(
            {
                "label": _short(parameter),
                "values": [places[repr(trial.point[parameter.key])] for trial in shown],
                "tickvals": list(range(len(parameter.values))),
                "ticktext": [str(value) for value in parameter.values],
            }
        )
    sharpe = [trial.figure("sharpe", "default") for trial in shown]
    dimensions.append({"label": "Sharpe", "values": sharpe})
    if all("pessimistic" in trial.results for trial in shown):
        worse = [trial.figure("sharpe", "pessimistic") for trial in shown]
        dimensions.append({"label": "pessimistic", "values": worse})
    line = {"color": sharpe, "colorscale": "RdBu", "reversescale": True, "cmid": 0}
    more = f" (the first {MOST_LINES:,})" if len(trials) > MOST_LINES else ""
    return {
        "id": f"chart-{number}",
        "title": f"All points{more}",
        "data": [{"type": "parcoords", "dimensions": dimensions, "line": line}],
        "layout": _layout({}),
    }


def _layout(own: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "height": 420,
        "margin": {"l": 70, "r": 40, "t": 60, "b": 60},
        # The page makes it smaller on a narrow screen.
        "legend": {"font": {"size": 12}},
        **own,
    }

"""The page that shows several runs over each other."""

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from backtests.report.document import document
from backtests.report.document import section
from backtests.report.encoding import NS_PER_MS
from backtests.report.encoding import nanoseconds
from backtests.report.equity_chart import thinned
from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.figures import period
from backtests.report.result_tables import comparison_table
from backtests.report.result_tables import runs_table
from backtests.report.style import LINES
from backtests.report.style import base_layout
from backtests.report.style import time_axis
from backtests.report.style import value_axis
from backtests.results.comparison import ComparedRun
from backtests.results.comparison import differing_keys
from backtests.results.comparison import figure_rows


def write_comparison(runs: Sequence[ComparedRun], target: Path) -> Path:
    """
    Write the page that compares runs and return its path.

    Parameters
    ----------
    runs : Sequence[ComparedRun]
        The runs.
    target : Path
        The file to write.

    """
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        partial.write_text(render_comparison(runs), encoding="utf-8", newline="\n")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def render_comparison(runs: Sequence[ComparedRun]) -> str:
    """Return the page; identical runs give identical text."""
    letters = [run.letter for run in runs]
    facts = [
        (run.letter, own["system"], own["instruments"], period(own), own["run_id"])
        for run in runs
        for own in (run.summary,)
    ]
    parts = [f"<header><h1>Comparison of {len(runs)} runs</h1></header>"]
    synthetic = [run.letter for run in runs if run.summary["synthetic"]]
    if synthetic:
        parts.append(
            f'<div class="notice synthetic"><p>{escape(", ".join(synthetic))}: '
            f"{escape(SYNTHETIC_NOTICE)}</p></div>"
        )
    parts.append(section(f"<h2>Runs</h2>{runs_table(facts)}"))
    chart = _equity_chart(runs)
    if chart is not None:
        note = '<p class="note">Equity as change from the starting balance.</p>'
        parts.append(section(f'<h2>Equity</h2>{note}<div class="chart" id="equity"></div>'))
    rows = [(f"{heading}: {label}", cells) for heading, label, cells in figure_rows(runs)]
    parts.append(section(f"<h2>Figures</h2>{comparison_table('Figure', letters, rows)}"))
    differing = differing_keys(runs)
    table = "<p>The configurations are the same.</p>"
    if differing:
        table = comparison_table("Key", letters, list(differing.items()))
    parts.append(section(f"<h2>What differs in the configurations</h2>{table}"))
    title = f"Comparison of {', '.join(run.summary['run_id'] for run in runs)}"
    charts = [] if chart is None else [chart]
    return document(title, parts, charts, runs[0].summary["versions"])


def _equity_chart(runs: Sequence[ComparedRun]) -> dict[str, Any] | None:
    traces = []
    for number, run in enumerate(runs):
        equity = thinned(run.equity)
        start = run.summary["starting_balance"]
        if equity.empty or not start:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{run.letter} {escape(run.summary['system'])}",
                "x": [int(value) for value in nanoseconds(equity["ts"]) // NS_PER_MS],
                "y": [round(100.0 * (float(v) / start - 1.0), 4) for v in equity["equity"]],
                "line": {"width": 1.6, **LINES[number % len(LINES)]},
                "hovertemplate": "%{y:.2f} %",
            }
        )
    if not traces:
        return None
    layout = base_layout(460) | {
        "hovermode": "x unified",
        "xaxis": time_axis(hoverformat="%Y-%m-%d %H:%M UTC"),
        "yaxis": value_axis("Equity, %", (0.0, 1.0)),
    }
    return {"id": "equity", "data": traces, "layout": layout}

"""Puts a report together: one self-contained HTML page."""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from importlib import resources
from typing import Any

from plotly.offline import get_plotlyjs

from backtests.report.charts import equity_chart
from backtests.report.charts import price_chart
from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.figures import no_trades_message
from backtests.report.figures import period
from backtests.report.figures import quality_labels
from backtests.report.run_data import RunData
from backtests.report.tables import counts_table
from backtests.report.tables import figures_tables
from backtests.report.tables import names_table
from backtests.report.tables import results_table
from backtests.report.tables import scenarios_table
from backtests.report.tables import trades_table


# Nothing may be loaded from anywhere: the page must read the same without a network.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)


def render(run: RunData) -> str:
    """Return the page of a run; identical runs give identical text."""
    summary = run.summary
    charts = {
        instrument: chart
        for number, instrument in enumerate(summary["instruments"])
        if (chart := price_chart(run, instrument, f"prices-{number}")) is not None
    }
    message = no_trades_message(summary)
    sections = [_header(summary)]
    if message is not None:
        sections.append(_section(f'<p class="empty">{escape(message)}</p>{_reasons(summary)}'))
    sections.append(_section(f"<h2>Key figures</h2>{figures_tables(summary)}"))
    if len(summary.get("scenarios", {})) > 1:
        title = "<h2>Under other market assumptions</h2>"
        sections.append(_section(f"{title}{scenarios_table(summary)}"))
    sections += [_price_section(instrument, chart["id"]) for instrument, chart in charts.items()]
    drawn: list[Mapping[str, Any]] = list(charts.values())
    if len(run.positions):
        equity = equity_chart(run, "equity")
        if equity is not None:
            drawn.append(equity)
            note = '<p class="note">Equity is the balance plus the P&amp;L of open positions.</p>'
            sections.append(
                _section(f'<h2>Equity and drawdown</h2>{note}<div class="chart" id="equity"></div>')
            )
        sections += _trade_sections(run, {name: chart["id"] for name, chart in charts.items()})
    if message is None:
        sections.append(_section(_reasons(summary)))
    sections.append(_section(f"<h2>Market assumptions</h2>{names_table(summary['assumptions'])}"))
    sections.append(
        _section(
            "<details><summary>Resolved configuration</summary>"
            f"<pre>{escape(run.config)}</pre></details>"
        )
    )
    return _document(_title(summary), sections, drawn, summary["versions"])


def _header(summary: Mapping[str, Any]) -> str:
    facts = {
        "Instrument": ", ".join(summary["instruments"]),
        "Period": period(summary),
        "Strategy": summary["strategy"],
        "Run": summary["run_id"],
    }
    rows = "".join(
        f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in facts.items()
    )
    labels = "".join(f"<li>{escape(label)}</li>" for label in quality_labels(summary))
    parts = [f'<header><h1>{escape(summary["system"])}</h1><dl class="facts">{rows}</dl>']
    if labels:
        parts.append(f'<ul class="labels" aria-label="Data quality">{labels}</ul>')
    parts.append("</header>")
    if summary["synthetic"]:
        parts.append(f'<div class="notice synthetic"><p>{escape(SYNTHETIC_NOTICE)}</p></div>')
    if summary["warnings"]:
        warnings = "".join(f"<li>{escape(text)}</li>" for text in summary["warnings"])
        parts.append(f'<div class="notice warnings"><h3>Warnings</h3><ul>{warnings}</ul></div>')
    return "".join(parts)


def _price_section(instrument: str, chart_id: str) -> str:
    return _section(
        f"<h2>{escape(instrument)}</h2>"
        f'<p class="note">One candle is <b id="{chart_id}-candles">1 min</b>; zoom in for shorter '
        "ones. Value area and POC are those at the end of a candle, missing where not valid; order "
        "flow is summed over the candle, quote imbalance averaged. Drag to zoom, double-click for "
        "all, move the frame below.</p>"
        f'<div class="chart" id="{chart_id}"></div>'
    )


def _trade_sections(run: RunData, charts: Mapping[str, str]) -> list[str]:
    currency = run.summary["currency"]
    sections = []
    if run.positions["ts_close"].notna().any():
        by_setup = results_table("Results by setup", run.positions, "setup", currency)
        by_exit = results_table("Results by exit reason", run.positions, "exit_reason", currency)
        sections.append(_section(f'<div class="columns pair">{by_setup}{by_exit}</div>'))
    table = trades_table(run.positions, charts)
    note = (
        f'<p class="note">Amounts in {escape(currency)}. Stop and target as planned. The number '
        "leads to the trade in the chart.</p>"
    )
    sections.append(_section(f"<h2>Trades</h2>{note}{table}"))
    return sections


def _reasons(summary: Mapping[str, Any]) -> str:
    refusals = counts_table("Refused candidates", "Count", summary["refusals"])
    reasons = counts_table("Decision of each minute", "Minutes", summary["reasons"])
    return f'<div class="columns pair">{refusals}{reasons}</div>'


def _section(html: str) -> str:
    return f"<section>{html}</section>"


def _title(summary: Mapping[str, Any]) -> str:
    return f"{summary['system']} {summary['run_id']}"


def _document(
    title: str,
    sections: Sequence[str],
    charts: Sequence[Mapping[str, Any]],
    versions: Mapping[str, str],
) -> str:
    # "<" could end the script element early, so it travels as an escape.
    data = json.dumps(charts, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    footer = ", ".join(f"{name} {version}" for name, version in versions.items())
    folder = resources.files("backtests.report")
    style = folder.joinpath("page.css").read_text(encoding="utf-8")
    script = folder.joinpath("page.js").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style></head>",
            f"<body><main>{''.join(sections)}",
            "<noscript><p>The charts need JavaScript; the tables do not.</p></noscript>",
            f"<footer>{escape(footer)}</footer></main>",
            f'<script type="application/json" id="charts">{data}</script>',
            f"<script>{get_plotlyjs()}</script>",
            f"<script>{script}</script>",
            "</body></html>",
            "",
        ]
    )

"""Assemble the report of a run."""

from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from typing import Any

from backtests.report.chart_section import chart_section
from backtests.report.criteria import criteria_table
from backtests.report.document import document
from backtests.report.document import section
from backtests.report.equity_chart import equity_chart
from backtests.report.excursions import excursion_chart
from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.figures import period
from backtests.report.figures import quality_labels
from backtests.report.listings import section_parts
from backtests.report.price_chart import price_chart
from backtests.report.result_tables import days_table
from backtests.report.result_tables import results_table
from backtests.report.result_tables import statistics_table
from backtests.report.run_data import RunData
from backtests.report.story import Story
from backtests.report.tables import alerts_table
from backtests.report.tables import codes_table
from backtests.report.tables import counts_table
from backtests.report.tables import figures_tables
from backtests.report.tables import gaps_table
from backtests.report.tables import names_table
from backtests.report.tables import scenarios_table
from backtests.report.trades_table import trades_table


BREAKDOWNS = (
    ("setup", "setup", "Setup"),
    ("exit_reason", "exit reason", "Exit reason"),
    ("side", "side", "Side"),
    ("entry_kind", "kind of entry", "Entry"),
    ("session", "session", "Session"),
    ("hour", "hour", "Hour"),
)
EXCURSIONS = (
    "<h2>Excursions</h2>"
    '<p class="note">MAE is the largest move against a position between its first and last fill, '
    "MFE the largest in its favour, {by}. Losers high up gave a gain "
    "away; winners far to the right came close to the stop.</p>"
    '<div class="chart" id="excursions"></div>'
)
BY_PRINTS = "by the prints of the market"
GAPS = (
    '<p class="note">An open market was silent for longer than <code>gap_after_s</code>. What lies '
    "before a gap is left out and the warm-up begins anew, as in a live node.</p>"
)


def render(run: RunData) -> str:
    """Return the page of a run; identical runs give identical text."""
    summary = run.summary
    stories = [Story(run, instrument) for instrument in summary["instruments"]]
    # An instrument without a bar has no chart.
    stories = [story for story in stories if len(story.bars)]
    charts = {
        story.instrument: price_chart(story, f"prices-{number}")
        for number, story in enumerate(stories)
    }
    why_none = summary["no_trade"]
    sections = [_header(summary)]
    if why_none:
        sections.append(section(f"{_why_no_trade(why_none)}{_reasons(run)}"))
    sections.append(section(f"<h2>Key figures</h2>{figures_tables(summary)}"))
    if run.views.criteria:
        table = criteria_table(run.views.criteria, summary)
        sections.append(section(f"<h2>Success criteria</h2>{table}"))
    if len(summary.get("scenarios", {})) > 1:
        title = "<h2>Under other market assumptions</h2>"
        sections.append(section(f"{title}{scenarios_table(summary)}"))
    gaps = summary["gaps"]
    if gaps["count"]:
        some = f"{len(gaps['longest'])} longest of {gaps['count']:,}"
        table = f"<details><summary>{some}</summary>{gaps_table(gaps)}</details>"
        sections.append(section(f"<h2>Gaps in the data</h2>{GAPS}{table}"))
    if len(run.alerts):
        kinds = ", ".join(f"{count} {kind}" for kind, count in summary["alerts"].items())
        alerts = f"<summary>{escape(kinds)}</summary>{alerts_table(run.alerts)}"
        sections.append(section(f"<h2>Alerts</h2><details>{alerts}</details>"))
    drawn: list[Mapping[str, Any]] = [*charts.values()]
    for story in stories:
        chart = charts[story.instrument]
        sections.append(section(chart_section(story, chart)))
        parts = [section_parts(story, one, chart["id"]) for one in run.views.sections]
        sections += [section(part) for part in parts if part]
    if len(run.positions):
        equity = equity_chart(run, "equity")
        if equity is not None:
            drawn.append(equity)
            note = '<p class="note">Equity is the balance plus the P&amp;L of open positions.</p>'
            days = days_table(run.days, summary["currency"])
            sections.append(
                section(
                    f'<h2>Equity and drawdown</h2>{note}<div class="chart" id="equity"></div>'
                    f"<details><summary>By UTC day</summary>{days}</details>"
                )
            )
        sections += _result_sections(summary)
        moves = excursion_chart(run, "excursions")
        if moves is not None:
            drawn.append(moves)
            sections.append(section(EXCURSIONS.format(by=_measured_by(summary))))
        ids = {instrument: chart["id"] for instrument, chart in charts.items()}
        sections.append(_trade_section(run, ids))
    sections += run.sections
    if not why_none:
        sections.append(section(_reasons(run)))
    sections.append(section(f"<h2>Market assumptions</h2>{names_table(summary['assumptions'])}"))
    if any(summary["nautilus_statistics"]["pnls"].values()):
        sections.append(
            section(
                "<details><summary>Statistics of Nautilus's portfolio analyzer</summary>"
                '<p class="note">In Nautilus\'s own definitions, for comparison.</p>'
                f"{statistics_table(summary['nautilus_statistics'])}</details>"
            )
        )
    sections.append(
        section(
            "<details><summary>Resolved configuration</summary>"
            f"<pre>{escape(run.config)}</pre></details>"
        )
    )
    return document(_title(summary), sections, drawn, summary["versions"])


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


def _measured_by(summary: Mapping[str, Any]) -> str:
    # A market of bars alone is named among the assumptions.
    assumed = summary["assumptions"].items()
    return next((escape(text) for key, text in assumed if key.endswith(" excursions")), BY_PRINTS)


def _result_sections(summary: Mapping[str, Any]) -> list[str]:
    if not summary["trades"]:
        return []
    tables = [
        results_table(f"Results by {title}", name, summary["breakdowns"][key], summary["currency"])
        for key, title, name in BREAKDOWNS
    ]
    note = (
        '<p class="note">Closed trades. Costs are fees and funding; session and hour are those of '
        "the first entry fill, UTC.</p>"
    )
    exits = summary["codes"]["exits"]
    meant = f"<details><summary>Exit reasons</summary>{codes_table(exits)}</details>"
    grid = f'<div class="columns pair">{"".join(tables)}</div>'
    return [section(f"{note}{grid}{meant if exits else ''}")]


def _trade_section(run: RunData, charts: Mapping[str, str]) -> str:
    note = (
        f'<p class="note">Amounts in {escape(run.summary["currency"])}, MAE and MFE in R. Stop and '
        "targets as planned. The number leads to the trade in the chart.</p>"
    )
    return section(f"<h2>Trades</h2>{note}{trades_table(run.positions, charts)}")


def _why_no_trade(lines: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines[1:])
    return f'<p class="empty">{escape(lines[0])}</p><ul class="why">{items}</ul>'


def _reasons(run: RunData) -> str:
    codes = run.summary["codes"]
    refusals = counts_table(
        "Refused candidates", "Count", run.summary["refusals"], codes["refusals"]
    )
    reasons = counts_table("Decisions", "Count", run.summary["reasons"], codes["reasons"])
    return f'<div class="columns pair">{refusals}{reasons}</div>'


def _title(summary: Mapping[str, Any]) -> str:
    return f"{summary['system']} {summary['run_id']}"

"""The page of the stress tests."""

from collections.abc import Sequence
from html import escape
from typing import Any

from backtests.report.document import document
from backtests.report.document import section
from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.figures import period
from backtests.report.figures import quality_labels
from backtests.report.result_tables import runs_table
from research.tables import TextTable
from research.tables import table_html


def render_stress(summaries: Sequence[dict[str, Any]], tables: Sequence[TextTable]) -> str:
    """Return the page; the same results give the same text."""
    facts = [
        (str(number), own["system"], own["instruments"], period(own), own["run_id"])
        for number, own in enumerate(summaries, 1)
    ]
    labels = dict.fromkeys(label for own in summaries for label in quality_labels(own))
    items = "".join(f"<li>{escape(label)}</li>" for label in labels)
    parts = [f'<header><h1>Stress tests</h1><ul class="labels">{items}</ul></header>']
    if any(own["synthetic"] for own in summaries):
        notice = escape(SYNTHETIC_NOTICE)
        parts.append(f'<div class="notice synthetic"><p>{notice}</p></div>')
    parts.append(section(f"<h2>Runs</h2>{runs_table(facts)}"))
    parts += [section(table_html(table)) for table in tables if table.rows or table.notes]
    title = f"Stress tests of {', '.join(own['run_id'] for own in summaries)}"
    return document(title, parts, [], summaries[0]["versions"])


def stress_section(tables: Sequence[TextTable]) -> str:
    """Return the stress tests as a section of the page of their run."""
    parts = [table_html(table, "h3") for table in tables if table.rows or table.notes]
    return section(
        f"<h2>Stress tests</h2><details><summary>Costs, clock, streaks, drawdowns, chance and "
        f"capital tiers</summary>{''.join(parts)}</details>"
    )

"""The page of a batch over days."""

from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from typing import Any

from backtests.report.cells import cell
from backtests.report.cells import head
from backtests.report.cells import money_cell
from backtests.report.document import document
from backtests.report.document import section
from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.figures import number
from backtests.report.figures import quality_labels
from backtests.report.style import base_layout
from backtests.report.style import time_axis
from backtests.report.style import value_axis
from strategies.common.views.style import BUY


def render_batch(
    system: str, batch: Mapping[str, Any], summaries: Sequence[Mapping[str, Any]]
) -> str:
    """
    Return the page; the same results give the same text.

    Parameters
    ----------
    system : str
        The name of the system.
    batch : Mapping[str, Any]
        The content of `batch.json`.
    summaries : Sequence[Mapping[str, Any]]
        The summaries of its runs.

    """
    currency, days = batch["currency"], batch["days"]
    labels = dict.fromkeys(text for own in summaries for text in quality_labels(own))
    items = "".join(f"<li>{escape(text)}</li>" for text in labels)
    parts = [f'<header><h1>{escape(system)} over days</h1><ul class="labels">{items}</ul></header>']
    if any(own["synthetic"] for own in summaries):
        notice = escape(SYNTHETIC_NOTICE)
        parts.append(f'<div class="notice synthetic"><p>{notice}</p></div>')
    missing = [f"without data: {day} {names}" for day, names in batch["without_data"]]
    if notes := [*missing, *batch["notes"]]:
        listed = "".join(f"<li>{escape(text)}</li>" for text in notes)
        parts.append(f'<div class="notice warnings"><h3>Warnings</h3><ul>{listed}</ul></div>')
    parts.append(section(_figures(batch["figures"], currency)))
    chart = '<div class="chart" id="balance"></div>'
    parts.append(section(f"<h2>Balance</h2>{chart}"))
    parts.append(section(_results("Weeks", "week", batch["weeks"], currency)))
    parts.append(section(_results("Days", "day", days, currency)))
    if batch["tier_changes"]:
        parts.append(section(_tiers(batch["tier_changes"], currency)))
    runs = "".join(
        f'<tr><th scope="row">{escape(run["days"])}</th>'
        f'<td><a href="{escape(run["run_id"])}/report.html">{escape(run["run_id"])}</a></td></tr>'
        for run in batch["runs"]
    )
    heading = head([("Days", False), ("Run", False)])
    parts.append(section(f"<h2>Runs</h2>{_table(heading, runs)}"))
    title = f"{system} {batch['batch']}"
    return document(title, parts, [_balance(days, currency)], summaries[0]["versions"])


def _figures(figures: Mapping[str, Any], currency: str) -> str:
    counted = (
        ("Winning, losing and flat days", ("winning_days", "losing_days", "flat_days")),
        ("Longest winning and losing streak", ("longest_winning_streak", "longest_losing_streak")),
    )
    money = (("Net", "net"), ("Mean of a day", "mean_day"))
    rows = [
        (name, cell(" / ".join(number(figures[key], 0) for key in keys))) for name, keys in counted
    ]
    rows += [(f"{name}, {currency}", money_cell(figures[key])) for name, key in money]
    body = "".join(f'<tr><th scope="row">{escape(name)}</th>{html}</tr>' for name, html in rows)
    return f"<h2>Key figures</h2>{_table('', body)}"


def _results(title: str, key: str, rows: Sequence[Mapping[str, Any]], currency: str) -> str:
    amounts = [(f"Net, {currency}", True), (f"Balance, {currency}", True)]
    heading = head([(title[:-1], False), ("Trades", True), ("Wins", True), *amounts])
    body = "".join(
        f'<tr><th scope="row">{escape(row[key])}</th>{cell(number(row["trades"], 0))}'
        f"{cell(number(row['wins'], 0))}{money_cell(row['net'])}{cell(number(row['balance']))}</tr>"
        for row in rows
    )
    return f"<h2>{title}</h2>{_table(heading, body)}"


def _tiers(changes: Sequence[Mapping[str, Any]], currency: str) -> str:
    names = [("Time, UTC", False), ("From", False), ("To", False), ("Contract", False)]
    heading = head([*names, (f"Balance, {currency}", True)])
    body = "".join(
        f'<tr><th scope="row">{escape(row["ts"][:16])}</th>'
        + "".join(f"<td>{escape(row[key])}</td>" for key in ("from", "to", "contract"))
        + f"{cell(number(row['balance']))}</tr>"
        for row in changes
    )
    return f"<h2>Changes of the capital tier</h2>{_table(heading, body)}"


def _table(heading: str, body: str) -> str:
    return f'<div class="wide"><table>{heading}<tbody>{body}</tbody></table></div>'


def _balance(days: Sequence[Mapping[str, Any]], currency: str) -> dict[str, Any]:
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "Balance",
        "x": [row["day"] for row in days],
        "y": [round(float(row["balance"]), 2) for row in days],
        "line": {"color": BUY, "width": 1.6, "shape": "hv"},
        "hovertemplate": f"%{{y:,.2f}} {currency}",
    }
    layout = base_layout(320) | {
        "hovermode": "x unified",
        "xaxis": time_axis(hoverformat="%Y-%m-%d"),
        "yaxis": value_axis(f"Balance, {currency}", (0.0, 1.0), tickformat=",.6~f"),
    }
    return {"id": "balance", "data": [line], "layout": layout}

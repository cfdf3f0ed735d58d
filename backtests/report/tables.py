"""The tables of the report as HTML."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from backtests.report.cells import cell
from backtests.report.cells import figure_cell
from backtests.report.cells import head
from backtests.report.cells import money_cell
from backtests.report.cells import text_of
from backtests.report.figures import key_figures
from backtests.report.figures import number
from backtests.report.figures import percent
from backtests.report.figures import r_note
from backtests.report.figures import ranked
from backtests.report.figures import utc
from backtests.results.gaps import duration


def figures_tables(summary: Mapping[str, Any]) -> str:
    """Return the key figures, one small table for each group."""
    groups = []
    for heading, figures in key_figures(summary).items():
        rows = "".join(
            f'<tr><th scope="row">{escape(figure.label)}</th>{figure_cell(figure)}</tr>'
            for figure in figures
        )
        table = f'<table class="figures"><tbody>{rows}</tbody></table>'
        groups.append(f"<div><h3>{escape(heading)}</h3>{table}</div>")
    note = r_note(summary)
    below = "" if note is None else f'<p class="note">{escape(note)}</p>'
    return f'<div class="columns">{"".join(groups)}</div>{below}'


def counts_table(
    title: str, unit: str, counts: Mapping[str, int], meanings: Mapping[str, str]
) -> str:
    """Return counts by their code with what it means, the largest first, and their shares."""
    total = sum(counts.values())
    if not total:
        return f"<div><h2>{escape(title)}</h2><p>none</p></div>"
    rows = "".join(
        f"<tr><td>{escape(code)}{_meaning(meanings.get(code))}</td>{cell(number(count, 0))}"
        f"{cell(percent(share), '%')}"
        f'<td class="share"><span style="width:{100.0 * share:.1f}%"></span></td></tr>'
        for code, count, share in ranked(counts)
    )
    heading = head([("Reason", False), (unit, True), ("Share", True), ("", False)])
    foot = f"<tr><td>all</td>{cell(number(total, 0))}<td></td><td></td></tr>"
    return (
        f"<div><h2>{escape(title)}</h2>"
        f"<table>{heading}<tbody>{rows}</tbody><tfoot>{foot}</tfoot></table></div>"
    )


def codes_table(meanings: Mapping[str, str]) -> str:
    """Return codes with what they mean."""
    rows = "".join(
        f'<tr><th scope="row">{escape(code)}</th><td>{escape(text)}</td></tr>'
        for code, text in meanings.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _meaning(text: str | None) -> str:
    return "" if text is None else f'<span class="meaning">{escape(text)}</span>'


def alerts_table(alerts: pd.DataFrame) -> str:
    """Return the alerts of a run by time."""
    rows = "".join(
        f"<tr><td>{utc(row['ts'], 'seconds')}</td><td>{text_of(row['kind'])}</td>"
        f"<td>{text_of(row['instrument_id'])}</td><td>{text_of(row['text'])}</td></tr>"
        for row in alerts.to_dict(orient="records")
    )
    heading = head((label, False) for label in ("Time, UTC", "Kind", "Instrument", "Text"))
    return f'<div class="scroll"><table>{heading}<tbody>{rows}</tbody></table></div>'


def gaps_table(gaps: Mapping[str, Any]) -> str:
    """Return the longest gaps in the data of a run by time."""
    rows = "".join(
        f"<tr><td>{utc(gap['start'], 'seconds')}</td><td>{utc(gap['end'], 'seconds')}</td>"
        f"<td>{text_of(gap['instrument_id'])}</td>"
        f"{cell(duration(gap['silent_seconds']))}</tr>"
        for gap in gaps["longest"]
    )
    labels = [("From, UTC", False), ("To, UTC", False), ("Instrument", False), ("Silent", True)]
    return f'<div class="scroll"><table>{head(labels)}<tbody>{rows}</tbody></table></div>'


def scenarios_table(summary: Mapping[str, Any]) -> str:
    """Return the figures of a run under each of the market assumptions it was made with."""
    rows = "".join(
        f"<tr><td>{escape(name)}</td>{money_cell(figures['net_pnl'])}"
        f"{cell(number(figures['trades'], 0))}{cell(percent(figures['win_rate']), '%')}"
        f"{cell(number(figures['fees']))}{cell(number(figures['max_drawdown']))}</tr>"
        for name, figures in summary["scenarios"].items()
    )
    labels = [(f"Net P&L, {summary['currency']}", True), ("Trades", True), ("Win rate", True)]
    labels += [("Fees", True), ("Max drawdown", True)]
    return f"<table>{head([('Market assumptions', False), *labels])}<tbody>{rows}</tbody></table>"


def names_table(names: Mapping[str, Any]) -> str:
    """Return named texts, one in a row."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name[:1].upper() + name[1:].replace("_", " "))}</th>'
        f"<td>{escape(str(text))}</td></tr>"
        for name, text in names.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"

"""The tables of the report as HTML; every text is escaped here."""

from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from backtests.report.encoding import decimals_of
from backtests.report.encoding import milliseconds
from backtests.report.figures import MISSING
from backtests.report.figures import Figure
from backtests.report.figures import key_figures
from backtests.report.figures import number
from backtests.report.figures import percent
from backtests.report.figures import ranked
from backtests.report.figures import utc


SIGN_CLASS = {-1: " loss", 0: "", 1: " gain"}
MINUS = "\N{MINUS SIGN}"


def figures_tables(summary: Mapping[str, Any]) -> str:
    """Return the key figures, one small table for each group."""
    groups = []
    for heading, figures in key_figures(summary).items():
        rows = "".join(
            f'<tr><th scope="row">{escape(figure.label)}</th>{_figure_cell(figure)}</tr>'
            for figure in figures
        )
        table = f'<table class="figures"><tbody>{rows}</tbody></table>'
        groups.append(f"<div><h3>{escape(heading)}</h3>{table}</div>")
    return f'<div class="columns">{"".join(groups)}</div>'


def counts_table(title: str, unit: str, counts: Mapping[str, int]) -> str:
    """Return counts by their code, the largest first, with their share of the sum."""
    total = sum(counts.values())
    if not total:
        return f"<div><h2>{escape(title)}</h2><p>none</p></div>"
    rows = "".join(
        f"<tr><td>{escape(code)}</td>{_cell(number(count, 0))}{_cell(percent(share), '%')}"
        f'<td class="share"><span style="width:{100.0 * share:.1f}%"></span></td></tr>'
        for code, count, share in ranked(counts)
    )
    head = _head([("Reason", False), (unit, True), ("Share", True), ("", False)])
    foot = f"<tr><td>all</td>{_cell(number(total, 0))}<td></td><td></td></tr>"
    return (
        f"<div><h2>{escape(title)}</h2>"
        f"<table>{head}<tbody>{rows}</tbody><tfoot>{foot}</tfoot></table></div>"
    )


def results_table(title: str, positions: pd.DataFrame, column: str, currency: str) -> str:
    """Return the results of the closed positions, grouped by `column`."""
    closed = positions[positions["ts_close"].notna()]
    rows = []
    for name, group in closed.groupby(closed[column].fillna(MISSING), sort=True):
        net = group["net_pnl"]
        lost = -net[net < 0].sum()
        rows.append(
            f"<tr><td>{escape(str(name))}</td>{_cell(number(len(group), 0))}"
            f"{_cell(percent(float((net > 0).mean())), '%')}"
            f"{_cell(number(net[net > 0].sum() / lost if lost else None))}"
            f"{_cell(number(group['r_multiple'].mean()))}{_money_cell(net.sum())}</tr>"
        )
    labels = [("Trades", True), ("Win rate", True), ("Profit factor", True), ("Mean R", True)]
    name = column.replace("_", " ").capitalize()
    head = _head([(name, False), *labels, (f"Net, {currency}", True)])
    return f"<div><h2>{escape(title)}</h2><table>{head}<tbody>{''.join(rows)}</tbody></table></div>"


def trades_table(positions: pd.DataFrame, charts: Mapping[str, str]) -> str:
    """
    Return the list of trades in the order of their opening.

    Parameters
    ----------
    positions : pd.DataFrame
        The rows of positions.parquet.
    charts : Mapping[str, str]
        The id of the chart of each instrument; a trade's number leads to it.

    """
    many = positions["instrument_id"].nunique() > 1
    prices = decimals_of(positions["stop"], positions["target"])
    averages = decimals_of(positions["entry"], positions["exit"], limit=prices + 2)
    quantities = decimals_of(positions["quantity"])
    labels = [("#", True), ("Opened, UTC", False), ("Closed, UTC", False)]
    labels += [("Instrument", False)] if many else []
    labels += [("Side", False), ("Setup", False)]
    labels += [(label, True) for label in ("Quantity", "Entry", "Exit", "Stop", "Target")]
    labels += [("Exit reason", False), ("R", True)]
    labels += [(name, True) for name in ("Gross", "Fees", "Net")]
    rows = []
    ordered = positions.sort_values(["ts_open", "instrument_id"], kind="stable")
    for count, row in enumerate(ordered.to_dict(orient="records"), start=1):
        cells = [
            _cell_html(_trade_link(count, row, charts)),
            f"<td>{utc(row['ts_open'], 'seconds')}</td>",
            f"<td>{_closed(row['ts_open'], row['ts_close'])}</td>",
            f"<td>{escape(row['instrument_id'])}</td>" if many else "",
            f"<td>{escape(row['side'])}</td><td>{_text(row['setup'])}</td>",
            _cell(number(row["quantity"], quantities)),
            _cell(number(row["entry"], averages)),
            _cell(number(row["exit"], averages)),
            _cell(number(row["stop"], prices)),
            _cell(number(row["target"], prices)),
            f"<td>{_text(row['exit_reason'])}</td>",
            _cell(number(row["r_multiple"])),
            _cell(number(row["gross_pnl"])),
            _cell(number(row["fees"])),
            _money_cell(row["net_pnl"]),
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll"><table class="trades">{_head(labels)}'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def scenarios_table(summary: Mapping[str, Any]) -> str:
    """Return the figures of a run under each of the market assumptions it was made with."""
    rows = "".join(
        f"<tr><td>{escape(name)}</td>{_money_cell(figures['net_pnl'])}"
        f"{_cell(number(figures['trades'], 0))}{_cell(percent(figures['win_rate']), '%')}"
        f"{_cell(number(figures['fees']))}{_cell(number(figures['max_drawdown']))}</tr>"
        for name, figures in summary["scenarios"].items()
    )
    labels = [(f"Net P&L, {summary['currency']}", True), ("Trades", True), ("Win rate", True)]
    head = _head([("Market assumptions", False), *labels, ("Fees", True), ("Max drawdown", True)])
    return f"<table>{head}<tbody>{rows}</tbody></table>"


def names_table(names: Mapping[str, Any]) -> str:
    """Return named texts, one in a row."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name[:1].upper() + name[1:].replace("_", " "))}</th>'
        f"<td>{escape(str(text))}</td></tr>"
        for name, text in names.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _trade_link(count: int, row: Mapping[Hashable, Any], charts: Mapping[str, str]) -> str:
    chart = charts.get(row["instrument_id"])
    if chart is None:
        return str(count)
    closed = row["ts_open"] if pd.isna(row["ts_close"]) else row["ts_close"]
    span = f'data-from="{milliseconds(row["ts_open"])}" data-to="{milliseconds(closed)}"'
    return f'<a href="#{chart}" data-chart="{chart}" {span}>{count}</a>'


def _closed(opened: pd.Timestamp, closed: pd.Timestamp) -> str:
    if pd.isna(closed):
        return "open"
    text = utc(closed, "seconds")
    return text.split()[1] if closed.date() == opened.date() else text


def _head(labels: Iterable[tuple[str, bool]]) -> str:
    cells = "".join(
        f'<th scope="col"{" class=" + chr(34) + "figure" + chr(34) if figure else ""}>'
        f"{escape(label)}</th>"
        for label, figure in labels
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _text(value: Any) -> str:
    return MISSING if pd.isna(value) else escape(str(value))


def _figure_cell(figure: Figure) -> str:
    return _cell(figure.text, figure.unit, figure.sign)


def _money_cell(value: float) -> str:
    sign = 0 if pd.isna(value) or not value else (1 if value > 0 else -1)
    return _cell(number(value), sign=sign)


def _cell(text: str, unit: str = "", sign: int = 0) -> str:
    suffix = f'<span class="unit">{escape(unit)}</span>' if unit else ""
    return _cell_html(f"{escape(text).replace('-', MINUS)}{suffix}", sign)


def _cell_html(html: str, sign: int = 0) -> str:
    return f'<td class="figure{SIGN_CLASS[sign]}">{html}</td>'

"""The tables of the report as HTML; every text is escaped here."""

from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
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


def results_table(
    title: str,
    name: str,
    groups: Sequence[Mapping[str, Any]],
    currency: str,
) -> str:
    """Return the results of closed positions in groups, with their sum."""
    if not groups:
        return f"<div><h2>{escape(title)}</h2><p>none</p></div>"
    rows = "".join(
        f"<tr><td>{escape(group['name'])}</td>{_cell(number(group['trades'], 0))}"
        f"{_money_cell(group['net_pnl'])}{_cell(percent(group['win_rate']), '%')}"
        f"{_cell(number(group['profit_factor']))}{_cell(number(group['average_r']))}"
        f"{_cell(number(group['fees'] + group['funding']))}</tr>"
        for group in groups
    )
    labels = [("Trades", True), (f"Net, {currency}", True), ("Win rate", True)]
    labels += [("Profit factor", True), ("Mean R", True), ("Costs", True)]
    costs = sum(group["fees"] + group["funding"] for group in groups)
    foot = (
        f"<tr><td>all</td>{_cell(number(sum(group['trades'] for group in groups), 0))}"
        f"{_money_cell(sum(group['net_pnl'] for group in groups))}"
        f"<td></td><td></td><td></td>{_cell(number(costs))}</tr>"
    )
    return (
        f'<div><h2>{escape(title)}</h2><div class="wide"><table class="groups">'
        f"{_head([(name, False), *labels])}"
        f"<tbody>{rows}</tbody><tfoot>{foot}</tfoot></table></div></div>"
    )


def variants_table(variants: Sequence[Mapping[str, Any]], currency: str) -> str:
    """Return net result and trades under each set of market assumptions."""
    rows = "".join(
        f"<tr><td>{escape(variant['name'])}</td>{_cell(number(variant['trades'], 0))}"
        f"{_money_cell(variant['net_pnl'])}</tr>"
        for variant in variants
    )
    head = _head([("Assumptions", False), ("Trades", True), (f"Net, {currency}", True)])
    return f"<table>{head}<tbody>{rows}</tbody></table>"


def days_table(days: pd.DataFrame, currency: str) -> str:
    """Return change and deepest fall of the equity by UTC day."""
    rows = "".join(
        f"<tr><td>{row['day']:%Y-%m-%d}</td>{_money_cell(row['equity_close'] - row['equity_open'])}"
        f"{_cell(number(row['drawdown']))}{_cell(percent(row['drawdown_pct'], 2), '%')}"
        f"{_cell(number(row['trades'], 0))}{_money_cell(row['net_pnl'])}</tr>"
        for row in days.to_dict(orient="records")
    )
    labels = [("Change", True), ("Largest fall", True), ("", True), ("Trades", True)]
    head = _head([("Day", False), *labels, (f"Net, {currency}", True)])
    return f'<div class="scroll"><table>{head}<tbody>{rows}</tbody></table></div>'


def alerts_table(alerts: pd.DataFrame) -> str:
    """Return the alerts of a run by time."""
    rows = "".join(
        f"<tr><td>{utc(row['ts'], 'seconds')}</td><td>{_text(row['kind'])}</td>"
        f"<td>{_text(row['instrument_id'])}</td><td>{_text(row['text'])}</td></tr>"
        for row in alerts.to_dict(orient="records")
    )
    head = _head((label, False) for label in ("Time, UTC", "Kind", "Instrument", "Text"))
    return f'<div class="scroll"><table>{head}<tbody>{rows}</tbody></table></div>'


def statistics_table(statistics: Mapping[str, Any]) -> str:
    """Return the figures of Nautilus's portfolio analyzer under Nautilus's names."""
    groups = [*statistics["pnls"].items(), ("returns", statistics["returns"])]
    rows = "".join(
        f"<tr><td>{escape(group)}</td><td>{escape(name)}</td>{_cell(number(value, 4))}</tr>"
        for group, values in groups
        for name, value in values.items()
    )
    head = _head([("Of", False), ("Figure", False), ("Value", True)])
    return f"<table>{head}<tbody>{rows}</tbody></table>"


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
    prices = decimals_of(positions["stop"], positions["tp1"], positions["tp2"])
    averages = decimals_of(positions["entry"], positions["exit"], limit=prices + 1)
    quantities = decimals_of(positions["quantity"])
    labels = [("#", True), ("Opened, UTC", False), ("Closed, UTC", False)]
    labels += [("Instrument", False)] if many else []
    labels += [("Side", False), ("Setup", False)]
    labels += [(label, True) for label in ("Quantity", "Entry", "Exit", "Stop")]
    labels += [(label, True) for label in ("TP1", "TP2")]
    labels += [("Exit reason", False), ("R", True), ("MAE", True), ("MFE", True)]
    labels += [(name, True) for name in ("Gross", "Fees", "Funding", "Net")]
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
            _cell(number(row["tp1"], prices)),
            _cell(number(row["tp2"], prices)),
            f"<td>{_text(row['exit_reason'])}</td>",
            _cell(number(row["r_multiple"])),
            _cell(number(row["mae_r"])),
            _cell(number(row["mfe_r"])),
            _cell(number(row["gross_pnl"])),
            _cell(number(row["fees"])),
            _cell(number(row["funding"])),
            _money_cell(row["net_pnl"]),
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll"><table class="trades">{_head(labels)}'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def runs_table(rows: Iterable[tuple[str, str, Sequence[str], str, str]]) -> str:
    """Return letter, system, instruments, period and id of compared runs."""
    cells = "".join(
        f"<tr><td><b>{letter}</b></td><td>{escape(system)}</td>"
        f"<td>{escape(', '.join(instruments))}</td><td>{escape(period)}</td>"
        f"<td>{escape(run_id)}</td></tr>"
        for letter, system, instruments, period, run_id in rows
    )
    head = _head((label, False) for label in ("", "System", "Instruments", "Period", "Run"))
    return f'<div class="wide"><table class="groups">{head}<tbody>{cells}</tbody></table></div>'


def comparison_table(
    name: str,
    letters: Sequence[str],
    rows: Iterable[tuple[str, Sequence[Figure | str]]],
) -> str:
    """Return named rows with one figure or text for each compared run."""
    body = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(
            _figure_cell(c) if isinstance(c, Figure) else _cell_html(escape(c)) for c in cells
        )
        + "</tr>"
        for label, cells in rows
    )
    head = _head([(name, False), *((letter, True) for letter in letters)])
    return (
        f'<div class="wide"><table class="figures compared">{head}'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


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

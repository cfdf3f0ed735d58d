"""The tables of results: by group, by day, and of several runs."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from backtests.report.cells import cell
from backtests.report.cells import figure_cell
from backtests.report.cells import head
from backtests.report.cells import html_cell
from backtests.report.cells import money_cell
from backtests.report.figures import Figure
from backtests.report.figures import number
from backtests.report.figures import percent


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
        f"<tr><td>{escape(group['name'])}</td>{cell(number(group['trades'], 0))}"
        f"{money_cell(group['net_pnl'])}{cell(percent(group['win_rate']), '%')}"
        f"{cell(number(group['profit_factor']))}{cell(number(group['mean_r_price']))}"
        f"{cell(number(group['mean_r_net']))}"
        f"{cell(number(group['fees'] + group['funding']))}</tr>"
        for group in groups
    )
    labels = [("Trades", True), (f"Net, {currency}", True), ("Win rate", True)]
    labels += [("Profit factor", True), ("R of price", True), ("R, net", True)]
    labels += [("Costs", True)]
    costs = sum(group["fees"] + group["funding"] for group in groups)
    foot = (
        f"<tr><td>all</td>{cell(number(sum(group['trades'] for group in groups), 0))}"
        f"{money_cell(sum(group['net_pnl'] for group in groups))}"
        f"<td></td><td></td><td></td><td></td>{cell(number(costs))}</tr>"
    )
    return (
        f'<div><h2>{escape(title)}</h2><div class="wide"><table class="groups">'
        f"{head([(name, False), *labels])}"
        f"<tbody>{rows}</tbody><tfoot>{foot}</tfoot></table></div></div>"
    )


def days_table(days: pd.DataFrame, currency: str) -> str:
    """Return change and deepest fall of the equity by UTC day."""
    rows = "".join(
        f"<tr><td>{row['day']:%Y-%m-%d}</td>{money_cell(row['equity_close'] - row['equity_open'])}"
        f"{cell(number(row['drawdown']))}{cell(percent(row['drawdown_pct'], 2), '%')}"
        f"{cell(number(row['trades'], 0))}{money_cell(row['net_pnl'])}</tr>"
        for row in days.to_dict(orient="records")
    )
    labels = [("Change", True), ("Largest fall", True), ("", True), ("Trades", True)]
    heading = head([("Day", False), *labels, (f"Net, {currency}", True)])
    return f'<div class="scroll"><table>{heading}<tbody>{rows}</tbody></table></div>'


def statistics_table(statistics: Mapping[str, Any]) -> str:
    """Return the figures of Nautilus's portfolio analyzer under Nautilus's names."""
    groups = [*statistics["pnls"].items(), ("returns", statistics["returns"])]
    rows = "".join(
        f"<tr><td>{escape(group)}</td><td>{escape(name)}</td>{cell(number(value, 4))}</tr>"
        for group, values in groups
        for name, value in values.items()
    )
    heading = head([("Of", False), ("Figure", False), ("Value", True)])
    return f"<table>{heading}<tbody>{rows}</tbody></table>"


def runs_table(rows: Iterable[tuple[str, str, Sequence[str], str, str]]) -> str:
    """Return letter, system, instruments, period and id of compared runs."""
    cells = "".join(
        f"<tr><td><b>{letter}</b></td><td>{escape(system)}</td>"
        f"<td>{escape(', '.join(instruments))}</td><td>{escape(period)}</td>"
        f"<td>{escape(run_id)}</td></tr>"
        for letter, system, instruments, period, run_id in rows
    )
    heading = head((label, False) for label in ("", "System", "Instruments", "Period", "Run"))
    return f'<div class="wide"><table class="groups">{heading}<tbody>{cells}</tbody></table></div>'


def comparison_table(
    name: str,
    letters: Sequence[str],
    rows: Iterable[tuple[str, Sequence[Figure | str]]],
) -> str:
    """Return named rows with one figure or text for each compared run."""
    body = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(figure_cell(c) if isinstance(c, Figure) else html_cell(escape(c)) for c in cells)
        + "</tr>"
        for label, cells in rows
    )
    heading = head([(name, False), *((letter, True) for letter in letters)])
    return (
        f'<div class="wide"><table class="figures compared">{heading}'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )

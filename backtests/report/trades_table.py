"""The list of trades as an HTML table."""

from collections.abc import Hashable
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from backtests.report.cells import cell
from backtests.report.cells import head
from backtests.report.cells import html_cell
from backtests.report.cells import money_cell
from backtests.report.cells import text_of
from backtests.report.encoding import decimals_of
from backtests.report.encoding import milliseconds
from backtests.report.figures import number
from backtests.report.figures import utc
from backtests.report.run_data import TRADE_ID


def trades_table(positions: pd.DataFrame, charts: Mapping[str, str]) -> str:
    """
    Return the list of trades in the order of their opening.

    Parameters
    ----------
    positions : pd.DataFrame
        The rows of positions.parquet; trades are named where a strategy may hold several.
    charts : Mapping[str, str]
        The id of the chart of each instrument; a trade's number leads to it.

    """
    many = positions["instrument_id"].nunique() > 1
    prices = decimals_of(positions["stop"], positions["tp1"], positions["tp2"])
    averages = decimals_of(positions["entry"], positions["exit"], limit=prices + 1)
    quantities = decimals_of(positions["quantity"])
    is_named = TRADE_ID in positions
    labels = [("#", True)] + ([("Trade", True)] if is_named else [])
    labels += [("Opened, UTC", False), ("Closed, UTC", False)]
    labels += [("Instrument", False)] if many else []
    labels += [("Side", False), ("Setup", False)]
    labels += [(label, True) for label in ("Quantity", "Entry", "Exit", "Stop")]
    labels += [(label, True) for label in ("TP1", "TP2")]
    labels += [("Exit reason", False), ("R price", True), ("R net", True)]
    labels += [("MAE", True), ("MFE", True)]
    labels += [(name, True) for name in ("Gross", "Fees", "Funding", "Net")]
    rows = []
    ordered = positions.sort_values(["ts_open", "instrument_id"], kind="stable")
    for count, row in enumerate(ordered.to_dict(orient="records"), start=1):
        cells = [
            html_cell(_trade_link(count, row, charts)),
            cell(f"{row[TRADE_ID]}") if is_named else "",
            f"<td>{utc(row['ts_open'], 'seconds')}</td>",
            f"<td>{_closed(row['ts_open'], row['ts_close'])}</td>",
            f"<td>{escape(row['instrument_id'])}</td>" if many else "",
            f"<td>{escape(row['side'])}</td><td>{text_of(row['setup'])}</td>",
            cell(number(row["quantity"], quantities)),
            cell(number(row["entry"], averages)),
            cell(number(row["exit"], averages)),
            cell(number(row["stop"], prices)),
            cell(number(row["tp1"], prices)),
            cell(number(row["tp2"], prices)),
            f"<td>{text_of(row['exit_reason'])}{_gap_mark(row)}</td>",
            cell(number(row["r_price"])),
            cell(number(row["r_net"])),
            cell(number(row["mae_r"])),
            cell(number(row["mfe_r"])),
            cell(number(row["gross_pnl"])),
            cell(number(row["fees"])),
            cell(number(row["funding"])),
            money_cell(row["net_pnl"]),
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll"><table class="trades">{head(labels)}'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _trade_link(count: int, row: Mapping[Hashable, Any], charts: Mapping[str, str]) -> str:
    chart = charts.get(row["instrument_id"])
    if chart is None:
        return str(count)
    closed = row["ts_open"] if pd.isna(row["ts_close"]) else row["ts_close"]
    span = f'data-from="{milliseconds(row["ts_open"])}" data-to="{milliseconds(closed)}"'
    return f'<a href="#{chart}" data-chart="{chart}" {span}>{count}</a>'


def _gap_mark(row: Mapping[Hashable, Any]) -> str:
    # Null, which pandas may read as NaN, is a run whose gaps are not known.
    return " (across a gap)" if row["across_gap"] is True else ""


def _closed(opened: pd.Timestamp, closed: pd.Timestamp) -> str:
    if pd.isna(closed):
        return "open"
    text = utc(closed, "seconds")
    return text.split()[1] if closed.date() == opened.date() else text

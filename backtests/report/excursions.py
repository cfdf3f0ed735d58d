"""The chart of the largest moves against and in favour of each position."""

from html import escape
from typing import Any

import pandas as pd

from backtests.report.figures import number
from backtests.report.figures import utc
from backtests.report.run_data import RunData
from backtests.report.style import SELL
from backtests.report.style import base_layout
from backtests.report.style import value_axis
from strategies.common.views.style import BUY
from strategies.common.views.style import MUTED


STYLES = {"Winners": (BUY, "circle"), "Losers": (SELL, "diamond")}


def excursion_chart(run: RunData, chart_id: str) -> dict[str, Any] | None:
    """
    Return the chart of MFE over MAE of the closed positions, or None where there is none.

    Both are in R where every position has a planned stop, else in price.
    """
    closed = run.positions[run.positions["ts_close"].notna()]
    in_risk = len(closed) > 0 and bool(closed["mae_r"].notna().all())
    columns = ["mae_r", "mfe_r"] if in_risk else ["mae", "mfe"]
    rows = closed.dropna(subset=columns)
    if rows.empty:
        return None
    unit = "R" if in_risk else "price"
    wins = rows["net_pnl"] > 0
    traces = [
        _markers(name, group, columns, unit, escape(run.summary["currency"]))
        for name, group in (("Winners", rows[wins]), ("Losers", rows[~wins]))
        if len(group)
    ]
    end = round(float(rows[columns].max().min()) * 1.05, 6)
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": "MAE = MFE",
            "x": [0, end],
            "y": [0, end],
            "line": {"color": MUTED, "width": 1, "dash": "dot"},
            "hoverinfo": "skip",
        }
    )
    layout = base_layout(420)
    layout["margin"] |= {"l": 64}
    layout["xaxis"] = value_axis(f"MAE, {unit}", (0.0, 1.0), rangemode="tozero")
    layout["yaxis"] = value_axis(f"MFE, {unit}", (0.0, 1.0), rangemode="tozero")
    return {"id": chart_id, "data": traces, "layout": layout | {"hovermode": "closest"}}


def _markers(
    name: str,
    rows: pd.DataFrame,
    columns: list[str],
    unit: str,
    currency: str,
) -> dict[str, Any]:
    color, symbol = STYLES[name]
    adverse, favourable = ([round(float(v), 6) for v in rows[column]] for column in columns)
    texts = [
        f"<b>{escape(str(row['setup']))} {escape(row['side'])}</b><br>"
        f"{utc(row['ts_open'], 'seconds')} UTC<br>left by {escape(str(row['exit_reason']))}<br>"
        f"net {number(row['net_pnl'])} {currency}"
        for row in rows.to_dict(orient="records")
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": adverse,
        "y": favourable,
        "text": texts,
        "hovertemplate": f"%{{text}}<br>MAE %{{x:.4~g}}, MFE %{{y:.4~g}} {unit}<extra></extra>",
        "marker": {"color": color, "symbol": symbol, "size": 8, "opacity": 0.75},
    }

"""The chart of equity, balance and drawdown."""

from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backtests.report.encoding import NS_PER_MS
from backtests.report.encoding import nanoseconds
from backtests.report.run_data import RunData
from backtests.report.style import SELL
from backtests.report.style import base_layout
from backtests.report.style import time_axis
from backtests.report.style import value_axis
from strategies.common.views.style import BUY
from strategies.common.views.style import MUTED


EQUITY_BUCKETS = 500


def equity_chart(run: RunData, chart_id: str) -> dict[str, Any] | None:
    """Return the chart of equity, balance and drawdown, or None where there is no equity row."""
    equity = thinned(run.equity)
    if equity.empty:
        return None
    currency = escape(run.summary["currency"])
    x = [int(value) for value in nanoseconds(equity["ts"]) // NS_PER_MS]
    drawdown_pct = [round(100.0 * value, 4) for value in equity["drawdown_pct"]]

    def line(name: str, column: str, axis: str, **settings: Any) -> dict[str, Any]:
        return {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": x,
            "y": [round(float(value), 4) for value in equity[column]],
            "yaxis": axis,
            "hovertemplate": f"%{{y:,.2f}} {currency}",
            **settings,
        }

    layout = base_layout(420) | {
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "xaxis": time_axis(anchor="y2", hoverformat="%Y-%m-%d %H:%M UTC"),
        "yaxis": value_axis(f"Equity, {currency}", (0.42, 1.0), tickformat=",.6~f"),
        "yaxis2": value_axis(f"Drawdown, {currency}", (0.0, 0.34), tickformat=",.6~f"),
    }
    fill = {"fill": "tozeroy", "fillcolor": "rgba(221, 122, 18, 0.25)"}
    text = f"%{{y:,.2f}} {currency} (%{{customdata:.2f}} %)"
    return {
        "id": chart_id,
        "data": [
            line("Equity", "equity", "y", line={"color": BUY, "width": 1.6}),
            line(
                "Balance",
                "balance",
                "y",
                line={"color": MUTED, "width": 1.2, "shape": "hv", "dash": "dot"},
            ),
            line("Drawdown", "drawdown", "y2", line={"color": SELL, "width": 1.2}, **fill)
            | {"customdata": drawdown_pct, "hovertemplate": text},
        ],
        "layout": layout,
    }


def thinned(equity: pd.DataFrame) -> pd.DataFrame:
    """
    Return the rows of an equity table that a chart needs.

    Of each of 500 spans of equal count the first, lowest, highest and last point of the equity
    stay, so no peak or trough is lost.
    """
    equity = equity.dropna().sort_values("ts", kind="stable")
    return equity.iloc[_extremes(equity["equity"].to_numpy(dtype=float))]


def _extremes(values: NDArray[np.float64]) -> NDArray[np.intp]:
    if len(values) <= 4 * EQUITY_BUCKETS:
        return np.arange(len(values))
    kept: set[int] = set()
    for part in np.array_split(np.arange(len(values)), EQUITY_BUCKETS):
        low, high = part[np.argmin(values[part])], part[np.argmax(values[part])]
        kept.update((int(part[0]), int(low), int(high), int(part[-1])))
    return np.array(sorted(kept))

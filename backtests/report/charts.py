"""The charts of a run as Plotly figures."""

from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backtests.report.encoding import NS_PER_MS
from backtests.report.encoding import NS_PER_S
from backtests.report.encoding import decimals_of
from backtests.report.encoding import milliseconds
from backtests.report.encoding import nanoseconds
from backtests.report.encoding import pack
from backtests.report.markers import trade_traces
from backtests.report.market_chart import MINUTE_STEPS
from backtests.report.market_chart import candle_trace
from backtests.report.market_chart import flow_trace
from backtests.report.market_chart import market_layout
from backtests.report.market_chart import overview_trace
from backtests.report.run_data import RunData
from backtests.report.style import AREA
from backtests.report.style import BUY
from backtests.report.style import LEVEL
from backtests.report.style import MUTED
from backtests.report.style import POC
from backtests.report.style import SELL
from backtests.report.style import base_layout
from backtests.report.style import time_axis
from backtests.report.style import value_axis


MINUTE = pd.Timedelta(minutes=1)
EQUITY_BUCKETS = 500
LEVELS = ["poc", "vah", "val"]


def price_chart(run: RunData, instrument: str, chart_id: str) -> dict[str, Any] | None:
    """
    Return the chart of one instrument, or None where it has no minute.

    The minutes travel as packed columns; the page draws candles from them, of the shortest
    length that keeps the visible number of candles small. Levels are left out where the value
    area is not valid.

    Returns
    -------
    dict[str, Any] | None
        Keys id, minutes (columns in float32, times as seconds after `start` in ms), decimals of
        the prices, data and layout of the figure; traces with a `meta` are filled by the page.

    """
    minutes = run.features[run.features["instrument_id"] == instrument].sort_values("ts_min")
    if minutes.empty:
        return None
    first, last = minutes["ts_min"].iloc[0], minutes["ts_min"].iloc[-1] + MINUTE
    times = nanoseconds(minutes["ts_min"])
    levels = minutes[LEVELS].where(minutes["va_valid"].fillna(False).astype(bool))
    columns = pd.concat([minutes[["open", "high", "low", "close"]], levels], axis=1)
    columns = columns.assign(flow=minutes["of_1m"], imbalance=minutes["qimb_ema_60s"])
    decimals = decimals_of(minutes["open"], minutes["high"], minutes["low"], minutes["close"])
    return {
        "id": chart_id,
        "minutes": {
            "start": milliseconds(first),
            "seconds": pack((times - times[0]) // NS_PER_S, "i4"),
            **{name: pack(columns[name], "f4") for name in columns},
        },
        "decimals": decimals,
        "data": [*_market_traces(), *trade_traces(run, instrument, last)],
        "layout": _price_layout(first, last, decimals),
    }


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


def _market_traces() -> list[dict[str, Any]]:
    level = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    return [
        level
        | {"meta": "area", "name": "Value area", "fill": "toself", "fillcolor": AREA}
        | {"line": {"color": LEVEL, "width": 1}},
        level | {"meta": "poc", "name": "POC", "line": {"color": POC, "width": 1.4}},
        candle_trace(),
        flow_trace("Order flow", "order flow"),
        {
            "type": "scatter",
            "mode": "lines",
            "meta": "imbalance",
            "name": "Quote imbalance",
            "yaxis": "y3",
            "line": {"color": MUTED, "width": 1.2},
            "hovertemplate": "quote imbalance %{y:.3f}<extra></extra>",
            "showlegend": False,
        },
        overview_trace(),
    ]


def _price_layout(first: pd.Timestamp, last: pd.Timestamp, decimals: int) -> dict[str, Any]:
    layout = market_layout(first, last, decimals, (0.43, 1.0), "y3", MINUTE_STEPS)
    layout["yaxis2"] = value_axis("Order flow<br>buy − sell", (0.25, 0.39), tickformat=",.6~f")
    layout["yaxis3"] = value_axis("Quote<br>imbalance", (0.09, 0.21))
    return layout


def _extremes(values: NDArray[np.float64]) -> NDArray[np.intp]:
    if len(values) <= 4 * EQUITY_BUCKETS:
        return np.arange(len(values))
    kept: set[int] = set()
    for part in np.array_split(np.arange(len(values)), EQUITY_BUCKETS):
        low, high = part[np.argmin(values[part])], part[np.argmax(values[part])]
        kept.update((int(part[0]), int(low), int(high), int(part[-1])))
    return np.array(sorted(kept))

"""The chart's markers of trades: entries, exits, stops, targets and refused candidates."""

from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from backtests.report.encoding import decimals_of
from backtests.report.encoding import milliseconds
from backtests.report.figures import number
from backtests.report.figures import utc
from backtests.report.run_data import TRADE_ID
from backtests.report.story import Story
from backtests.report.style import REFUSED
from backtests.report.style import SELL
from backtests.report.style import STOP
from backtests.report.style import TARGET
from strategies.common.views.style import BUY
from strategies.common.views.style import INK


HOVER = "%{text}<extra></extra>"
LONG_ENTRY = {"symbol": "triangle-up", "size": 12, "color": BUY}
SHORT_ENTRY = {"symbol": "triangle-down", "size": 12, "color": SELL}
EXIT = {"symbol": "circle", "size": 7, "color": "#ffffff"}
REFUSED_CANDIDATE = {"symbol": "diamond-open", "size": 8}
SIGNAL = {"symbol": "star-diamond", "size": 9}
OUTLINES = {"Exit": (1.4, INK), "Refused": (1.6, REFUSED), "Signal": (0.8, INK)}
ENTRY_OUTLINE = (0.8, "#ffffff")


def trade_traces(story: Story, candidates: pd.DataFrame) -> list[dict[str, Any]]:
    """
    Return the traces of the trades of one instrument.

    Fills of one order are one marker at their average price, and orders of several trades at one
    price and time share one. Stop and targets are drawn as
    planned, over the life of the position; an open position lives until the end of the bars.

    Parameters
    ----------
    story : Story
        The instrument.
    candidates : pd.DataFrame
        Its candidates; refused ones are shown where they have a price.

    """
    run, positions = story.run, story.positions
    fills = run.fills[run.fills["instrument_id"] == story.instrument]
    refused = candidates[candidates["action"] == "REFUSE"].dropna(subset=["entry"])
    traces = []
    if len(positions):
        lives = positions["ts_close"].fillna(story.end)
        pairs = list(zip(positions["ts_open"], lives, strict=True))
        traces += [
            _segments("Stop", pairs, positions["stop"], positions["stop"], STOP, "dot"),
            _segments("TP1", pairs, positions["tp1"], positions["tp1"], TARGET, "dot"),
            _segments("TP2", pairs, positions["tp2"], positions["tp2"], TARGET, "dash"),
            _segments("Trade", pairs, positions["entry"], positions["exit"], INK, "solid"),
        ]
    orders = _orders(fills, positions, run.summary["currency"])
    entry = orders["role"] == "ENTRY"
    styles = [
        ("Exit", ~entry, EXIT),
        ("Long entry", entry & (orders["side"] == "BUY"), LONG_ENTRY),
        ("Short entry", entry & (orders["side"] == "SELL"), SHORT_ENTRY),
    ]
    for name, chosen, style in styles:
        rows = orders[chosen]
        if len(rows):
            # Of markers upon each other the pointer would find one alone.
            points = rows.groupby(["ts", "price"], sort=False)["text"].agg("<br>".join)
            times, prices = (points.index.get_level_values(level) for level in ("ts", "price"))
            traces.append(_markers(name, times, prices, points, style))
    if len(refused):
        texts = _refused(refused)
        trace = _markers("Refused", refused["ts"], refused["entry"], texts, REFUSED_CANDIDATE)
        trace["visible"] = True if positions.empty else "legendonly"
        traces.append(trace)
    return traces


def signal_traces(candidates: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the candidates that were taken, at their prices."""
    taken = candidates[candidates["action"] != "REFUSE"].dropna(subset=["entry"])
    if taken.empty:
        return []
    texts = [
        f"<b>signal: {escape(str(row['setup']))}</b><br>{utc(row['ts'], 'seconds')} UTC<br>"
        f"{escape(str(row['side']))} {row['quantity']:,.10g}"
        for row in taken.to_dict(orient="records")
    ]
    return [_markers("Signal", taken["ts"], taken["entry"], texts, SIGNAL)]


def _orders(fills: pd.DataFrame, positions: pd.DataFrame, currency: str) -> pd.DataFrame:
    keys = ["position_id", "client_order_id", "side", "role", "reason"]
    orders = (
        fills.assign(value=fills["quantity"] * fills["price"])
        .groupby(keys, sort=False, dropna=False)
        .agg(ts=("ts", "max"), quantity=("quantity", "sum"), value=("value", "sum"))
        .reset_index()
    )
    orders["price"] = orders["value"] / orders["quantity"]
    results = ["position_id", "setup", "ts_close", "net_pnl", "r_net"]
    results += [TRADE_ID] if TRADE_ID in positions else []
    joined = orders.merge(positions[results], on="position_id", how="left")
    prices = decimals_of(fills["price"])
    joined["text"] = [
        _order_text(row, prices, currency) for row in joined.to_dict(orient="records")
    ]
    return joined


def _order_text(row: Mapping[Hashable, Any], prices: int, currency: str) -> str:
    setup = "" if pd.isna(row["setup"]) else f"{escape(row['setup'])} "
    role = "EXIT" if pd.isna(row["role"]) else row["role"]
    text = escape(role.lower())
    trade = f"trade {row[TRADE_ID]}: " if TRADE_ID in row else ""
    # A plain entry needs no reason, and a stop that was one is called so already.
    if not pd.isna(row["reason"]) and row["reason"] not in (role, "SIGNAL"):
        text += f" ({escape(row['reason'])})"
    lines = [
        f"<b>{trade}{setup}{text}</b>",
        f"{utc(row['ts'], 'seconds')} UTC",
        f"{escape(row['side'])} {row['quantity']:,.10g} at {number(row['price'], prices)}",
    ]
    if not pd.isna(row["net_pnl"]) and not pd.isna(row["ts_close"]):
        result = f"trade: net {number(row['net_pnl'])} {escape(currency)}"
        if not pd.isna(row["r_net"]):
            result += f", {number(row['r_net'])} R"
        lines.append(result)
    return "<br>".join(lines)


def _refused(refused: pd.DataFrame) -> list[str]:
    return [
        f"<b>refused: {escape(str(row['why']))}</b><br>{utc(row['ts'], 'seconds')} UTC<br>"
        f"{escape(str(row['setup']))} {escape(str(row['side']))}"
        for row in refused.to_dict(orient="records")
    ]


def _segments(
    name: str,
    lives: Iterable[tuple[pd.Timestamp, pd.Timestamp]],
    begins: Iterable[float],
    ends: Iterable[float],
    color: str,
    dash: str,
) -> dict[str, Any]:
    x: list[int | None] = []
    y: list[float | None] = []
    for (opened, closed), begin, end in zip(lives, begins, ends, strict=True):
        if not (pd.isna(begin) or pd.isna(end)):
            x += [milliseconds(opened), milliseconds(closed), None]
            y += [float(begin), float(end), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": color, "width": 1.2 if name == "Trade" else 1.6, "dash": dash},
        "hoverinfo": "skip",
        **({} if name == "Trade" else {"meta": {"keep": True}}),
    }


def _markers(
    name: str,
    times: Iterable[pd.Timestamp],
    prices: Iterable[float],
    texts: Iterable[str],
    style: dict[str, Any],
) -> dict[str, Any]:
    width, color = OUTLINES.get(name, ENTRY_OUTLINE)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [milliseconds(time) for time in times],
        "y": [float(price) for price in prices],
        "text": list(texts),
        "hovertemplate": HOVER,
        "marker": {"color": color} | style | {"line": {"width": width, "color": color}},
        "meta": {"size": style["size"], "outline": width},
    }

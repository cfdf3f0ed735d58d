"""The tables of levels, impulses, low volume nodes and signals as HTML."""

from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from backtests.report.cells import cell
from backtests.report.cells import head
from backtests.report.cells import html_cell
from backtests.report.cells import text_of
from backtests.report.encoding import milliseconds
from backtests.report.figures import MISSING
from backtests.report.figures import number
from backtests.report.figures import percent
from backtests.report.figures import utc
from backtests.report.impulse_data import LEVEL_NAMES
from backtests.report.impulse_spans import ENDS
from backtests.report.impulse_spans import UNFINISHED
from backtests.report.impulse_traces import MARK_NAMES
from backtests.report.impulse_traces import OUTCOME_NAMES
from backtests.report.node_lives import NodeLife


LEVEL_ORDER = ("PDH", "PDL", "ONH", "ONL", "VAH", "VAL")
STEPS_SHOWN = 8
STEP_NAMES = {"TOUCHED": "touched", "ARMED": "armed", "RETESTING": "retest", "SIGNAL": "signal"}
HUNTS = {"HUNT_TIMEOUT": "hunt timed out", "SWITCHED": "switched"}


def levels_table(rows: pd.DataFrame, decimals: int) -> str:
    """Return the daily levels, one trading day a row."""
    body = "".join(
        f"<tr><td>{text_of(row['day'])}</td><td>{text_of(row['prior_day'])}</td>"
        + "".join(cell(number(row[name], decimals)) for name in LEVEL_NAMES)
        + f"<td>{_hours(row)}</td><td>{text_of(row['reason'])}</td></tr>"
        for row in rows.to_dict(orient="records")
    )
    labels = [("Trading day", False), ("Levels of", False)]
    labels += [(name.upper(), True) for name in LEVEL_NAMES]
    labels += [("Regular hours, UTC", False), ("Not in force", False)]
    return _table("dense", labels, body)


def breakouts_table(impulses: pd.DataFrame) -> str:
    """Return the breakouts by level, and what became of their impulses."""
    rare = [name for name in ("SWITCHED", UNFINISHED) if (impulses["outcome"] == name).any()]
    outcomes = [*(name for name in ENDS if name != "SWITCHED"), *rare]
    extents = (impulses["extreme"] - impulses["start_price"]).abs()
    rows = []
    levels = [name for name in LEVEL_ORDER if (impulses["level"] == name).any()]
    levels += sorted(set(impulses["level"]) - set(LEVEL_ORDER))
    for level in levels:
        own = impulses["level"] == level
        rows.append(f"<tr><td>{escape(level)}</td>{_counts(impulses[own], extents, outcomes)}</tr>")
    foot = f"<tfoot><tr><td>all</td>{_counts(impulses, extents, outcomes)}</tr></tfoot>"
    labels = [("Level", False), ("Breakouts", True), ("Up", True), ("Down", True)]
    labels += [(OUTCOME_NAMES[outcome], True) for outcome in outcomes]
    labels += [("Mean score", True), ("Mean extent", True), ("Largest", True)]
    return _table("groups", labels, "".join(rows), foot)


def impulses_table(impulses: pd.DataFrame, signals: set[tuple[str, int]], chart: str) -> str:
    """
    Return the impulses with their marks; the number leads to the chart.

    Parameters
    ----------
    impulses : pd.DataFrame
        The rows of `impulse_spans`, with a column `number`.
    signals : set[tuple[str, int]]
        Source and number of those whose nodes gave a signal.
    chart : str
        The id of the chart.

    """
    rows = []
    for row in impulses.to_dict(orient="records"):
        outcome = OUTCOME_NAMES.get(row["outcome"], str(row["outcome"]))
        hunt = HUNTS.get(row["hunt_outcome"], MISSING)
        if (row["source"], row["impulse_id"]) in signals:
            hunt = "signal"
        extent = abs(row["extreme"] - row["start_price"])
        cells = [
            html_cell(_link(row["number"], chart, row["start"], row["finish"])),
            f"<td>{utc(row['start'], 'seconds')}</td>",
            f"<td>{_clock(row['start'], row['finish'])}</td>",
            f"<td>{escape(str(row['level']))}</td><td>{escape(str(row['direction']))}</td>",
            f'<td><span class="outcome {escape(str(row["outcome"]).lower())}"></span>'
            f"{escape(outcome)}</td>",
            cell(number(extent)),
            cell(number(row["bars"], 0)),
            cell(number(row["volume"], 0)),
            cell(number(row["score"], 0)),
            *(_mark(row[key], name) for key, name in MARK_NAMES.items()),
            cell(number(row["nodes"], 0)),
            f"<td>{hunt}</td>",
        ]
        kind = ' class="complete"' if row["outcome"] == "COMPLETE" else ""
        rows.append(f"<tr{kind}>{''.join(cells)}</tr>")
    labels = [("#", True), ("Breakout, UTC", False), ("End", False), ("Level", False)]
    labels += [("Side", False), ("Outcome", False), ("Extent", True), ("Bars", True)]
    labels += [("Volume", True), ("Score", True)]
    labels += [(name.capitalize(), False) for name in MARK_NAMES.values()]
    labels += [("LVNs", True), ("Then", False)]
    return _table("dense marks", labels, "".join(rows), scroll=True)


def nodes_table(
    nodes: Sequence[NodeLife],
    numbers: Mapping[tuple[str, int], int],
    chart: str,
    decimals: int,
) -> str:
    """Return the nodes with their histories; `numbers` are those of their impulses."""
    rows = []
    for count, node in enumerate(nodes, start=1):
        impulse = numbers.get((node.source, node.impulse_id))
        cells = [
            html_cell(_link(count, chart, node.found, node.last)),
            cell(number(node.price, decimals)),
            cell(MISSING if impulse is None else str(impulse)),
            f"<td>{escape(node.direction)}</td>",
            cell(percent(node.ratio), "%"),
            cell(number(node.volume, 0)),
            f"<td>{utc(node.found, 'seconds')}</td>",
            f'<td class="history">{_history(node)}</td>',
            f"<td>{_clock(node.found, node.last)}</td>",
            f"<td>{'dropped' if node.dropped else 'day, data or replaced'}</td>",
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    labels = [("#", True), ("Price", True), ("Impulse", True), ("Side", False)]
    labels += [("Of average", True), ("Lots", True), ("Found, UTC", False)]
    labels += [("Visits", False), ("Until", False), ("End", False)]
    return _table("dense", labels, "".join(rows), scroll=True)


def signals_table(
    candidates: pd.DataFrame,
    nodes: Sequence[NodeLife],
    chart: str,
    decimals: int,
) -> str:
    """Return the signals of one instrument and what was done with them."""
    prices = {time: node.price for node in nodes for time, name in node.steps if name == "SIGNAL"}
    targets = [name for name in ("tp1", "tp2") if candidates[name].notna().any()]
    rows = []
    for count, row in enumerate(candidates.to_dict(orient="records"), start=1):
        quantity = row["quantity"]
        cells = [
            html_cell(_link(count, chart, row["ts"], row["ts"])),
            f"<td>{utc(row['ts'], 'seconds')}</td><td>{text_of(row['setup'])}</td>",
            f"<td>{text_of(row['side'])}</td>",
            cell(number(prices.get(row["ts"]), decimals)),
            *(cell(number(row[name], decimals)) for name in ("entry", "stop", *targets)),
            cell(MISSING if pd.isna(quantity) else f"{quantity:,.10g}"),
            f"<td>{text_of(row['action'])}</td><td>{text_of(row['why'])}</td>",
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    labels = [("#", True), ("Time, UTC", False), ("Setup", False), ("Side", False)]
    labels += [(name, True) for name in ("LVN", "Entry", "Stop")]
    labels += [(name.upper(), True) for name in targets]
    labels += [("Quantity", True)]
    labels += [("Action", False), ("Refused because", False)]
    return _table("dense", labels, "".join(rows), scroll=True)


def _counts(rows: pd.DataFrame, extents: "pd.Series[float]", outcomes: Sequence[str]) -> str:
    own = extents[rows.index]
    counts = [len(rows), *((rows["direction"] == side).sum() for side in ("Up", "Down"))]
    counts += [(rows["outcome"] == outcome).sum() for outcome in outcomes]
    return "".join(cell(number(int(count), 0)) for count in counts) + "".join(
        cell(number(value)) for value in (rows["score"].mean(), own.mean(), own.max())
    )


def _history(node: NodeLife) -> str:
    if not node.steps:
        return MISSING
    shown = [
        f"{STEP_NAMES.get(name, escape(name))} {utc(time, 'seconds').split()[1]}"
        for time, name in node.steps[:STEPS_SHOWN]
    ]
    rest = len(node.steps) - len(shown)
    return " · ".join([*shown, f"{rest} more"] if rest else shown)


def _mark(value: bool, name: str) -> str:
    text = "yes" if value else "no"
    return (
        f'<td class="{text}" title="{name}: {text}"><span aria-hidden="true">'
        f'{"✓" if value else "✗"}</span><span class="hidden">{text}</span></td>'
    )


def _hours(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["opens_at"]) or row["opens_at"] == row["closes_at"]:
        return MISSING
    return f"{utc(row['opens_at']).split()[1]} to {utc(row['closes_at']).split()[1]}"


def _clock(begin: pd.Timestamp, end: pd.Timestamp) -> str:
    text = utc(end, "seconds")
    return text.split()[1] if end.date() == begin.date() else text


def _link(count: int, chart: str, begin: pd.Timestamp, end: pd.Timestamp) -> str:
    span = f'data-from="{milliseconds(begin)}" data-to="{milliseconds(end)}"'
    return f'<a href="#{chart}" data-chart="{chart}" {span}>{count}</a>'


def _table(
    kind: str,
    labels: Sequence[tuple[str, bool]],
    body: str,
    foot: str = "",
    scroll: bool = False,
) -> str:
    frame = "scroll" if scroll else "wide"
    return (
        f'<div class="{frame}" tabindex="0"><table class="{kind}">{head(labels)}'
        f"<tbody>{body}</tbody>{foot}</table></div>"
    )

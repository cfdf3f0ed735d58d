"""The bars of a chart as columns, few enough that a page stays small."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backtests.report.encoding import NS_PER_S
from backtests.report.encoding import nanoseconds
from backtests.report.story import Story
from strategies.common.views import Band
from strategies.common.views import Chart
from strategies.common.views import Histogram
from strategies.common.views import StepLine


# Bars shorter than a minute are joined to the shortest of these lengths that keeps their number
# small; minutes are kept.
LENGTHS = (1, 5, 10, 15, 30, 60, 300, 900, 3600)
MOST_BARS = 12_000
MINUTE = 60
PRICES = ("open", "high", "low", "close")
# How a longer candle joins the values of its bars.
LAST, SUM, MEAN = "last", "sum", "mean"
# The column with the width of a bucket of the profile.
WIDTH = "width"


@dataclass(frozen=True)
class BarColumns:
    """
    Represents the bars of a chart.

    Attributes
    ----------
    frame : pd.DataFrame
        Columns `ts` (their start), open, high, low, close, and those of `joins`.
    seconds : int
        Their length.
    joins : dict[str, str]
        The other columns, and how a longer candle joins them.

    """

    frame: pd.DataFrame
    seconds: int
    joins: dict[str, str]


def pane_column(number: int) -> str:
    """Return the column of a pane, counted from the top."""
    return f"pane{number}"


def bar_columns(story: Story) -> BarColumns:
    """Return the bars of an instrument, with the values that the views of bars need."""
    chart, rows = story.run.views.chart, story.bars
    bars = chart.bars
    columns, joins = _values(chart, rows, story.run.prints is not None)
    frame = pd.DataFrame(
        {
            "ts": rows[bars.time],
            **{name: rows[getattr(bars, name)] for name in PRICES},
            **columns,
        }
    ).reset_index(drop=True)
    seconds = _length(frame["ts"], bars.seconds)
    if seconds > bars.seconds:
        frame = _joined(frame, seconds, joins)
    return BarColumns(frame, seconds, joins)


def _values(
    chart: Chart, rows: pd.DataFrame, has_prints: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    columns: dict[str, Any] = {}
    joins: dict[str, str] = {}
    for element in chart.elements:
        if isinstance(element, StepLine | Band):
            names = [element.column] if isinstance(element, StepLine) else [element.upper]
            names += [element.lower] if isinstance(element, Band) else []
            for name in names:
                columns[name] = _valid(rows, name, element.valid)
                joins[name] = LAST
    for number, pane in enumerate(chart.panes):
        name = pane_column(number)
        if isinstance(pane.of, Histogram):
            columns[name] = sum(rows[one] for one in pane.of.plus) - sum(
                rows[one] for one in pane.of.minus
            )
            joins[name] = SUM
        else:
            columns[name], joins[name] = rows[pane.of.column], MEAN
    if has_prints and chart.profile is not None and chart.profile.width:
        columns[WIDTH], joins[WIDTH] = rows[chart.profile.width], LAST
    return columns, joins


def _valid(rows: pd.DataFrame, name: str, valid: str) -> "pd.Series[Any]":
    if not valid:
        return rows[name]
    return rows[name].where(rows[valid].fillna(False).astype(bool))


def _length(starts: "pd.Series[Any]", seconds: int) -> int:
    if seconds >= MINUTE:
        return seconds
    times = nanoseconds(starts)
    for length in LENGTHS:
        if length >= seconds and len(np.unique(times // (length * NS_PER_S))) <= MOST_BARS:
            return length
    return LENGTHS[-1]


def _joined(frame: pd.DataFrame, seconds: int, joins: dict[str, str]) -> pd.DataFrame:
    span = seconds * NS_PER_S
    starts = pd.to_datetime(nanoseconds(frame["ts"]) // span * span, utc=True)
    how: dict[str, Any] = {"open": "first", "high": "max", "low": "min", "close": "last"}
    # The last value of a line is that at the end, also where there is none.
    how |= {name: _at_end if join == LAST else join for name, join in joins.items()}
    return frame.assign(ts=starts).groupby("ts", as_index=False).agg(how)


def _at_end(values: "pd.Series[Any]") -> Any:
    return values.iloc[-1]

"""The months of one run: equity and trades of each calendar month in New York."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from actors.messages.schema import Kind
from backtests.report.chart_section import chart_section
from backtests.report.document import document
from backtests.report.document import section
from backtests.report.equity_chart import equity_chart
from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.figures import number
from backtests.report.figures import quality_labels
from backtests.report.price_chart import price_chart
from backtests.report.run_data import RunData
from backtests.report.run_data import read_run
from backtests.report.story import Story
from backtests.report.trades_table import trades_table
from backtests.report.whole_files import whole_files
from catalog.sessions.clock import NEW_YORK
from errors import AuctionError


FOLDER = "months"
_CSV_TIME = "%Y-%m-%d %H:%M:%S+00:00"
# A minute that closes at midnight belongs to the day that ends there.
_CLOSE = pd.Timedelta(1, "ns")
CARRIED = (
    "One month of a run that goes on: equity, positions and the state of the system are carried "
    "over its ends. What began before it is drawn from its first minute on or not at all."
)


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """
    Represents a month of a run.

    Attributes
    ----------
    name : str
        The month (`2024-10`).
    equity_open, equity_close : float
        The equity before its first row and at its last.
    closed : int
        The positions closed in it.
    net_pnl : float
        What these have earned.

    """

    name: str
    equity_open: float
    equity_close: float
    closed: int
    net_pnl: float


def write_months(run_folder: Path) -> list[str]:
    """
    Write the months of a run, all of them or none.

    Each has a folder `months/2024-10` in that of the run, with `report.html` (equity, price with
    trades, the list of trades), `equity.csv` and `trades.csv` (the rows of those of the run). A
    position counts in the month in which it was closed and is drawn in each that it was open in.

    Parameters
    ----------
    run_folder : Path
        The folder of a backtest or a replay.

    Returns
    -------
    list[str]
        A line for each month.

    Raises
    ------
    UsageError
        If `run_folder` is not a run folder.
    AuctionError
        If a file of the run is missing, cannot be read or was written by another version.

    """
    run = read_run(run_folder)
    log = _read_log(run_folder / "trades.csv")
    equity = run.equity.sort_values("ts", kind="stable")
    of_month = month_of(equity["ts"] - _CLOSE)
    target, lines = run_folder / FOLDER, []
    before = None
    with whole_files(target) as folder:
        for name in dict.fromkeys(of_month):
            rows = equity[of_month == name]
            closed = run.positions[month_of(run.positions["ts_close"] - _CLOSE) == name]
            figures = MonthFigures(
                name=name,
                equity_open=float(rows["equity"].iloc[0]) if before is None else before,
                equity_close=float(rows["equity"].iloc[-1]),
                closed=len(closed),
                net_pnl=float(closed["net_pnl"].sum()),
            )
            before = figures.equity_close
            page = folder / name / "report.html"
            page.parent.mkdir()
            text = _page(_within(run, name, rows), figures)
            page.write_text(text, encoding="utf-8", newline="\n")
            stamped = rows.assign(ts=rows["ts"].dt.strftime(_CSV_TIME))
            stamped.to_csv(page.with_name("equity.csv"), index=False, lineterminator="\n")
            trades = log[month_of(pd.to_datetime(log["timestamp"], utc=True)) == name]
            trades.to_csv(page.with_name("trades.csv"), index=False, lineterminator="\n")
            lines.append(_line(figures, run.summary["currency"], target / name / "report.html"))
    return lines


def month_of(times: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the calendar month in New York (`2024-10`) of times in UTC; of none a null."""
    names: pd.Series[Any] = times.dt.tz_convert(NEW_YORK).dt.strftime("%Y-%m")
    return names


def _read_log(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as e:
        raise AuctionError(f"{path}: not readable ({e}); run the backtest again") from e


def _within(run: RunData, name: str, equity: pd.DataFrame) -> RunData:
    bars = run.views.chart.bars
    messages = {}
    for kind, frame in run.messages.items():
        own = (c for c in kind.COLUMNS if kind.TYPES[c].kind is Kind.TIME and c in frame)
        column = bars.time if kind is bars.message else "ts" if "ts" in frame else next(own, None)
        messages[kind] = frame if column is None else frame[month_of(frame[column]) == name]
    positions = run.positions
    began = month_of(positions["ts_open"]) <= name
    is_open = positions["ts_close"].isna() | (month_of(positions["ts_close"] - _CLOSE) >= name)
    return replace(
        run,
        messages=messages,
        # The volume at each price is that of the whole run.
        prints=None,
        candidates=run.candidates[month_of(run.candidates["ts"]) == name],
        fills=run.fills[month_of(run.fills["ts"]) == name],
        positions=positions[began & is_open],
        equity=equity,
    )


def _page(run: RunData, figures: MonthFigures) -> str:
    summary = run.summary
    stories = [Story(run, instrument) for instrument in summary["instruments"]]
    charts = {
        story.instrument: (story, price_chart(story, f"prices-{count}"))
        for count, story in enumerate(stories)
        if len(story.bars)
    }
    sections = [_header(summary, figures)]
    drawn: list[Mapping[str, Any]] = []
    equity = equity_chart(run, "equity")
    if equity is not None:
        drawn.append(equity)
        sections.append(
            section('<h2>Equity and drawdown</h2><div class="chart" id="equity"></div>')
        )
    for story, chart in charts.values():
        drawn.append(chart)
        sections.append(section(chart_section(story, chart)))
    ids = {instrument: chart["id"] for instrument, (_, chart) in charts.items()}
    trades = trades_table(run.positions, ids) if len(run.positions) else "<p>none</p>"
    sections.append(section(f"<h2>Trades</h2>{trades}"))
    title = f"{summary['system']} {figures.name} {summary['run_id']}"
    return document(title, sections, drawn, summary["versions"])


def _header(summary: Mapping[str, Any], figures: MonthFigures) -> str:
    currency = summary["currency"]
    facts = {
        "Month": f"{figures.name}, New York",
        "Instrument": ", ".join(summary["instruments"]),
        "Equity": f"{number(figures.equity_open)} to {number(figures.equity_close)} {currency}",
        "Closed trades": f"{figures.closed:,}, net {number(figures.net_pnl)} {currency}",
        "Run": summary["run_id"],
        "Data": ", ".join(quality_labels(summary)) or "not labelled",
    }
    rows = "".join(
        f"<div><dt>{key}</dt><dd>{escape(text)}</dd></div>" for key, text in facts.items()
    )
    parts = [
        f"<header><h1>{escape(summary['system'])} {figures.name}</h1>",
        f'<dl class="facts">{rows}</dl></header><p class="note">{escape(CARRIED)}</p>',
    ]
    if summary["synthetic"]:
        parts.append(f'<div class="notice synthetic"><p>{escape(SYNTHETIC_NOTICE)}</p></div>')
    return "".join(parts)


def _line(figures: MonthFigures, currency: str, page: Path) -> str:
    return (
        f"{figures.name}: {figures.closed:,} trades closed, net {number(figures.net_pnl)} "
        f"{currency}, equity {number(figures.equity_close)} {currency}: {page}"
    )

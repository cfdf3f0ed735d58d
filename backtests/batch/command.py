"""The command `auction backtest --days`."""

from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.progress import show_progress
from backtests.batch.carried import Carried
from backtests.batch.days import BatchDays
from backtests.batch.days import batch_days
from backtests.batch.days import parse_days
from backtests.batch.page import render_batch
from backtests.batch.ranges import RangeRun
from backtests.batch.ranges import label
from backtests.batch.ranges import run_range
from backtests.batch.tables import day_figures
from backtests.batch.tables import day_rows
from backtests.batch.tables import tier_rows
from backtests.batch.tables import week_rows
from backtests.features import write_table
from backtests.report.figures import number
from backtests.report.figures import quality_labels
from backtests.results.run_folder import run_folder
from backtests.results.run_folder import write_json
from catalog.recording.snapshot import recorded_snapshot
from configs.loader import RunConfig
from configs.loader import load_backtest
from errors import UsageError


SCHEMA = 1
TABLES = ("days", "weeks", "tier_changes")


def run_days(
    system: str,
    environment: str,
    settings: Sequence[str],
    preset: str,
    days: str,
    runs: Path,
) -> Path:
    """
    Run a system over days, a process for each range of days, and print the result.

    Balance, tiers, streaks and the state of the strategies go on from range to range. The folder
    has the folder of each run, `batch.json` with the results by day and week, the same as tables
    (`days.parquet`, `weeks.parquet`, `tier_changes.parquet`), and `report.html`.

    Parameters
    ----------
    system, environment, settings, preset
        As for `load_backtest`.
    days : str
        The days, like `2025-07-01..2025-11-28,2025-12-03`.
    runs : Path
        The folder that gets the folder of the batch.

    Returns
    -------
    Path
        The folder of the batch.

    Raises
    ------
    UsageError
        If the days or the configuration cannot be used.
    AuctionError
        If no day has data, or a run fails.

    """
    named = parse_days(days)
    run = load_backtest(system, environment, settings, preset)
    if run.start_ns is not None or run.end_ns is not None:
        raise UsageError("--days names the window: leave out --start and --end")
    found = batch_days(run, named)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{run.system}-days"

    def load(further: Sequence[str]) -> RunConfig:
        return load_backtest(system, environment, [*settings, *further], preset)

    with (
        recorded_snapshot(run.catalog, run.instrument_ids),
        run_folder(runs, name) as folder,
    ):
        ranges, result = _run_all(run, found, load, folder)
        document = {"schema": SCHEMA, "batch": name, "preset": preset, **result}
        write_json(document, folder / "batch.json")
        for part in TABLES:
            write_table(pa.Table.from_pylist(result[part]), folder / f"{part}.parquet")
        page = render_batch(run.system, document, [done.summary for done in ranges])
        (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
    _print(run, ranges, found, result, runs / name)
    return runs / name


def _run_all(
    run: RunConfig, found: BatchDays, load: Any, folder: Path
) -> tuple[list[RangeRun], dict[str, Any]]:
    carried = Carried()
    ranges: list[RangeRun] = []
    rows: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    notes: list[str] = []
    seen: set[str] = set()
    with show_progress("running the days", sum(map(len, found.ranges))) as advance:
        for days in found.ranges:
            done = run_range(run, days, load, carried, folder)
            rows += day_rows(done, folder / done.run_id, done.summary["starting_balance"])
            changes += tier_rows(folder / done.run_id)
            notes += [f"{label(days)}: {note}" for note in [done.cold, *done.carried.notes] if note]
            # Most warnings are of the configuration, and the same in each range.
            warned = [text for text in done.summary["warnings"] if text not in seen]
            seen.update(warned)
            notes += [f"{label(days)}: {text}" for text in warned]
            ranges.append(done)
            carried = done.carried
            advance(len(days))
    return ranges, {
        "currency": ranges[0].summary["currency"],
        "data_quality": sorted({q for done in ranges for q in done.summary["data_quality"]}),
        "runs": [{"days": label(done.days), "run_id": done.run_id} for done in ranges],
        "closed": [day.isoformat() for day in found.closed],
        "without_data": [[day.isoformat(), names] for day, names in found.missing],
        "notes": notes,
        "days": rows,
        "weeks": week_rows(rows),
        "tier_changes": changes,
        "figures": day_figures(rows),
    }


def _print(
    run: RunConfig,
    ranges: Sequence[RangeRun],
    found: BatchDays,
    result: dict[str, Any],
    folder: Path,
) -> None:
    console = Console(highlight=False)
    say = partial(console.print, soft_wrap=True)
    say(Text(f"{run.system}  {', '.join(run.instrument_ids)}", style="bold"))
    labels = dict.fromkeys(text for done in ranges for text in quality_labels(done.summary))
    if labels:
        say(Text("Data: " + ", ".join(labels)))
    for day, names in found.missing:
        say(Text(f"Without data: {day} {names}", style="yellow"))
    for note in result["notes"]:
        say(Text(f"Warning: {note}", style="yellow"))
    currency = result["currency"]
    _table(
        console,
        ("Day", "Trades", "Wins", f"Net, {currency}", "Balance"),
        [(r["day"], *_counts(r), number(r["net"]), number(r["balance"])) for r in result["days"]],
    )
    _table(
        console,
        ("Week", "Days", "Trades", "Wins", f"Net, {currency}", "Best day", "Worst day", "Balance"),
        [
            (
                r["week"],
                number(r["days"], 0),
                *_counts(r),
                *(number(r[key]) for key in ("net", "best_day", "worst_day", "balance")),
            )
            for r in result["weeks"]
        ],
    )
    if result["tier_changes"]:
        _table(
            console,
            ("Change of the tier", "From", "To", f"Balance, {currency}"),
            [
                (r["ts"][:16], r["from"], f"{r['to']} ({r['contract']})", number(r["balance"]))
                for r in result["tier_changes"]
            ],
        )
    figures = result["figures"]
    say(
        Text(
            f"{figures['winning_days']} winning, {figures['losing_days']} losing and "
            f"{figures['flat_days']} flat days, {number(figures['mean_day'])} {currency} a day; "
            f"streaks of {figures['longest_winning_streak']} winning and "
            f"{figures['longest_losing_streak']} losing days"
        )
    )
    say(Text(f"{len(ranges)} runs, batch.json and tables: {folder}"))
    say(Text(f"Report: {folder / 'report.html'}"))


def _counts(row: dict[str, Any]) -> tuple[str, str]:
    return number(row["trades"], 0), number(row["wins"], 0)


def _table(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    shown = Table(box=None, pad_edge=False)
    for i, name in enumerate(heads):
        shown.add_column(Text(name), justify="right" if i else "left")
    for row in rows:
        shown.add_row(*map(Text, row))
    console.print(shown)
    console.print()

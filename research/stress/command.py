"""The command `auction stress`."""

import json
import sys
from collections.abc import Sequence
from decimal import Decimal
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from backtests.report import write_report
from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.figures import quality_labels
from backtests.report.run_data import SECTION
from backtests.report.whole_files import whole_files
from errors import UsageError
from research.stress.page import render_stress
from research.stress.page import stress_section
from research.stress.reading import StressInput
from research.stress.reading import read_stress_input
from research.stress.suite import StressParams
from research.stress.suite import stress
from research.stress.tables import result_tables
from research.tables import TextTable
from research.tables import print_tables


JSON, PAGE = "stress.json", "stress.html"
MOST_ITERATIONS = 1_000_000


def stress_runs(
    folders: Sequence[Path],
    out: Path | None = None,
    *,
    ticks: Sequence[float] = (),
    iterations: int = 1_000,
    seed: int = 7,
    ruin: float = 5_000.0,
    balance: str | None = None,
    as_json: bool = False,
) -> None:
    """
    Test the trades of runs, print the results, and write `stress.json` and `stress.html`.

    Those of one run become a section of its report as well, which is written again.

    Parameters
    ----------
    folders : Sequence[Path]
        The folders of the runs; their trades are one list in the order of time.
    out : Path, optional
        The folder of both files; that of the first run if not given.
    ticks : Sequence[float], optional
        The further slippage of each fill (ticks); 1, 1.5 and 2 if none is given.
    iterations, seed, ruin
        As for `StressParams`.
    balance : str, optional
        The balance before the first trade, for the capital tiers; that of the tiers if not given.
    as_json : bool, default False
        If the result is printed as JSON, and not as tables.

    Raises
    ------
    UsageError
        If an option is out of its range, or a folder cannot be used.
    AuctionError
        If a file of a run cannot be read, or there is no closed trade.

    """
    start = _amount(balance)
    _check(ticks, iterations, seed, ruin)
    found = read_stress_input(folders)
    params = StressParams(iterations=iterations, seed=seed, ruin=ruin, start=start)
    if ticks:
        params = msgspec.structs.replace(params, ticks=tuple(ticks))
    if found.tiers is not None:
        params = msgspec.structs.replace(params, tiers=found.tiers)
    result = {
        "runs": [summary["run_id"] for summary in found.summaries],
        "currency": found.currency,
        "clock": found.clock,
        "data_quality": sorted({q for s in found.summaries for q in s["data_quality"]}),
        **stress(found.trades, params),
    }
    tables = result_tables(result, found.currency, found.clock)
    folder = folders[0] if out is None else out
    if not folder.is_dir():
        raise UsageError(f"--out {folder}: no such folder")
    text = json.dumps(result, indent=2, allow_nan=False) + "\n"
    with whole_files(folder) as staged:
        (staged / JSON).write_text(text)
        page = render_stress(found.summaries, tables)
        (staged / PAGE).write_text(page, encoding="utf-8", newline="\n")
        if len(folders) == 1 and folder == folders[0]:
            part = stress_section(tables)
            (staged / f"stress{SECTION}").write_text(part, encoding="utf-8", newline="\n")
    if len(folders) == 1 and folder == folders[0]:
        write_report(folder)
    if as_json:
        sys.stdout.write(text)
        return
    _print(found, tables, folder)


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and amount > 0):
        raise UsageError(f"--balance {text}: not a positive amount")
    return amount


def _check(ticks: Sequence[float], iterations: int, seed: int, ruin: float) -> None:
    wrong = [
        (f"--ticks {value:g} is not within 0 to 1,000", not 0 <= value <= 1_000) for value in ticks
    ]
    wrong += [
        (f"--iterations {iterations} is not within 1 to 1,000,000", iterations < 1),
        (f"--iterations {iterations} is not within 1 to 1,000,000", iterations > MOST_ITERATIONS),
        (f"--seed {seed} is negative", seed < 0),
        (f"--ruin {ruin:g} is not positive and finite", not 0 < ruin < float("inf")),
    ]
    for message, is_wrong in wrong:
        if is_wrong:
            raise UsageError(message)


def _print(found: StressInput, tables: Sequence[TextTable], folder: Path) -> None:
    console = Console(highlight=False)
    labels: dict[str, Any] = {}
    for summary in found.summaries:
        labels |= dict.fromkeys(quality_labels(summary))
    if labels:
        console.print(Text("Data: " + ", ".join(labels)))
    if any(summary["synthetic"] for summary in found.summaries):
        console.print(Panel(Text(SYNTHETIC_NOTICE), border_style="yellow", expand=False))
    print_tables(console, tables)
    console.print()
    console.print(Text(f"Page: {folder / PAGE}"), soft_wrap=True)

"""The result of a run on the console."""

from collections.abc import Mapping
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.figures import Figure
from backtests.report.figures import key_figures
from backtests.report.figures import number
from backtests.report.figures import percent
from backtests.report.figures import period
from backtests.report.figures import quality_labels
from backtests.report.figures import r_note
from backtests.report.figures import ranked
from backtests.results.comparison import ComparedRun
from backtests.results.comparison import differing_keys
from backtests.results.comparison import figure_rows


SIGN_STYLE = {-1: "bold dark_orange3", 0: "", 1: "bold dodger_blue2"}


def print_summary(summary: Mapping[str, Any], run_folder: Path) -> None:
    """
    Print the result of a run: its figures, its refusals by reason and where its report lies.

    Where there is no closed trade, what held the candidates back comes first.

    Parameters
    ----------
    summary : Mapping[str, Any]
        The content of summary.json.
    run_folder : Path
        The folder of the run.

    """
    console = Console(highlight=False)
    console.print()
    title = Text(summary["system"], style="bold")
    title.append("  " + ", ".join(summary["instruments"]), style="not bold")
    console.print(title)
    console.print(Text(period(summary)))
    labels = quality_labels(summary)
    if labels:
        console.print(Text("Data: " + ", ".join(labels)))
    if summary["synthetic"]:
        console.print(Panel(Text(SYNTHETIC_NOTICE), border_style="yellow", expand=False))
    for warning in summary["warnings"]:
        console.print(Text(f"Warning: {warning}", style="yellow"))
    print_reasons(console, summary["no_trade"])
    # Without a trade the codes are explained above already.
    meanings = {} if summary["no_trade"] else summary["codes"]["refusals"]
    print_counts(console, "Refused candidates", "Count", summary["refusals"], meanings)
    if summary["no_trade"]:
        print_counts(console, "Decisions", "Count", summary["reasons"])
    console.print()
    console.print(_figures(key_figures(summary)))
    note = r_note(summary)
    if note is not None:
        console.print(Text(note))
    _print_scenarios(console, summary)
    console.print()
    console.print(Text(f"Report: {run_folder / 'report.html'}"), soft_wrap=True)


def print_comparison(runs: Sequence[ComparedRun], page: Path) -> None:
    """
    Print the figures of several runs side by side, and what differs in their configurations.

    Parameters
    ----------
    runs : Sequence[ComparedRun]
        The runs.
    page : Path
        The page that shows them.

    """
    console = Console(highlight=False)
    console.print()
    for run in runs:
        title = Text(f"{run.letter}  ", style="bold")
        title.append(f"{run.summary['system']}  {run.summary['run_id']}", style="not bold")
        console.print(title, soft_wrap=True)
        synthetic = "  SYNTHETIC DATA" if run.summary["synthetic"] else ""
        console.print(Text(f"   {period(run.summary)}{synthetic}"), soft_wrap=True)
    letters = [run.letter for run in runs]
    table = _side_by_side("", letters)
    last = ""
    for heading, label, figures in figure_rows(runs):
        if heading != last:
            table.add_row(Text(heading, style="bold"))
        last = heading
        cells = [Text(f"{f.text} {f.unit}".rstrip(), style=SIGN_STYLE[f.sign]) for f in figures]
        table.add_row(Text(f"  {label}"), *cells)
    console.print()
    console.print(table)
    differing = differing_keys(runs)
    console.print()
    if differing:
        table = _side_by_side("Differing key", letters)
        for key, texts in differing.items():
            table.add_row(Text(key, overflow="fold"), *(Text(t, overflow="fold") for t in texts))
        console.print(table)
    else:
        console.print(Text("The configurations are the same."))
    console.print()
    console.print(Text(f"Comparison: {page}"), soft_wrap=True)


def _side_by_side(title: str, letters: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(title)
    for letter in letters:
        table.add_column(letter, justify="right")
    return table


def _figures(groups: Mapping[str, list[Figure]]) -> Table:
    tables: list[Table] = []
    for heading, figures in groups.items():
        table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
        table.add_column(heading, no_wrap=True)
        table.add_column("", justify="right", no_wrap=True)
        # On a narrow terminal units wrap; a figure is never cut.
        table.add_column("")
        for figure in figures:
            value = Text(figure.text, style=SIGN_STYLE[figure.sign])
            table.add_row(Text(figure.label), value, Text(figure.unit))
        tables.append(table)
    grid = Table.grid(padding=(0, 3, 0, 0))
    for left, right in zip_longest(tables[::2], tables[1::2], fillvalue=""):
        grid.add_row(left, right)
        grid.add_row()
    return grid


def _print_scenarios(console: Console, summary: Mapping[str, Any]) -> None:
    scenarios = summary.get("scenarios", {})
    if len(scenarios) < 2:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Market assumptions", no_wrap=True)
    for heading in (f"Net P&L, {summary['currency']}", "Trades", "Fees"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, figures in scenarios.items():
        net = figures["net_pnl"]
        style = SIGN_STYLE[(net > 0) - (net < 0)]
        table.add_row(
            Text(name),
            Text(number(net), style=style),
            number(figures["trades"], 0),
            number(figures["fees"]),
        )
    console.print()
    console.print(table)


def print_reasons(console: Console, lines: Sequence[str]) -> None:
    """Print why there is no trade: the answer, and below it what led to it; nothing without."""
    if not lines:
        return
    console.print()
    console.print(Text(lines[0], style="bold"))
    grid = Table.grid(padding=(0, 1, 0, 0))
    for line in lines[1:]:
        grid.add_row("-", Text(line))
    console.print(grid)


def print_counts(
    console: Console,
    title: str,
    unit: str,
    counts: Mapping[str, int],
    meanings: Mapping[str, str] | None = None,
) -> None:
    """
    Print counts by name with their shares, the largest first; nothing where there are none.

    What the codes mean follows below, wrapped: the table stays narrow.
    """
    if not counts:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(title, no_wrap=True)
    table.add_column(unit, justify="right")
    table.add_column("Share", justify="right")
    for code, count, share in ranked(counts):
        table.add_row(Text(code), number(count, 0), f"{percent(share)} %")
    console.print()
    console.print(table)
    if meanings:
        grid = Table.grid(padding=(0, 2, 0, 0))
        for code, _, _ in ranked(counts):
            if code in meanings:
                grid.add_row(Text(code), Text(meanings[code]))
        console.print()
        console.print(grid)

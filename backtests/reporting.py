"""The command `auction report`: one run, or several side by side."""

from collections.abc import Sequence
from pathlib import Path

from backtests.report import write_report
from backtests.report.comparison_page import write_comparison
from backtests.report.exports import write_diagnostics
from backtests.report.months import write_months
from backtests.results.comparison import read_runs
from backtests.results.node_runs import is_node_run
from backtests.results.node_runs import report_node_run
from backtests.results.run_folder import read_summary
from backtests.results.summary_table import print_comparison
from backtests.results.summary_table import print_summary
from errors import AuctionError
from errors import UsageError


PAGE = "comparison.html"


def report_diagnostics(folders: Sequence[Path], out: Path | None) -> list[str]:
    """
    Write the tables that the system of a run exports, and return what was written, in lines.

    Raises
    ------
    UsageError
        If not one folder is named, it is that of a node's run, or the system exports nothing.
    AuctionError
        If a file of the run is missing, cannot be read or was written by another version.

    """
    return write_diagnostics(_one_run(folders, out, "--diagnostics"))


def report_months(folders: Sequence[Path], out: Path | None) -> list[str]:
    """
    Write equity and trades of a run by calendar month in New York, and return a line for each.

    Raises
    ------
    UsageError
        If not one folder is named, or it is that of a node's run.
    AuctionError
        If a file of the run is missing, cannot be read or was written by another version.

    """
    return write_months(_one_run(folders, out, "--by-month"))


def report_runs(folders: Sequence[Path], out: Path | None) -> None:
    """
    Write the report of one run anew and print its result, or compare several.

    Of the run of a node its tables are written.

    Parameters
    ----------
    folders : Sequence[Path]
        The folders of the runs.
    out : Path or None
        The page of a comparison; None is `comparison.html` beside the first run.

    Raises
    ------
    UsageError
        If a folder is no run, is given twice, or the page cannot be written.
    AuctionError
        If a file of a run is missing, cannot be read or was written by another version.

    """
    if len(folders) == 1 and out is not None:
        raise UsageError("--out is for the comparison of several runs: leave it out, or name more")
    nodes = [folder for folder in folders if is_node_run(folder)]
    if nodes and len(folders) > 1:
        raise UsageError(
            f"{nodes[0]}: the run of a node is reported alone: `auction parity` compares two"
        )
    if nodes:
        report_node_run(nodes[0])
        return
    try:
        if len(folders) == 1:
            summary = read_summary(folders[0])
            write_report(folders[0])
            print_summary(summary, folders[0])
            return
        _compare(folders, out)
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        names = ", ".join(str(folder / "summary.json") for folder in folders)
        raise AuctionError(
            f"{names}: not the summary of a run ({e!r}); run the backtest again"
        ) from e


def _one_run(folders: Sequence[Path], out: Path | None, option: str) -> Path:
    if len(folders) > 1 or out is not None:
        raise UsageError(f"{option} is for one run, without --out")
    if is_node_run(folders[0]):
        raise UsageError(f"{folders[0]}: {option} is for backtests; this is the run of a node")
    return folders[0]


def _compare(folders: Sequence[Path], out: Path | None) -> None:
    target = folders[0].absolute().parent / PAGE if out is None else out
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise UsageError(f"--out {target}: name a file in a folder that exists")
    runs = read_runs(folders)
    try:
        write_comparison(runs, target)
    except OSError as error:
        raise UsageError(f"--out {target}: {error.strerror}: name another file") from error
    print_comparison(runs, target)

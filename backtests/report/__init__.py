"""The report of a run, and of several: one self-contained HTML page."""

import os
from pathlib import Path

from backtests.report.page import render
from backtests.report.run_data import read_run


__all__ = ["write_report"]


def write_report(run_folder: Path) -> Path:
    """
    Write ``report.html`` into a run folder and return its path.

    The page carries all it needs and reads without a network. Identical files in the folder give
    an identical page, byte for byte.

    Parameters
    ----------
    run_folder : Path
        A folder written by a finished run.

    Raises
    ------
    UsageError
        If `run_folder` is not a run folder.
    AuctionError
        If one of its files is missing or cannot be read.

    """
    target = run_folder / "report.html"
    page = render(read_run(run_folder))
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        partial.write_text(page, encoding="utf-8", newline="\n")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target

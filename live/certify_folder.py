"""Certify the runs of a folder that have no certificate yet, for a nightly timer."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from backtests.results.certificate import NAME
from backtests.results.certificate import verdict
from backtests.results.node_runs import is_node_run


def holds_runs(folder: Path) -> bool:
    """Return True for a folder of runs of nodes that is no run itself."""
    return not is_node_run(folder) and bool(_node_runs(folder))


def certify_folder(
    folder: Path, catalog: Path | None, lookback_minutes: int | None, say: Callable[[str], None]
) -> bool:
    """
    Certify each run of a node with decisions since its last certificate.

    Each has a process of its own: a run that cannot be certified does not stop the others.

    Parameters
    ----------
    folder : Path
        The folder of runs.
    catalog, lookback_minutes
        As for `live.certify.run_certify`.
    say : Callable[[str], None]
        Shows a line.

    Returns
    -------
    bool
        If none of them has failed.

    """
    due = [run for run in _node_runs(folder) if _is_due(run)]
    if not due:
        say(f"{folder}: every run of a node has a certificate")
    failed = 0
    for run in due:
        done = subprocess.run(certify_command(run, catalog, lookback_minutes), check=False)
        failed += done.returncode != 0
        say(f"{run.name}: {verdict(run)}")
    return not failed


def certify_command(run: Path, catalog: Path | None, lookback_minutes: int | None) -> list[str]:
    """Return the command that certifies a run in a process of its own."""
    command = [sys.executable, "-m", "cli", "certify", str(run)]
    for option, value in (("--catalog", catalog), ("--lookback-minutes", lookback_minutes)):
        command += [] if value is None else [option, str(value)]
    return command


def _node_runs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and is_node_run(path))


def _is_due(run: Path) -> bool:
    decided = (run / "signals.jsonl").stat()
    certificate = run / NAME
    is_newer = not certificate.is_file() or certificate.stat().st_mtime_ns < decided.st_mtime_ns
    return decided.st_size > 0 and is_newer

"""Runs tests on changed source, in a process of its own that has the libraries in it already."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import pytest

from tests.mutation.changes import Change


# Imported once by the process that the others are forked from; nothing that is changed.
LIBRARIES = [
    "aiohttp",
    "numpy",
    "pandas",
    "sqlalchemy",
    "nautilus_trader.backtest.engine",
    "nautilus_trader.live.node",
    "nautilus_trader.adapters.bybit",
    "nautilus_trader.persistence.catalog",
    "nautilus_trader.trading.strategy",
]


class Verdict(StrEnum):
    """What the tests make of a change."""

    SEEN = "seen"
    TIMEOUT = "seen, by a timeout"
    UNSEEN = "unseen"
    UNCOVERED = "uncovered"


def try_change(path: Path, change: Change, tests: Sequence[str], limit_s: float) -> Verdict:
    """
    Run tests on a change, and take it back.

    Parameters
    ----------
    path : Path
        The source file.
    change : Change
        What is changed in it.
    tests : Sequence[str]
        The ids of the tests, in their order.
    limit_s : float
        How long they may take (s).

    Returns
    -------
    Verdict

    Raises
    ------
    RuntimeError
        If pytest could not run the tests.

    """
    source = path.read_bytes()
    _write(path, change.apply(source))
    try:
        code = _run(tests, limit_s)
    finally:
        _write(path, source)
    if code is None:
        return Verdict.TIMEOUT
    if code == pytest.ExitCode.OK:
        return Verdict.UNSEEN
    # A change may also keep a test file from being imported, or end the process.
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED):
        log = Path(".mutation.log").read_text(errors="replace")
        if "ERROR collecting" not in log and "ImportError while loading conftest" not in log:
            raise RuntimeError(f"pytest could not run {tests[0]}:\n{log[-2000:]}")
    return Verdict.SEEN


def _write(path: Path, source: bytes) -> None:
    path.write_bytes(source)
    # The bytecode of a change of the same size and second would pass for the original's.
    for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        stale.unlink()


def _run(tests: Sequence[str], limit_s: float) -> int | None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    process = context.Process(target=_child, args=(list(tests),))
    process.start()
    process.join(limit_s)
    code = process.exitcode
    assert process.pid is not None
    # With all that the tests have started.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        code = process.exitcode
    process.join()
    return code


def _child(tests: list[str]) -> None:
    os.setsid()
    log = os.open(".mutation.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    options = ["-x", "-p", "no:cacheprovider", "--hypothesis-profile=mutation"]
    code = pytest.main([*options, *tests])
    sys.stdout.flush()
    # Threads of a test that has been left alone would keep it.
    os._exit(code)

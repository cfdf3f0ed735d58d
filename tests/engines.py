"""Whole engine runs and the command line for tests, in this process and in one of their own."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import chdir
from contextlib import redirect_stderr
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.node import BacktestNode

from actors.messages import Message
from backtests.collector import Collector
from backtests.collector_actor import CollectorActor
from cli.main import main
from configs.loader import RunConfig


REPOSITORY = Path(__file__).parents[1]


def run_node(run: RunConfig, before: Callable[[BacktestEngine], Any]) -> BacktestEngine:
    """Run a configuration and return its engine; `before` sees it ahead of the run."""
    node = BacktestNode([run.node])
    node.build()
    engine = node.get_engine(run.node.id)
    assert engine is not None
    before(engine)
    node.run()
    return engine


def collecting(engine: BacktestEngine, *kept: type[Message]) -> Collector:
    """Return a collector of an engine that has not run yet; it keeps further classes as well."""
    collector = Collector(kept=kept)
    actor = CollectorActor(collector)
    engine.add_actor(actor)
    actor.listen()
    return collector


def auction(*arguments: object, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """
    Run the command line in this process: one of its own costs seconds.

    What it writes to a terminal is returned, but for the log of Nautilus. An error that is not the
    user's is raised.
    """
    out, err = StringIO(), StringIO()
    command = ["auction", *map(str, arguments)]
    with (
        patch.object(sys, "argv", command),
        patch.object(sys, "path", [*sys.path]),
        chdir(cwd),
        redirect_stdout(out),
        redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        # A call by the engine; raised in the name of its starter.
        warnings.filterwarnings("ignore", "Timestamp.utcnow", DeprecationWarning)
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())


def auction_process(*arguments: object, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

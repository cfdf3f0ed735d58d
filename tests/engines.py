"""Whole engine runs for tests, in this process and in one of their own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.node import BacktestNode

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


def auction(*arguments: object, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

"""
The same backtest under other market assumptions, side by side.

A result that changes its sign with the assumptions is no result, so each run is made a second time
with the pessimistic preset, in a process of its own and at the same time.

"""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backtests.preflight import preflight
from backtests.results.summary_keys import SCENARIO_FIGURES
from backtests.runner import run_backtest
from catalog.recording.snapshot import recorded_snapshot
from configs.loader import RunConfig
from configs.preset import DEFAULT
from errors import AuctionError


PESSIMISTIC = "pessimistic"
COMPARED = (DEFAULT, PESSIMISTIC)


def compared_with(preset: str) -> tuple[str, ...]:
    """Return the presets that a run under one of them is compared with."""
    return tuple(name for name in COMPARED if name != preset)


def run_compared(
    run: RunConfig,
    others: Sequence[RunConfig],
    runs: Path,
) -> tuple[dict[str, Any], Path]:
    """
    Run a backtest, and beside it the same one under other presets.

    The summary gets `scenarios`, the figures of each preset by its name, and a warning where the
    net result of one is a gain and that of another is not.

    Parameters
    ----------
    run : RunConfig
        The run that gets a folder.
    others : Sequence[RunConfig]
        The runs of which only figures are kept. Each has a process of its own.
    runs : Path
        The folder that gets the run's folder.

    Returns
    -------
    tuple[dict[str, Any], Path]
        The summary and the run's folder.

    A run beside it that fails leaves a warning, and its figures out.

    Raises
    ------
    AuctionError
        If the run itself fails.

    """
    # Of a catalog that is being recorded all runs see the same.
    with recorded_snapshot(run.catalog, run.instrument_ids) as end_ns:
        return _run_beside(run.cut(end_ns), [other.cut(end_ns) for other in others], runs)


def _run_beside(
    run: RunConfig, others: Sequence[RunConfig], runs: Path
) -> tuple[dict[str, Any], Path]:
    preflight(run)
    with _started(others) as connections:

        def complete(summary: dict[str, Any]) -> None:
            figures = {run.preset: figures_of(summary)}
            for preset, connection in connections.items():
                try:
                    figures[preset] = _received(preset, connection)
                except AuctionError as e:
                    # The run itself is finished, and good.
                    summary["warnings"].insert(0, str(e))
            order = [name for name in COMPARED if name in figures]
            order += [name for name in figures if name not in order]
            summary["scenarios"] = {name: figures[name] for name in order}
            summary["warnings"][:0] = sign_warnings(summary["scenarios"], summary["currency"])

        return run_backtest(run, runs, complete)


def figures_of(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a summary that are compared."""
    return {name: summary[name] for name in SCENARIO_FIGURES}


def sign_warnings(scenarios: dict[str, dict[str, Any]], currency: str) -> list[str]:
    """Return a warning if the net result of one scenario is a gain and that of another is not."""
    gains = {figures["net_pnl"] > 0 for figures in scenarios.values()}
    if len(gains) < 2:
        return []
    nets = ", ".join(
        f"{name} {figures['net_pnl']:+,.2f} {currency}" for name, figures in scenarios.items()
    )
    return [f"The sign of the net P&L hangs on the market assumptions: {nets}: this is no result."]


@contextmanager
def _started(others: Sequence[RunConfig]) -> Iterator[dict[str, Connection]]:
    # A forked process would inherit Nautilus's runtime and hang.
    context = get_context("spawn")
    connections: dict[str, Connection] = {}
    processes = []
    try:
        for run in others:
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_run_for_figures, args=(run, sender), daemon=True)
            process.start()
            sender.close()
            connections[run.preset] = receiver
            processes.append(process)
        yield connections
    finally:
        for process in processes:
            process.terminate()
            process.join()
        for connection in connections.values():
            connection.close()


def _run_for_figures(run: RunConfig, sender: Connection) -> None:
    # An interrupt from the keyboard is reported by the parent process.
    with suppress(KeyboardInterrupt), TemporaryDirectory() as folder:
        try:
            summary, _ = run_backtest(run, Path(folder), report=False)
            sender.send((figures_of(summary), None))
        except AuctionError as e:
            sender.send((None, e))


def _received(preset: str, connection: Connection) -> dict[str, Any]:
    try:
        figures, error = connection.recv()
    except EOFError as e:
        raise AuctionError(
            f"The run under the {preset} assumptions ended without a result, see above."
        ) from e
    if error is not None:
        raise type(error)(f"The run under the {preset} assumptions failed: {error}") from error
    result: dict[str, Any] = figures
    return result

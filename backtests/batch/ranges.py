"""Runs one range of days in a process of its own."""

from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from backtests.batch.carried import Carried
from backtests.batch.carried import collect
from backtests.batch.carried import restore
from backtests.batch.days import window_of
from backtests.history import history_begin
from backtests.preflight import run_files
from backtests.runner import run_backtest
from catalog.layout import NS_PER_HOUR
from catalog.layout import utc_text
from catalog.sessions import iso_time
from configs.loader import RunConfig
from errors import AuctionError


NS_PER_MINUTE = 60_000_000_000


type Load = Callable[[Sequence[str]], RunConfig]


@dataclass(frozen=True, slots=True)
class RangeRun:
    """
    Represents the run of one range of days.

    Attributes
    ----------
    days : tuple[date, ...]
        Its days.
    run_id : str
        The name of its folder.
    summary : dict[str, Any]
        Its summary.
    carried : Carried
        What it hands to the next.
    cold : str
        Why it started without a history; empty if it had one.

    """

    days: tuple[date, ...]
    run_id: str
    summary: dict[str, Any]
    carried: Carried
    cold: str = ""


def run_range(
    run: RunConfig, days: tuple[date, ...], load: Load, carried: Carried, folder: Path
) -> RangeRun:
    """
    Run a range of days in a process of its own, from what the range before has handed on.

    Where the catalog has the days before, the run begins with the history that its actors need, and
    its strategies only observe until the first day.

    Parameters
    ----------
    run : RunConfig
        The configuration without a window.
    days : tuple[date, ...]
        The days.
    load : Callable[[Sequence[str]], RunConfig]
        Returns the configuration with further settings.
    carried : Carried
        What the range before hands on.
    folder : Path
        The folder that gets the folder of the run.

    Raises
    ------
    AuctionError
        If the run fails.

    """
    start, end = window_of(run, days)
    begin, cold = _history(run, start)
    settings = [f"start={iso_time(begin)}", f"end={iso_time(end)}"]
    settings += [
        f"venues.{venue}.starting_balances=[{', '.join(amounts)}]"
        for venue, amounts in carried.balances.items()
    ]
    config = load(settings)
    # A forked process would inherit Nautilus's runtime and hang.
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_run, args=(config, folder, carried.states, start, sender), daemon=True
    )
    process.start()
    sender.close()
    try:
        found, error = receiver.recv()
    except EOFError as e:
        raise AuctionError(f"The run of {label(days)} ended without a result, see above.") from e
    finally:
        process.join()
        receiver.close()
    if error is not None:
        raise type(error)(f"{label(days)}: {error}") from error
    run_id, summary, after = found
    return RangeRun(days, run_id, summary, after, cold)


def label(days: Sequence[date]) -> str:
    """Return the name of a range."""
    first, last = days[0], days[-1]
    return str(first) if first == last else f"{first}..{last}"


def _history(run: RunConfig, start: int) -> tuple[int, str]:
    files = [
        file
        for instrument_id in run.instrument_ids
        for name in run.document["data"]
        for file in run_files(run, name, instrument_id)
        if file.start_ns < start
    ]
    if not files:
        return start, "it starts cold: the catalog has nothing before it"
    # Over a weekend the history ends with the last data before it.
    last = max(min(file.end_ns, start - 1) for file in files)
    begin = history_begin(run.document["actors"], last + 1)
    begin -= begin % NS_PER_MINUTE
    first = min(file.start_ns for file in files)
    if first > begin + NS_PER_HOUR:
        return begin, f"it starts partly cold: the catalog begins only at {utc_text(first)}"
    return begin, ""


def _prepare(engine: Any, states: dict[str, dict[str, bytes]], start: int) -> None:
    restore(engine, states)
    for strategy in engine.trader.strategies():
        strategy.observe_until = start


def _run(
    config: RunConfig,
    folder: Path,
    states: dict[str, dict[str, bytes]],
    start: int,
    sender: Connection,
) -> None:
    after: list[Carried] = []
    # An interrupt from the keyboard is reported by the parent process.
    with suppress(KeyboardInterrupt):
        try:
            summary, path = run_backtest(
                config,
                folder,
                prepare=partial(_prepare, states=states, start=start),
                finish=lambda engine: after.append(collect(engine)),
            )
            sender.send(((path.name, summary, after[0]), None))
        except AuctionError as e:
            sender.send((None, e))

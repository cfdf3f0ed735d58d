"""
The command `auction random-walk`: a system on seeded driftless markets.

On them nothing can be foreseen. What a system earns there is chance and what it loses is cost, so a
result on other data that lies within those of the walks shows nothing.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from adapters.progress import show_progress
from backtests.report.run_data import read_config
from backtests.results.chance import MarketTrades
from backtests.results.chance import together
from backtests.results.chance import trades_of_market
from backtests.results.chance_table import print_chance
from backtests.results.run_folder import read_summary
from backtests.runner import run_backtest
from catalog.sample import write_sample
from catalog.sample.markets import find_markets
from configs.loader import load_backtest
from configs.plain_yaml import parse_yaml
from errors import AuctionError
from errors import UsageError


MOST_WALKS = 1_000
# What of a configuration decides on trades; the rest is data and the folder of the catalog.
COMPARED = ("actors", "strategies", "venues")


@dataclass(frozen=True, slots=True)
class Walks:
    """
    Represents what to run.

    Attributes
    ----------
    system, environment : str
        As `configs.loader.load_backtest` takes them.
    overrides : tuple[str, ...]
        The same.
    walks : int
        The number of markets, seeds from 1 on.
    days : int
        The days of each from 5 January 2026 on.

    """

    system: str
    environment: str
    overrides: tuple[str, ...]
    walks: int
    days: int


def report_random_walks(walks: Walks, beside: Sequence[Path], processes: int) -> None:
    """
    Run a system on driftless markets and print its results, beside those of other runs.

    Parameters
    ----------
    walks : Walks
        What to run. The instruments are those of the configuration; the sample must have them.
    beside : Sequence[Path]
        The folders of runs to be compared with.
    processes : int
        The runs at a time.

    Raises
    ------
    UsageError
        If a number is out of range, the sample has no such instrument, or a folder holds no run.
    AuctionError
        If a run fails.

    """
    if not 1 <= walks.walks <= MOST_WALKS:
        raise UsageError(f"--walks: {walks.walks} is not within 1 to {MOST_WALKS}")
    if processes < 1:
        raise UsageError(f"--processes: {processes} is not positive")
    run = load_backtest(walks.system, walks.environment, walks.overrides)
    find_markets(run.instrument_ids)
    notes, rows, currencies = [], [], set()
    for folder in beside:
        market, currency = _read(folder, folder.resolve().name)
        rows.append(market)
        currencies.add(currency)
        document = parse_yaml(read_config(folder))
        differing = [key for key in COMPARED if document.get(key) != run.document.get(key)]
        if differing:
            notes.append(f"{folder}: was run with other {', '.join(differing)} than the walks.")
    found = list(_run_all(walks, processes))
    currencies |= {currency for _, currency in found}
    if len(currencies) > 1:
        raise UsageError(f"RUN: results in {', '.join(sorted(currencies))}: compare one currency")
    print_chance(
        f"{run.system}  {', '.join(run.instrument_ids)}",
        currencies.pop(),
        rows,
        [market for market, _ in found],
        together("all walks", [market for market, _ in found]),
        notes,
    )


def _run_all(walks: Walks, processes: int) -> Iterator[tuple[MarketTrades, str]]:
    # One backtest a process: Nautilus's logging belongs to its first engine. A forked process
    # would inherit its runtime and hang.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), max_tasks_per_child=1)
    with pool, show_progress("running walks", walks.walks) as advance:
        try:
            for result in pool.map(_run_one, [walks] * walks.walks, range(1, walks.walks + 1)):
                advance(1)
                yield result
        except BrokenProcessPool as e:
            raise AuctionError(
                "the process of a walk was ended from outside, perhaps for want of memory: try "
                "fewer --processes or --days"
            ) from e


def _run_one(walks: Walks, seed: int) -> tuple[MarketTrades, str]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        settings = (*walks.overrides, f"catalog={folder / 'catalog'}")
        run = load_backtest(walks.system, walks.environment, settings)
        write_sample(run.catalog, seed, walks.days, run.instrument_ids, is_random_walk=True)
        try:
            _, runs = run_backtest(run, folder / "runs", report=False)
        except AuctionError as e:
            raise type(e)(f"random walk {seed}: {e}") from e
        return _read(runs, f"walk {seed}")


def _read(folder: Path, name: str) -> tuple[MarketTrades, str]:
    summary = read_summary(folder)
    table = pd.read_parquet(folder / "positions.parquet")
    closed = table[table["ts_close"].notna()]
    times = closed["ts_close"].astype("int64").tolist()
    market = trades_of_market(name, closed["net_pnl"].tolist(), closed["gross_pnl"].tolist(), times)
    return market, str(summary["currency"])

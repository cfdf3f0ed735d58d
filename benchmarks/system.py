"""
A whole system against an empty strategy, in Nautilus's backtest engine.

All runs read the sample market through the same configuration: catalog, chunks, venue, fill,
fee and latency models, risk engine. A system has its actor and its strategy, once with its orders
and once with all of them refused; the other has one strategy that subscribes to the same quotes and
trades and does nothing with them. `nq_impulse_lvn` reads the second session, the one that has
levels.

In the figure: the CPU time of `BacktestNode.run`, all threads together, with the reading and
decoding of the Parquet files, the matching engine, the messages, the decisions and the orders.
Not in it: the start of the process, imports, the configuration, the building of the engine, and
what `auction backtest` does before and after the run (preflight, collector, run folder, report).
Each run has a process of its own; the three alternate, and the ratio is taken pair by pair.
"""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from nautilus_trader.backtest.config import BacktestRunConfig
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.config import ImportableStrategyConfig
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from benchmarks.measure import Row
from benchmarks.measure import alternate
from benchmarks.measure import in_own_process
from catalog.sample import write_sample
from configs.loader import load_backtest


PAIRS = 5


@dataclass(frozen=True, slots=True)
class System:
    """
    Describes how a system is measured.

    Attributes
    ----------
    name : str
        The system.
    window : tuple[str, ...]
        What its run reads of the sample market, as overrides.
    refusal : str
        The override that refuses every entry.
    at_most : float
        The target of its ratio.

    """

    name: str
    window: tuple[str, ...]
    refusal: str
    at_most: float


SYSTEMS = (
    System("btc_value_area", (), "strategies.0.config.risk_pct=0.0000001", 1.15),
    System(
        "nq_impulse_lvn",
        ("start='2026-01-05T23:00:00Z'",),
        "strategies.0.config.max_notional=0.01",
        1.10,
    ),
)


class EmptyStrategyConfig(StrategyConfig, frozen=True, kw_only=True):  # type: ignore[misc,call-arg]
    """
    Configuration for `EmptyStrategy`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument.

    """

    instrument_id: InstrumentId


class EmptyStrategy(Strategy):  # type: ignore[misc]
    """Subscribes to quotes and trades and does nothing with them."""

    def on_start(self) -> None:
        self.subscribe_quote_ticks(self.config.instrument_id)
        self.subscribe_trade_ticks(self.config.instrument_id)


def run() -> list[Row]:
    """Return the figures."""
    with TemporaryDirectory() as folder:
        catalog = Path(folder)
        in_own_process(_sample, catalog)
        return [row for system in SYSTEMS for row in _rows(catalog, system)]


def _rows(catalog: Path, system: System) -> list[Row]:
    events: set[int] = set()
    name = system.name
    variants = ("empty", "no orders", "system")
    figures = alternate(
        {variant: partial(_seconds, catalog, variant, system, events) for variant in variants},
        PAIRS,
    )
    if len(events) != 1:
        raise RuntimeError(f"{name}: the runs saw different numbers of events: {sorted(events)}")
    count = events.pop()

    def ratios(variant: str) -> list[float]:
        pairs = zip(figures[variant], figures["empty"], strict=True)
        return [full / bare for full, bare in pairs]

    rates = {variant: [count / value for value in values] for variant, values in figures.items()}
    empty = f"empty strategy beside {name}"
    return [
        Row.of(f"{name} / empty strategy", ratios("system"), "times", at_most=system.at_most),
        Row.of(f"{name} without its orders / empty", ratios("no orders"), "times"),
        Row.of(f"{name}, {count:,} events", figures["system"], "s CPU"),
        Row.of(f"{empty}, {count:,} events", figures["empty"], "s CPU"),
        Row.of(name, rates["system"], "events a CPU second"),
        Row.of(empty, rates["empty"], "events a CPU second"),
    ]


def run_config(catalog: Path, variant: str, system: System = SYSTEMS[0]) -> BacktestRunConfig:
    """
    Return the configuration of a run.

    The variant is "system", "no orders" (every candidate is refused), or "empty", which differs in
    actors and strategies only.
    """
    overrides = [f"catalog={catalog}", *system.window]
    if variant == "no orders":
        overrides.append(system.refusal)
    run = load_backtest(system.name, "backtest", overrides)
    if variant != "empty":
        return run.node
    strategy = ImportableStrategyConfig(
        strategy_path=f"{__name__}:{EmptyStrategy.__name__}",
        config_path=f"{__name__}:{EmptyStrategyConfig.__name__}",
        config={"instrument_id": run.instrument_ids[0]},
    )
    engine = msgspec.structs.replace(run.node.engine, actors=[], strategies=[strategy])
    return msgspec.structs.replace(run.node, engine=engine)


def measure_run(catalog: Path, variant: str, system: System) -> tuple[float, int]:
    """Return the CPU seconds of one run in this process, and its events."""
    config = run_config(catalog, variant, system)
    node = BacktestNode([config])
    node.build()
    engine = node.get_engine(config.id)
    if engine is None:
        raise RuntimeError("no engine was built")
    began = time.process_time()
    node.run()
    seconds = time.process_time() - began
    return seconds, int(engine.iteration)


def _seconds(catalog: Path, variant: str, system: System, events: set[int]) -> float:
    seconds, count = in_own_process(measure_run, catalog, variant, system)
    events.add(count)
    return seconds


def _sample(catalog: Path) -> None:
    write_sample(catalog)

"""
A whole system against an empty strategy, in Nautilus's backtest engine.

All runs read the sample market through the same configuration: catalog, chunks, venue, fill,
fee and latency models, risk engine. `btc_value_area` has its actor and its strategy, once with its
orders and once with all of them refused; the other has one strategy that subscribes to the same
quotes and trades and does nothing with them.

In the figure: the CPU time of `BacktestNode.run`, all threads together, with the reading and
decoding of the Parquet files, the matching engine, the messages, the decisions and the orders.
Not in it: the start of the process, imports, the configuration, the building of the engine, and
what `auction backtest` does before and after the run (preflight, collector, run folder, report).
Each run has a process of its own; the three alternate, and the ratio is taken pair by pair.
"""

import time
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


SYSTEM = "btc_value_area"
PAIRS = 5


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
        events: set[int] = set()
        figures = alternate(
            {
                "empty": partial(_seconds, catalog, "empty", events),
                "no orders": partial(_seconds, catalog, "no orders", events),
                "system": partial(_seconds, catalog, "system", events),
            },
            PAIRS,
        )
    if len(events) != 1:
        raise RuntimeError(f"the runs saw different numbers of events: {sorted(events)}")
    count = events.pop()

    def ratios(name: str) -> list[float]:
        return [full / bare for full, bare in zip(figures[name], figures["empty"], strict=True)]

    rates = {name: [count / value for value in values] for name, values in figures.items()}
    return [
        Row.of(f"{SYSTEM} / empty strategy", ratios("system"), "times", at_most=1.15),
        Row.of(f"{SYSTEM} without its orders / empty", ratios("no orders"), "times"),
        Row.of(f"{SYSTEM}, {count:,} events", figures["system"], "s CPU"),
        Row.of(f"empty strategy, {count:,} events", figures["empty"], "s CPU"),
        Row.of(SYSTEM, rates["system"], "events a CPU second"),
        Row.of("empty strategy", rates["empty"], "events a CPU second"),
    ]


def run_config(catalog: Path, variant: str) -> BacktestRunConfig:
    """
    Return the configuration of a run.

    The variant is "system", "no orders" (every candidate is refused for its size), or "empty",
    which differs in actors and strategies only.
    """
    overrides = [f"catalog={catalog}"]
    if variant == "no orders":
        overrides.append("strategies.0.config.risk_pct=0.0000001")
    run = load_backtest(SYSTEM, "backtest", overrides)
    if variant != "empty":
        return run.node
    strategy = ImportableStrategyConfig(
        strategy_path=f"{__name__}:{EmptyStrategy.__name__}",
        config_path=f"{__name__}:{EmptyStrategyConfig.__name__}",
        config={"instrument_id": run.instrument_ids[0]},
    )
    engine = msgspec.structs.replace(run.node.engine, actors=[], strategies=[strategy])
    return msgspec.structs.replace(run.node, engine=engine)


def measure_run(catalog: Path, variant: str) -> tuple[float, int]:
    """Return the CPU seconds of one run in this process, and its events."""
    config = run_config(catalog, variant)
    node = BacktestNode([config])
    node.build()
    engine = node.get_engine(config.id)
    if engine is None:
        raise RuntimeError("no engine was built")
    began = time.process_time()
    node.run()
    seconds = time.process_time() - began
    return seconds, int(engine.iteration)


def _seconds(catalog: Path, variant: str, events: set[int]) -> float:
    seconds, count = in_own_process(measure_run, catalog, variant)
    events.add(count)
    return seconds


def _sample(catalog: Path) -> None:
    write_sample(catalog)

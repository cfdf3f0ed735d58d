"""
A whole system against an empty strategy, in Nautilus's backtest engine.

All runs of a system read one market: the sample, or for the systems with a target by rate the
sample's market with as many more orders as make 2,000 events a minute of the measured hours.
`nq_impulse_lvn` reads the second session, the one that has levels. A system runs with its actor,
its strategy and its orders. It is compared with a strategy that subscribes to the same quotes and
trades and does nothing with them, twice: once through the configuration of the system (catalog,
chunks, venue, fill, fee and latency models, risk engine), and once at a plain venue, which has
Nautilus's own models and no modules.

In the figure: the CPU time of `BacktestNode.run`, all threads together, with the reading and
decoding of the Parquet files, the matching engine, the messages, the decisions and the orders.
Not in it: the start of the process, imports, the configuration, the building of the engine, and
what `auction backtest` does before and after the run (preflight, collector, run folder, report).
Each run has a process of its own; the three alternate, and ratios are taken round by round.
"""

import time
from dataclasses import dataclass
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from nautilus_trader.backtest.config import BacktestRunConfig
from nautilus_trader.backtest.config import BacktestVenueConfig
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.config import ImportableStrategyConfig
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from benchmarks.measure import Row
from benchmarks.measure import alternate
from benchmarks.measure import in_own_process
from catalog.instruments import resolve_instrument
from catalog.layout import SYNTHETIC
from catalog.sample import MARKETS
from catalog.sample import Session
from catalog.sample import make_market
from catalog.sample import write_sample
from catalog.sample.schedule import FIRST_DAY
from catalog.writer import write_ticks
from configs.loader import load_backtest
from configs.times import parse_time


ROUNDS = 3
VARIANTS = ("plain", "empty", "system")
SEED = 7
MINUTE_NS = 60_000_000_000
EVENTS_A_MINUTE = 2_000


@dataclass(frozen=True, slots=True)
class System:
    """
    Describes how a system is measured.

    Attributes
    ----------
    name : str
        The system.
    at_most : float
        The target of its ratio to the empty strategy.
    at_most_plain : float, optional
        The target of its ratio to the empty strategy at a plain venue.
    start, end : str, default ''
        What its runs read of the market (ISO 8601, UTC); empty is all.
    busy : str, default ''
        The market of the sample that is made busy for it; empty is the sample as it is.
    settings : tuple[str, ...], default ()
        Overrides of all of its runs.

    """

    name: str
    at_most: float
    at_most_plain: float | None = None
    start: str = ""
    end: str = ""
    busy: str = ""
    settings: tuple[str, ...] = ()

    @property
    def overrides(self) -> list[str]:
        """Return the overrides of all of its runs."""
        window = {"start": self.start, "end": self.end}
        return [*(f"{key}='{text}'" for key, text in window.items() if text), *self.settings]


SYSTEMS = (
    System("btc_value_area", 1.15, at_most_plain=1.15),
    System("nq_impulse_lvn", 1.10, start="2026-01-05T23:00:00Z"),
    System(
        "cl_leg_lvn",
        1.10,
        at_most_plain=1.0,
        start="2026-01-05T12:00:00Z",
        end="2026-01-05T18:00:00Z",
        busy="CL",
    ),
    System(
        "playbook",
        1.10,
        at_most_plain=1.0,
        start="2026-01-05T12:00:00Z",
        end="2026-01-05T18:00:00Z",
        busy="BTCUSDT",
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
    return [row for system in SYSTEMS for row in rows_of(system)]


def rows_of(system: System) -> list[Row]:
    """Return the figures of one system."""
    with TemporaryDirectory() as folder:
        catalog = Path(folder)
        in_own_process(write_market, catalog, system)
        return _rows(catalog, system)


def write_market(catalog: Path, system: System) -> None:
    """Write the market that a system is measured on."""
    if not system.busy:
        write_sample(catalog)
        return
    market = MARKETS[system.busy]
    start, end = (parse_time(text, "window") for text in (system.start, system.end))
    if start is None or end is None:
        raise ValueError(f"{system.name}: a busy market needs a window")
    usual = sum(_events(session, start, end) for session in make_market(market, SEED, 1))
    factor = EVENTS_A_MINUTE * (end - start) / MINUTE_NS / usual
    busy = replace(market, activity=replace(market.activity, usual=factor * market.activity.usual))
    sessions = list(make_market(busy, SEED, 1))
    write_ticks(
        catalog,
        resolve_instrument(market.instrument_id, on=FIRST_DAY),
        [session.trades for session in sessions],
        [session.quotes for session in sessions],
        SYNTHETIC,
    )


def _events(session: Session, start: int, end: int) -> int:
    times = session.trades.ts_event, session.quotes.ts_event
    return sum(int(((ts >= start) & (ts < end)).sum()) for ts in times)


def _rows(catalog: Path, system: System) -> list[Row]:
    events: set[int] = set()
    name = system.name
    figures = alternate(
        {variant: partial(_seconds, catalog, variant, system, events) for variant in VARIANTS},
        ROUNDS,
    )
    if len(events) != 1:
        raise RuntimeError(f"{name}: the runs saw different numbers of events: {sorted(events)}")
    count = events.pop()

    def ratios(variant: str, reference: str) -> list[float]:
        pairs = zip(figures[variant], figures[reference], strict=True)
        return [full / bare for full, bare in pairs]

    rates = {variant: [count / value for value in values] for variant, values in figures.items()}
    empty, plain = f"empty strategy beside {name}", f"plain venue beside {name}"
    against, at_most = ratios("system", "plain"), system.at_most_plain
    return [
        Row.of(
            f"{name} / empty strategy", ratios("system", "empty"), "times", at_most=system.at_most
        ),
        Row.of(f"{name} / empty strategy, plain venue", against, "times", at_most=at_most),
        Row.of(f"{empty} / plain venue", ratios("empty", "plain"), "times"),
        Row.of(f"{name}, {count:,} events", figures["system"], "s CPU"),
        Row.of(f"{empty}, {count:,} events", figures["empty"], "s CPU"),
        Row.of(f"{plain}, {count:,} events", figures["plain"], "s CPU"),
        Row.of(name, rates["system"], "events a CPU second"),
        Row.of(empty, rates["empty"], "events a CPU second"),
    ]


def run_config(catalog: Path, variant: str, system: System = SYSTEMS[0]) -> BacktestRunConfig:
    """
    Return the configuration of a run.

    The variant is "system", "empty", which differs in actors and strategies only, or "plain", an
    empty one whose venues have Nautilus's own models and no modules.
    """
    run = load_backtest(system.name, "backtest", [f"catalog={catalog}", *system.overrides])
    if variant == "system":
        return run.node
    strategy = ImportableStrategyConfig(
        strategy_path=f"{__name__}:{EmptyStrategy.__name__}",
        config_path=f"{__name__}:{EmptyStrategyConfig.__name__}",
        config={"instrument_id": run.instrument_ids[0]},
    )
    engine = msgspec.structs.replace(run.node.engine, actors=[], strategies=[strategy])
    config = msgspec.structs.replace(run.node, engine=engine)
    if variant == "empty":
        return config
    return msgspec.structs.replace(config, venues=[_plain(venue) for venue in config.venues])


def _plain(venue: BacktestVenueConfig) -> BacktestVenueConfig:
    return BacktestVenueConfig(
        name=venue.name,
        oms_type=venue.oms_type,
        account_type=venue.account_type,
        starting_balances=venue.starting_balances,
    )


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

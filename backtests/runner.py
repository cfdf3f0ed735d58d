"""Runs one configuration through Nautilus's backtest node and writes its run folder."""

import platform
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.node import BacktestNode

from actors.failures import failure_line
from actors.protocols import published_by
from backtests.collector import Collector
from backtests.collector_actor import CollectorActor
from backtests.collector_actor import Fact
from backtests.collector_actor import FactRecorder
from backtests.engine_reader import read_outcome
from backtests.features import write_table
from backtests.preflight import Preflight
from backtests.preflight import bars_of_market
from backtests.preflight import preflight
from backtests.report import write_report
from backtests.results.books import check_books
from backtests.results.days import day_table
from backtests.results.equity import equity_curve
from backtests.results.excursions import replay_trades
from backtests.results.outcome import Outcome
from backtests.results.payments import book_payments
from backtests.results.run_folder import run_folder
from backtests.results.run_folder import write_json
from backtests.results.run_folder import write_yaml
from backtests.results.summary import summarise
from backtests.results.summary_keys import SCHEMA_VERSION
from backtests.results.tables import fill_table
from backtests.results.tables import order_table
from backtests.results.tables import position_table
from backtests.results.trade_log import trade_log
from backtests.results.trade_log import write_trade_log
from backtests.results.trades import trades_of
from catalog.layout import utc_text
from catalog.recording.snapshot import recorded_snapshot
from configs.documents import one_line
from configs.loader import RunConfig
from errors import AuctionError
from errors import UsageError
from strategies.common.nautilus.strategy import TradingStrategy


def run_backtest(
    run: RunConfig,
    runs: Path,
    complete: Callable[[dict[str, Any]], None] | None = None,
    *,
    report: bool = True,
    prepare: Callable[[Any], None] | None = None,
    finish: Callable[[Any], None] | None = None,
) -> tuple[dict[str, Any], Path]:
    """
    Run a backtest and write its folder.

    Run one backtest per process: Nautilus seeds the global random generator when an engine is
    built, and its logging belongs to the first engine.

    Parameters
    ----------
    run : RunConfig
        The resolved configuration.
    runs : Path
        The folder that gets the run's folder.
    complete : Callable[[dict[str, Any]], None], optional
        Adds to the summary before it is written.
    report : bool, default True
        Whether the report is written.
    prepare, finish : Callable[[Any], None], optional
        Are given the engine before and after the run.

    Returns
    -------
    tuple[dict[str, Any], Path]
        The summary and the run's folder.

    Raises
    ------
    AuctionError
        If the catalog cannot serve the run, or the run saw no event, closed no bar or brought
        none to a strategy.
    UsageError
        If the run's folder cannot be made.

    """
    with recorded_snapshot(run.catalog, run.instrument_ids) as end_ns:
        return _run_cut(run.cut(end_ns), runs, complete, report, prepare, finish, end_ns)


def _run_cut(
    run: RunConfig,
    runs: Path,
    complete: Callable[[dict[str, Any]], None] | None,
    report: bool,
    prepare: Callable[[Any], None] | None,
    finish: Callable[[Any], None] | None,
    recorded_ns: int | None,
) -> tuple[dict[str, Any], Path]:
    before = preflight(run)
    if recorded_ns is not None and run.end_ns == recorded_ns:
        text = f"the catalog is being recorded: what it had before {utc_text(recorded_ns)} counts"
        before = replace(before, warnings=[*before.warnings, text])
    began = time.monotonic()
    config = run.until(before.end_ns)
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{run.system}-{config.id[:8]}"
    # The folder comes first: one that cannot be written to must not cost the run.
    with run_folder(runs, run_id) as folder:
        node = BacktestNode([config])
        try:
            _build(node, run)
            engine = node.get_engine(config.id)
            if engine is None:
                raise AuctionError(f"{run.system}: no engine was built for the configuration")
            _send_at_the_close(engine, run)
            if prepare is not None:
                prepare(engine)
            components = (*engine.trader.actors(), *engine.trader.strategies())
            collector = Collector(folder, published_by(components))
            _run(node, engine, collector, run)
            if engine.iteration == 0:
                raise AuctionError(
                    f"{run.catalog}: the run saw 0 events: see `auction catalog check` for the "
                    "window"
                )
            outcome = read_outcome(engine, before.instruments)
            _check_seen(run, outcome, collector)
            if finish is not None:
                finish(engine)
            summary = _write(run, run_id, before, outcome, collector, folder, began)
            if complete is not None:
                complete(summary)
            write_json(summary, folder / "summary.json")
            if report:
                write_report(folder)
        finally:
            node.dispose()
    return summary, runs / run_id


def record_facts(run: RunConfig, end_ns: int | None) -> list[Fact]:
    """
    Return what the actors of a run publish, each message at its place among the events.

    Run one in a process, like `run_backtest`; strategies take no part.

    Parameters
    ----------
    run : RunConfig
        The resolved configuration.
    end_ns : int or None
        The end of its data as `preflight` returns it (ns UTC, excluded).

    Raises
    ------
    AuctionError
        If the actors saw no event.
    UsageError
        If no engine can be built of the configuration.

    """
    config = run.until(end_ns)
    engine_config = msgspec.structs.replace(config.engine, strategies=[])
    config = msgspec.structs.replace(config, engine=engine_config)
    node = BacktestNode([config])
    try:
        _build(node, run)
        engine = node.get_engine(config.id)
        if engine is None:
            raise AuctionError(f"{run.system}: no engine was built for the configuration")
        recorder = FactRecorder(published_by(engine.trader.actors()))
        engine.add_actor(recorder)
        recorder.listen()
        node.run()
    finally:
        node.dispose()
    if not recorder.seen:
        raise AuctionError(f"{run.catalog}: the actors of {run.system} saw no event")
    return recorder.facts


def _write(
    run: RunConfig,
    run_id: str,
    before: Preflight,
    outcome: Outcome,
    collector: Collector,
    folder: Path,
    began: float,
) -> dict[str, Any]:
    trades = trades_of(outcome.orders, before.instruments)
    book_payments(trades, collector.payments)
    start, end = before.starting_balance, outcome.end_ns
    found = (instrument.get_settlement_currency() for instrument in before.instruments.values())
    check_books(trades, start, outcome.balance, min(currency.precision for currency in found))
    replay_trades(run.catalog, trades, end, bars_of_market(run))
    equity = equity_curve(float(start), trades, collector.marks(), end, outcome.prices)
    days = day_table(float(start), equity, trades)
    write_yaml(run.document, folder / "config.yaml")
    several = any(strategy.max_trades > 1 for strategy in outcome.strategies)
    orders = order_table(outcome.orders, trades, names_trades=several)
    fills = fill_table(outcome.orders, trades, names_trades=several)
    positions = position_table(trades, collector.gaps, names_trades=several)
    write_table(orders, folder / "orders.parquet")
    write_table(fills, folder / "fills.parquet")
    write_table(positions, folder / "positions.parquet")
    log = trade_log(trades, before.instruments, names_trades=several)
    write_trade_log(log, folder / "trades.csv", names_trades=several)
    write_table(equity, folder / "equity.parquet")
    write_table(days, folder / "days.parquet")
    return {
        "schema": SCHEMA_VERSION,
        "run_id": run_id,
        "preset": run.preset,
        **summarise(run, before, outcome, collector, trades, equity, days),
        "versions": {
            "auction-trader": version("auction-trader"),
            "nautilus_trader": version("nautilus_trader"),
            "python": platform.python_version(),
        },
        "elapsed_seconds": round(time.monotonic() - began, 3),
    }


def _run(node: BacktestNode, engine: BacktestEngine, collector: Collector, run: RunConfig) -> None:
    actor = CollectorActor(collector)
    engine.add_actor(actor)
    actor.listen()
    try:
        node.run()
    except AuctionError:
        raise
    except Exception as error:
        # The traceback is for who wrote the handler; its last line says what has failed, and when.
        error.add_note(f"error: {run.system}: {failure_line(error)}")
        raise
    finally:
        collector.close()
    if actor.failure is not None:
        raise AuctionError(
            f"{run.system}: a message of the run could not be kept: {one_line(actor.failure)}"
        ) from actor.failure


def _build(node: BacktestNode, run: RunConfig) -> None:
    # What only Nautilus's own constructors can judge: a rate, a module path, a protection limit.
    try:
        node.build()
    except (ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError) as e:
        raise UsageError(f"{run.system}: no engine can be built of it: {one_line(e)}") from e


def _send_at_the_close(engine: BacktestEngine, run: RunConfig) -> None:
    # Where bars alone fill there is no quote to wait for: an order meets the next open anyhow.
    market = bars_of_market(run)
    for strategy in engine.trader.strategies() if market else ():
        if isinstance(strategy, TradingStrategy):
            strategy.set_market_bars(market[str(strategy.config.instrument_id)])


def _check_seen(run: RunConfig, outcome: Outcome, collector: Collector) -> None:
    if not collector.bars:
        raise AuctionError(
            f"{run.catalog}: {outcome.events:,} events closed no bar: choose a longer window"
        )
    decided = {decision.instrument_id.value for decision in collector.decisions}
    for strategy in outcome.strategies:
        instrument_id = strategy.instrument_id
        if instrument_id not in decided and not strategy.closes_seen:
            raise AuctionError(
                f"{run.system}: strategy {strategy.id} on {instrument_id} decided nothing: no "
                f"minute of {instrument_id} reached it: name its messages in INPUTS, and give it "
                "an actor and data that close its minutes"
            )

"""Runs one configuration through Nautilus's backtest node and writes its run folder."""

import math
import platform
import time
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.data import BarType

from actors.protocols import published_by
from adapters.simulated.prices import price_in_force
from backtests.collector import Collector
from backtests.features import write_table
from backtests.preflight import Preflight
from backtests.preflight import bars_of_market
from backtests.preflight import preflight
from backtests.report import write_report
from backtests.results.books import check_books
from backtests.results.days import day_table
from backtests.results.equity import equity_curve
from backtests.results.excursions import replay_trades
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
from configs.documents import one_line
from configs.loader import RunConfig
from errors import AuctionError
from errors import UsageError
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.run_report import RunReport


def run_backtest(
    run: RunConfig,
    runs: Path,
    complete: Callable[[dict[str, Any]], None] | None = None,
    *,
    report: bool = True,
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
    before = preflight(run)
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
            components = (*engine.trader.actors(), *engine.trader.strategies())
            collector = Collector(engine.kernel.msgbus, folder, published_by(components))
            try:
                node.run()
            finally:
                collector.close()
            _check_seen(run, engine, collector)
            summary = _write(run, run_id, before, engine, collector, folder, began)
            if complete is not None:
                complete(summary)
            write_json(summary, folder / "summary.json")
            if report:
                write_report(folder)
        finally:
            node.dispose()
    return summary, runs / run_id


def _write(
    run: RunConfig,
    run_id: str,
    before: Preflight,
    engine: BacktestEngine,
    collector: Collector,
    folder: Path,
    began: float,
) -> dict[str, Any]:
    cache = engine.kernel.cache
    trades = trades_of(cache, before.instruments)
    book_payments(trades, collector.payments)
    start, balance = before.starting_balance, _ending_balance(engine, before)
    currency = next(iter(before.instruments.values())).get_settlement_currency()
    check_books(trades, start, balance, currency.precision)
    end = pd.Timestamp(engine.backtest_end).value
    replay_trades(run.catalog, trades, end, bars_of_market(run))
    equity = equity_curve(float(start), trades, collector.marks(), end, _marks(cache, before))
    days = day_table(float(start), equity, trades)
    write_yaml(run.document, folder / "config.yaml")
    write_table(order_table(cache, trades), folder / "orders.parquet")
    write_table(fill_table(cache, trades), folder / "fills.parquet")
    write_table(position_table(trades, collector.gaps), folder / "positions.parquet")
    write_trade_log(trade_log(trades, before.instruments), folder / "trades.csv")
    write_table(equity, folder / "equity.parquet")
    write_table(days, folder / "days.parquet")
    return {
        "schema": SCHEMA_VERSION,
        "run_id": run_id,
        "preset": run.preset,
        **summarise(run, before, engine, collector, trades, equity, days, balance),
        "versions": {
            "auction-trader": version("auction-trader"),
            "nautilus_trader": version("nautilus_trader"),
            "python": platform.python_version(),
        },
        "elapsed_seconds": round(time.monotonic() - began, 3),
    }


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
            strategy.market_bars = BarType.from_str(market[str(strategy.config.instrument_id)])


def _check_seen(run: RunConfig, engine: BacktestEngine, collector: Collector) -> None:
    if engine.iteration == 0:
        raise AuctionError(
            f"{run.catalog}: the run saw 0 events: see `auction catalog check` for the window"
        )
    if not collector.bars:
        raise AuctionError(
            f"{run.catalog}: {engine.iteration:,} events closed no bar: choose a longer window"
        )
    decided = {decision.instrument_id for decision in collector.decisions}
    for strategy in engine.trader.strategies():
        instrument_id = strategy.config.instrument_id
        has_closes = isinstance(strategy, RunReport) and strategy.closes_seen > 0
        if instrument_id not in decided and not has_closes:
            raise AuctionError(
                f"{run.system}: strategy {strategy.id} on {instrument_id} decided nothing: no "
                f"minute of {instrument_id} reached it: give it an actor and data that close its "
                "minutes"
            )


def _marks(cache: Cache, before: Preflight) -> dict[str, float]:
    marks = {}
    for name, instrument in before.instruments.items():
        quote, price = cache.quote_tick(instrument.id), price_in_force(cache, instrument.id)
        if quote is not None:
            marks[name] = (float(quote.bid_price) + float(quote.ask_price)) / 2
        else:
            marks[name] = math.nan if price is None else float(price)
    return marks


def _ending_balance(engine: BacktestEngine, before: Preflight) -> Decimal:
    currency = next(iter(before.instruments.values())).get_settlement_currency()
    total = Decimal(0)
    for venue in {instrument.id.venue for instrument in before.instruments.values()}:
        account = engine.kernel.cache.account_for_venue(venue)
        total += account.balance_total(currency).as_decimal()
    return total

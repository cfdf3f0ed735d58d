"""Runs one configuration through Nautilus's backtest node and writes its run folder."""

import platform
import time
from collections import Counter
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.node import BacktestNode

from backtests.assumptions import describe_assumptions
from backtests.collector import Collector
from backtests.equity import equity_rows
from backtests.features import feature_table
from backtests.features import write_table
from backtests.metrics import ClosedPosition
from backtests.metrics import Metrics
from backtests.metrics import closed_metrics
from backtests.preflight import Preflight
from backtests.preflight import preflight
from backtests.report import write_report
from backtests.results import run_folder
from backtests.results import signal_rows
from backtests.results import write_frame
from backtests.results import write_json
from backtests.results import write_yaml
from backtests.trades import Trade
from backtests.trades import fill_rows
from backtests.trades import open_rows
from backtests.trades import order_rows
from backtests.trades import position_rows
from backtests.trades import trades_of
from catalog.errors import AuctionError
from catalog.layout import SYNTHETIC
from configs.loader import RunConfig


SCHEMA_VERSION = 1


def run_backtest(run: RunConfig, runs: Path) -> tuple[dict[str, Any], Path]:
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

    Returns
    -------
    tuple[dict[str, Any], Path]
        The summary and the run's folder.

    Raises
    ------
    AuctionError
        If the catalog cannot serve the run, or the run saw no event or closed no minute.

    """
    before = preflight(run)
    currencies = {i.get_settlement_currency().code for i in before.instruments.values()}
    if len(currencies) > 1:
        raise AuctionError(
            f"{run.system}: instruments settle in {', '.join(sorted(currencies))}: run them apart"
        )
    began = time.monotonic()
    node = BacktestNode([run.node])
    node.build()
    engine = node.get_engine(run.node.id)
    if engine is None:
        raise AuctionError(f"{run.system}: no engine was built for the configuration")
    try:
        collector = Collector(engine.kernel.msgbus)
        node.run()
        if engine.iteration == 0:
            raise AuctionError(
                f"{run.catalog}: the run saw 0 events: see `auction catalog check` for the window"
            )
        if not collector.minutes:
            raise AuctionError(
                f"{run.catalog}: {engine.iteration:,} events closed no minute: "
                "choose a longer window"
            )
        run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{run.system}-{run.node.id[:8]}"
        with run_folder(runs, run_id) as folder:
            summary = _write(run, run_id, before, engine, collector, folder, began)
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
    start = _starting_balance(run, before)
    equity = equity_rows(float(start), trades, collector.minutes)
    signals = signal_rows(collector.decisions)
    write_yaml(run.document, folder / "config.yaml")
    write_table(feature_table(collector.feature_rows()), folder / "features.parquet")
    write_frame(signals, folder / "signals.parquet")
    write_frame(order_rows(cache), folder / "orders.parquet")
    write_frame(fill_rows(cache), folder / "fills.parquet")
    write_frame(position_rows(trades), folder / "positions.parquet")
    write_frame(equity, folder / "equity.parquet")
    closed = [
        ClosedPosition(trade.gross, trade.fees, Decimal(0), trade.ts_close)
        for trade in trades
        if trade.ts_close is not None
    ]
    closed.sort(key=lambda position: position.ts_close)
    metrics = closed_metrics(start, closed)
    balance = _ending_balance(engine, before)
    _check_books(trades, start, balance)
    refusals = Counter(str(why) for why in signals["why"].dropna())
    summary = {
        "schema": SCHEMA_VERSION,
        "run_id": run_id,
        "system": run.system,
        "instruments": list(run.instrument_ids),
        "strategy": ", ".join(str(strategy.id) for strategy in engine.trader.strategies()),
        "start": pd.Timestamp(engine.backtest_start).isoformat(),
        "end": pd.Timestamp(engine.backtest_end).isoformat(),
        "synthetic": SYNTHETIC in before.quality,
        "data_quality": before.quality,
        "events": engine.iteration,
        "minutes_closed": len(collector.minutes),
        "signals": int(signals["setup"].notna().sum()),
        "entries": int((signals["action"] == "ENTER").sum()),
        "orders": cache.orders_total_count(),
        **_figures(metrics, start, balance, equity, before),
        "open_position": next(iter(open_rows(trades)), None),
        "reasons": _by_count(Counter(signals["reason"])),
        "refusals": _by_count(refusals),
        "assumptions": describe_assumptions(run.document["venues"], before.instruments),
        "warnings": _warnings(before, trades),
        "versions": {
            "auction-trader": version("auction-trader"),
            "nautilus_trader": version("nautilus_trader"),
            "python": platform.python_version(),
        },
        "elapsed_seconds": round(time.monotonic() - began, 3),
    }
    write_json(summary, folder / "summary.json")
    return summary


def _figures(
    metrics: Metrics,
    start: Decimal,
    balance: Decimal,
    equity: pd.DataFrame,
    before: Preflight,
) -> dict[str, Any]:
    instrument = next(iter(before.instruments.values()))
    return {
        "trades": metrics.trades,
        "currency": instrument.get_settlement_currency().code,
        "starting_balance": float(start),
        "ending_balance": float(balance),
        "gross_pnl": float(metrics.gross),
        "fees": float(metrics.fees),
        "net_pnl": float(metrics.net),
        "win_rate": _float(metrics.win_rate),
        "profit_factor": _float(metrics.profit_factor),
        "average_trade": _float(metrics.average),
        "average_win": _float(metrics.average_win),
        "average_loss": _float(metrics.average_loss),
        "max_drawdown": float(-equity["drawdown"].min()) + 0.0,
        "max_drawdown_pct": float(-equity["drawdown_pct"].min()) + 0.0,
        "sharpe_daily_365": _float(metrics.sharpe),
    }


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _by_count(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _starting_balance(run: RunConfig, before: Preflight) -> Decimal:
    code = next(iter(before.instruments.values())).get_settlement_currency().code
    total = Decimal(0)
    for name, venue in run.document["venues"].items():
        amounts = [text.split() for text in venue["starting_balances"]]
        found = [Decimal(amount.replace("_", "")) for amount, unit in amounts if unit == code]
        if not found:
            raise AuctionError(f"backtest: venues.{name}.starting_balances holds no {code}")
        total += sum(found, Decimal(0))
    return total


def _ending_balance(engine: BacktestEngine, before: Preflight) -> Decimal:
    currency = next(iter(before.instruments.values())).get_settlement_currency()
    total = Decimal(0)
    for venue in {instrument.id.venue for instrument in before.instruments.values()}:
        account = engine.kernel.cache.account_for_venue(venue)
        total += account.balance_total(currency).as_decimal()
    return total


def _check_books(trades: list[Trade], start: Decimal, balance: Decimal) -> None:
    # The fills and the account are two books of one run: where they differ, neither is believed.
    counted = start + sum((trade.net for trade in trades), Decimal(0))
    fills = sum(len(trade.fills) for trade in trades)
    if abs(counted - balance) > Decimal("0.01") * max(fills, 1):
        raise RuntimeError(f"the fills make a balance of {counted}, the account says {balance}")


def _warnings(before: Preflight, trades: list[Trade]) -> list[str]:
    warnings = list(before.warnings)
    if any(hasattr(i, "funding_rate") for i in before.instruments.values()):
        warnings.append("Funding is not charged.")
    if any(trade.open_quantity for trade in trades):
        warnings.append(
            "A position was still open at the end: net P&L and trades are those of closed ones."
        )
    return warnings

"""Reads what a run has left in Nautilus's engine into plain values."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.cache.cache import Cache
from nautilus_trader.trading.strategy import Strategy

from actors.nautilus_records import order_record
from actors.protocols import notices_of
from adapters.simulated.prices import price_in_force
from backtests.results.outcome import Outcome
from backtests.results.outcome import ReckonedCosts
from backtests.results.outcome import StrategyOutcome
from catalog.protocols import Instrument
from strategies.common.run_report import RunReport


def read_outcome(engine: BacktestEngine, instruments: Mapping[str, Instrument]) -> Outcome:
    """
    Return the results in an engine after its run.

    Parameters
    ----------
    engine : BacktestEngine
        The engine.
    instruments : Mapping[str, Instrument]
        The instruments of the run by id; they settle in one currency, or in dollars
        and their stablecoins, which count one to one.

    """
    cache, trader = engine.kernel.cache, engine.trader
    end = pd.Timestamp(engine.backtest_end)
    return Outcome(
        start=pd.Timestamp(engine.backtest_start).isoformat(),
        end=end.isoformat(),
        end_ns=end.value,
        events=engine.iteration,
        balance=_balance(cache, instruments),
        prices={name: _price(cache, found) for name, found in instruments.items()},
        orders=tuple(order_record(order) for order in cache.orders()),
        strategies=tuple(_strategy(strategy) for strategy in trader.strategies()),
        notices=notices_of([*trader.strategies(), *trader.actors()]),
        history=tuple(
            text
            for actor in trader.actors()
            if hasattr(actor, "describe_history")
            for text in actor.describe_history()
        ),
        statistics=_statistics(engine),
    )


def _strategy(strategy: Strategy) -> StrategyOutcome:
    report = strategy if isinstance(strategy, RunReport) else None
    return StrategyOutcome(
        id=strategy.id.value,
        instrument_id=strategy.config.instrument_id.value,
        closes_seen=0 if report is None else report.closes_seen,
        closes_cold=0 if report is None else report.closes_cold,
        progress=() if report is None else tuple(report.describe_progress()),
        costs=_costs(strategy) if hasattr(strategy, "account") else None,
        max_trades=getattr(strategy.config, "max_trades", 1),
    )


def _costs(strategy: Strategy) -> ReckonedCosts:
    return ReckonedCosts(
        instrument=strategy.instrument,
        tick=float(strategy.units.tick),
        round_trip=strategy.account.costs,
        taker_fee_bps=strategy.manager.params.taker_fee_bps,
        fee_per_contract=strategy.config.fee_per_contract or Decimal(0),
    )


def _price(cache: Cache, instrument: Instrument) -> float:
    quote, price = cache.quote_tick(instrument.id), price_in_force(cache, instrument.id)
    if quote is not None:
        return (float(quote.bid_price) + float(quote.ask_price)) / 2
    return math.nan if price is None else float(price)


def _balance(cache: Cache, instruments: Mapping[str, Instrument]) -> Decimal:
    held = {(i.id.venue, i.get_settlement_currency()) for i in instruments.values()}
    total = Decimal(0)
    for venue, currency in held:
        total += cache.account_for_venue(venue).balance_total(currency).as_decimal()
    return total


def _statistics(engine: BacktestEngine) -> dict[str, Any]:
    result = engine.get_result()
    return {
        "pnls": {currency: _finite(values) for currency, values in result.stats_pnls.items()},
        "returns": _finite(result.stats_returns),
    }


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    # JSON has no NaN, which represents a figure that does not exist.
    return {name: float(v) if math.isfinite(v) else None for name, v in sorted(values.items())}

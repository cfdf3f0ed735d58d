"""The figures of a run: results, risk, costs, and the same by groups."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from backtests.preflight import Preflight
from backtests.results.breakdowns import breakdowns
from backtests.results.days import intraday_drawdown
from backtests.results.metrics import ClosedPosition
from backtests.results.metrics import closed_metrics
from backtests.results.metrics import spread
from backtests.results.netted import netted
from backtests.results.r_multiples import mean_r
from backtests.results.tables import number
from backtests.results.trade import Trade
from backtests.results.trading_hours import days_per_year


AMBIGUOUS_LIMIT = 0.35


def run_figures(
    trades: Sequence[Trade],
    before: Preflight,
    unclear: Sequence[float],
    equity: pa.Table,
    days: pa.Table,
    balance: Decimal,
) -> dict[str, Any]:
    """
    Return the figures of a run by their keys in the summary.

    Parameters
    ----------
    trades : Sequence[Trade]
        The positions of the run.
    before : Preflight
        What was known before the run.
    unclear : Sequence[float]
        Of each closed bar with prints the share of volume whose side is unclear.
    equity, days : pa.Table
        The equity of the run, by minute and by day.
    balance : Decimal
        The balance of the accounts at the end.

    """
    closed = [trade for trade in trades if trade.ts_close is not None]
    start = before.starting_balance
    instrument = next(iter(before.instruments.values()))
    year = days_per_year(instrument)
    metrics = closed_metrics(start, closed_positions(trades), year)
    return {
        "trades": metrics.trades,
        "currency": instrument.get_settlement_currency().code,
        "starting_balance": float(start),
        "ending_balance": float(balance),
        "gross_pnl": float(metrics.gross),
        "fees": float(metrics.fees),
        "funding": float(metrics.funding),
        "funding_payments": sum(map(_settlements, netted(closed))),
        "net_pnl": float(metrics.net),
        "win_rate": number(metrics.win_rate),
        "profit_factor": number(metrics.profit_factor),
        "average_trade": number(metrics.average),
        "average_win": number(metrics.average_win),
        "average_loss": number(metrics.average_loss),
        **{name: number(value) for name, value in mean_r(closed).items()},
        "closed_drawdown": float(metrics.max_drawdown),
        "closed_drawdown_pct": float(metrics.max_drawdown_pct),
        # Zero is added because the negative of no drawdown prints as -0.0.
        "max_drawdown": -pc.min(equity["drawdown"]).as_py() + 0.0,
        "max_drawdown_pct": -pc.min(equity["drawdown_pct"]).as_py() + 0.0,
        "intraday_drawdown": intraday_drawdown(days),
        "sharpe": number(metrics.shown_sharpe),
        "sharpe_days": metrics.return_days,
        "days_per_year": year,
        "entry_cost": _spread([trade.entry_cost for trade in trades]),
        "excursions": {
            "mae_r": _spread([_in_risk(trade, trade.adverse) for trade in closed]),
            "mfe_r": _spread([_in_risk(trade, trade.favourable) for trade in closed]),
        },
        "ambiguous": _ambiguous(unclear),
        "breakdowns": breakdowns(trades, before.instruments),
    }


def closed_positions(trades: Iterable[Trade]) -> list[ClosedPosition]:
    """Return the closed positions in the order of their closing."""
    closed = [
        ClosedPosition(trade.gross, trade.fees, trade.funding, trade.ts_close)
        for trade in trades
        if trade.ts_close is not None
    ]
    return sorted(closed, key=lambda position: position.ts_close)


def _settlements(group: Sequence[Trade]) -> int:
    # The trades of one position share a payment.
    return len({ts for trade in group for ts, _ in trade.payments})


def _in_risk(trade: Trade, move: Decimal | None) -> Decimal | None:
    risk = trade.plan.risk if trade.plan else None
    return None if move is None or risk is None else move / risk


def _spread(values: Iterable[Decimal | None]) -> dict[str, Any]:
    return asdict(spread([float(value) for value in values if value is not None]))


def _ambiguous(shares: Sequence[float]) -> dict[str, Any]:
    # A bar without a print has no side that could be in doubt.
    above = sum(share > AMBIGUOUS_LIMIT for share in shares)
    return {
        **asdict(spread(shares)),
        "limit": AMBIGUOUS_LIMIT,
        "share_above": above / len(shares) if shares else None,
    }

"""Figures of a run from its closed positions and its equity, in exact decimals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context
from decimal import Decimal

import numpy as np


DAYS_PER_YEAR = 365
SATURDAY = 5
# An annualised ratio of fewer daily returns is noise: its standard error alone is above 4.
MIN_ANNUALISED_DAYS = 20
NANOS_PER_DAY = 86_400_000_000_000
_CONTEXT = Context(prec=34)


@dataclass(frozen=True, slots=True)
class ClosedPosition:
    """
    Represents one position from open to flat.

    Attributes
    ----------
    gross, fees, funding : Decimal
        Profit and loss before costs, fees paid, funding paid (negative: received).
    ts_close : int
        The time it became flat (ns UTC).

    """

    gross: Decimal
    fees: Decimal
    funding: Decimal
    ts_close: int

    @property
    def net(self) -> Decimal:
        return self.gross - self.fees - self.funding


@dataclass(frozen=True, slots=True)
class Metrics:
    """
    Represents the figures of a run; None where a figure does not exist.

    All results are net of fees and funding. A win is a net above zero: zero is none. The drawdown
    is that of the equity after each closed position, its peak includes the start. The Sharpe ratio
    is that of UTC-day returns, days without trades between the first and the last counted as zero,
    times the root of the trading days of a year; `return_days` is the number of these returns.

    """

    trades: int
    gross: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal
    average: Decimal | None
    win_rate: Decimal | None
    average_win: Decimal | None
    average_loss: Decimal | None
    profit_factor: Decimal | None
    max_drawdown: Decimal
    max_drawdown_pct: Decimal
    sharpe: Decimal | None
    return_days: int
    final_equity: Decimal

    @property
    def shown_sharpe(self) -> Decimal | None:
        """Return the Sharpe ratio; None where its days are too few to annualise it."""
        return self.sharpe if self.return_days >= MIN_ANNUALISED_DAYS else None


@dataclass(frozen=True, slots=True)
class Spread:
    """
    Represents how figures are spread; None where there is none.

    Quantiles lie on the line between the two nearest values.
    """

    count: int
    mean: float | None
    p50: float | None
    p90: float | None
    p99: float | None


def closed_metrics(
    capital: Decimal,
    positions: Sequence[ClosedPosition],
    days_per_year: int = DAYS_PER_YEAR,
) -> Metrics:
    """
    Return the figures of closed positions.

    Parameters
    ----------
    capital : Decimal
        The equity at the start.
    positions : Sequence[ClosedPosition]
        The positions in the order of closing.
    days_per_year : int, default 365
        The trading days of a year. Below 365 the market rests at weekends: a Saturday or Sunday
        without trades then counts as no day at all.

    """
    nets = [position.net for position in positions]
    wins = [net for net in nets if net > 0]
    losses = [net for net in nets if net <= 0]
    lost = -sum(losses, Decimal(0))
    drawdown, drawdown_pct, final = _drawdown(capital, nets)
    returns = _daily_returns(capital, positions, days_per_year)
    return Metrics(
        trades=len(nets),
        gross=sum((position.gross for position in positions), Decimal(0)),
        fees=sum((position.fees for position in positions), Decimal(0)),
        funding=sum((position.funding for position in positions), Decimal(0)),
        net=sum(nets, Decimal(0)),
        average=mean(nets),
        win_rate=divide(Decimal(len(wins)), Decimal(len(nets))),
        average_win=mean(wins),
        average_loss=mean(losses),
        profit_factor=divide(sum(wins, Decimal(0)), lost),
        max_drawdown=drawdown,
        max_drawdown_pct=drawdown_pct,
        sharpe=_sharpe(returns, days_per_year),
        return_days=len(returns),
        final_equity=final,
    )


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """Return the mean, None of nothing."""
    return divide(sum(values, Decimal(0)), Decimal(len(values)))


def divide(value: Decimal, by: Decimal) -> Decimal | None:
    """Return a quotient, None where the divisor is zero."""
    return _CONTEXT.divide(value, by) if by else None


def spread(values: Sequence[float]) -> Spread:
    """Return mean and quantiles of values."""
    if not len(values):
        return Spread(0, None, None, None, None)
    p50, p90, p99 = np.quantile(values, (0.5, 0.9, 0.99)).tolist()
    return Spread(len(values), float(np.mean(values)), p50, p90, p99)


def _drawdown(capital: Decimal, nets: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    equity = peak = capital
    worst = worst_pct = Decimal(0)
    for net in nets:
        equity += net
        peak = max(peak, equity)
        worst = max(worst, peak - equity)
        if peak > 0:
            worst_pct = max(worst_pct, _CONTEXT.divide(peak - equity, peak))
    return worst, worst_pct, equity


def _daily_returns(
    capital: Decimal,
    positions: Sequence[ClosedPosition],
    days_per_year: int,
) -> list[Decimal]:
    if not positions:
        return []
    by_day: dict[int, Decimal] = {}
    for position in positions:
        day = position.ts_close // NANOS_PER_DAY
        by_day[day] = by_day.get(day, Decimal(0)) + position.net
    equity = capital
    returns = []
    for day in range(min(by_day), max(by_day) + 1):
        if day not in by_day and days_per_year < DAYS_PER_YEAR and _weekday(day) >= SATURDAY:
            continue
        net = by_day.get(day, Decimal(0))
        # A lost account has no return, and no ratio.
        if equity <= 0:
            return []
        returns.append(_CONTEXT.divide(net, equity))
        equity += net
    return returns


def _sharpe(returns: Sequence[Decimal], days_per_year: int) -> Decimal | None:
    if len(returns) < 2:
        return None
    average = mean(returns) or Decimal(0)
    squares = sum(((value - average) ** 2 for value in returns), Decimal(0))
    deviation = _CONTEXT.divide(squares, Decimal(len(returns) - 1)).sqrt(_CONTEXT)
    if not deviation:
        return None
    return _CONTEXT.divide(average, deviation) * Decimal(days_per_year).sqrt(_CONTEXT)


def _weekday(day: int) -> int:
    # The first day of the epoch was a Thursday; Monday is 0.
    return (day + 3) % 7

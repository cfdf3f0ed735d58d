"""Statistics of the sample market and the ranges in which they are promised to lie."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.batches import BUYER
from catalog.sample.bitcoin import INSTRUMENT as BITCOIN
from catalog.sample.market import Session
from catalog.sample.nasdaq import INSTRUMENT as NASDAQ


MINUTE_NS = 60_000_000_000
MILLISECOND_NS = 1_000_000
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class MarketStatistics:
    """
    Represents what the data of one market looks like.

    Attributes
    ----------
    mean_spread : float
        The mean spread over all quotes (ticks).
    minute_sigma : float
        The standard deviation of the log return between closes of minutes with trades, basis
        points.
    minute_range : float
        The median distance of high and low of a minute's trades, basis points of the last.
    median_size, size_99 : float
        The median and the 99 % quantile of the trade size (lots).
    trades_per_minute, busiest_minute : float
        The mean and the greatest number of trades of a minute.
    empty_minutes : float
        The share of minutes without a trade.
    side_autocorrelation : float
        The correlation of the sides of consecutive trades (buyer +1, seller -1).
    equal_millisecond : float
        The share of trades that share their millisecond with another trade.
    inside_spread : float
        The share of trades strictly between the best bid and ask in force.

    """

    mean_spread: float
    minute_sigma: float
    minute_range: float
    median_size: float
    size_99: float
    trades_per_minute: float
    busiest_minute: float
    empty_minutes: float
    side_autocorrelation: float
    equal_millisecond: float
    inside_spread: float


SAMPLE_STATISTICS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    BITCOIN: {
        "mean_spread": (1.6, 1.8),
        "minute_sigma": (7.5, 10.5),
        "minute_range": (7.0, 8.9),
        "median_size": (14.0, 18.0),
        "size_99": (1500.0, 1800.0),
        "trades_per_minute": (90.0, 125.0),
        "busiest_minute": (800.0, 3000.0),
        "empty_minutes": (0.015, 0.045),
        "side_autocorrelation": (0.79, 0.86),
        "equal_millisecond": (0.85, 0.91),
        "inside_spread": (0.0015, 0.003),
    },
    NASDAQ: {
        "mean_spread": (1.6, 1.8),
        "minute_sigma": (1.4, 3.0),
        "minute_range": (1.1, 1.5),
        "median_size": (1.0, 1.0),
        "size_99": (7.0, 9.0),
        "trades_per_minute": (60.0, 85.0),
        "busiest_minute": (600.0, 3000.0),
        "empty_minutes": (0.005, 0.03),
        "side_autocorrelation": (0.24, 0.3),
        "equal_millisecond": (0.34, 0.41),
        "inside_spread": (0.0025, 0.0045),
    },
}


def measure(sessions: Sequence[Session]) -> MarketStatistics:
    """Return the statistics of the sessions of one market."""
    size = np.concatenate([s.trades.size for s in sessions])
    spread = np.concatenate([s.quotes.ask - s.quotes.bid for s in sessions])
    minutes = np.concatenate([_minute_counts(s) for s in sessions])
    sign = np.concatenate([np.where(s.trades.side == BUYER, 1, -1) for s in sessions])
    milli = np.concatenate([s.trades.ts_event // MILLISECOND_NS for s in sessions])
    moves = zip(*map(_minute_moves, sessions), strict=True)
    returns, ranges = (np.concatenate(part) for part in moves)
    same = np.concatenate(([False], np.diff(milli) == 0, [False]))
    return MarketStatistics(
        mean_spread=float(np.mean(spread)),
        minute_sigma=float(np.std(returns, ddof=1)),
        minute_range=float(np.median(ranges)),
        median_size=float(np.median(size)),
        size_99=float(np.quantile(size, 0.99)),
        trades_per_minute=float(np.mean(minutes)),
        busiest_minute=float(np.max(minutes)),
        empty_minutes=float(np.mean(minutes == 0)),
        side_autocorrelation=float(np.corrcoef(sign[1:], sign[:-1])[0, 1]),
        equal_millisecond=float(np.mean(same[1:] | same[:-1])),
        inside_spread=float(np.mean(np.concatenate([_inside(s) for s in sessions]))),
    )


def _minute_counts(session: Session) -> NDArray[np.int64]:
    minute = (session.trades.ts_event - session.path.start_ns) // MINUTE_NS
    return np.bincount(minute, minlength=len(session.path.intensity) // 60)


def _minute_moves(session: Session) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    trades = session.trades
    minute = trades.ts_event // MINUTE_NS
    first = np.flatnonzero(np.diff(minute, prepend=-1) != 0)
    close = trades.price[np.append(first[1:], len(minute)) - 1]
    high, low = (extreme.reduceat(trades.price, first) for extreme in (np.maximum, np.minimum))
    return np.diff(np.log(close)) * BASIS_POINTS, (high - low) / close * BASIS_POINTS


def _inside(session: Session) -> NDArray[np.bool_]:
    trades, quotes = session.trades, session.quotes
    quote = np.searchsorted(np.asarray(quotes.seq), np.asarray(trades.seq)) - 1
    return (quotes.bid[quote] < trades.price) & (trades.price < quotes.ask[quote])

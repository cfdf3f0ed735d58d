"""Statistics of the sample market."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.batches import BUYER
from catalog.sample.market import Session
from catalog.sessions import is_regular


MINUTE_NS = 60_000_000_000
MILLISECOND_NS = 1_000_000
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class MarketStatistics:
    """
    Represents statistics of the data of one market.

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
    regular_share : float
        The share of trades from 09:30 to 16:00 in New York on days of the stock exchange.

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
    regular_share: float


class Statistics:
    """Collects the statistics of a market, session by session."""

    def __init__(self) -> None:
        self._sizes = np.zeros(0, dtype=np.int64)
        self._returns: list[NDArray[np.float64]] = []
        self._ranges: list[NDArray[np.float64]] = []
        self._minutes: list[NDArray[np.int64]] = []
        self._spread = self._quotes = self._trades = 0
        self._equal = self._inside = self._regular = 0
        # Of pairs of consecutive sides: how many, and the sum of their products.
        self._pairs = self._alike = self._signs = 0

    def add(self, session: Session) -> None:
        """Count a session."""
        trades, quotes = session.trades, session.quotes
        sizes = np.bincount(trades.size)
        if len(sizes) < len(self._sizes):
            sizes = np.pad(sizes, (0, len(self._sizes) - len(sizes)))
        sizes[: len(self._sizes)] += self._sizes
        self._sizes = sizes
        returns, ranges = _minute_moves(session)
        self._returns.append(returns)
        self._ranges.append(ranges)
        self._minutes.append(_minute_counts(session))
        self._trades += len(trades)
        self._quotes += len(quotes)
        self._spread += int(np.sum(quotes.ask - quotes.bid))
        sign = np.where(trades.side == BUYER, 1, -1)
        self._signs += int(sign.sum())
        self._pairs += len(sign) - 1
        self._alike += int(np.sum(sign[1:] * sign[:-1]))
        same = np.diff(trades.ts_event // MILLISECOND_NS) == 0
        self._equal += int(np.count_nonzero(np.append(same, False) | np.append(False, same)))
        self._inside += int(np.count_nonzero(_inside(session)))
        self._regular += _regular_trades(session)

    def measured(self) -> MarketStatistics:
        """Return the statistics of all sessions so far."""
        minutes = np.concatenate(self._minutes)
        mean_sign = self._signs / self._trades
        return MarketStatistics(
            mean_spread=self._spread / self._quotes,
            minute_sigma=float(np.std(np.concatenate(self._returns), ddof=1)),
            minute_range=float(np.median(np.concatenate(self._ranges))),
            median_size=float(self._size_quantile(0.5)),
            size_99=float(self._size_quantile(0.99)),
            trades_per_minute=float(np.mean(minutes)),
            busiest_minute=float(np.max(minutes)),
            empty_minutes=float(np.mean(minutes == 0)),
            side_autocorrelation=(self._alike / self._pairs - mean_sign**2) / (1 - mean_sign**2),
            equal_millisecond=self._equal / self._trades,
            inside_spread=self._inside / self._trades,
            regular_share=self._regular / self._trades,
        )

    def _size_quantile(self, share: float) -> int:
        return int(np.searchsorted(np.cumsum(self._sizes), share * self._trades))


def measure(sessions: Iterable[Session]) -> MarketStatistics:
    """Return the statistics of the sessions of one market."""
    statistics = Statistics()
    for session in sessions:
        statistics.add(session)
    return statistics.measured()


def _regular_trades(session: Session) -> int:
    minute = session.trades.ts_event // MINUTE_NS
    first = np.flatnonzero(np.diff(minute, prepend=-1) != 0)
    counts = np.diff(first, append=len(minute))
    return sum(
        count
        for at, count in zip(minute[first].tolist(), counts.tolist(), strict=True)
        if is_regular(at * MINUTE_NS)
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

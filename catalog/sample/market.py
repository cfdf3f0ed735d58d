"""The markets of the sample and how a seed becomes their data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.sample import bitcoin
from catalog.sample import nasdaq
from catalog.sample.orders import TickModel
from catalog.sample.ticks import make_ticks
from catalog.sample.walk import PricePath


@dataclass(frozen=True, slots=True)
class Market:
    """
    Describes one market of the sample.

    Attributes
    ----------
    instrument_id : str
        The instrument.
    day : date
        A day on which it trades.
    stream : int
        Keeps the chance of the markets apart: the first that no other market has with which the
        default seed shows what the tests of the sample ask for, tried from 0 upwards. What a system
        earns on it was no reason.
    paths : Callable[[np.random.Generator], tuple[PricePath, ...]]
        Makes the price paths of the sessions.
    model : TickModel
        The habits of orders and quotes.

    """

    instrument_id: str
    day: date
    stream: int
    paths: Callable[[np.random.Generator], tuple[PricePath, ...]]
    model: TickModel


MARKETS = (
    Market(bitcoin.INSTRUMENT, date(2026, 1, 5), 1, bitcoin.bitcoin_paths, bitcoin.MODEL),
    Market(nasdaq.INSTRUMENT, date(2026, 1, 5), 0, nasdaq.nasdaq_paths, nasdaq.MODEL),
)


@dataclass(frozen=True, slots=True)
class Session:
    """
    Represents the data of one stretch of trading without a halt.

    Attributes
    ----------
    path : PricePath
        The mid price and the scenes behind the data.
    trades : TradeBatch
        The trades.
    quotes : QuoteBatch
        The best quotes.

    """

    path: PricePath
    trades: TradeBatch
    quotes: QuoteBatch


def make_market(market: Market, seed: int) -> tuple[Session, ...]:
    """
    Return the sessions of a market.

    The same seed gives the same data as long as NumPy's Generator draws the same numbers.

    Parameters
    ----------
    market : Market
        One of `MARKETS`.
    seed : int
        The seed, zero or more.

    Returns
    -------
    tuple[Session, ...]
        In order of time, with a halt between any two.

    """
    script = _generator(seed, 2 * market.stream)
    ticks = _generator(seed, 2 * market.stream + 1)
    sessions: list[Session] = []
    count = 0
    for path in market.paths(script):
        trades, quotes = make_ticks(path, market.model, ticks, first_id=count + 1)
        sessions.append(Session(path, trades, quotes))
        count += len(trades)
    return tuple(sessions)


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream])))

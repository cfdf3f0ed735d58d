"""A market of the sample, and how a seed becomes its data."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from typing import Protocol

import numpy as np

from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.batches import select_rows
from catalog.sample.fine import SECOND
from catalog.sample.noise import Knots
from catalog.sample.noise import by_minute
from catalog.sample.orders import Floats
from catalog.sample.orders import TickModel
from catalog.sample.schedule import Schedule
from catalog.sample.schedule import Stretch
from catalog.sample.schedule import blocks_of
from catalog.sample.ticks import make_ticks
from catalog.sample.walk import PricePath
from catalog.sample.walk import PriceWalk


@dataclass(frozen=True, slots=True)
class Played:
    """
    A stretch that has been played.

    Attributes
    ----------
    walk : PriceWalk
        Its price.
    stretch : Stretch
        The time of the stretch.
    number : int
        The number of earlier stretches.

    """

    walk: PriceWalk
    stretch: Stretch
    number: int


class Script(Protocol):
    """Represents the behavior of a price in a stretch."""

    @property
    def gap(self) -> float:
        """Return the deviation of the first price after a halt from the last (ticks)."""

    def opening(self, before: Played, rng: np.random.Generator) -> int:
        """Return the first price (ticks) after a halt."""

    def play(
        self,
        walk: PriceWalk,
        stretch: Stretch,
        before: Played | None,
        rng: np.random.Generator,
    ) -> None:
        """Walk to the end of a stretch."""


@dataclass(frozen=True, slots=True)
class Habits:
    """
    The clock of a market: a factor by hour from the start of a stretch, with slow drift around it.

    Attributes
    ----------
    usual : float
        The deviation of a usual second's move (ticks), or the orders of a usual second.
    by_hour : Knots
        Hours from the start and factor, straight lines between.
    drift : float
        The standard deviation of the logarithm of the drift.

    """

    usual: float
    by_hour: Knots
    drift: float


@dataclass(frozen=True, slots=True)
class Market:
    """
    Describes one market of the sample.

    Attributes
    ----------
    name : str
        The name on the command line.
    instrument_id : str
        The instrument.
    schedule : Schedule
        The trading hours.
    price : int
        The first price (ticks).
    volatility, activity : Habits
        The deviation of the price in a second, and the number of aggressive orders.
    script : Script
        The script of the price.
    ticks : TickModel
        The habits of orders and quotes.
    streams : tuple[int, int]
        The streams of chance of the price and of orders and quotes. Two markets with one price
        share the first. Those of BTCUSDT and NQ are the first two with which the default seed meets
        the tests of the sample; results of systems on them were not considered.

    """

    name: str
    instrument_id: str
    schedule: Schedule
    price: int
    volatility: Habits
    activity: Habits
    script: Script
    ticks: TickModel
    streams: tuple[int, int]


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
    days : int
        The number of the market's days in it.

    """

    path: PricePath
    trades: TradeBatch
    quotes: QuoteBatch
    days: int = 1


def make_market(market: Market, seed: int, days: int = 2) -> Iterator[Session]:
    """
    Yield the sessions of a market, in order of time, with a halt between any two.

    The same seed gives the same data as long as NumPy's Generator draws the same numbers; more days
    begin with the data of fewer.

    Parameters
    ----------
    market : Market
        One of `catalog.sample.markets.MARKETS`.
    seed : int
        The seed, zero or more.
    days : int, default 2
        The number of days from `FIRST_DAY` on: of UTC, or on which the exchange is open.

    Yields
    ------
    Session
        Of a market that never closes one for every two days.

    """
    count, left = 0, days
    for number, (paths, stretches) in enumerate(make_paths(market, seed, days)):
        rng = _generator(seed, market.streams[1], number)
        for path, stretch in zip(paths, stretches, strict=True):
            trades, quotes = make_ticks(path, market.ticks, rng, first_id=count + 1)
            count += len(trades)
            session = Session(path, trades, quotes, stretch.days)
            if left > 0:
                yield session if left >= stretch.days else _beginning(session, left)
            left -= stretch.days


def make_paths(
    market: Market, seed: int, days: int = 2
) -> Iterator[tuple[list[PricePath], tuple[Stretch, ...]]]:
    """Yield the price paths of each block of two days and their stretches; see `make_market`."""
    before: Played | None = None
    for number, stretches in enumerate(blocks_of(market.schedule, days)):
        rng = _generator(seed, market.streams[0], number)
        # A move is the same share of the price at any level.
        scale = 1.0 if before is None else before.walk.position / market.price
        walks = []
        for stretch in stretches:
            price = market.price if before is None else market.script.opening(before, rng)
            walk = PriceWalk(
                rng,
                price,
                scale * _by_second(market.volatility, stretch, rng),
                _by_second(market.activity, stretch, rng),
            )
            market.script.play(walk, stretch, before, rng)
            before = Played(walk, stretch, 0 if before is None else before.number + 1)
            walks.append(walk)
        paths = [w.finish(s.start_ns) for w, s in zip(walks, stretches, strict=True)]
        yield paths, stretches


def _by_second(habits: Habits, stretch: Stretch, rng: np.random.Generator) -> Floats:
    return habits.usual * by_minute(rng, habits.by_hour, stretch.minutes, habits.drift)


def _beginning(session: Session, days: int) -> Session:
    path = session.path
    seconds = len(path.sigma) * days // session.days
    end_ns = path.start_ns + seconds * SECOND
    return Session(
        replace(
            path,
            price=path.price[: seconds + 1],
            sigma=path.sigma[:seconds],
            intensity=path.intensity[:seconds],
            imbalance=path.imbalance[:seconds],
            blocks=tuple(block for block in path.blocks if block[0] < seconds),
            scenes=tuple(scene for scene in path.scenes if scene[1] < seconds),
        ),
        select_rows(session.trades, slice(int(np.searchsorted(session.trades.ts_event, end_ns)))),
        select_rows(session.quotes, slice(int(np.searchsorted(session.quotes.ts_event, end_ns)))),
        days,
    )


def _generator(seed: int, stream: int, block: int) -> np.random.Generator:
    # The first block is that of a seed without one.
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream, block])))

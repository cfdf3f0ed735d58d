"""
The markets of the sample: hours, price, volatility, activity and habits of each.

`catalog.sample.stated` says what their data looks like and what it is modelled on.
"""

from collections.abc import Sequence

import numpy as np

from catalog.sample.auction import AuctionScript
from catalog.sample.impulses import ImpulseScript
from catalog.sample.market import Habits
from catalog.sample.market import Market
from catalog.sample.noise import Knots
from catalog.sample.orders import Floats
from catalog.sample.orders import TickModel
from catalog.sample.schedule import BLOCK_DAYS
from catalog.sample.schedule import globex_sessions
from catalog.sample.schedule import stock_sessions
from catalog.sample.schedule import utc_days
from errors import UsageError


HOUR = 3600


def _every_day(day: Knots) -> Knots:
    return [(24.0 * n + hour, factor) for n in range(BLOCK_DAYS) for hour, factor in day]


def _bitcoin_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.lognormal(2.75, 2.0, count), 40_000.0)


def _nasdaq_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.pareto(2.2, count), 120.0)


def _index_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.pareto(1.5, count), 400.0)


def _commodity_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.pareto(2.4, count), 100.0)


def _stock_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.lognormal(3.6, 1.2, count), 10_000.0)


# Tick, spread, volatility and fees decide whether a trade can pay its costs: they stand in the
# proportion of the real market. One proportion is not kept: there are two quotes a second instead
# of dozens, so that a backtest takes seconds, and the price moves by 70 ticks from one to the next
# instead of a few. An order at market pays the spread as it would at the venue; a limit order that
# the price runs over is filled some 50 ticks (0.5 bp) from the quote that did it.
BITCOIN = Market(
    name="BTCUSDT",
    instrument_id="BTCUSDT-LINEAR.BYBIT",
    schedule=utc_days,
    price=912_000,
    volatility=Habits(
        usual=112.0,  # 8 bp of a minute
        by_hour=_every_day(
            [(0, 1.0), (5, 0.6), (9, 1.1), (12, 0.8), (15, 1.6), (19, 1.0), (24, 0.9)]
        ),
        drift=0.25,
    ),
    activity=Habits(
        usual=0.32,
        by_hour=_every_day(
            [(0, 1.0), (5, 0.6), (9, 1.0), (12, 0.8), (15, 1.7), (19, 1.0), (24, 0.9)]
        ),
        drift=0.35,
    ),
    script=AuctionScript(window=4 * HOUR, row=125, farthest=3750, least=1500),
    ticks=TickModel(
        resolution=1_000_000,
        followers=0.25,
        prints_tail=1.2,
        prints_max=320,
        walk=0.4,
        level_gap=0.15,
        tight=0.72,
        hidden=0.014,
        quote_rate=0.0,
        quote_move=86,
        depth=(1500.0, 1.3),
        follow=1.2,
        chase=1.0,
        split=0.3,
        sizes=_bitcoin_sizes,
    ),
    streams=(2, 3),
)

NASDAQ = Market(
    name="NQ",
    instrument_id="NQH6.XCME",
    schedule=globex_sessions("XCME"),
    price=102_400,
    volatility=Habits(
        usual=3.4,
        by_hour=[
            (0, 0.35),
            (1, 0.22),
            (8, 0.22),
            (9.2, 0.4),
            (15.4, 0.3),
            (15.5, 1.9),
            (16.5, 1.2),
            (18.5, 0.7),
            (21, 1.0),
            (22, 1.2),
            (22.1, 0.3),
            (23, 0.3),
        ],
        drift=0.2,
    ),
    activity=Habits(
        usual=0.94,
        by_hour=[
            (0, 0.5),
            (0.5, 0.2),
            (8, 0.2),
            (9.2, 0.5),
            (15.4, 0.6),
            (15.5, 4.5),
            (16.2, 2.2),
            (18.5, 0.8),
            (21, 1.2),
            (21.9, 2.2),
            (22, 2.0),
            (22.1, 0.2),
            (23, 0.1),
        ],
        drift=0.3,
    ),
    script=ImpulseScript(row=4, short=18, farthest=110, gap=60.0),
    ticks=TickModel(
        resolution=1,
        followers=0.35,
        prints_tail=3.0,
        prints_max=60,
        walk=1.0,
        level_gap=0.7,
        tight=0.65,
        hidden=0.01,
        quote_rate=0.15,
        quote_move=8,
        depth=(3.0, 0.7),
        follow=0.5,
        chase=0.15,
        split=0.45,
        sizes=_nasdaq_sizes,
    ),
    streams=(0, 1),
)


def _spoos(name: str, instrument_id: str, depth: float, ticks_stream: int) -> Market:
    # Arbitrage keeps both sizes of the contract at one price.
    return Market(
        name=name,
        instrument_id=instrument_id,
        schedule=globex_sessions("XCME"),
        price=27_600,
        volatility=Habits(usual=1.1, by_hour=NASDAQ.volatility.by_hour, drift=0.2),
        activity=Habits(usual=0.8, by_hour=NASDAQ.activity.by_hour, drift=0.3),
        script=AuctionScript(window=4 * HOUR, row=2, farthest=30, least=12, gap=12.0),
        ticks=TickModel(
            resolution=1,
            followers=0.3,
            prints_tail=2.5,
            prints_max=80,
            walk=0.3,
            level_gap=0.95,
            tight=0.985,
            hidden=0.05,
            quote_rate=0.3,
            quote_move=2,
            depth=(depth, 0.7),
            follow=0.5,
            chase=0.2,
            split=0.5,
            sizes=_index_sizes,
        ),
        streams=(4, ticks_stream),
    )


SP500 = _spoos("ES", "ESH6.XCME", 30.0, 5)
MICRO_SP500 = _spoos("MES", "MESH6.XCME", 20.0, 6)

CRUDE = Market(
    name="CL",
    instrument_id="CLJ6.XNYM",
    schedule=globex_sessions("XNYM"),
    price=5_750,
    volatility=Habits(
        usual=0.46,
        by_hour=[
            (0, 0.45),
            (1, 0.35),
            (3, 0.55),
            (6, 0.4),
            (9, 0.85),
            (14, 1.0),
            (15, 1.8),
            (17, 1.5),
            (19, 1.0),
            (20.5, 1.1),
            (21, 0.6),
            (23, 0.4),
        ],
        drift=0.25,
    ),
    activity=Habits(
        usual=0.5,
        by_hour=[
            (0, 0.4),
            (3, 0.5),
            (6, 0.35),
            (9, 1.0),
            (14, 1.2),
            (15, 3.0),
            (17, 2.2),
            (20.4, 1.4),
            (20.6, 0.5),
            (23, 0.2),
        ],
        drift=0.35,
    ),
    script=AuctionScript(window=4 * HOUR, row=1, farthest=20, least=8, gap=8.0),
    ticks=TickModel(
        resolution=1,
        followers=0.3,
        prints_tail=2.8,
        prints_max=60,
        walk=0.5,
        level_gap=0.9,
        tight=0.85,
        hidden=0.03,
        quote_rate=0.3,
        quote_move=2,
        depth=(8.0, 0.7),
        follow=0.5,
        chase=0.2,
        split=0.5,
        sizes=_commodity_sizes,
    ),
    streams=(7, 8),
)

GOLD = Market(
    name="GC",
    instrument_id="GCJ6.XCEC",
    schedule=globex_sessions("XCEC"),
    price=44_500,
    volatility=Habits(
        usual=2.2,
        by_hour=[
            (0, 0.6),
            (2, 0.6),
            (6, 0.45),
            (9, 0.8),
            (14, 1.0),
            (14.4, 1.8),
            (16, 1.6),
            (19.5, 0.9),
            (20, 0.6),
            (23, 0.4),
        ],
        drift=0.25,
    ),
    activity=Habits(
        usual=0.5,
        by_hour=[
            (0, 0.5),
            (2, 0.6),
            (6, 0.4),
            (9, 0.9),
            (14, 1.1),
            (14.4, 2.8),
            (16, 2.4),
            (19.5, 1.2),
            (20, 0.5),
            (23, 0.2),
        ],
        drift=0.35,
    ),
    script=AuctionScript(window=4 * HOUR, row=2, farthest=70, least=28, gap=25.0),
    ticks=TickModel(
        resolution=1,
        followers=0.3,
        prints_tail=2.8,
        prints_max=60,
        walk=0.6,
        level_gap=0.8,
        tight=0.57,
        hidden=0.02,
        quote_rate=0.3,
        quote_move=4,
        depth=(4.0, 0.7),
        follow=0.5,
        chase=0.2,
        split=0.45,
        sizes=_commodity_sizes,
    ),
    streams=(9, 10),
)

STOCK = Market(
    name="AAPL",
    instrument_id="AAPL.XNAS",
    schedule=stock_sessions,
    price=27_000,
    volatility=Habits(
        usual=2.0,
        by_hour=[(0, 2.2), (0.5, 1.3), (2, 0.9), (4, 0.75), (6, 1.0), (6.5, 1.3)],
        drift=0.25,
    ),
    activity=Habits(
        usual=0.8,
        by_hour=[(0, 2.4), (0.5, 1.4), (2, 0.9), (4, 0.7), (6, 1.2), (6.5, 2.4)],
        drift=0.3,
    ),
    script=AuctionScript(window=HOUR // 2, row=2, farthest=70, least=28, gap=150.0),
    ticks=TickModel(
        resolution=1,
        followers=0.35,
        prints_tail=2.0,
        prints_max=80,
        walk=0.5,
        level_gap=0.8,
        tight=0.7,
        hidden=0.06,
        quote_rate=0.3,
        quote_move=4,
        depth=(200.0, 0.9),
        follow=0.6,
        chase=0.3,
        split=0.5,
        sizes=_stock_sizes,
    ),
    streams=(11, 12),
)

MARKETS = {
    market.name: market for market in (BITCOIN, NASDAQ, SP500, MICRO_SP500, CRUDE, GOLD, STOCK)
}
DEFAULT_MARKETS = (BITCOIN.name, NASDAQ.name)


def find_markets(names: Sequence[str]) -> tuple[Market, ...]:
    """
    Return the markets of some names, each once.

    Parameters
    ----------
    names : Sequence[str]
        Keys of `MARKETS`, or their instrument ids.

    Raises
    ------
    UsageError
        If a market is unknown, or there is no name.

    """
    by_id = {market.instrument_id: market for market in MARKETS.values()}
    found: dict[str, Market] = {}
    for name in names or ("",):
        market = MARKETS.get(name) or by_id.get(name)
        if market is None:
            raise UsageError(
                f"instrument: the sample has no {name!r}: use one of {', '.join(MARKETS)}"
            )
        found[market.name] = market
    return tuple(found.values())

"""The perpetual of the sample: its price, volatility, activity and habits."""

import numpy as np

from catalog.sample.auction import AuctionScript
from catalog.sample.market import Habits
from catalog.sample.market import Market
from catalog.sample.noise import Knots
from catalog.sample.orders import Floats
from catalog.sample.orders import TickModel
from catalog.sample.schedule import BLOCK_DAYS
from catalog.sample.schedule import utc_days


HOUR = 3600


def _every_day(day: Knots) -> Knots:
    return [(24.0 * n + hour, factor) for n in range(BLOCK_DAYS) for hour, factor in day]


def _bitcoin_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.lognormal(2.75, 2.0, count), 40_000.0)


# Tick, spread, volatility and fees decide whether a trade can pay its costs: they are in the
# proportion of the real market. One proportion is not kept: there are two quotes a second instead
# of dozens, so that a backtest takes seconds, and the price moves by 70 ticks from one to the next
# instead of a few. A market order pays the spread as at the venue; a limit order that the price
# runs over is filled some 50 ticks (0.5 bp) from the quote that reached it.
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

"""The stock of the sample: its hours, price, volatility and activity."""

import numpy as np

from catalog.sample.auction import AuctionScript
from catalog.sample.market import Habits
from catalog.sample.market import Market
from catalog.sample.orders import Floats
from catalog.sample.orders import TickModel
from catalog.sample.schedule import stock_sessions


HOUR = 3600


def _stock_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.lognormal(3.6, 1.2, count), 10_000.0)


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

"""The commodity futures of the sample: their hours, prices, volatility and activity."""

import numpy as np

from catalog.sample.auction import AuctionScript
from catalog.sample.market import Habits
from catalog.sample.market import Market
from catalog.sample.orders import Floats
from catalog.sample.orders import TickModel
from catalog.sample.schedule import globex_sessions


HOUR = 3600


def _commodity_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.pareto(2.4, count), 100.0)


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

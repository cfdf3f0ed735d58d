"""The index futures of the sample: their hours, prices, volatility and activity."""

import numpy as np

from catalog.sample.auction import AuctionScript
from catalog.sample.impulses import ImpulseScript
from catalog.sample.market import Habits
from catalog.sample.market import Market
from catalog.sample.orders import Floats
from catalog.sample.orders import TickModel
from catalog.sample.schedule import globex_sessions


HOUR = 3600


def _nasdaq_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.pareto(2.2, count), 120.0)


def _index_sizes(rng: np.random.Generator, count: int) -> Floats:
    return np.minimum(rng.pareto(1.5, count), 400.0)


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

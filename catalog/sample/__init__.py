"""
A seeded synthetic market: enough of it to try every strategy without buying data.

Nothing in it is recorded. It is modelled on a few rounded figures of real markets: sizes, spreads,
volatility, prints of one order, persistence of sides; see `STATED_MARKETS`. Trade is thinner than
at the venues, so that a backtest takes seconds. Futures keep the hours and holidays of Globex, the
stock those of its regular session.

There is no edge in it, except in NQ. The mid price is a martingale: independent of the past, the
next move is up or down alike, over a halt as well. A scene sets volatility and activity; whether a
breakout holds, a spike comes back or a retest bounces is decided by the walk, and scenes are named
by their outcome. Sides and the sizes of quotes follow earlier moves. A strategy that wins there has
been lucky, one that loses was unlucky or has paid its costs; neither predicts results in real
markets. Unlike in a real market, a sweep moves the quotes for at most 20 ms, then the book is back,
a gain of a few ticks for an order that rested there. ES and MES have one price; all other markets
are independent.

Of the NQ future only the turns are fair: whether a break holds or a node bounces is drawn with the
chances of a driftless price, but within the seconds of an impulse and on the way to a level price
has a direction. Its second session opens with a gap into the value area of the first.
"""

from catalog.sample.driftless import random_walk
from catalog.sample.market import Session
from catalog.sample.market import make_market
from catalog.sample.markets import DEFAULT_MARKETS
from catalog.sample.markets import MARKETS
from catalog.sample.schedule import MAX_DAYS
from catalog.sample.stated import STATED_MARKETS
from catalog.sample.stated import StatedMarket
from catalog.sample.statistics import MarketStatistics
from catalog.sample.statistics import measure
from catalog.sample.writing import MarketReport
from catalog.sample.writing import SampleReport
from catalog.sample.writing import write_sample


__all__ = [
    "DEFAULT_MARKETS",
    "MARKETS",
    "MAX_DAYS",
    "STATED_MARKETS",
    "MarketReport",
    "MarketStatistics",
    "SampleReport",
    "Session",
    "StatedMarket",
    "make_market",
    "measure",
    "random_walk",
    "write_sample",
]

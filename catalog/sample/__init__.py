"""
A seeded synthetic market: enough of it to try every strategy without buying data.

Nothing in it is recorded. It is modelled on a few rounded figures of real bitcoin perpetual and
Nasdaq future trade: sizes, spreads, prints of one order, persistence of sides. Volatility, spread,
tick and fees of the bitcoin market stand in the proportion of the real one (`bitcoin.REAL_MARKET`).
Trade is thinner than at the venues, so that a backtest takes seconds.

There is no edge in it to speak of. Prices are a walk whose turns are fair bets: breakouts hold or
fail, retests bounce or break, in the shares of a driftless price, whatever the flow before. A
strategy that wins here has been lucky, one that loses has paid its costs; neither says anything
about real markets. Two exceptions: the second session of the NQ future opens with a gap into the
value area of the first, and NQ runs for the seconds of an impulse and then gives as much back.
"""

from catalog.sample.statistics import SAMPLE_STATISTICS
from catalog.sample.statistics import MarketStatistics
from catalog.sample.writing import MarketReport
from catalog.sample.writing import SampleReport
from catalog.sample.writing import write_sample


__all__ = [
    "SAMPLE_STATISTICS",
    "MarketReport",
    "MarketStatistics",
    "SampleReport",
    "write_sample",
]

"""
The markets of the sample: hours, price, volatility, activity and habits of each.

`catalog.sample.stated` states the statistics of their data and the real markets behind them.
"""

from collections.abc import Sequence

from catalog.sample.commodity_futures import CRUDE
from catalog.sample.commodity_futures import GOLD
from catalog.sample.crypto import BITCOIN
from catalog.sample.index_futures import MICRO_SP500
from catalog.sample.index_futures import NASDAQ
from catalog.sample.index_futures import SP500
from catalog.sample.market import Market
from catalog.sample.stocks import STOCK
from errors import UsageError


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
        If a market is unknown, or no name is given.

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

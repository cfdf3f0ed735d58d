"""The market data that drive each strategy of a node, and their subscriptions."""

from collections.abc import Iterable
from typing import Any

from actors.base import BarActor
from configs.live import LiveConfig
from strategies.common.nautilus.strategy import TradingStrategy


def set_markets(
    strategies: Iterable[TradingStrategy], actors: Iterable[Any], config: LiveConfig
) -> None:
    """
    Set, before the start, what each strategy takes as its market.

    Quotes and trades are subscribed to by an actor that uses them. If the actors use bars alone, a
    strategy subscribes itself: orders and the watchdog need them whatever it decides on.

    Parameters
    ----------
    strategies : Iterable[TradingStrategy]
        The strategies of the node.
    actors : Iterable[Any]
        Its actors.
    config : LiveConfig
        The configuration.

    """
    served = {
        str(actor.config.instrument_id)
        for actor in actors
        if isinstance(actor, BarActor) and actor.takes_quotes and actor.takes_trades
    }
    for strategy in strategies:
        name = str(strategy.config.instrument_id)
        bars = config.market_bars.get(name)
        strategy.set_market_bars(bars)
        strategy.holds_orders = config.mode != "live" and bars is None
        strategy.subscribes = bars is not None or name not in served

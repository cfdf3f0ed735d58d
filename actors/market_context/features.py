"""The market context of a whole catalog in one pass, without an engine."""

from decimal import Decimal

from actors.market_context.config import MarketContextConfig
from indicators.core.market_context import MarketContext


def batch_core(
    config: MarketContextConfig,
    tick_size: Decimal,
    lot_size: Decimal,
) -> MarketContext:
    """
    Return a new indicator for the minutes that `MarketContextActor` publishes.

    Parameters
    ----------
    config : MarketContextConfig
        The configuration of the actor.
    tick_size, lot_size : Decimal
        The sizes of a tick and a lot.

    """
    return MarketContext(tick_size, lot_size, **config.feature_parameters())

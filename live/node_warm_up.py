"""Warms up all actors of a node, one after the other."""

import asyncio
import time
from collections.abc import Iterable

from actors.base import BarActor
from catalog.layout import END_OF_TIME
from configs.live import LiveConfig
from live.gap_watch import GapWatch
from live.node_protocols import Node
from live.warm_up import warm_up
from strategies.common.nautilus.strategy import TradingStrategy


FIRST_TICKS_LOOK_S = 0.5


async def warm_up_all(
    node: Node,
    strategies: Iterable[TradingStrategy],
    gaps: GapWatch,
    config: LiveConfig,
) -> None:
    """
    Give each actor its history; its strategies only observe what happened before now.

    Parameters
    ----------
    node : Node
        The node, running.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    gaps : GapWatch
        Learns how long the features of an instrument look back.
    config : LiveConfig
        Names the catalog, and the venues with recent trades.

    """
    cache = node.cache
    for actor in node.trader.actors():
        if not (isinstance(actor, BarActor) and actor.is_collecting):
            continue
        instrument = cache.instrument(actor.config.instrument_id)
        if actor.history_minutes:
            gaps.set_window(instrument.id, actor.history_minutes)
        # The first tick heard is where a history must end.
        while cache.trade_tick(instrument.id) is None or cache.quote_tick(instrument.id) is None:
            await asyncio.sleep(FIRST_TICKS_LOOK_S)
        mine = [s for s in strategies if s.config.instrument_id == instrument.id]
        for strategy in mine:
            strategy.observe_until = END_OF_TIME
        await warm_up(
            actor,
            instrument,
            config.catalog,
            actor.config.gap_after_s,
            has_recent_trades=instrument.id.venue.value in config.settings.recent_trades_from,
            log=node.kernel.logger,
        )
        # What the history repeats up to now is the past.
        for strategy in mine:
            strategy.observe_until = time.time_ns()

"""Warm up all actors of a node, one after the other."""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from actors.base import BarActor
from catalog.layout import END_OF_TIME
from configs.live import LiveConfig
from live.bar_history import warm_up_bars
from live.gap_watch import GapWatch
from live.node_protocols import Node
from live.readiness import Readiness
from live.warm_up import warm_up
from strategies.common.nautilus.strategy import TradingStrategy


FIRST_TICKS_POLL_S = 0.5


async def warm_up_all(
    node: Node,
    strategies: Iterable[TradingStrategy],
    gaps: GapWatch,
    config: LiveConfig,
    readiness: Readiness,
) -> None:
    """
    Load the history of each actor; its strategies only observe what happened before now.

    Parameters
    ----------
    node : Node
        The node, running.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    gaps : GapWatch
        Receives the look-back of each instrument's features.
    config : LiveConfig
        Names the catalog, and the venues with recent trades and bars.
    readiness : Readiness
        Provides the state of the connections.

    """
    cache = node.cache
    for actor in node.trader.actors():
        if not (isinstance(actor, BarActor) and actor.is_collecting):
            continue
        instrument = cache.instrument(actor.config.instrument_id)
        if actor.history_minutes:
            gaps.set_window(instrument.id, actor.history_minutes)
        mine = [s for s in strategies if s.config.instrument_id == instrument.id]
        for strategy in mine:
            strategy.observe_until = END_OF_TIME
        venue = instrument.id.venue.value
        if actor.bars.is_holding:
            await warm_up_bars(
                actor,
                instrument,
                config.catalog,
                queries_venue=venue in config.settings.recent_bars_from,
                missing=readiness.missing_connections,
                log=node.kernel.logger,
                recorded=_recorded(config),
            )
        if actor.is_collecting:
            await _warm_up_ticks(node, actor, instrument, config)
        # History up to now is replayed as the past.
        for strategy in mine:
            strategy.observe_until = time.time_ns()


async def _warm_up_ticks(node: Node, actor: BarActor, instrument: Any, config: LiveConfig) -> None:
    cache = node.cache
    # History must end at the first live tick.
    while cache.trade_tick(instrument.id) is None or cache.quote_tick(instrument.id) is None:
        await asyncio.sleep(FIRST_TICKS_POLL_S)
    await warm_up(
        actor,
        instrument,
        config.catalog,
        actor.config.gap_after_s,
        has_recent_trades=instrument.id.venue.value in config.settings.recent_trades_from,
        log=node.kernel.logger,
        recorded=_recorded(config),
    )


def _recorded(config: LiveConfig) -> Path | None:
    name = config.settings.recorded
    return None if name is None else Path(name)

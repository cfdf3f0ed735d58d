"""Verify a position with the venue when a strategy doubts its own."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal

from actors.requests import POSITION_CHECK
from actors.requests import PositionCheckRequest
from live.node_protocols import Node
from live.position_watch import PositionWatch
from strategies.common.nautilus.strategy import TradingStrategy


PAUSE_S = 0.5
CHECKS = 20
# The venue's executions may lag behind its positions: a single flat answer is not conclusive.
FLAT_ANSWERS = 3


class PositionChecks:
    """
    Resolve doubts about a position by querying the venue.

    Each check fetches unrecorded fills, so that the fill which closed the position is booked and
    both sides agree. If the venue reports no position several times in a row, all its fills are
    booked and a trade is still open, the strategy drops the trade. If the venue reports another
    position, the next checks of `PositionWatch` decide.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    positions : PositionWatch
        Compares the positions.

    """

    def __init__(
        self, node: Node, strategies: Iterable[TradingStrategy], positions: PositionWatch
    ) -> None:
        self._strategies = {strategy.id.value: strategy for strategy in strategies}
        self._positions = positions
        self._checking: dict[str, asyncio.Task[None]] = {}
        node.kernel.msgbus.register(endpoint=POSITION_CHECK, handler=self._on_request)

    def _on_request(self, request: PositionCheckRequest) -> None:
        name = request.strategy_id
        running = self._checking.get(name)
        if name in self._strategies and (running is None or running.done()):
            loop = asyncio.get_running_loop()
            self._checking[name] = loop.create_task(self._check(self._strategies[name]))

    async def _check(self, strategy: TradingStrategy) -> None:
        instrument_id = strategy.config.instrument_id
        owners = [s for s in self._strategies.values() if s.config.instrument_id == instrument_id]
        flat = 0
        for _ in range(CHECKS):
            is_answered = await self._positions.check(is_periodic=False)
            if not is_answered or not self._positions.is_caught_up:
                flat = 0
                await asyncio.sleep(PAUSE_S)
                continue
            comparison = self._positions.compared[instrument_id]
            if not comparison.is_doubtful or comparison.held:
                return
            flat += 1
            if flat == FLAT_ANSWERS:
                # If several strategies share a position, its owner is unknown.
                if len(owners) == 1:
                    strategy.on_position_found(Decimal(0))
                return
            await asyncio.sleep(PAUSE_S)

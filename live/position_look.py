"""Asks the venue for its position when a strategy doubts its own."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal

from actors.requests import POSITION_LOOK
from actors.requests import PositionLook
from live.node_protocols import Node
from live.position_watch import PositionWatch
from strategies.common.nautilus.strategy import TradingStrategy


PAUSE_S = 0.5
LOOKS = 20
# The list of executions may be behind that of positions: one flat answer is no proof.
FLAT_ANSWERS = 3


class PositionLooks:
    """
    Answers doubts about a position by the venue's own word.

    Each look fetches the fills that nobody has heard of, so that what has closed the position is
    booked and the two agree. Where the venue says several times in a row that it has no position,
    all its fills are told and a trade is still open, the strategy forgets the trade. Where it has
    another position, the next looks of `PositionWatch` decide.

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
        self._looking: dict[str, asyncio.Task[None]] = {}
        node.kernel.msgbus.register(endpoint=POSITION_LOOK, handler=self._on_request)

    def _on_request(self, request: PositionLook) -> None:
        name = request.strategy_id
        running = self._looking.get(name)
        if name in self._strategies and (running is None or running.done()):
            loop = asyncio.get_running_loop()
            self._looking[name] = loop.create_task(self._look(self._strategies[name]))

    async def _look(self, strategy: TradingStrategy) -> None:
        instrument_id = strategy.config.instrument_id
        owners = [s for s in self._strategies.values() if s.config.instrument_id == instrument_id]
        flat = 0
        for _ in range(LOOKS):
            is_answered = await self._positions.look(is_periodic=False)
            if not is_answered or not self._positions.is_caught_up:
                flat = 0
                await asyncio.sleep(PAUSE_S)
                continue
            comparison = self._positions.compared[instrument_id]
            if not comparison.is_doubtful or comparison.held:
                return
            flat += 1
            if flat == FLAT_ANSWERS:
                # Where several strategies share a position, nobody knows whose it was.
                if len(owners) == 1:
                    strategy.on_position_found(Decimal(0))
                return
            await asyncio.sleep(PAUSE_S)

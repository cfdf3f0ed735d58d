"""Compares the positions of an account with those of the strategies, and halts on a difference."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from configs.documents import one_line
from live.client_protocols import CatchesUp
from live.node_calls import FLAT
from live.node_calls import query_positions
from live.node_protocols import InstrumentId
from live.node_protocols import Node
from strategies.common.book_status import trades_text
from strategies.common.nautilus.strategy import TradingStrategy


# Events that are found reach the strategies within it.
HEARD_S = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Represents what strategies own of an instrument, and what the account holds (both signed).

    Parameters
    ----------
    mine, held : Decimal
        The sizes.
    price : Decimal or None
        The average price of what is held.
    is_doubtful : bool
        If they differ by more than fills on their way.

    """

    mine: Decimal
    held: Decimal
    price: Decimal | None
    is_doubtful: bool


class PositionWatch:
    """
    Halts strategies on a position that is not theirs.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    looks : int
        How many looks in a row must find a difference before it counts, and how many must stay
        without an answer before nothing is entered.

    Attributes
    ----------
    compared : dict[InstrumentId, Comparison]
        What the last look at the positions has found.
    is_caught_up : bool
        If all fills were known to it: none were missing, or the venue has told them.

    """

    def __init__(self, node: Node, strategies: Iterable[TradingStrategy], looks: int) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._looks = int(looks)
        self._unanswered = 0
        self._doubts: dict[InstrumentId, int] = {}
        self._looking = asyncio.Lock()
        self.compared: dict[InstrumentId, Comparison] = {}
        self.is_caught_up = True

    @property
    def is_blind(self) -> bool:
        """Return True if the venue has not answered for several looks in a row."""
        return self._unanswered >= self._looks

    async def look(self, *, is_periodic: bool = True) -> bool:
        """
        Compare the positions of the account with those of the strategies.

        An account that cannot be seen twice in a row counts as stale.

        Parameters
        ----------
        is_periodic : bool, default True
            If a difference, or a missing answer, counts: looks in a row are to lie apart in time.

        Returns
        -------
        bool
            If the venue has answered.

        """
        async with self._looking:
            try:
                told = await self._differences()
            # Whatever keeps the venue from answering, the answer is missing.
            except Exception as error:
                self._unanswered += is_periodic
                text = f"The venue tells no positions: {one_line(error)}"
                self._node.kernel.logger.warning(text)
                return False
            self._unanswered = 0
            self.compared = told
            for instrument_id, found in told.items():
                if not found.is_doubtful:
                    self._doubts[instrument_id] = 0
                elif is_periodic:
                    doubts = self._doubts.get(instrument_id, 0) + 1
                    self._doubts[instrument_id] = doubts
                    if doubts == self._looks:
                        self._halt(instrument_id, found)
            return True

    async def _differences(self) -> dict[InstrumentId, Comparison]:
        told = await self._compared()
        self.is_caught_up = True
        if any(found.is_doubtful for found in told.values()):
            self.is_caught_up = await self._catch_up()
            # What was held before that is not held any more.
            told = await self._compared()
        return told

    async def _compared(self) -> dict[InstrumentId, Comparison]:
        before = self._owned()
        held_at_venue = await query_positions(self._node)
        told = {}
        for instrument_id, mine in self._owned().items():
            held, price = held_at_venue.get(instrument_id, FLAT)
            # Fills on their way are known to one of the two alone.
            least, most = sorted((mine, before[instrument_id]))
            told[instrument_id] = Comparison(mine, held, price, not least <= held <= most)
        return told

    async def _catch_up(self) -> bool:
        # A fill that no socket has told: its position wants a stop before anybody wants a halt.
        is_complete = True
        for client in [
            c for c in self._node.kernel.exec_engine._clients.values() if isinstance(c, CatchesUp)
        ]:
            try:
                await client.catch_up()
            # Whatever keeps the venue from answering, the next look asks again.
            except Exception as error:
                is_complete = False
                self._node.kernel.logger.warning(f"Not caught up: {one_line(error)}")
        await asyncio.sleep(HEARD_S)
        return is_complete

    def _owned(self) -> dict[InstrumentId, Decimal]:
        owned: dict[InstrumentId, Decimal] = {}
        for strategy in self._strategies:
            instrument_id = strategy.config.instrument_id
            owned[instrument_id] = owned.get(instrument_id, Decimal(0)) + strategy.position
        return owned

    def _halt(self, instrument_id: InstrumentId, found: Comparison) -> None:
        message = f"{instrument_id}: the account holds {found.held}, strategies own {found.mine}"
        owners = [s for s in self._strategies if s.config.instrument_id == instrument_id]
        for trades in filter(None, (trades_text(s.describe_trades()) for s in owners)):
            message += f" in {trades}"
        if len(owners) == 1 and found.held and found.price is not None:
            # What is there wants a stop first; what it is, the operator finds out. Where there is
            # nothing any more, our stop stays: it can open nothing, and the venue may be wrong.
            owners[0].hold(found.held, found.price, message)
            return
        for strategy in owners:
            if not strategy.manager.halted:
                strategy.halt(message)

"""Compare the positions of an account with those of the strategies, and halt on a difference."""

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


# Fills that were found reach the strategies within this time.
DELIVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Represents the position that strategies own in an instrument, and the account's (both signed).

    Parameters
    ----------
    mine, held : Decimal
        The sizes.
    price : Decimal or None
        The average price of the account's position.
    is_doubtful : bool
        If they differ by more than fills in flight.

    """

    mine: Decimal
    held: Decimal
    price: Decimal | None
    is_doubtful: bool


class PositionWatch:
    """
    Halt strategies if the account holds a position that is not theirs.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    checks : int
        The number of consecutive checks that must find a difference before it counts, or stay
        unanswered before entries are blocked.

    Attributes
    ----------
    compared : dict[InstrumentId, Comparison]
        The result of the last check.
    is_caught_up : bool
        If all fills were known to the last check: none were missing, or the venue reported them.

    """

    def __init__(self, node: Node, strategies: Iterable[TradingStrategy], checks: int) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._checks = int(checks)
        self._unanswered = 0
        self._doubts: dict[InstrumentId, int] = {}
        self._lock = asyncio.Lock()
        self.compared: dict[InstrumentId, Comparison] = {}
        self.is_caught_up = True

    @property
    def is_blind(self) -> bool:
        """Return True if the venue has not answered several consecutive checks."""
        return self._unanswered >= self._checks

    async def check(self, *, is_periodic: bool = True) -> bool:
        """
        Compare the positions of the account with those of the strategies.

        After too many unanswered periodic checks the account counts as stale.

        Parameters
        ----------
        is_periodic : bool, default True
            If a difference or a missing answer counts: counted checks must lie apart in time.

        Returns
        -------
        bool
            If the venue has answered.

        """
        async with self._lock:
            try:
                compared = await self._differences()
            # Any failure counts as a missing answer.
            except Exception as error:
                self._unanswered += is_periodic
                text = f"The positions at the venue are not known: {one_line(error)}"
                self._node.kernel.logger.warning(text)
                return False
            self._unanswered = 0
            self.compared = compared
            for instrument_id, found in compared.items():
                if not found.is_doubtful:
                    self._doubts[instrument_id] = 0
                elif is_periodic:
                    doubts = self._doubts.get(instrument_id, 0) + 1
                    self._doubts[instrument_id] = doubts
                    if doubts == self._checks:
                        self._halt(instrument_id, found)
            return True

    async def _differences(self) -> dict[InstrumentId, Comparison]:
        compared = await self._compared()
        self.is_caught_up = True
        if any(found.is_doubtful for found in compared.values()):
            self.is_caught_up = await self._catch_up()
            # Includes positions that have been closed since.
            compared = await self._compared()
        return compared

    async def _compared(self) -> dict[InstrumentId, Comparison]:
        before = self._owned()
        query_venue_position = await query_positions(self._node)
        compared = {}
        for instrument_id, mine in self._owned().items():
            held, price = query_venue_position.get(instrument_id, FLAT)
            # Fills in flight are known to one side only.
            least, most = sorted((mine, before[instrument_id]))
            compared[instrument_id] = Comparison(mine, held, price, not least <= held <= most)
        return compared

    async def _catch_up(self) -> bool:
        # A fill that no socket delivered: its position needs a stop before a halt is considered.
        is_complete = True
        for client in [
            c for c in self._node.kernel.exec_engine._clients.values() if isinstance(c, CatchesUp)
        ]:
            try:
                await client.catch_up()
            # On any failure of the query the next check tries again.
            except Exception as error:
                is_complete = False
                self._node.kernel.logger.warning(f"Not reconciled: {one_line(error)}")
        await asyncio.sleep(DELIVERY_S)
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
            # An unknown position needs a stop first; the operator investigates it. If the account
            # is flat, our stop stays: it cannot open a position, and the venue may be wrong.
            owners[0].protect_unknown_position(found.held, found.price, message)
            return
        for strategy in owners:
            if not strategy.manager.halted:
                strategy.halt(message)

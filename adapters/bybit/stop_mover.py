"""Moves the stop loss that Bybit attaches to a position."""

import asyncio
from collections.abc import Callable
from collections.abc import Coroutine
from typing import Any
from typing import Protocol

from adapters.bybit.position_stops import PositionStops
from catalog.protocols import Fixed
from errors import AuctionError


ATTEMPTS = 20
AGAIN_S = 0.5


class WantedStop(Protocol):
    """
    Represents the stop that a position should have at the venue.

    Attributes
    ----------
    instrument_id : InstrumentId
        The instrument.
    is_long : bool
        The side of the position.
    price : Price
        The trigger price.
    failed : Callable[[str], None]
        Called with the reason if the stop could not be set.

    """

    instrument_id: Any
    is_long: bool
    price: Fixed
    failed: Callable[[str], None]


class StopMover:
    """
    Sets the wanted stops, one at a time for each instrument.

    A stop is set only while its position is open, and never loosened: the venue is queried first.
    Failed attempts are repeated until one succeeds, the position is closed or the attempts run out.

    Parameters
    ----------
    rest : Callable[[], PositionStops]
        Returns the blocking client of position stops.
    create_task : Callable[[Coroutine], Any]
        Runs a coroutine on the event loop of the node.
    log : Any
        The logger; each stop that is set is logged.

    """

    def __init__(
        self,
        rest: Callable[[], PositionStops],
        create_task: Callable[[Coroutine[Any, Any, None]], Any],
        log: Any,
    ) -> None:
        self._rest = rest
        self._create_task = create_task
        self._log = log
        self._wanted: dict[Any, WantedStop] = {}
        self._moving: set[Any] = set()

    @property
    def is_busy(self) -> bool:
        """Return True while a stop is neither set nor abandoned."""
        return bool(self._moving)

    def take(self, wanted: WantedStop) -> None:
        """Set the stop of a position; it replaces one that is not set yet."""
        self._wanted[wanted.instrument_id] = wanted
        if wanted.instrument_id not in self._moving:
            self._moving.add(wanted.instrument_id)
            self._create_task(self._keep(wanted.instrument_id))

    async def _keep(self, instrument_id: Any) -> None:
        try:
            attempts = 0
            while (wanted := self._wanted.get(instrument_id)) is not None:
                reason = await self._try(wanted)
                if self._wanted.get(instrument_id) is not wanted:
                    attempts = 0
                    continue
                attempts += 1
                if reason and attempts < ATTEMPTS:
                    await asyncio.sleep(AGAIN_S)
                    continue
                del self._wanted[instrument_id]
                if reason:
                    wanted.failed(reason)
        finally:
            self._moving.discard(instrument_id)

    async def _try(self, wanted: WantedStop) -> str:
        """Set a stop where it is an improvement; return the reason of a failure."""
        category, symbol = contract_of(wanted.instrument_id)
        try:
            held = await asyncio.to_thread(self._rest().position, category, symbol)
            if held.size == 0 or (held.size > 0) is not wanted.is_long:
                return ""
            price = wanted.price.as_decimal()
            if held.stop is not None and (
                held.stop >= price if wanted.is_long else held.stop <= price
            ):
                return ""
            await asyncio.to_thread(self._rest().set_stop, category, symbol, str(wanted.price))
        except AuctionError as error:
            return str(error)
        self._log.info(f"{wanted.instrument_id}: the position's stop is at {wanted.price}")
        return ""


def contract_of(instrument_id: Any) -> tuple[str, str]:
    """Return category and symbol of a contract at the venue."""
    symbol, _, category = instrument_id.symbol.value.rpartition("-")
    return category.lower(), symbol

"""Compares the clocks of machine and node with the venue's."""

import time
from typing import Any
from typing import Protocol

from errors import AuctionError


# Bybit refuses requests that are more than 1 s ahead of its clock, or more than 5 s behind.
LIMIT_S = 2.0
# Data of another time are a rehearsal and tell nothing about clocks.
COMPARABLE_S = 3_600.0
LOOKS = 2


class Stamped(Protocol):
    """Represents market data with the time that its venue has given it."""

    @property
    def instrument_id(self) -> Any:
        """The id of its instrument."""

    @property
    def ts_event(self) -> int:
        """The time (ns UTC)."""


class ClockWatch:
    """
    Finds out whether orders carry a time that the venue takes.

    Nautilus's clock never goes back: where the machine's is put back, it stands still until that
    has caught up, and every order is refused meanwhile. Only another process has the right time.

    Attributes
    ----------
    error_s : float
        How far the machine's clock is ahead of the venue's (s), if that is too far for orders;
        else 0.

    """

    def __init__(self) -> None:
        self.error_s = 0.0
        self._last_ns: dict[Any, int] = {}
        self._wrong = 0
        self._stopped = 0

    def look(self, quote: Stamped | None, node_ns: int) -> None:
        """
        Compare with the time of the last quote, if it is a new one.

        Parameters
        ----------
        quote : Stamped or None
            The last quote.
        node_ns : int
            The time of Nautilus's clock (ns UTC).

        Raises
        ------
        AuctionError
            If the machine's clock is right and the node's is not.

        """
        if quote is None or quote.ts_event == self._last_ns.get(quote.instrument_id):
            return
        self._last_ns[quote.instrument_id] = quote.ts_event
        wall_s = time.time()
        error_s = wall_s - quote.ts_event / 1e9
        is_wrong = LIMIT_S < abs(error_s) < COMPARABLE_S
        self._wrong = self._wrong + 1 if is_wrong else 0
        self.error_s = error_s if self._wrong >= LOOKS else 0.0
        behind_s = node_ns / 1e9 - wall_s
        is_stopped = abs(error_s) <= LIMIT_S < behind_s
        self._stopped = self._stopped + 1 if is_stopped else 0
        if self._stopped >= LOOKS:
            raise AuctionError(
                f"the clock was put back, the node's is {behind_s:.0f} s ahead and the venue "
                "refuses its orders: start it again"
            )

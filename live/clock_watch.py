"""Compare the clocks of machine and node with the venue's."""

import time
from typing import Any
from typing import Protocol

from errors import AuctionError


# Bybit refuses requests more than 1 s ahead of its clock, or more than 5 s behind.
LIMIT_S = 2.0
# Data of another period are a rehearsal and say nothing about clocks.
COMPARABLE_S = 3_600.0
CHECKS = 2


class Stamped(Protocol):
    """Represents market data with the venue's timestamp."""

    @property
    def instrument_id(self) -> Any:
        """The instrument id."""

    @property
    def ts_event(self) -> int:
        """The venue's timestamp (ns UTC)."""


class ClockWatch:
    """
    Check that order timestamps lie within the window that the venue accepts.

    Nautilus's clock never goes back: if the machine's clock is set back, it stands still until the
    machine has caught up, and every order is refused meanwhile. Only a new process has the right
    time.

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

    def check(self, quote: Stamped | None, node_ns: int) -> None:
        """
        Compare the clocks with the timestamp of the last quote, if it is new.

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
        self.error_s = error_s if self._wrong >= CHECKS else 0.0
        behind_s = node_ns / 1e9 - wall_s
        is_stopped = abs(error_s) <= LIMIT_S < behind_s
        self._stopped = self._stopped + 1 if is_stopped else 0
        if self._stopped >= CHECKS:
            raise AuctionError(
                f"the clock was set back, the node's is {behind_s:.0f} s ahead and the venue "
                "refuses its orders: restart the node"
            )

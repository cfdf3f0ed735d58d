"""Triggers of stops, and rejected stops."""

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.simulated.rules.touch import Quote


# Beyond every raw price, which has up to 128 bits.
FAR = 1 << 127


def is_triggered(trigger: int, price: int, *, is_buy: bool) -> bool:
    """Return True if a print at a price triggers a stop: at its trigger price or beyond."""
    return price >= trigger if is_buy else price <= trigger


def is_late(trigger: int, quote: Quote, *, is_buy: bool) -> bool:
    """
    Return True if a stop, new or amended, is rejected: the current quote has already reached it.

    Nautilus's engine applies this rule itself; a test compares it with this function.
    """
    return quote.ask >= trigger if is_buy else quote.bid <= trigger


@dataclass(slots=True)
class NearestStops:
    """
    Represents the stops nearest to the market: a print between them triggers none.

    Attributes
    ----------
    sell, buy : int
        The highest trigger of a sell stop and the lowest of a buy stop.

    """

    sell: int = -FAR
    buy: int = FAR

    def place(self, sells: Iterable[int], buys: Iterable[int]) -> None:
        """Set the trigger prices of all stops."""
        self.sell = max(sells, default=-FAR)
        self.buy = min(buys, default=FAR)

"""Orders at the venue of an evaluation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapters.simulated.rules.resting import RestingLimit
from adapters.simulated.rules.stops import NearestStops
from strategies.common.commands import Submit


@dataclass(slots=True, eq=False)
class VenueOrder:
    """
    Represents an order from its sending to its end.

    Attributes
    ----------
    command : Submit
        What it is.
    owner : Any
        The strategy that has sent it.
    leaves : int
        The lots that are not filled.
    is_working, is_closed : bool
        If the venue has accepted it, and if it has ended.
    resting : RestingLimit or None
        The place of a limit order in the queue.

    """

    command: Submit
    owner: Any
    leaves: int
    is_working: bool = False
    is_closed: bool = False
    resting: RestingLimit | None = None


class WorkingOrders:
    """
    Holds the orders that rest at the venue.

    Attributes
    ----------
    limits, stops : list[VenueOrder]
        The orders, in the order of their acceptance.
    nearest : NearestStops
        The prices between which a print triggers none of the stops.

    """

    __slots__ = ("limits", "nearest", "stops")

    def __init__(self) -> None:
        self.limits: list[VenueOrder] = []
        self.stops: list[VenueOrder] = []
        self.nearest = NearestStops()

    def add_limit(self, order: VenueOrder) -> None:
        """Add a limit order."""
        self.limits.append(order)

    def add_stop(self, order: VenueOrder) -> None:
        """Add a stop."""
        self.stops.append(order)
        self._place_triggers()

    def remove(self, order: VenueOrder) -> None:
        """Remove an order that has ended or is triggered."""
        if order in self.limits:
            self.limits.remove(order)
        if order in self.stops:
            self.stops.remove(order)
            self._place_triggers()

    def resting(self) -> Iterator[tuple[VenueOrder, RestingLimit]]:
        """Yield the limit orders in the order of their acceptance; a fill may end later ones."""
        for order in tuple(self.limits):
            if order.resting is not None and not order.is_closed:
                yield order, order.resting

    def by_side(self) -> Iterator[tuple[VenueOrder, RestingLimit]]:
        """Yield bids from the highest down, then asks from the lowest up, as Nautilus matches."""
        found = [(order, order.resting) for order in self.limits if order.resting is not None]
        bids = sorted((item for item in found if item[1].is_buy), key=lambda item: -item[1].price)
        asks = sorted((item for item in found if not item[1].is_buy), key=lambda i: i[1].price)
        for order, resting in (*bids, *asks):
            if not order.is_closed:
                yield order, resting

    def _place_triggers(self) -> None:
        commands = [order.command for order in self.stops]
        sells = [c.price for c in commands if not c.is_buy and c.price is not None]
        buys = [c.price for c in commands if c.is_buy and c.price is not None]
        self.nearest.place(sells, buys)

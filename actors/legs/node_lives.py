"""Track what happens to low volume nodes after they are found."""

from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop
from heapq import heappush

from indicators.core.leg_nodes import LegNode
from indicators.core.legs import Leg


class NodeEvent(StrEnum):
    """Represents an event in the life of a node."""

    FOUND = "FOUND"
    TOUCHED = "TOUCHED"
    BROKEN = "BROKEN"
    DROPPED = "DROPPED"


@dataclass(slots=True, eq=False)
class LiveNode:
    """
    Represents a node that has not ended.

    Attributes
    ----------
    number : int
        The nodes before it.
    leg : Leg
        Its leg.
    node : LegNode
        The node.
    is_broken : bool
        If the market has traded through the start of its leg.

    """

    number: int
    leg: Leg
    node: LegNode
    is_broken: bool = False


class NodeLives:
    """
    Follows nodes until the market trades through the start of their legs.

    A minute touches a node of a rising leg when its low reaches the node's price, and breaks it
    when the low is below the leg's first price; mirrored for a falling leg. What has ended is
    forgotten: a minute examines only the nodes that it reaches.
    """

    def __init__(self) -> None:
        self._count = 0
        # By direction: the price reached first is at the top.
        self._untouched: dict[int, list[tuple[float, int, LiveNode]]] = {1: [], -1: []}
        self._unbroken: dict[int, list[tuple[int, int, LiveNode]]] = {1: [], -1: []}

    def add(self, leg: Leg, node: LegNode) -> LiveNode:
        """Follow a node from now on."""
        live, side = LiveNode(self._count, leg, node), leg.direction
        self._count += 1
        heappush(self._untouched[side], (-side * node.price, live.number, live))
        heappush(self._unbroken[side], (-side * leg.start_tick, live.number, live))
        return live

    def on_bar(
        self, high: int, low: int, high_price: float, low_price: float
    ) -> list[tuple[NodeEvent, LiveNode]]:
        """
        Return the events of the nodes in a closed minute, in the order in which they were found.

        Parameters
        ----------
        high, low : int
            Its ends (ticks).
        high_price, low_price : float
            The same in units of price.

        """
        events = [
            *self._touched(1, -low_price),
            *self._touched(-1, high_price),
            *self.broken(high, low),
        ]
        return sorted(events, key=lambda event: (event[1].number, event[0] is NodeEvent.BROKEN))

    def broken(self, high: int, low: int) -> list[tuple[NodeEvent, LiveNode]]:
        """Return the nodes that the ends (ticks) of a minute have ended."""
        events = []
        for side, end in ((1, -low), (-1, high)):
            heap = self._unbroken[side]
            while heap and heap[0][0] < end:
                live = heappop(heap)[2]
                live.is_broken = True
                events.append((NodeEvent.BROKEN, live))
        return sorted(events, key=lambda event: event[1].number)

    def drop(self) -> list[tuple[NodeEvent, LiveNode]]:
        """End all nodes."""
        live = [entry[2] for heap in self._unbroken.values() for entry in heap]
        for heaps in (self._untouched, self._unbroken):
            for heap in heaps.values():
                heap.clear()
        return [(NodeEvent.DROPPED, node) for node in sorted(live, key=lambda node: node.number)]

    def _touched(self, side: int, end: float) -> list[tuple[NodeEvent, LiveNode]]:
        heap, events = self._untouched[side], []
        while heap and heap[0][0] <= end:
            live = heappop(heap)[2]
            if not live.is_broken:
                events.append((NodeEvent.TOUCHED, live))
        return events

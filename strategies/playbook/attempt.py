"""One breakout attempt of the balance, from its first close outside to its end."""

from msgspec import Struct

from strategies.playbook.events import Event
from strategies.playbook.events import Phase
from strategies.playbook.rows import ContextRow
from strategies.playbook.session_bars import LegNode
from strategies.playbook.session_bars import MinuteBar
from strategies.playbook.session_bars import far_extreme


class Attempt(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    Represents a breakout attempt; minutes are counted within the session, prices in ticks.

    Parameters
    ----------
    started : int
        The minute of its start (ns UTC), by which it is known.
    side : int
        +1 above the balance, -1 below it.
    edge, poc : int
        The boundary that was left, and the POC of the balance.
    start : int
        The minute of the first close outside.
    extreme, extreme_i : int
        The end of the leg and its minute, the first of equal ones.
    origin, origin_i : int
        The begin of the leg and its minute.
    latched : bool
        If the market was in imbalance in the direction of the attempt, at its start or since, and
        not in the opposite one after that.
    was_balance : bool
        If the market was in balance in the minute before the start.
    phase : Phase
        What it waits for.
    since : int
        The minute from which the pullback is waited for: that of READY, or that of the reclaim.
    nodes : tuple[LegNode, ...]
        The nodes that a pullback may touch.
    reclaim, reclaim_i : int, default 0
        The extreme of the way back inside and its minute, once it is on it.

    """

    started: int
    side: int
    edge: int
    poc: int
    start: int
    extreme: int
    extreme_i: int
    origin: int
    origin_i: int
    latched: bool
    was_balance: bool
    phase: Phase = Phase.LEG
    since: int = 0
    nodes: tuple[LegNode, ...] = ()
    reclaim: int = 0
    reclaim_i: int = 0

    @property
    def is_reclaim(self) -> bool:
        """Return True if it has failed, and the pullback of mean reversion is waited for."""
        return self.phase in (Phase.RECLAIM_LEG, Phase.RECLAIM_READY)

    @property
    def trade_side(self) -> int:
        """Return the side that it would be traded on now: +1 long, -1 short."""
        return -self.side if self.is_reclaim else self.side

    def is_outside(self, close: int) -> bool:
        """Return True if a close lies strictly beyond the edge."""
        return self.side * (close - self.edge) > 0

    def extend(self, bar: MinuteBar, i: int) -> bool:
        """Follow the extreme of the leg; return True if a minute has moved it."""
        price = far_extreme(bar, self.side)
        if self.side * (price - self.extreme) <= 0:
            return False
        self.extreme, self.extreme_i = price, i
        return True

    def start_reclaim(self, bar: MinuteBar, i: int) -> None:
        """Handle the first minute that closed inside again."""
        self.phase, self.nodes, self.since = Phase.RECLAIM_LEG, (), i
        self.reclaim, self.reclaim_i = far_extreme(bar, -self.side), i

    def extend_reclaim(self, bar: MinuteBar, i: int) -> bool:
        """Follow the extreme of the way back; return True if a minute has moved it."""
        price = far_extreme(bar, -self.side)
        if self.side * (price - self.reclaim) >= 0:
            return False
        self.reclaim, self.reclaim_i = price, i
        return True

    def latch(self, row: ContextRow) -> None:
        """Record an imbalance in one direction or the other."""
        if row.state_side == self.side:
            self.latched = True
        elif row.state_side == -self.side:
            self.latched = False


def broken_and_kept(
    nodes: tuple[LegNode, ...], side: int, close: int, tolerance: int
) -> tuple[int, tuple[LegNode, ...]]:
    """
    Return how many nodes a close has broken, and those that are left.

    Parameters
    ----------
    nodes : tuple[LegNode, ...]
        The nodes.
    side : int
        The side of the trade at them.
    close : int
        The close (ticks).
    tolerance : int
        How far beyond the far side of a node the close must lie (ticks).

    """
    kept = tuple(
        node
        for node in nodes
        if (close >= node.lo - tolerance if side > 0 else close <= node.hi + tolerance)
    )
    return len(nodes) - len(kept), kept


def deepest_touched(
    nodes: tuple[LegNode, ...], side: int, bar: MinuteBar, tolerance: int
) -> LegNode | None:
    """Return the node farthest from where the leg ended that a minute touches within a distance."""
    if side > 0:
        touched = [node for node in nodes if bar.low <= node.hi + tolerance]
        return min(touched, key=lambda node: node.lo, default=None)
    touched = [node for node in nodes if bar.high >= node.lo - tolerance]
    return max(touched, key=lambda node: node.lo, default=None)


def started(side: int) -> Event:
    """Return the event of a new attempt."""
    return Event.ATTEMPT_UP if side > 0 else Event.ATTEMPT_DOWN

"""Where the order at a node rests, and where its trade is left."""

from collections.abc import Callable
from collections.abc import Sequence
from math import ceil
from math import floor

from msgspec import Struct

from strategies.common.intents import Intent
from strategies.leg_lvn.nodes import KnownPivot
from strategies.leg_lvn.nodes import Node
from strategies.leg_lvn.params import LegLvnRules


# Prices of nodes are sums of doubles: one this near to a tick (in ticks) lies on it.
NEAR = 1e-6


class Plan(Struct, frozen=True, kw_only=True):
    """
    Represents the order at a node, in prices finer than the tick.

    Parameters
    ----------
    node : Node
        The node.
    entry, stop : float
        The prices of the order and of its stop.
    target : float or None
        The price of its target; None where a structure ends the trade.
    stop_from, target_from : str
        `pivot` or `offset`.

    """

    node: Node
    entry: float
    stop: float
    target: float | None
    stop_from: str
    target_from: str

    def intent(self, tick: float, tag: str, min_stop: float) -> Intent | None:
        """
        Return it in whole ticks, None where its stop is too near then.

        A bid is rounded down and an offer up: neither pays more than its price. Stop and target
        are rounded down for a long and up for a short.
        """
        side = self.node.side
        entry, stop = down(self.entry, tick, side), down(self.stop, tick, side)
        target = None if self.target is None else down(self.target, tick, side)
        distance = side * (entry - stop)
        if distance < 1 or distance < min_stop / tick - NEAR:
            return None
        if target is not None and side * (target - entry) < 1:
            return None
        return Intent(is_long=side > 0, entry=entry, stop=stop, tp2=target, tag=tag)


def plan_of(
    node: Node, pivots: Sequence[KnownPivot], spread: float, tick: float, rules: LegLvnRules
) -> Plan | None:
    """
    Return the order at a node, None where its stop is nearer than the least distance.

    Parameters
    ----------
    node : Node
        The node.
    pivots : Sequence[KnownPivot]
        The pivots known so far, oldest first.
    spread : float
        The spread as quoted; 0 where it is not known.
    tick : float
        The unit of the pivots' prices.
    rules : LegLvnRules
        The rules.

    """
    is_long = node.side > 0
    entry = node.price - (spread + rules.baseline) if is_long else node.price
    offset = rules.long_offset if is_long else rules.short_offset
    found = STOPS[rules.stop](node, pivots, entry / tick)
    stop = None if found is None else found / per_unit(tick)
    stop_from = "pivot"
    if stop is None or node.side * (entry - stop) <= 0:
        stop, stop_from = entry - node.side * offset, "offset"
    if abs(entry - stop) < rules.min_stop:
        return None
    target: float | None = entry + node.side * offset
    target_from = "offset"
    end = node.leg_end / per_unit(tick)
    if rules.target == "next_structure":
        target, target_from = None, "structure"
    elif rules.target == "leg_end" and node.side * (end - entry) > 0:
        target, target_from = end, "pivot"
    return Plan(
        node=node,
        entry=entry,
        stop=stop,
        target=target,
        stop_from=stop_from,
        target_from=target_from,
    )


def down(price: float, tick: float, side: int) -> int:
    """Return a price in whole ticks, rounded down for side +1 and up for side -1."""
    ticks = price / tick
    nearest = round(ticks)
    if abs(ticks - nearest) < NEAR:
        return nearest
    return floor(ticks) if side > 0 else ceil(ticks)


def per_unit(tick: float) -> float:
    """Return the ticks of one unit of price: a price is one division away from its ticks."""
    return round(1 / tick, 9)


def _leg_start(node: Node, pivots: Sequence[KnownPivot], entry: float) -> int | None:
    return node.leg_start


def _nearest_pivot(node: Node, pivots: Sequence[KnownPivot], entry: float) -> int | None:
    losing = [p.price for p in pivots if node.side * (entry - p.price) > NEAR]
    return min(losing, key=lambda price: abs(entry - price)) if losing else None


def _pivot_before_leg(node: Node, pivots: Sequence[KnownPivot], entry: float) -> int | None:
    return node.before


# The stops to choose from; each takes the entry in ticks and returns ticks.
STOPS: dict[str, Callable[[Node, Sequence[KnownPivot], float], int | None]] = {
    "leg_start": _leg_start,
    "nearest_pivot": _nearest_pivot,
    "pivot_before_leg": _pivot_before_leg,
}

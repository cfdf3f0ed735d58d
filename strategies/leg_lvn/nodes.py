"""The nodes that wait for the market, and the pivots known so far."""

from msgspec import Struct

from strategies.leg_lvn.params import LegLvnRules
from strategies.leg_lvn.rows import LegRow


# `nearest_pivot` and `pivot_before_leg` search no farther back.
PIVOTS = 100


class KnownPivot(Struct, frozen=True, kw_only=True):
    """
    Represents a confirmed pivot.

    Parameters
    ----------
    price : int
        Its price (ticks).
    is_low : bool
        If it is a low.

    """

    price: int
    is_low: bool


class Node(Struct, kw_only=True):
    """
    Represents a low volume node that waits for the market.

    Parameters
    ----------
    confirmed : int
        The start of the minute at whose close it was known (ns UTC).
    rank : int
        1 for the deepest of its leg.
    side : int
        +1 where its leg rises: it is bought; -1 where it falls.
    price : float
        Its price; finer than the tick.
    leg_start, leg_end : int
        The prices of its leg's pivots (ticks).
    before : int or None
        The price of the pivot before the leg, of the kind of its first (ticks).
    age : int, default 0
        The minutes that have closed since.
    trade_id : int or None, default None
        The trade whose entry rests at it.
    order : int or None, default None
        The price of that entry (ticks).
    refused : list[str], default []
        The codes for which its order was refused.

    """

    confirmed: int
    rank: int
    side: int
    price: float
    leg_start: int
    leg_end: int
    before: int | None
    age: int = 0
    trade_id: int | None = None
    order: int | None = None
    refused: list[str] = []

    @property
    def key(self) -> str:
        """Return what names it."""
        return f"{self.confirmed}/{self.rank}"


class NodeState(Struct, kw_only=True):
    """
    Represents the nodes and pivots between two minutes.

    Parameters
    ----------
    nodes : list[Node]
        The nodes, oldest first.
    pivots : list[KnownPivot]
        The last pivots, oldest first.

    """

    nodes: list[Node] = []
    pivots: list[KnownPivot] = []

    def take(self, row: LegRow, rules: LegLvnRules) -> None:
        """Handle a closed minute: nodes age and break, and those of its leg are new."""
        for node in self.nodes:
            node.age += 1
        self.nodes += self._new(row)
        # The entry of a trade that rests at a forgotten node is for the caller to take back.
        self.nodes = [node for node in self.nodes if not _is_over(node, row, rules)]
        if row.pivot is not None and row.structure is not None:
            self.pivots.append(KnownPivot(price=row.pivot, is_low=row.structure.endswith("L")))
            del self.pivots[:-PIVOTS]

    def _new(self, row: LegRow) -> list[Node]:
        if not row.direction or row.leg_start is None or row.leg_end is None:
            return []
        # The last pivot is the leg's first; the second before it is of its kind.
        of_kind = [p.price for p in self.pivots[:-1] if p.is_low is (row.direction > 0)]
        return [
            Node(
                confirmed=row.ts_min,
                rank=rank,
                side=row.direction,
                price=price,
                leg_start=row.leg_start,
                leg_end=row.leg_end,
                before=of_kind[-1] if of_kind else None,
            )
            for rank, price in enumerate(row.nodes, 1)
        ]


def _is_over(node: Node, row: LegRow, rules: LegLvnRules) -> bool:
    if rules.max_age_bars is not None and node.age > rules.max_age_bars:
        return True
    worst = row.low if node.side > 0 else row.high
    return rules.invalidate_on_break and node.side * (worst - node.leg_start) < 0

"""Which orders rest in the next minute: proposed, kept, taken back."""

from collections.abc import Iterator
from collections.abc import Mapping

from strategies.common.intents import Intent
from strategies.common.position import Position
from strategies.common.position import TradeView
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.step import Exit
from strategies.leg_lvn.nodes import Node
from strategies.leg_lvn.nodes import NodeState
from strategies.leg_lvn.params import LegLvnRules
from strategies.leg_lvn.plans import plan_of
from strategies.leg_lvn.reasons import Reason
from strategies.leg_lvn.rows import LegRow


TAGS = {1: "node_long", -1: "node_short"}


class NodeOrders:
    """
    Compares the orders that may rest in the next minute with those that do.

    Parameters
    ----------
    row : LegRow
        The closed minute.
    position : Position
        What is held and rests, and the quote.
    known : NodeState
        The nodes and pivots after that minute.
    rules : LegLvnRules
        The rules.
    retry_at : Mapping[str, int]
        When (ns UTC) a refused order may be proposed again, by the key of its node.
    most : int
        The most trades at once, orders that rest included.
    both_sides : bool
        If the venue holds long and short trades beside each other.
    may_rest : bool
        If the next minute is within the hours of entries.

    """

    def __init__(
        self,
        row: LegRow,
        position: Position,
        known: NodeState,
        rules: LegLvnRules,
        retry_at: Mapping[str, int],
        *,
        most: int,
        both_sides: bool,
        may_rest: bool,
    ) -> None:
        self._row = row
        self._trades = position.trades
        self._resting = resting(position)
        self._spread = _spread(position) * row.tick
        self._known = known
        self._rules = rules
        self._most = most
        self._both_sides = both_sides
        self._may_rest = may_rest
        self._planned = self._plans() if row.trend and row.warm and may_rest else {}
        # Those that the market reaches first have the places that open trades leave; one that was
        # refused shortly before keeps none from the next.
        self._places = max(0, most - len(self._trades) + len(self._resting))
        due = [key for key in self._planned if row.end >= retry_at.get(key, 0)]
        first = sorted(due, key=lambda key: -row.trend * self._planned[key][1].entry)
        self._wanted = {key: self._planned[key] for key in first[: self._places]}

    def proposed(self) -> tuple[Reason, list[tuple[Node, Intent]]]:
        """Return the orders to send, and the reason of the minute."""
        reason = self._obstacle()
        if reason is not None:
            return reason, []
        free = [item for item in self._wanted.values() if item[0].trade_id is None]
        if not free:
            return Reason.RESTING, []
        # An order that is being taken back has its place until the venue has confirmed that.
        free = free[: max(0, self._most - len(self._trades))]
        return (Reason.NODE_ORDER if free else Reason.WAITING), free

    def taken_back(self) -> Iterator[Exit]:
        """Return the orders that must not rest any longer."""
        ts, nodes = self._row.end, {node.trade_id: node for node in self._known.nodes}
        for trade in self._resting:
            if trade.is_given_up:
                continue
            if self._is_wanted(nodes.get(trade.trade_id)):
                continue
            drop = DropReason.SIGNAL_OVER if self._may_rest else DropReason.SESSION_END
            yield take_back(ts, trade, drop)

    def _plans(self) -> dict[str, tuple[Node, Intent]]:
        row, rules, known, found = self._row, self._rules, self._known, {}
        for node in known.nodes:
            if node.side != row.trend:
                continue
            plan = plan_of(node, known.pivots, self._spread, row.tick, rules)
            intent = None
            if plan is not None:
                intent = plan.intent(row.tick, TAGS[node.side], rules.min_stop)
            # A stop that the market has passed would end the trade with its fill.
            if intent is not None and node.side * (row.close - intent.stop) > 0:
                found[node.key] = node, intent
        return found

    def _is_wanted(self, node: Node | None) -> bool:
        wanted = None if node is None else self._wanted.get(node.key)
        if node is None or wanted is None or node.order is None:
            return False
        return abs(wanted[1].entry - node.order) <= self._rules.reprice_ticks

    def _obstacle(self) -> Reason | None:
        trend = self._row.trend
        others = any(trade.side != trend for trade in self._trades)
        for applies, reason in (
            (not self._row.warm, Reason.COLD),
            (not self._may_rest, Reason.CLOSED),
            (not trend, Reason.NO_TREND),
            (all(node.side != trend for node in self._known.nodes), Reason.NO_NODE),
            (not self._planned, Reason.NO_LEVELS),
            (others and not self._both_sides, Reason.OTHER_SIDE),
            (not self._places, Reason.FULL),
            (not self._wanted, Reason.WAITING),
        ):
            if applies:
                return reason
        return None


def resting(position: Position) -> list[TradeView]:
    """Return the trades of which nothing is filled yet."""
    return [trade for trade in position.trades if trade.lots == 0 and not trade.is_leaving]


def take_back(ts: int, trade: TradeView, drop: DropReason) -> Exit:
    """Return the end of an order that rests; a fill meanwhile is a trade as any other."""
    return Exit(
        ts=ts,
        reason=ExitReason.FLATTEN,
        drop=drop,
        trade_id=trade.trade_id,
        only_entry=True,
    )


def _spread(position: Position) -> int:
    bid, ask = position.bid, position.ask
    if bid is None or ask is None or bid <= 0 or ask <= 0:
        return 0
    return max(0, ask - bid)

"""The decision machine of leg nodes: one closed minute, and the orders that rest in the next."""

from collections import deque
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from msgspec import to_builtins

from strategies.common.machine import DecisionMachine
from strategies.common.position import Position
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import TradeClosed
from strategies.common.session_end import session_end_exits
from strategies.common.step import NO_NOTES
from strategies.common.step import Context
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.trade_params import MINUTE_NS
from strategies.leg_lvn.hours import EntryHours
from strategies.leg_lvn.nodes import Node
from strategies.leg_lvn.orders import NodeOrders
from strategies.leg_lvn.orders import resting
from strategies.leg_lvn.orders import take_back
from strategies.leg_lvn.params import LegLvnRules
from strategies.leg_lvn.rows import LegRow
from strategies.leg_lvn.state import MachineState
from strategies.leg_lvn.state import read_state


# A refused order is proposed again this long after, or when a trade has ended.
RETRY_NS = 5 * MINUTE_NS


class LegLvnMachine(DecisionMachine[LegRow]):
    """
    Keeps limit orders at the nodes of legs whose direction is that of the trend.

    Each closed minute says which orders rest in the next: those of the nodes with the trend that
    the market reaches first, as many as there may be trades. One that is no longer among them, or
    whose price has moved, is taken back; a new one at its node waits until the venue has confirmed
    that. Its first fill uses a node up, whatever becomes of the trade. An order that is filled
    while it is taken back is a trade as any other.

    An order that the gate refuses is proposed again after five minutes, and when a trade or an
    order has ended: spread, balance or limits may allow it then. It counts as refused once for each
    node and reason; the same refusal again is published as HOLD with its code.

    Parameters
    ----------
    rules : LegLvnRules
        The rules.
    most : int
        The most trades at once, orders that rest included.
    both_sides : bool
        If the venue holds long and short trades beside each other.
    venue : str, optional
        The exchange whose calendar ends the week (`EntryHours`).

    """

    INTERVAL_NS = MINUTE_NS

    def __init__(
        self, rules: LegLvnRules, most: int, *, both_sides: bool, venue: str | None = None
    ) -> None:
        self._rules = rules
        self._most = 1 if rules.one_trade_at_a_time else most
        self._both_sides = both_sides
        self._hours = EntryHours(rules.hours, venue)
        self._state = MachineState()
        self._proposed: deque[Node] = deque()

    @property
    def warm(self) -> bool:
        return self._state.warm

    @property
    def not_warm_reason(self) -> str:
        return "too few minutes have closed"

    def step(self, row: LegRow, position: Position) -> Step | None:
        """Handle a minute: orders to send and to cancel, and trades ended by the structure."""
        state, ts = self._state, row.end
        if state.last is not None and row.ts_min <= state.last:
            return None
        state.last, state.warm = row.ts_min, row.warm
        state.known.take(row, self._rules)
        self.wake_at = self._next_wake(ts)
        state.retry_at = {key: at for key, at in state.retry_at.items() if at > row.end}
        orders = self._orders(row, position)
        reason, chosen = orders.proposed()
        self._proposed = deque(node for node, _ in chosen)
        entries = tuple(
            Entry(
                tag=intent.tag,
                is_long=intent.is_long,
                stop=intent.stop,
                intent=intent,
                context=Context(node=round(node.price / row.tick)),
                refused_before=tuple(node.refused),
            )
            for node, intent in chosen
        )
        return Step(
            warm=row.warm,
            close=row.close,
            is_boundary=True,
            reason=reason,
            entries=entries,
            exits=(*self._exits(row, position), *orders.taken_back()),
        )

    def exits_at(self, ts: int, position: Position) -> Sequence[Exit]:
        """Return the orders whose hours are over, and at the end of the week all trades."""
        # Nothing is requested twice within a minute.
        self.wake_at = self._next_wake(ts + MINUTE_NS)
        if self._hours.must_flatten(ts):
            return session_end_exits(ts, position)
        if self._hours.may_enter(ts):
            return ()
        return [take_back(ts, trade, DropReason.SESSION_END) for trade in resting(position)]

    def on_entry(
        self,
        entry: Entry,
        ts: int,
        position: Position,
        *,
        is_sent: bool,
        trade_id: int | None,
    ) -> Notes:
        """Record an order that rests, or delay one that was refused."""
        node = self._proposed.popleft()
        if is_sent and entry.intent is not None:
            node.trade_id, node.order = trade_id, entry.intent.entry
        else:
            self._state.retry_at[node.key] = ts + RETRY_NS
        return NO_NOTES

    def on_refused(self, entry: Entry, code: str) -> None:
        """Record why the order at a node was refused."""
        node = self._proposed[0]
        if code not in node.refused:
            node.refused.append(code)

    def on_opened(self, fill: EntryFilled, trade_id: int) -> Notes:
        """Use up the node of a trade."""
        known = self._state.known
        known.nodes = [node for node in known.nodes if node.trade_id != trade_id]
        return NO_NOTES

    def on_closed(self, closed: TradeClosed, trade_id: int) -> Notes:
        """Propose what was refused beside the trade."""
        self._state.retry_at.clear()
        return NO_NOTES

    def on_dropped(self, ts: int, trade_id: int) -> Notes:
        """Free the node of an order that is gone."""
        self._state.retry_at.clear()
        for node in self._of(trade_id):
            node.trade_id = node.order = None
        return NO_NOTES

    def on_gap(self, ts: int) -> Notes:
        """Clear all nodes and pivots: the legs begin anew."""
        self._state = MachineState(last=self._state.last)
        return NO_NOTES

    def on_silence(self) -> Notes:
        """Stay cold until the gap has ended."""
        self._state.warm = False
        return NO_NOTES

    def snapshot(self) -> dict[str, Any]:
        """Return nodes and pivots as plain values."""
        values: dict[str, Any] = to_builtins(self._state)
        return values

    def restore(
        self,
        state: Any,
        position: Position,
        ts: int,
        ended: Mapping[int, TradeClosed] = MappingProxyType({}),
    ) -> Notes:
        """Resume from a state; nodes whose orders are gone are free again."""
        if state is not None:
            self._state = read_state(state)
        known = self._state.known
        held = {trade.trade_id: trade for trade in position.trades}
        used = {key for key, trade in held.items() if trade.lots > 0} | set(ended)
        known.nodes = [node for node in known.nodes if node.trade_id not in used]
        for node in known.nodes:
            if node.trade_id not in held:
                node.trade_id = node.order = None
        self.wake_at = self._next_wake(ts)
        return NO_NOTES

    def progress(self) -> list[str]:
        """Return how many nodes wait for the market."""
        nodes = self._state.known.nodes
        up = sum(node.side > 0 for node in nodes)
        return [
            f"{len(nodes):,} low volume nodes waited for the market at the end: {up:,} to be "
            f"bought in an uptrend, {len(nodes) - up:,} to be sold in a downtrend."
        ]

    def _orders(self, row: LegRow, position: Position) -> NodeOrders:
        may_rest = self._hours.may_enter(row.end)
        return NodeOrders(
            row,
            position,
            self._state.known,
            self._rules,
            self._state.retry_at,
            most=self._most,
            both_sides=self._both_sides,
            may_rest=may_rest,
        )

    def _exits(self, row: LegRow, position: Position) -> Iterator[Exit]:
        """Return the trades that the structure of this minute ends."""
        pivot, began = row.pivot, row.pivot_ts
        if self._rules.target != "next_structure" or pivot is None or began is None:
            return
        side = {"HH": 1, "LL": -1}.get(row.structure or "", 0)
        for trade in position.trades:
            if trade.side != side or trade.average is None or trade.since is None:
                continue
            # A pivot of the minute of the entry may lie before it.
            if began >= trade.since and side * (pivot - trade.average) > 0:
                yield Exit(
                    ts=row.end,
                    reason=ExitReason.TARGET,
                    drop=DropReason.TARGET_TOUCHED,
                    trade_id=trade.trade_id,
                )

    def _next_wake(self, ts: int) -> int | None:
        ends = [self._hours.flattens_at(ts)]
        if self._hours.may_enter(ts):
            ends.append(self._hours.entries_end(ts))
        return min((end for end in ends if end is not None), default=None)

    def _of(self, trade_id: int) -> list[Node]:
        return [node for node in self._state.known.nodes if node.trade_id == trade_id]

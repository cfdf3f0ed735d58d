"""The decision machine of order flow: one closed bar in, at most one entry out."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from msgspec import to_builtins

from actors.footprint.patterns import Direction
from strategies.common.machine import DecisionMachine
from strategies.common.position import Position
from strategies.common.position import TradeView
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import TradeClosed
from strategies.common.session_end import session_end_exits
from strategies.common.step import NO_NOTES
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from strategies.order_flow.bracket import Bracket
from strategies.order_flow.hours import OrderFlowHours
from strategies.order_flow.params import OrderFlowRules
from strategies.order_flow.reasons import Reason
from strategies.order_flow.reasons import Route
from strategies.order_flow.reasons import Skip
from strategies.order_flow.router import Routed
from strategies.order_flow.router import Signal
from strategies.order_flow.router import route_bar
from strategies.order_flow.rows import OrderFlowRow
from strategies.order_flow.rows import RoutedSignal
from strategies.order_flow.state import MachineState
from strategies.order_flow.state import read_state


class OrderFlowMachine(DecisionMachine[OrderFlowRow]):
    """
    Enters at the pattern of a bar that its regime trades, and closes everything before the close.

    All patterns of a bar are routed once, at its end. The entry is a market order, filled at the
    first tradable price after the bar; stop and target are measured from that fill. As an option it
    is a limit order at the price of the pattern, which the market has left, for some bars.

    Bars have any length: a decision is counted in the last second of its bar.

    Parameters
    ----------
    rules : OrderFlowRules
        The rules.
    bracket : Bracket
        Makes entries with their stop and target.

    """

    INTERVAL_NS = SECOND_NS

    def __init__(self, rules: OrderFlowRules, bracket: Bracket) -> None:
        self._rules = rules
        self._bracket = bracket
        self._hours = OrderFlowHours(rules.hours)
        self._state = MachineState()
        self._routes: Counter[Route] = Counter()

    @property
    def warm(self) -> bool:
        return self._state.warm

    @property
    def not_warm_reason(self) -> str:
        return "too few bars have closed"

    def step(self, row: OrderFlowRow, position: Position) -> Step | None:
        """Handle a bar: an entry, or limit entries that have rested for too long."""
        state = self._state
        if state.last is not None and row.end <= state.last:
            return None
        state.last, state.warm = row.end, row.warm
        self.wake_at = self._hours.flattens_at(row.end)
        params = self._rules.router
        routed = route_bar(
            row.signals, row.regime, row.confidence, params, cooling=self._is_cooling(row.end)
        )
        self._routes.update(routed.routes)
        chosen = routed.chosen
        entries = () if chosen is None or not row.warm else (self._entry(row, position, routed),)
        return Step(
            warm=row.warm,
            close=row.close,
            is_boundary=True,
            reason=_reason(row, routed),
            entries=entries,
            exits=tuple(self._taken_back(row, position)),
            notes=Notes(records=tuple(_records(row, routed))),
        )

    def exits_at(self, ts: int, position: Position) -> Sequence[Exit]:
        """Return all trades once the day is over."""
        # Nothing is requested twice within a minute.
        self.wake_at = self._hours.flattens_at(ts + MINUTE_NS)
        if not self._hours.must_flatten(ts):
            return ()
        return session_end_exits(ts, position)

    def on_entry(
        self,
        entry: Entry,
        ts: int,
        position: Position,
        *,
        is_sent: bool,
        trade_id: int | None,
    ) -> Notes:
        """Begin the cooldown, and count the bars of a limit entry."""
        if is_sent:
            self._state.entered = ts
            if trade_id is not None and self._bracket.is_limit:
                self._state.resting[trade_id] = 0
        return NO_NOTES

    def on_closed(self, closed: TradeClosed, trade_id: int) -> Notes:
        """Forget a limit entry whose trade is over."""
        self._state.resting.pop(trade_id, None)
        return NO_NOTES

    def on_opened(self, fill: EntryFilled, trade_id: int) -> Notes:
        """Keep counting: the rest of the entry still works."""
        return NO_NOTES

    def on_dropped(self, ts: int, trade_id: int) -> Notes:
        """Forget a limit entry that is gone."""
        self._state.resting.pop(trade_id, None)
        return NO_NOTES

    def on_gap(self, ts: int) -> Notes:
        """Stay cold until enough bars have closed again."""
        self._state.warm = False
        return NO_NOTES

    def on_silence(self) -> Notes:
        """Stay cold until the gap ends."""
        self._state.warm = False
        return NO_NOTES

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        values: dict[str, Any] = to_builtins(self._state, str_keys=True)
        return values

    def restore(
        self,
        state: Any,
        position: Position,
        ts: int,
        ended: Mapping[int, TradeClosed] = MappingProxyType({}),
    ) -> Notes:
        """Resume from a state; bars up to its last one may come again."""
        if state is not None:
            self._state = read_state(state)
        for trade_id in ended:
            self._state.resting.pop(trade_id, None)
        self.wake_at = self._hours.flattens_at(ts)
        return NO_NOTES

    def progress(self) -> list[str]:
        """Return how many patterns were routed, and what became of them."""
        total = sum(self._routes.values())
        if not total:
            return ["No bar had a pattern."]
        found = ", ".join(f"{count:,} {code}" for code, count in self._routes.most_common())
        return [f"{total:,} patterns were routed: {found}."]

    def _is_cooling(self, ts: int) -> bool:
        entered = self._state.entered
        return entered is not None and ts - entered < self._rules.router.cooldown_s * SECOND_NS

    def _entry(self, row: OrderFlowRow, position: Position, routed: Routed) -> Entry:
        chosen = routed.chosen
        assert chosen is not None
        quoted = position.entry_price(is_long=chosen.direction is Direction.LONG)
        price = row.close if quoted is None else quoted
        return self._bracket.entry(row, chosen, routed.stack, price, self._skip(row.end))

    def _skip(self, ts: int) -> Skip | None:
        if self._hours.is_over(ts):
            return Skip.FLATTENED
        return None if self._hours.may_enter(ts) else Skip.OUTSIDE_HOURS

    def _taken_back(self, row: OrderFlowRow, position: Position) -> Iterator[Exit]:
        resting = self._state.resting
        for trade in position.trades:
            if trade.trade_id not in resting:
                continue
            resting[trade.trade_id] += 1
            drop = self._over(row, resting[trade.trade_id])
            if drop is not None and _is_waiting(trade):
                yield Exit(
                    ts=row.end,
                    reason=ExitReason.FLATTEN,
                    drop=drop,
                    trade_id=trade.trade_id,
                    only_entry=True,
                )

    def _over(self, row: OrderFlowRow, bars: int) -> DropReason | None:
        if bars >= self._rules.entry.limit_expiry_bars:
            return DropReason.ENTRY_TIMEOUT
        return None if self._hours.may_enter(row.end) else DropReason.SESSION_END


def _is_waiting(trade: TradeView) -> bool:
    return not (trade.is_leaving or trade.is_given_up)


def _reason(row: OrderFlowRow, routed: Routed) -> Reason:
    if not row.warm:
        return Reason.COLD
    if routed.chosen is not None:
        return Reason.SIGNAL
    if Route.CONFLICT in routed.routes:
        return Reason.CONFLICT
    return Reason.REJECTED if routed.routes else Reason.QUIET


def _records(row: OrderFlowRow, routed: Routed) -> Iterator[RoutedSignal]:
    for signal, route in zip(row.signals, routed.routes, strict=True):
        yield RoutedSignal(
            row=row,
            signal=signal,
            route=route,
            is_chosen=signal is routed.chosen,
            stack=_stack(row, signal),
        )


def _stack(row: OrderFlowRow, signal: Signal) -> int:
    return len({other.pattern for other in row.signals if other.direction is signal.direction})

"""The state of a trade manager, and its reactions to events."""

from collections.abc import Callable
from collections.abc import Sequence
from decimal import Decimal

from strategies.common.commands import Command
from strategies.common.commands import Purpose
from strategies.common.daily_limits import DayStop
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.forced_close import HALTING
from strategies.common.forced_close import forced_alert
from strategies.common.forced_close import forced_reason
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.lifecycle import cancel_entry
from strategies.common.lifecycle import close
from strategies.common.lifecycle import enter
from strategies.common.lifecycle import next_commands
from strategies.common.order_outcomes import apply_event
from strategies.common.orders import Order
from strategies.common.orders import OrderIds
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import AlertKind
from strategies.common.records import EntryRefused
from strategies.common.records import EntrySubmitted
from strategies.common.records import Record
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.trade import Trade
from strategies.common.trade_params import TradeParams
from strategies.common.triggers import ABOVE
from strategies.common.triggers import BELOW
from strategies.common.triggers import thresholds


type Commands = Sequence[Command]

NEVER = ABOVE
REFUSALS = {
    SizeRefusal.NOTIONAL: Refusal.NOTIONAL,
    SizeRefusal.LEVERAGE: Refusal.LEVERAGE,
    SizeRefusal.MARGIN: Refusal.MARGIN,
    SizeRefusal.TOTAL_RISK: Refusal.TOTAL_RISK,
    SizeRefusal.TOTAL_LOSS: Refusal.TOTAL_LOSS,
    SizeRefusal.DAY_BUDGET: Refusal.DAY_BUDGET,
}
# The alert of a day that is over, and why its working entries are canceled.
DAY_ENDS = {
    DayStop.MAX_LOSS: (AlertKind.KILL_SWITCH, DropReason.KILL_SWITCH),
    DayStop.PROFIT_TARGET: (AlertKind.PROFIT_TARGET, DropReason.PROFIT_TARGET),
}
NOTHING: Commands = ()
# Fills of trades that are over for good; a venue repeats the latest ones at most.
OLD_FILLS_KEPT = 100


class TradeCore:
    """
    Holds at most one trade, its orders' identifiers and fills, and reacts to events.

    Parameters
    ----------
    params : TradeParams
        The rules.
    size : Callable[[Intent], PositionSize]
        Sizes an intent by the present state of the account.
    ledger : Ledger
        The account; the manager books fees, profits and funding there.
    record : Callable[[Record], None]
        Receives the records for the journal.
    ids : OrderIds, optional
        Provides the identifiers of its orders; several managers may share one.

    """

    __slots__ = (
        "_ask",
        "_bid",
        "_fills_seen",
        "_high",
        "_ids",
        "_last_exit",
        "_low",
        "_previous",
        "_record",
        "_sent_ns",
        "_size",
        "_time",
        "_wake",
        "halted",
        "ledger",
        "params",
        "trade",
    )

    def __init__(
        self,
        params: TradeParams,
        size: Callable[[Intent], PositionSize],
        ledger: Ledger,
        record: Callable[[Record], None],
        ids: OrderIds | None = None,
    ) -> None:
        self.params = params
        self.ledger = ledger
        self.halted = False
        self.trade: Trade | None = None
        self._size = size
        self._record = record
        self._ids = OrderIds() if ids is None else ids
        self._fills_seen: dict[tuple[int, str], None] = {}
        self._previous: Trade | None = None
        self._last_exit: int | None = None
        self._sent_ns = 0
        self._bid: int | None = None
        self._ask: int | None = None
        self._low = BELOW
        self._high = ABOVE
        self._wake = NEVER
        self._time = 0

    @property
    def time_ns(self) -> int:
        """Return the latest time (nanoseconds) of all inputs; it never goes back."""
        return self._time

    @property
    def wake_ns(self) -> int | None:
        """Return the next time (nanoseconds) at which `on_time` is due; it may have passed."""
        return None if self._wake == NEVER else self._wake

    @property
    def print_bounds(self) -> tuple[int, int, int]:
        """Return the prices (ticks) between which a print before a time (ns) changes nothing."""
        return self._low, self._high, self._wake

    def order(self, order_id: int) -> Order | None:
        """Return an order of the running trade or of the one before."""
        for trade in (self.trade, self._previous):
            order = None if trade is None else trade.orders.get(order_id)
            if order is not None:
                return order
        return None

    def _apply(self, event: OrderEvent) -> bool:
        if isinstance(event, Filled):
            key = (event.order_id, event.fill_id)
            if key in self._fills_seen:
                return False
            self._fills_seen[key] = None
        trade = self._trade_of(event)
        if trade is None:
            # A fill that belongs to no open trade has halted the manager: an entry must go.
            return isinstance(event, Filled)
        now = self._time = max(event.ts, self._time)
        for record in apply_event(trade, event, self.params, now):
            self._record(record)
        if isinstance(event, Filled):
            order = trade.orders.get(event.order_id)
            is_exit = order is not None and order.command.purpose is not Purpose.ENTRY
            gross = trade.exits[-1].gross if is_exit else Decimal(0)
            self._book(event.ts, gross - event.fee)
            self._note_forced(forced_reason(order), event, gross - event.fee)
            if trade.open < 0:
                self._halt(event.ts, f"order {event.order_id} left {trade.open} lots")
        return True

    def _next_commands(self, ts: int) -> Commands:
        # A venue's clock may run behind: what was due already stays due.
        ts = self._time = max(ts, self._time)
        commands: list[Command] = []
        self._wake = NEVER
        while self.trade is not None:
            trade = self.trade
            wake = next_commands(trade, ts, self.params)
            commands += trade.orders.take()
            if trade.open > 0 or not trade.orders.is_idle:
                self._wake = NEVER if wake is None else wake
                break
            self._finish(trade, ts)
        self._low, self._high = thresholds(self.trade, self.params)
        return commands

    def _finish(self, trade: Trade, ts: int) -> None:
        closed = trade.closed()
        if closed is not None:
            self._record(closed)
            self._last_exit = closed.ts_close
        self._previous, self.trade = trade, None
        self._forget_fills(trade)
        if trade.flip_to is not None:
            reason = self._start(ts, trade.flip_to)
            if reason is not None:
                self._record(EntryRefused(ts=ts, intent=trade.flip_to, reason=reason))

    def _forget(self) -> Trade | None:
        trade, self.trade = self.trade, None
        if trade is not None:
            self._previous = trade
            self._wake = NEVER
            self._low, self._high = BELOW, ABOVE
        return trade

    def _forget_fills(self, trade: Trade) -> None:
        old = [key for key in self._fills_seen if trade.orders.get(key[0]) is None]
        for key in old[:-OLD_FILLS_KEPT]:
            del self._fills_seen[key]

    def _start(self, ts: int, intent: Intent) -> Refusal | None:
        size = self._size(intent)
        if size.reason is not None:
            return REFUSALS.get(size.reason, Refusal.SIZE)
        if size.capped:
            self._record(Alert(ts=ts, kind=AlertKind.LEVERAGE_CAP, value=size.raw_qty))
        self.trade = Trade(intent, size, self.params.tick_value, self._ids)
        self._sent_ns = ts
        enter(self.trade, ts, self.params)
        self._record(EntrySubmitted(ts=ts, intent=intent, lots=size.lots, capped=size.capped))
        return None

    def _trade_of(self, event: OrderEvent) -> Trade | None:
        if self.trade is not None and self.trade.orders.get(event.order_id) is not None:
            return self.trade
        if not isinstance(event, Filled):
            return None
        if self.trade is None and self._previous is not None:
            order = self._previous.orders.get(event.order_id)
            if order is not None and order.command.purpose is Purpose.ENTRY:
                self.trade = self._previous.reopened()
                return self.trade
        self._halt(event.ts, f"fill of order {event.order_id} belongs to no open trade")
        return None

    def _book(self, ts: int, amount: Decimal) -> None:
        stop = self.ledger.book(ts, amount)
        if stop is None:
            return
        kind, drop = DAY_ENDS[stop]
        self._record(Alert(ts=ts, kind=kind, value=self.ledger.day_pnl))
        self._cancel_entry(ts, drop)
        if self.ledger.killed and self.params.kill_flatten and self.trade is not None:
            close(self.trade, ExitReason.KILL_SWITCH)

    def _note_forced(self, reason: ExitReason | None, event: Filled, net: Decimal) -> None:
        if reason is None:
            return
        self._record(forced_alert(reason, event, net))
        self.halted = self.halted or reason in HALTING
        # The rest of an entry was sized for another position and another account.
        self._cancel_entry(event.ts, DropReason.VENUE_CLOSE)

    def _cancel_entry(self, ts: int, reason: DropReason) -> None:
        if self.trade is not None:
            for record in cancel_entry(self.trade, ts, reason):
                self._record(record)

    def _halt(self, ts: int, message: str) -> None:
        self.halted = True
        self._record(Alert(ts=ts, kind=AlertKind.POSITION_MISMATCH, message=message))
        self._cancel_entry(ts, DropReason.HALTED)

"""Owns a trade from its intent to flat: events in, commands out."""

from collections.abc import Callable
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from strategies.common.commands import Command
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.forced_close import HALTING
from strategies.common.forced_close import forced_alert
from strategies.common.forced_close import forced_order
from strategies.common.forced_close import forced_reason
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.lifecycle import apply_print
from strategies.common.lifecycle import close
from strategies.common.lifecycle import close_at_boundary
from strategies.common.lifecycle import enter
from strategies.common.lifecycle import give_up
from strategies.common.lifecycle import next_commands
from strategies.common.order_outcomes import apply_event
from strategies.common.orders import Order
from strategies.common.orders import OrderIds
from strategies.common.orders import OrderState
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import AlertKind
from strategies.common.records import EntryRefused
from strategies.common.records import EntrySubmitted
from strategies.common.records import FundingPaid
from strategies.common.records import Record
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.trade import Trade
from strategies.common.trade_params import TradeParams
from strategies.common.trade_state import SCHEMA
from strategies.common.trade_state import ManagerState
from strategies.common.trade_state import from_plain
from strategies.common.trade_state import state_of
from strategies.common.trade_state import to_plain
from strategies.common.trade_state import trade_of
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
}
NOTHING: Commands = ()
# Fills of trades that are over for good; a venue repeats the latest ones at most.
OLD_FILLS_KEPT = 100


class TradeManager:
    """
    Manages at most one trade at a time.

    Every handler returns the commands to send, in order. The venue holds the protective stop from
    the first fill on; the targets and all other exits are reduce-only market orders that the
    manager sends when a print reaches them. If a print reaches the stop and the venue's stop has
    not filled all within `retry_ns`, the rest is closed at market as well. An exit works beside
    the stop, so the reduce-only lots at the venue may exceed the position, but never the exits
    among them alone.

    A trade ends when it is flat and the venue has confirmed that none of its orders works; only
    then follows the second half of a flip.

    Parameters
    ----------
    params : TradeParams
        The rules.
    size : Callable[[Intent], PositionSize]
        Sizes an intent with the money there is at that moment.
    ledger : Ledger
        The account; the manager books fees, profits and funding there.
    record : Callable[[Record], None]
        Receives what happens, for the journal.
    ids : OrderIds, optional
        Gives the identifiers of its orders; several managers may share one.

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
        self._bid: int | None = None
        self._ask: int | None = None
        self._low = BELOW
        self._high = ABOVE
        self._wake = NEVER
        self._time = 0

    @property
    def time_ns(self) -> int:
        """Return the latest time (nanoseconds) it has heard of; it never goes back."""
        return self._time

    @property
    def wake_ns(self) -> int | None:
        """Return when (nanoseconds) `on_time` has something to do next; perhaps in the past."""
        return None if self._wake == NEVER else self._wake

    def on_trade(self, ts: int, price: int) -> Commands:
        """Take a print: its time (nanoseconds) and price (ticks)."""
        if self._low < price < self._high and ts < self._wake:
            return NOTHING
        ts = self._time = max(ts, self._time)
        if self.trade is not None and not self._low < price < self._high:
            apply_print(self.trade, ts, price, self.params)
        return self._pursue(ts)

    def on_quote(self, ts: int, bid: int, ask: int) -> Commands:
        """Take the best bid and ask (ticks)."""
        self._bid = bid
        self._ask = ask
        return NOTHING if ts < self._wake else self._pursue(ts)

    def on_time(self, ts: int) -> Commands:
        """Take the time (nanoseconds): time-outs and retries."""
        return NOTHING if ts < self._wake else self._pursue(ts)

    def on_boundary(self, ts: int) -> Commands:
        """Take the start of a minute: the day, the clock of the time stop, and what is due."""
        self.ledger.roll(ts)
        commands = self.on_time(ts)
        if self.trade is not None and self.trade.open > 0 and self.trade.clock_start is None:
            self.trade.clock_start = ts
        return commands

    def enter(self, ts: int, intent: Intent) -> tuple[Refusal | None, Commands]:
        """
        Size an intent and send its entry, or return why there is no size.

        Raises
        ------
        ValueError
            If there is a trade already.

        """
        if self.trade is not None:
            raise ValueError(f"{intent.tag}: a trade was open already; use turn")
        return self._start(ts, intent), self._pursue(ts)

    def turn(self, ts: int, intent: Intent) -> Commands:
        """
        Close the trade and enter another, sized anew, once the first has ended.

        Raises
        ------
        ValueError
            If there is no trade, or it is being closed already.

        """
        if self.trade is None or self.trade.is_exit_pending:
            raise ValueError(f"{intent.tag}: no open trade to turn")
        self.trade.flip_to = intent
        close(self.trade, ExitReason.FLIP)
        return self._pursue(ts)

    def leave_at_boundary(self, ts: int, price: int | None) -> tuple[ExitReason | None, Commands]:
        """Close the trade if the last price is inside its boundary, or its time is over."""
        trade = self.trade
        if trade is None:
            return None, NOTHING
        exit_price = self._bid if trade.side > 0 else self._ask
        reason = close_at_boundary(trade, ts, price, exit_price, self.params)
        return reason, NOTHING if reason is None else self._pursue(ts)

    def is_cooling(self, ts: int) -> bool:
        """Return True if the last full exit is too recent for an entry."""
        last = self._last_exit
        return last is not None and ts - last < self.params.cooldown_ns

    def on_order_event(self, event: OrderEvent) -> Commands:
        """
        Take what the venue says about an order.

        Duplicates are dropped. A fill of an entry that the venue had confirmed as gone opens the
        trade again to close it. A liquidation or a delivery halts the manager, and so does a fill
        that fits no order or reduces more than there is.
        """
        return self._pursue(event.ts) if self._apply(event) else NOTHING

    def _apply(self, event: OrderEvent) -> bool:
        if isinstance(event, Filled):
            key = (event.order_id, event.fill_id)
            if key in self._fills_seen:
                return False
            self._fills_seen[key] = None
        trade = self._trade_of(event)
        if trade is None:
            return False
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

    def adopt_forced(self, lots: int, reason: ExitReason, *, is_buy: bool) -> int | None:
        """
        Take an order with which the venue itself closes a part of the position for the trade's.

        Parameters
        ----------
        lots : int
            The lots of its first fill.
        reason : ExitReason
            Why the venue closes.
        is_buy : bool
            Its side.

        Returns
        -------
        int or None
            Its identifier; None if there is no trade that it could reduce.

        """
        if self.trade is None:
            return None
        order = forced_order(self.trade, next(self._ids), lots, reason, is_buy=is_buy)
        if order is None:
            return None
        self.trade.orders.adopt(order)
        return order.command.order_id

    def on_funding(self, ts: int, paid: Decimal) -> Commands:
        """
        Take funding paid (negative if received).

        A venue may tell late of a settlement: one of a day that is over changes no more than the
        cash, and one from before the running trade was opened is not the trade's.
        """
        trade = self.trade
        if trade is not None and trade.ts_open is not None and trade.ts_open <= ts:
            trade.funding += paid
        self._record(FundingPaid(ts=ts, paid=paid))
        if self.ledger.is_over(ts):
            self.ledger.cash -= paid
        else:
            self._book(ts, -paid)
        return self._pursue(ts)

    def move_stop(self, ts: int, stop: int, price: int) -> Commands:
        """
        Move the stop of the open position nearer to the profit.

        A stop that the market has reached already would be refused by the venue: the position is
        closed at market instead. Nothing happens where the stop is not nearer, or there is nothing
        left to protect.

        Parameters
        ----------
        ts : int
            The UNIX timestamp (nanoseconds).
        stop : int
            The stop wanted in ticks.
        price : int
            The last price in ticks.

        """
        trade = self.trade
        if trade is None or trade.open <= 0 or trade.close_reason is not None:
            return NOTHING
        if not trade.tighten(stop, ExitReason.TRAIL):
            return NOTHING
        if trade.side * (price - stop) <= 0:
            close(trade, ExitReason.TRAIL)
        return self._pursue(ts)

    def flatten(
        self,
        ts: int,
        reason: ExitReason = ExitReason.FLATTEN,
        drop: DropReason = DropReason.FLATTEN,
    ) -> Commands:
        """Give up a working entry and a flip, and close the position at market."""
        self._give_up(ts, drop)
        if self.trade is not None:
            close(self.trade, reason)
        return self._pursue(ts)

    def abandon(self, ts: int, message: str) -> Commands:
        """
        Halt and forget a trade whose position is gone without a fill that would explain it.

        Its working orders are cancelled. The money of what has left is not known and not booked.
        """
        self._halt(ts, message)
        trade = self._forget()
        if trade is None:
            return NOTHING
        for purpose in Purpose:
            for order in trade.orders.live(purpose):
                trade.orders.cancel(order, ts)
        return trade.orders.take()

    def stop_entries(self, ts: int, reason: DropReason) -> Commands:
        """Give up a working entry and the second half of a flip; the position stays managed."""
        self._give_up(ts, reason)
        return self._pursue(ts)

    def take_missed(self, event: OrderEvent) -> None:
        """Take an event of a time when the process was away; `resume` acts on it."""
        self._apply(event)

    def resume(self, ts: int) -> Commands:
        """
        Go on with the trade after the process was away.

        What is left of an entry is given up, and so is the second half of a flip: nobody has
        watched the market for them.
        """
        self._give_up(ts, DropReason.RESTART)
        return self._pursue(ts)

    def order(self, order_id: int) -> Order | None:
        """Return an order of the running trade or of the one before."""
        for trade in (self.trade, self._previous):
            order = None if trade is None else trade.orders.get(order_id)
            if order is not None:
                return order
        return None

    def has_seen(self, fill: Filled) -> bool:
        """Return True if a fill is booked already."""
        return (fill.order_id, fill.fill_id) in self._fills_seen

    def has_seen_id(self, fill_id: str) -> bool:
        """Return True if a fill of this identifier is booked already, whatever its order."""
        return any(known == fill_id for _, known in self._fills_seen)

    def adopt_order(self, order: Order) -> None:
        """Add an order that the venue has, but the snapshot did not, to the trade."""
        if self.trade is not None:
            self.trade.orders.adopt(order)

    def adopt_stop(self, lots: int, price: int) -> int:
        """
        Add a stop that the venue has made for the position, and that is being filled.

        Parameters
        ----------
        lots : int
            Its size in lots.
        price : int
            Its price in ticks.

        Returns
        -------
        int
            Its identifier; without a trade its fill halts the manager.

        """
        order_id = next(self._ids)
        trade = self.trade
        if trade is not None:
            command = Submit(
                order_id=order_id,
                purpose=Purpose.STOP,
                kind=OrderKind.STOP,
                is_buy=trade.side < 0,
                lots=lots,
                price=price,
                reason=trade.stop_reason,
            )
            trade.orders.adopt(Order(command, OrderState.WORKING))
        return order_id

    def next_order_id(self) -> int:
        """Return an identifier for an order that is adopted."""
        return next(self._ids)

    def replace_trade(self, ts: int, intent: Intent, lots: int, price: Fraction) -> Trade:
        """
        Hold a position that the venue has instead of the trade that was thought to be there.

        Parameters
        ----------
        ts : int
            The present time (ns UTC).
        intent : Intent
            The side and the stop.
        lots : int
            The size.
        price : Fraction
            The average entry price in ticks.

        """
        trade = self.begin_trade(intent, lots)
        trade.hold(ts, lots, price)
        return trade

    def begin_trade(self, intent: Intent, lots: int) -> Trade:
        """Begin a trade whose orders the venue has already; they are to be adopted."""
        trade = Trade(intent, PositionSize(lots=lots), self.params.tick_value, self._ids)
        self._previous, self.trade = self.trade or self._previous, trade
        return trade

    def end_trade(self, ts: int) -> None:
        """End a trade that is flat and after which another one has begun."""
        if self.trade is not None:
            self.trade.flip_to = None
            self._finish(self.trade, ts)

    def drop_trade(self) -> list[Order]:
        """Forget a trade whose position the venue does not have; return its orders that work."""
        trade = self._forget()
        return [] if trade is None else [order for order in trade.orders.all() if order.remaining]

    def halt(self, ts: int, message: str) -> Commands:
        """Doubt position and orders: enter nothing more; the open trade stays managed."""
        self._halt(ts, message)
        return self._pursue(ts)

    def state(self) -> ManagerState:
        """Return the whole state between two events; it shares nothing with what changes."""
        ledger = self.ledger
        return ManagerState(
            schema=SCHEMA,
            day=ledger.day,
            day_pnl=ledger.day_pnl,
            cash=ledger.cash,
            killed=ledger.killed,
            halted=self.halted,
            last_exit=self._last_exit,
            next_id=self._ids.next_id,
            fills_seen=list(self._fills_seen),
            trade=state_of(self.trade),
            previous=state_of(self._previous),
            bid=self._bid,
            ask=self._ask,
            time=self._time,
            wake=self._wake,
        )

    def halt_missed(self, ts: int, message: str) -> None:
        """Doubt position and orders of a time when the process was away; `resume` acts on it."""
        self._halt(ts, message)

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state between two events as plain values, fit for JSON."""
        return to_plain(self.state())

    def restore(self, ts: int, plain: dict[str, Any]) -> None:
        """
        Go on from a snapshot, taken with the same parameters, exactly as the original would.

        Parameters
        ----------
        ts : int
            The present time (ns UTC); a day that is over by then is not carried on.
        plain : dict[str, Any]
            The snapshot.

        Raises
        ------
        ValueError
            If it is of another schema, or no snapshot at all; nothing is changed then.

        """
        self.restore_state(ts, from_plain(plain))

    def restore_state(self, ts: int, state: ManagerState) -> None:
        """Go on from a state that `check_state` has passed; `ts` is the present time (ns UTC)."""
        trade, previous = trade_of(state.trade, self._ids), trade_of(state.previous, self._ids)
        low, high = thresholds(trade, self.params)
        self.halted = state.halted
        self._last_exit = state.last_exit
        self._ids.next_id = state.next_id
        self._fills_seen = dict.fromkeys(state.fills_seen)
        self.trade, self._previous = trade, previous
        self._bid, self._ask = state.bid, state.ask
        self._time, self._wake = state.time, state.wake
        self._low, self._high = low, high
        if self.ledger.restore(ts, state.day, state.day_pnl, state.cash, killed=state.killed):
            self._record(Alert(ts=ts, kind=AlertKind.KILL_SWITCH, value=self.ledger.day_pnl))

    def _pursue(self, ts: int) -> Commands:
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
        if not self.ledger.book(ts, amount):
            return
        self._record(Alert(ts=ts, kind=AlertKind.KILL_SWITCH, value=self.ledger.day_pnl))
        self._give_up(ts, DropReason.KILL_SWITCH)
        if self.params.kill_flatten and self.trade is not None:
            close(self.trade, ExitReason.KILL_SWITCH)

    def _note_forced(self, reason: ExitReason | None, event: Filled, net: Decimal) -> None:
        if reason is None:
            return
        self._record(forced_alert(reason, event, net))
        self.halted = self.halted or reason in HALTING
        # What is left of an entry was meant for another position and another account.
        self._give_up(event.ts, DropReason.VENUE_CLOSE)

    def _give_up(self, ts: int, reason: DropReason) -> None:
        if self.trade is not None:
            for record in give_up(self.trade, ts, reason):
                self._record(record)

    def _halt(self, ts: int, message: str) -> None:
        self.halted = True
        self._record(Alert(ts=ts, kind=AlertKind.POSITION_MISMATCH, message=message))
        self._give_up(ts, DropReason.HALTED)

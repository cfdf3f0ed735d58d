"""Manage a trade from its intent to flat: events in, commands out."""

from decimal import Decimal
from typing import Any

from strategies.common.bar_prices import BarPrices
from strategies.common.bar_prices import apply_bar
from strategies.common.daily_limits import DayStop
from strategies.common.events import OrderEvent
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.lifecycle import apply_print
from strategies.common.lifecycle import close
from strategies.common.lifecycle import close_at_boundary
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import FundingPaid
from strategies.common.trade_core import DAY_ENDS
from strategies.common.trade_core import NOTHING
from strategies.common.trade_core import Commands
from strategies.common.trade_state import SCHEMA
from strategies.common.trade_state import ManagerState
from strategies.common.trade_state import from_plain
from strategies.common.trade_state import state_of
from strategies.common.trade_state import to_plain
from strategies.common.trade_state import trade_of
from strategies.common.trade_takeover import TradeTakeover
from strategies.common.triggers import thresholds


class TradeManager(TradeTakeover):
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
        Sizes an intent by the present state of the account.
    ledger : Ledger
        The account; the manager books fees, profits and funding there.
    record : Callable[[Record], None]
        Receives the records for the journal.
    ids : OrderIds, optional
        Provides the identifiers of its orders; several managers may share one.

    """

    __slots__ = ()

    def on_trade(self, ts: int, price: int) -> Commands:
        """Handle a print: its time (nanoseconds) and price (ticks)."""
        if self._low < price < self._high and ts < self._wake:
            return NOTHING
        ts = self._time = max(ts, self._time)
        if self.trade is not None and not self._low < price < self._high:
            apply_print(self.trade, ts, price, self.params)
        return self._next_commands(ts)

    def on_bar(self, bar: BarPrices) -> Commands:
        """
        Handle a closed bar of a market that has bars alone; see `apply_bar`.

        Its close is used as bid and ask.
        """
        self._bid = self._ask = bar.close
        if self._low < bar.low and bar.high < self._high and bar.ends < self._wake:
            return NOTHING
        ts = self._time = max(bar.ends, self._time)
        if self.trade is not None:
            apply_bar(self.trade, bar, self._sent_ns, self.params)
        return self._next_commands(ts)

    def on_quote(self, ts: int, bid: int, ask: int) -> Commands:
        """Update the best bid and ask (ticks)."""
        self._bid = bid
        self._ask = ask
        return NOTHING if ts < self._wake else self._next_commands(ts)

    def on_time(self, ts: int) -> Commands:
        """Advance the time (nanoseconds): time-outs and retries."""
        return NOTHING if ts < self._wake else self._next_commands(ts)

    def on_boundary(self, ts: int) -> Commands:
        """Handle the start of a minute: the day, the clock of the time stop, and what is due."""
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
        return self._start(ts, intent), self._next_commands(ts)

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
        return self._next_commands(ts)

    def leave_at_boundary(self, ts: int, price: int | None) -> tuple[ExitReason | None, Commands]:
        """Close the trade if the last price is inside its boundary, or its time is over."""
        trade = self.trade
        if trade is None:
            return None, NOTHING
        exit_price = self._bid if trade.side > 0 else self._ask
        reason = close_at_boundary(trade, ts, price, exit_price, self.params)
        return reason, NOTHING if reason is None else self._next_commands(ts)

    def is_cooling(self, ts: int) -> bool:
        """Return True if the last full exit is too recent for an entry."""
        last = self._last_exit
        return last is not None and ts - last < self.params.cooldown_ns

    def on_order_event(self, event: OrderEvent) -> Commands:
        """
        Process an order event of the venue.

        Duplicates are dropped. A fill of an entry that the venue had confirmed as gone opens the
        trade again to close it. A liquidation or a delivery halts the manager, and so does a fill
        that fits no order or reduces more than there is.
        """
        return self._next_commands(event.ts) if self._apply(event) else NOTHING

    def on_funding(self, ts: int, paid: Decimal) -> Commands:
        """
        Book funding paid (negative if received).

        A venue may report a settlement late: one of a past day changes the cash alone, and one from
        before the running trade was opened does not belong to the trade.
        """
        trade = self.trade
        if trade is not None and trade.ts_open is not None and trade.ts_open <= ts:
            trade.funding += paid
        self._record(FundingPaid(ts=ts, paid=paid))
        if self.ledger.is_over(ts):
            self.ledger.cash -= paid
        else:
            self._book(ts, -paid)
        return self._next_commands(ts)

    def move_stop(self, ts: int, stop: int, price: int) -> Commands:
        """
        Move the stop of the open position nearer to the profit.

        A stop that the market has reached already would be refused by the venue: the position is
        closed at market instead. Nothing happens if the stop is not nearer, or no position is left
        to protect.

        Parameters
        ----------
        ts : int
            The UNIX timestamp (nanoseconds).
        stop : int
            The requested stop in ticks.
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
        return self._next_commands(ts)

    def flatten(
        self,
        ts: int,
        reason: ExitReason = ExitReason.FLATTEN,
        drop: DropReason = DropReason.FLATTEN,
    ) -> Commands:
        """Cancel a working entry and a flip, and close the position at market."""
        self._cancel_entry(ts, drop)
        if self.trade is not None:
            close(self.trade, reason)
        return self._next_commands(ts)

    def stop_entries(self, ts: int, reason: DropReason) -> Commands:
        """Cancel a working entry and the second half of a flip; the position stays managed."""
        self._cancel_entry(ts, reason)
        return self._next_commands(ts)

    def halt(self, ts: int, message: str) -> Commands:
        """Halt on a doubt about position and orders: enter no more; the trade stays managed."""
        self._halt(ts, message)
        return self._next_commands(ts)

    def state(self) -> ManagerState:
        """Return the whole state between two events, independent of later changes."""
        ledger = self.ledger
        return ManagerState(
            schema=SCHEMA,
            day=ledger.day,
            day_pnl=ledger.day_pnl,
            cash=ledger.cash,
            killed=ledger.killed,
            is_target_reached=ledger.stop is DayStop.PROFIT_TARGET,
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

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state between two events as plain values, fit for JSON."""
        return to_plain(self.state())

    def restore(self, ts: int, plain: dict[str, Any]) -> None:
        """
        Resume from a snapshot, taken with the same parameters, exactly as the original would.

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
        """Resume from a state that `check_state` has passed; `ts` is the present time (ns UTC)."""
        trade, previous = trade_of(state.trade, self._ids), trade_of(state.previous, self._ids)
        low, high = thresholds(trade, self.params)
        self.halted = state.halted
        self._last_exit = state.last_exit
        self._ids.next_id = state.next_id
        self._fills_seen = dict.fromkeys(state.fills_seen)
        self.trade, self._previous = trade, previous
        self._bid, self._ask = state.bid, state.ask
        self._time, self._wake = state.time, state.wake
        self._sent_ns = ts
        self._low, self._high = low, high
        stop = self.ledger.restore(
            ts,
            state.day,
            state.day_pnl,
            state.cash,
            killed=state.killed,
            is_target_reached=state.is_target_reached,
        )
        if stop is not None:
            self._record(Alert(ts=ts, kind=DAY_ENDS[stop][0], value=self.ledger.day_pnl))

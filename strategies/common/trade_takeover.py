"""Take over missed events, orders and whole positions from the venue."""

from fractions import Fraction

from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.forced_close import forced_order
from strategies.common.intents import Intent
from strategies.common.orders import Order
from strategies.common.orders import OrderState
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.sizing import PositionSize
from strategies.common.trade import Trade
from strategies.common.trade_core import NOTHING
from strategies.common.trade_core import Commands
from strategies.common.trade_core import TradeCore


class TradeTakeover(TradeCore):
    """
    Aligns a trade with the venue: after a restart, and when the venue acts by itself.

    Parameters
    ----------
    params, size, ledger, record, ids
        As for `TradeCore`.

    """

    __slots__ = ()

    def take_missed(self, event: OrderEvent) -> None:
        """Apply an event from while the process was down; `resume` acts on it."""
        self._apply(event)

    def resume(self, ts: int) -> Commands:
        """
        Resume the trade after the process was down.

        The unfilled rest of an entry is canceled, and so is the second half of a flip: the market
        was not observed for them.
        """
        self._cancel_entry(ts, DropReason.RESTART)
        return self._next_commands(ts)

    def halt_missed(self, ts: int, message: str) -> None:
        """Halt on a doubt from while the process was down; `resume` acts on it."""
        self._halt(ts, message)

    def has_seen(self, fill: Filled) -> bool:
        """Return True if a fill is booked already."""
        return (fill.order_id, fill.fill_id) in self._fills_seen

    def has_seen_id(self, fill_id: str) -> bool:
        """Return True if a fill of this identifier is booked already, whatever its order."""
        return any(known == fill_id for _, known in self._fills_seen)

    def adopt_forced(self, lots: int, reason: ExitReason, *, is_buy: bool) -> int | None:
        """
        Handle an order with which the venue itself closes a part of the position for the trade's.

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

    def adopt_order(self, order: Order) -> None:
        """Add an order that the venue has, but the snapshot did not, to the trade."""
        if self.trade is not None:
            self.trade.orders.adopt(order)

    def adopt_stop(self, lots: int, price: int) -> int:
        """
        Add a stop that the venue created for the position, and that is being filled.

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
        Adopt the venue's position in place of the expected trade.

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
        """Create a trade whose orders are already at the venue; they are to be adopted."""
        trade = Trade(intent, PositionSize(lots=lots), self.params.tick_value, self._ids)
        self._previous, self.trade = self.trade or self._previous, trade
        return trade

    def end_trade(self, ts: int) -> None:
        """End a trade that is flat and after which another one has begun."""
        if self.trade is not None:
            self.trade.flip_to = None
            self._finish(self.trade, ts)

    def drop_trade(self) -> list[Order]:
        """Drop a trade whose position the venue does not have; return its orders that work."""
        trade = self._forget()
        return [] if trade is None else [order for order in trade.orders.all() if order.remaining]

    def abandon(self, ts: int, message: str) -> Commands:
        """
        Halt, and drop a trade whose position is gone without a fill that explains it.

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

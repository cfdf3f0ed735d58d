"""Own orders against the tape: fills, cancels, and the changes to publish."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from adapters.bybit.loopback.account import Account
from adapters.bybit.loopback.account import Position
from adapters.bybit.loopback.account import Wallet
from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.orders import ACTIVE
from adapters.bybit.loopback.orders import ZERO
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.orders import TimeInForce
from adapters.bybit.loopback.position_stop import PositionStop
from adapters.bybit.loopback.touch import Touch


type Change = Order | Execution | Position | Wallet


class OrderBook(PositionStop):
    """
    Keeps the orders of one account and fills them; the rules are those of `MatchingEngine`.

    Parameters
    ----------
    contract : LinearContract
        The contract.
    balance, leverage : Decimal
        The starting balance and the leverage.
    seed : int
        For the ids of orders and executions.

    Attributes
    ----------
    triggers_stops : bool
        If trades trigger stops; otherwise stops rest, as on a venue that lags.
    triggers_farthest_first : bool
        If the farther one of two stops that a trade is through is triggered first.

    """

    def __init__(
        self,
        contract: LinearContract,
        balance: Decimal,
        leverage: Decimal = Decimal(10),
        seed: int = 0,
    ) -> None:
        self.contract = contract
        self.account = Account(contract, balance, leverage)
        self.touch = Touch()
        self.orders: dict[str, Order] = {}
        self.executions: list[Execution] = []
        self.now_ns = 0
        self.triggers_stops = True
        self.triggers_farthest_first = False
        self._open: dict[str, Order] = {}
        self._links: dict[str, str] = {}
        self._changes: list[Change] = []
        self._random = random.Random(seed)

    def changes(self) -> list[Change]:
        """Return the changes since the last call, in order, each as of its time."""
        taken, self._changes = self._changes, []
        return taken

    @property
    def open_orders(self) -> list[Order]:
        """Return the open orders, oldest first."""
        return list(self._open.values())

    @property
    def mark(self) -> Decimal:
        """Return the mark price, 0 before the first event."""
        return self.touch.mark or ZERO

    def position(self) -> Position:
        """Return the position now."""
        return self.account.position(self.mark)

    def wallet(self) -> Wallet:
        """Return the account now."""
        waiting = (o for o in self._open.values() if o.status in ACTIVE and not o.reduce_only)
        value = sum((o.leaves * (o.price or ZERO) for o in waiting), ZERO)
        return self.account.wallet(self.mark, value)

    def _enter(self, order: Order) -> None:
        request, price = order.request, order.price
        crosses = price is None or self.touch.crosses(order.side, price)
        if request.time_in_force is TimeInForce.POST_ONLY and crosses:
            order.reject_reason = "EC_PostOnlyWillTakeLiquidity"
            self._cancel(order, "UNKNOWN")
            return
        if request.time_in_force is TimeInForce.FOK and price is not None:
            level = self.touch.opposite(order.side)
            if not crosses or level is None or level.left < order.leaves:
                order.reject_reason = "EC_NoEnoughQtyToFill"
                self._cancel(order, "UNKNOWN")
                return
        self._changed(order)
        self._take(order, None)
        if order.status not in ACTIVE:
            return
        if price is None or request.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            order.reject_reason = "EC_NoImmediateQtyToFill"
            self._cancel(order, "UNKNOWN")
        else:
            order.queue = self.touch.queue_at(order.side, price, None)

    def _take(self, order: Order, not_better_than: Decimal | None) -> None:
        level = self.touch.opposite(order.side)
        if level is None:
            return
        sign = order.side.sign
        best = level.price
        if not_better_than is not None and sign * (not_better_than - best) > 0:
            best = not_better_than
        if order.price is None or self.touch.crosses(order.side, order.price):
            size = self._fillable(order, level.left)
            if size:
                level.left -= size
                self._fill(order, size, best, is_maker=False)
        if order.price is None and order.status in ACTIVE:
            size = self._fillable(order, order.leaves)
            if size:
                worse = max(self.contract.tick, best + sign * self.contract.tick)
                self._fill(order, size, worse, is_maker=False)

    def _trade_against(self, side: Side, price: Decimal, size: Decimal, is_certain: bool) -> None:
        left = size
        for order in self._resting(side):
            limit = order.price or ZERO
            beyond = side.sign * (limit - price)
            if beyond < 0 or (beyond == 0 and (not is_certain or order.queue is None)):
                continue
            available = left
            if beyond == 0 and order.queue:
                ahead = min(order.queue, size)
                order.queue -= ahead
                available = min(left, size - ahead)
            filled = self._fillable(order, available)
            if filled:
                left -= filled
                self._fill(order, filled, limit, is_maker=True)

    def _trigger_stops(self, price: Decimal) -> None:
        if not self.triggers_stops:
            return
        due = [o for o in self._open.values() if o.status is Status.UNTRIGGERED]
        due = [order for order in due if is_triggered(order, price)]
        # A falling price reaches the highest stop first.
        due.sort(key=_way, reverse=self.triggers_farthest_first)
        for order in due:
            if order.status is Status.UNTRIGGERED:
                self._trigger(order, price)

    def _trigger(self, order: Order, price: Decimal) -> None:
        if order.is_position_stop:
            self.account.stop_loss = None
        order.status = Status.TRIGGERED
        order.updated_ns = self.now_ns
        self._changed(order)
        order.status = Status.NEW
        if order.reduce_only and not self.account.reducible(order.side):
            self._cancel(order, "CancelByReduceOnly")
        elif order.price is None:
            self._take(order, price)
            if order.status in ACTIVE:
                order.reject_reason = "EC_NoImmediateQtyToFill"
                self._cancel(order, "UNKNOWN")
        else:
            self._enter(order)

    def _resting(self, side: Side) -> Iterator[Order]:
        orders = [
            order
            for order in self._open.values()
            if order.side is side and order.status in ACTIVE and order.price is not None
        ]
        # A stable sort: the better price first, the older order first at one price.
        return iter(sorted(orders, key=lambda order: -side.sign * (order.price or ZERO)))

    def _fillable(self, order: Order, available: Decimal) -> Decimal:
        if order.status not in ACTIVE:
            return ZERO
        size = min(order.leaves, available)
        return min(size, self.account.reducible(order.side)) if order.reduce_only else size

    def _fill(self, order: Order, size: Decimal, price: Decimal, *, is_maker: bool) -> None:
        rate = self.contract.maker_rate if is_maker else self.contract.taker_rate
        booking = self.account.fill(order.side, size, price, rate, self.now_ns)
        order.filled += size
        order.filled_value += size * price
        order.fee += booking.fee
        order.updated_ns = self.now_ns
        leaves = order.size - order.filled
        execution = Execution(
            exec_id=self._new_id(),
            order_id=order.order_id,
            link_id=order.request.link_id,
            side=order.side,
            order_type=order.request.type,
            order_price=order.price,
            order_size=order.size,
            leaves=leaves,
            price=price,
            size=size,
            fee=booking.fee,
            fee_rate=rate,
            is_maker=is_maker,
            closed=booking.closed,
            mark=self.mark,
            ts_ns=self.now_ns,
            sequence=len(self.executions) + 1,
            is_conditional=order.request.trigger_price is not None,
            is_position_stop=order.is_position_stop,
        )
        self.executions.append(execution)
        # Each further fill of an order sets its stop for the position again.
        if booking.opened and order.request.stop_loss is not None:
            self.account.stop_loss = order.request.stop_loss
        order.status = Status.PARTIALLY_FILLED if leaves else Status.FILLED
        if not leaves:
            del self._open[order.order_id]
        self._changes += [execution, replace(order), self.position(), self.wallet()]
        if booking.closed:
            self._cancel_spent()
        self._follow_position()

    def _cancel_spent(self) -> None:
        for order in self.open_orders:
            spent = order.reduce_only and not self.account.reducible(order.side)
            if spent and order.status in ACTIVE:
                self._cancel(order, "CancelByReduceOnly")

    def _cancel(self, order: Order, cancel_type: str) -> None:
        is_waiting = order.is_position_stop and order.status is Status.UNTRIGGERED
        order.status = Status.DEACTIVATED if is_waiting else Status.CANCELLED
        order.cancel_type = cancel_type
        order.updated_ns = self.now_ns
        del self._open[order.order_id]
        self._changed(order)

    def _changed(self, order: Order) -> None:
        self._changes.append(replace(order))

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def _way(order: Order) -> Decimal:
    trigger = order.trigger_price or ZERO
    return trigger if order.request.trigger_direction == 1 else -trigger


def is_triggered(order: Order, price: Decimal) -> bool:
    """Return True if a trade at a price triggers a conditional order."""
    trigger = order.trigger_price or ZERO
    return price >= trigger if order.request.trigger_direction == 1 else price <= trigger

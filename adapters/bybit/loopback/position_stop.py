"""The order that the venue creates for the stop of a position."""

from abc import ABC
from abc import abstractmethod
from decimal import Decimal

from adapters.bybit.loopback.account import Account
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.touch import Touch


class PositionStop(ABC):
    """
    Keeps one conditional order as the stop of the position; base class of the order book.

    The stop is a property of the position. The order has no link id, is always as large as the
    position, and ends with it.
    """

    account: Account
    touch: Touch
    now_ns: int
    orders: dict[str, Order]
    _open: dict[str, Order]

    def _follow_position(self) -> None:
        """Resize the stop to the position, and cancel it when the position is closed."""
        size, price = self.account.size, self.account.stop_loss
        side = Side.SELL if size > 0 else Side.BUY
        stops = [o for o in self._open.values() if o.is_position_stop]
        stop = next((o for o in stops if o.status is Status.UNTRIGGERED), None)
        if stop is not None and (price is None or stop.side is not side):
            self._cancel(stop, "CancelByTpSlTsClear")
            stop = None
        if price is None:
            return
        if stop is None:
            self._add_position_stop(side, abs(size), price)
        elif (stop.size, stop.trigger_price) != (abs(size), price):
            stop.size, stop.trigger_price = abs(size), price
            stop.updated_ns = self.now_ns
            self._changed(stop)

    def _add_position_stop(self, side: Side, size: Decimal, price: Decimal) -> None:
        request = NewOrder(
            side=side,
            type=OrderType.MARKET,
            size=size,
            reduce_only=True,
            close_on_trigger=True,
            trigger_price=price,
            trigger_direction=1 if side is Side.BUY else 2,
        )
        order = Order(
            order_id=self._new_id(),
            request=request,
            size=size,
            price=None,
            trigger_price=price,
            status=Status.UNTRIGGERED,
            created_ns=self.now_ns,
            updated_ns=self.now_ns,
            last_price=self.touch.last,
            is_position_stop=True,
        )
        self.orders[order.order_id] = self._open[order.order_id] = order
        self._changed(order)

    @abstractmethod
    def _cancel(self, order: Order, cancel_type: str) -> None:
        """End an open order."""

    @abstractmethod
    def _changed(self, order: Order) -> None:
        """Record the state of an order for publication."""

    @abstractmethod
    def _new_id(self) -> str:
        """Return an id."""

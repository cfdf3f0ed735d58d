"""The orders of one trade as the manager knows them, and the commands still to be sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from strategies.common.commands import Cancel
from strategies.common.commands import Command
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit


class OrderState(Enum):
    """Represents how far an order has come."""

    SENT = "SENT"
    WORKING = "WORKING"
    DONE = "DONE"


@dataclass(slots=True)
class Order:
    """
    Represents one order of a trade.

    Parameters
    ----------
    command : Submit
        The order as sent.
    state : OrderState, default SENT
        How far it has come.
    filled : int, default 0
        The lots filled.
    cancel_sent : bool, default False
        If a cancel is on its way, or lost and to be sent again.
    cancel_in_doubt : bool, default False
        If the order has been reported to work since its cancel was sent: the two may have crossed,
        or the cancel is lost.
    cancel_after : int, default 0
        The UNIX timestamp (nanoseconds) before which no cancel is sent, after a refused or doubtful
        one.

    """

    command: Submit
    state: OrderState = OrderState.SENT
    filled: int = 0
    cancel_sent: bool = False
    cancel_in_doubt: bool = False
    cancel_after: int = 0

    @property
    def remaining(self) -> int:
        """Return the lots that can still be filled."""
        return 0 if self.state is OrderState.DONE else self.command.lots - self.filled


class OrderIds:
    """
    Generates rising identifiers.

    Parameters
    ----------
    next_id : int, default 1
        The first of them.

    """

    __slots__ = ("next_id",)

    def __init__(self, next_id: int = 1) -> None:
        self.next_id = next_id

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        self.next_id += 1
        return self.next_id - 1


class OrderSet:
    """
    Holds the orders of one trade.

    Parameters
    ----------
    ids : Iterator[int]
        Provides the identifiers of new orders.
    is_long : bool
        If the trade is long.

    """

    __slots__ = ("_by_id", "_ids", "_is_long", "_outbox")

    def __init__(self, ids: Iterator[int], is_long: bool) -> None:
        self._by_id: dict[int, Order] = {}
        self._ids = ids
        self._is_long = is_long
        self._outbox: list[Command] = []

    def submit(
        self,
        purpose: Purpose,
        kind: OrderKind,
        lots: int,
        reason: str,
        price: int | None = None,
    ) -> None:
        """Put a new order into the outbox."""
        command = Submit(
            order_id=next(self._ids),
            purpose=purpose,
            kind=kind,
            is_buy=self._is_long is (purpose is Purpose.ENTRY),
            lots=lots,
            price=price,
            reason=reason,
        )
        self._by_id[command.order_id] = Order(command)
        self._outbox.append(command)

    def cancel(self, order: Order, ts: int) -> int | None:
        """
        Put a cancel into the outbox, once and only for an order the venue has confirmed.

        Return the time (nanoseconds) to try again where an earlier cancel was refused or is in
        doubt.
        """
        if order.cancel_sent and not order.cancel_in_doubt:
            return None
        if order.state is not OrderState.WORKING:
            return None
        if ts < order.cancel_after:
            return order.cancel_after
        order.cancel_sent, order.cancel_in_doubt = True, False
        self._outbox.append(Cancel(order.command.order_id))
        return None

    def take(self) -> tuple[Command, ...]:
        """Return the commands to send now, and empty the outbox."""
        commands = tuple(self._outbox)
        self._outbox.clear()
        return commands

    def get(self, order_id: int) -> Order | None:
        """Return an order, or None if it is not of this trade."""
        return self._by_id.get(order_id)

    def all(self) -> list[Order]:
        """Return all orders, oldest first."""
        return list(self._by_id.values())

    def adopt(self, order: Order) -> None:
        """Take over an order that the venue has already."""
        self._by_id[order.command.order_id] = order

    def live(self, purpose: Purpose) -> list[Order]:
        """Return the orders of a purpose that can still be filled, oldest first."""
        return [
            order
            for order in self._by_id.values()
            if order.command.purpose is purpose and order.state is not OrderState.DONE
        ]

    def remaining(self, purpose: Purpose) -> int:
        """Return the lots of a purpose that can still be filled."""
        return sum(order.remaining for order in self.live(purpose))

    @property
    def is_idle(self) -> bool:
        """Return True if nothing can be filled any more."""
        return all(order.state is OrderState.DONE for order in self._by_id.values())

"""What still has to be closed of each entry fill, and which orders are to close it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(slots=True)
class Protection:
    """
    Represents one entry fill with the stop and the target that rest for exactly its quantity.

    Every fill has its own pair: an entry that fills in parts is then protected part by part, and
    no part waits for the others.

    Attributes
    ----------
    setup : str
        The setup of the entry.
    is_long : bool
        The side of the position.
    quantity : Decimal
        What is still open of the fill.
    stop_id, target_id : str
        The client order ids of the pair.
    exit_id : str or None
        The client order id of the market order that closes it after the stop was refused.

    """

    setup: str
    is_long: bool
    quantity: Decimal
    stop_id: str
    target_id: str
    exit_id: str | None = None

    @property
    def is_closed(self) -> bool:
        return self.quantity == 0

    def order_ids(self) -> tuple[str, ...]:
        """Return the ids of all orders that close it."""
        ids = (self.stop_id, self.target_id, self.exit_id)
        return tuple(order_id for order_id in ids if order_id is not None)

    def on_exit_fill(self, quantity: Decimal) -> None:
        """
        Book a fill of one of its orders.

        Raises
        ------
        ValueError
            If more is closed than was open.

        """
        if quantity > self.quantity:
            raise ValueError(f"a fill of {quantity} closes more than the open {self.quantity}")
        self.quantity -= quantity


class ProtectionBook:
    """Finds the protection that an order belongs to."""

    def __init__(self) -> None:
        self._by_order: dict[str, Protection] = {}

    def add(self, protection: Protection) -> None:
        """Note a protection under all its orders; again after it got an exit order."""
        for order_id in protection.order_ids():
            self._by_order[order_id] = protection

    def find(self, order_id: str) -> Protection | None:
        """Return the protection of an order."""
        return self._by_order.get(order_id)

    def remove(self, protection: Protection) -> None:
        """Forget a protection."""
        for order_id in protection.order_ids():
            self._by_order.pop(order_id, None)

    def is_empty(self) -> bool:
        """Return whether nothing is open."""
        return not self._by_order

"""Queue position and fills of a resting limit order."""

from dataclasses import dataclass
from typing import Literal


QueueRule = Literal["displayed", "through", "touch"]


@dataclass(slots=True, kw_only=True)
class RestingLimit:
    """
    Represents a limit order at the venue; prices and sizes are integers of one unit each.

    A print or an opposite quote beyond the price fills the whole rest, since the venue would have
    filled it first. At the price itself the rule decides:

    - ``displayed``: prints that hit the order's side first use up the size that was displayed at
      the price when the order joined, then fill it; the opposite quote fills it up to its size.
    - ``through``: nothing fills it.
    - ``touch``: the first print or opposite quote fills all of it.

    For an order that joins behind the best price the size at its own price is unknown: it is taken
    from the size displayed once the best price reaches it, and until then only trades through it
    fill it. The size ahead is never larger than the size displayed, since others may cancel.

    Attributes
    ----------
    is_buy : bool
        The side.
    price : int
        The limit.
    rule : QueueRule
        The rule for fills at its price.
    quantity : int
        The quantity when it joined.
    ahead : int or None
        The size before it, None if it is behind the best price.
    judged : int
        The number of the last quote that was applied to it.

    """

    is_buy: bool
    price: int
    rule: QueueRule
    quantity: int
    ahead: int | None = None
    judged: int = -1
    taken_price: int | None = None
    taken: int = 0

    def see_own_side(self, price: int, size: int) -> None:
        """Update the best price and size of the order's own side."""
        distance = self._distance(price)
        if distance == 0:
            self.ahead = size if self.ahead is None else min(self.ahead, size)
        elif distance < 0:
            self.ahead = 0

    def fill_by_quote(self, leaves: int, price: int, size: int) -> int:
        """Return the size filled by an opposite quote; call once for each quote."""
        distance = self._distance(price)
        if distance > 0:
            return 0
        if distance < 0 or self.rule == "touch":
            return leaves
        if self.rule == "through":
            return 0
        filled = min(leaves, max(size - self.taken_at(price), 0))
        self.take(price, filled)
        return filled

    def fill_by_print(self, leaves: int, price: int, size: int, *, hits: bool) -> int:
        """Return the size filled by a print; `hits` if it traded against the own side."""
        distance = self._distance(price)
        if distance > 0:
            return 0
        if distance < 0 or self.rule == "touch":
            return leaves
        if self.rule == "through" or not hits or self.ahead is None:
            return 0
        beyond = size - self.ahead
        self.ahead = max(-beyond, 0)
        return min(leaves, max(beyond, 0))

    def take(self, price: int, size: int) -> None:
        """Record the size taken from an opposite price, which the data lack."""
        self.taken = self.taken_at(price) + size
        self.taken_price = price

    def taken_at(self, price: int) -> int:
        """Return the size taken from an opposite price, while that price lasts."""
        return self.taken if self.taken_price == price else 0

    def _distance(self, price: int) -> int:
        return price - self.price if self.is_buy else self.price - price

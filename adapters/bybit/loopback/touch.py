"""Best bid and ask of the tape, less the sizes taken by own orders."""

from dataclasses import dataclass
from decimal import Decimal

from adapters.bybit.loopback.orders import ZERO
from adapters.bybit.loopback.orders import Side


@dataclass(slots=True)
class Level:
    """Represents the best price of one side and its remaining size."""

    price: Decimal
    size: Decimal
    left: Decimal


class Touch:
    """
    Keeps the current quote.

    Each quote of the tape restores the sizes, since own orders are not part of it.

    Attributes
    ----------
    last : Decimal or None
        The price of the last trade.
    mark : Decimal or None
        The mark price: the middle of the quote, or the last trade before the first quote.

    """

    def __init__(self) -> None:
        self.bid: Level | None = None
        self.ask: Level | None = None
        self.last: Decimal | None = None

    def quote(self, bid: Decimal, bid_size: Decimal, ask: Decimal, ask_size: Decimal) -> None:
        """Take a new quote."""
        self.bid = Level(bid, bid_size, bid_size)
        self.ask = Level(ask, ask_size, ask_size)

    def opposite(self, side: Side) -> Level | None:
        """Return the level that an order of a side takes from."""
        return self.ask if side is Side.BUY else self.bid

    def own(self, side: Side) -> Level | None:
        """Return the level that an order of a side joins."""
        return self.bid if side is Side.BUY else self.ask

    @property
    def mark(self) -> Decimal | None:
        """Return the mark price."""
        if self.bid is None or self.ask is None:
            return self.last
        return (self.bid.price + self.ask.price) / 2

    def crosses(self, side: Side, price: Decimal) -> bool:
        """Return True if a limit order is marketable."""
        level = self.opposite(side)
        return level is not None and side.sign * (price - level.price) >= 0

    def queue_at(self, side: Side, price: Decimal, known: Decimal | None) -> Decimal | None:
        """
        Return the size queued before an order at a price, given the last known one.

        At the best price it is at most the size shown there, at a better one 0, and behind the
        best price it stays unknown until the market reaches it.
        """
        level = self.own(side)
        if level is None:
            return known
        if price == level.price:
            return level.size if known is None else min(known, level.size)
        if side.sign * (price - level.price) > 0:
            return ZERO
        return known

"""The price of the stop that a venue keeps for the position itself."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from strategies.common.book_status import farthest_stop
from strategies.common.protection import attached_price
from strategies.common.trade import Trade


# The prefix of identifiers of orders that the venue creates for the stop of a position.
ATTACHED_PREFIX = "O-ATTACHED-"
BASIS_POINT = Fraction(1, 10_000)


class AttachedStopRule:
    """
    Tracks the stop that the position has at the venue, and the one it should have.

    It lies beyond the stops of all trades, so that it fills only where they do not. It is moved
    once the trade's own stop works at its new price, and never back. The first price after a start
    is always wanted: the client compares it with what the venue has.

    Parameters
    ----------
    bps : Decimal
        The distance (basis points of the price) from the trade's stop.

    """

    __slots__ = ("_carried", "_sent", "_share", "_trades")

    def __init__(self, bps: Decimal) -> None:
        self._share = Fraction(bps) * BASIS_POINT
        self._trades: tuple[Trade, ...] = ()
        self._carried: int | None = None
        self._sent: tuple[int, int] | None = None

    def carried_by_entry(self, trade: Trade, trades: Mapping[int, Trade]) -> int:
        """
        Return the price in ticks of the stop that the entry of a trade carries.

        Parameters
        ----------
        trade : Trade
            The trade.
        trades : Mapping[int, Trade]
            All running trades: the stop closes the position of all of them, so that it lies beyond
            the farthest of their stops.

        """
        if self._changes(tuple(trades.values()) or (trade,)):
            self._sent = None
        stops = [other.stop for other in self._trades if other.side == trade.side]
        stop = min(stops) if trade.side > 0 else max(stops)
        self._carried = attached_price(stop, trade.side, self._share)
        return self._carried

    def moved(self, trades: Mapping[int, Trade]) -> tuple[int, int] | None:
        """Return price (ticks) and side of the position if its stop should move, else None."""
        stop = farthest_stop(trades.values())
        if stop is None:
            return None
        if self._changes(tuple(trades.values())):
            self._carried, self._sent = None, None
        side = next(trade.side for trade in self._trades if trade.open > 0)
        price = attached_price(stop, side, self._share)
        # Each further fill of an entry brings the stop that it carries.
        wanted = price, sum(trade.entry_lots for trade in self._trades)
        if price == self._carried or wanted == self._sent:
            return None
        self._sent = wanted
        return price, side

    def _changes(self, trades: tuple[Trade, ...]) -> bool:
        known, self._trades = self._trades, trades
        return [id(trade) for trade in known] != [id(trade) for trade in trades]


def is_attached(client_order_id: str) -> bool:
    """Return True if the venue created an order for the stop of a position."""
    return client_order_id.startswith(ATTACHED_PREFIX)

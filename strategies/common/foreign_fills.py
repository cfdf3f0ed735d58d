"""Fills of orders that a strategy has not sent, and refusals that cast doubt on its position."""

from dataclasses import dataclass

from catalog.protocols import Text
from strategies.common.events import Rejected
from strategies.common.trade import Trade


# This many refusals of an exit in a row raise a doubt about the position.
DOUBTED_REFUSALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFill:
    """
    Represents a fill of an order that is not one of the strategy's own.

    Parameters
    ----------
    client_order_id : Text
        The order.
    ts : int
        When it was filled (ns UTC).
    is_buy : bool
        Its side.
    lots, price : int
        The size in lots and the price in ticks.
    size_text, price_text : str
        Both as the venue writes them.

    """

    client_order_id: Text
    ts: int
    is_buy: bool
    lots: int
    price: int
    size_text: str
    price_text: str

    def describe(self) -> str:
        """Return it for an alert."""
        side = "bought" if self.is_buy else "sold"
        order = self.client_order_id.value
        return (
            f"order {order}, not sent by this strategy, {side} {self.size_text} at "
            f"{self.price_text}"
        )


def casts_doubt(event: Rejected, trade: Trade | None) -> bool:
    """Return True if the refusal of an exit suggests that the position of its trade is gone."""
    if trade is None or trade.open <= 0:
        return False
    return event.nothing_to_reduce or trade.exit_refusals >= DOUBTED_REFUSALS

"""Orders of ours as a venue has them, and which of them belong to one trade."""

from dataclasses import dataclass
from fractions import Fraction

from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Filled
from strategies.common.trade import Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """
    Represents one of our orders in its state at the venue.

    Parameters
    ----------
    command : Submit
        The order, with the manager's identifier.
    is_open : bool
        If it can still be filled.
    fills : tuple[Filled, ...]
        Its fills, as far as the venue reports them individually.
    filled : int
        The lots filled in all.
    average : Fraction or None
        The average price of its fills in ticks.
    trade_id : int or None
        The trade that it was sent for, if the order has its id.

    """

    command: Submit
    is_open: bool
    fills: tuple[Filled, ...] = ()
    filled: int = 0
    average: Fraction | None = None
    trade_id: int | None = None


def orders_by_trade(
    trade: Trade | None, known: list[VenueOrder], unknown: list[VenueOrder]
) -> list[list[VenueOrder]]:
    """Return the orders sent after a snapshot by their trade, the last trade last."""
    net = 0 if trade is None else sum(signed_lots(order) for order in known)
    has_fills = trade is not None and any(order.filled for order in known)
    trades: list[list[VenueOrder]] = [[]]
    for order in unknown:
        if enters(order) and has_fills and net == 0:
            trades.append([])
            has_fills = False
        # Orders that closed a trade with an unknown entry do not belong to the next one.
        if trade is None and not has_fills and not enters(order) and not order.is_open:
            continue
        trades[-1].append(order)
        net += signed_lots(order)
        has_fills = has_fills or order.filled > 0
    return trades


def enters(order: VenueOrder) -> bool:
    """Return True for an order that enters."""
    return order.command.purpose is Purpose.ENTRY


def signed_lots(order: VenueOrder) -> int:
    """Return the filled size of an order: positive if bought."""
    return order.filled if order.command.is_buy else -order.filled


def average_price(order: VenueOrder) -> Fraction:
    """Return the average price of an order's fills in ticks."""
    if order.average is not None:
        return order.average
    return Fraction(sum(f.price * f.lots for f in order.fills), sum(f.lots for f in order.fills))


def protects(command: Submit, is_long: bool) -> bool:
    """Return True for a stop of a position of a side."""
    return command.purpose is Purpose.STOP and command.is_buy is not is_long

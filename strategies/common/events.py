"""Events of the venue about the orders of the trade manager."""

from dataclasses import dataclass
from decimal import Decimal


# A client puts it before the venue's reason where there is nothing left to close.
NOTHING_TO_REDUCE = "NOTHING_TO_REDUCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """
    Represents an order that works at the venue.

    Parameters
    ----------
    order_id : int
        The order.
    ts : int
        The UNIX timestamp (nanoseconds), like that of every event.

    """

    order_id: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """
    Represents one fill.

    Parameters
    ----------
    order_id : int
        The order.
    ts : int
        The UNIX timestamp (nanoseconds).
    fill_id : str
        The venue's identifier of the fill; the same one again is a duplicate.
    lots : int
        The size in lots.
    price : int
        The price in ticks.
    is_maker : bool
        If the order rested.
    fee : Decimal
        The fee paid, negative for a rebate.

    """

    order_id: int
    ts: int
    fill_id: str
    lots: int
    price: int
    is_maker: bool
    fee: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """
    Represents an order that the venue has not taken, or a risk check has denied.

    Parameters
    ----------
    order_id : int
        The order.
    ts : int
        The UNIX timestamp (nanoseconds).
    message : str, default ""
        The reason in words.
    nothing_to_reduce : bool, default False
        If the venue reports that there is no position which the order could reduce: something else
        has closed it, and another order would be refused as well.

    """

    order_id: int
    ts: int
    message: str = ""
    nothing_to_reduce: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Canceled:
    """Represents an order whose rest is off the market, by a cancel of ours or by the venue."""

    order_id: int
    ts: int
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRejected:
    """Represents a cancel that the venue has not taken; the order may have been filled."""

    order_id: int
    ts: int
    message: str = ""


type OrderEvent = Accepted | Filled | Rejected | Canceled | CancelRejected

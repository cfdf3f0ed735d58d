"""Orders, fills and positions as plain values, for code that judges what a venue has done."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.increments import FIXED_PRECISION


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """
    Represents a fill of an order, or a part of one.

    Attributes
    ----------
    id : str
        The id of its event.
    strategy_id, instrument_id, client_order_id, trade_id : str
        Whose it is; `trade_id` is the venue's.
    venue_order_id, position_id : str or None
        The venue's id of the order, and the position it belongs to.
    is_buy, is_maker : bool
        Its side, and whether the order rested.
    liquidity : str
        MAKER, TAKER or NO_LIQUIDITY_SIDE.
    quantity, price, fee : Decimal
        Its size, its price, and its fee (negative for a rebate), each with its own decimals.
    currency : str
        That of the fee.
    is_reconciled : bool
        If it was found at the venue afterwards.
    ts_event, ts_init : int
        When it happened, and when it was known (ns UTC).

    """

    id: str
    strategy_id: str
    instrument_id: str
    client_order_id: str
    trade_id: str
    venue_order_id: str | None
    position_id: str | None
    is_buy: bool
    is_maker: bool
    liquidity: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    currency: str
    is_reconciled: bool
    ts_event: int
    ts_init: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """
    Represents the present state of an order.

    Attributes
    ----------
    client_order_id, strategy_id, instrument_id : str
        Whose it is.
    side, type, status : str
        As Nautilus writes them, such as BUY, STOP_MARKET and FILLED.
    quantity, filled : Decimal
        Its size, and what of it is filled.
    price, trigger_price : Decimal or None
        Its limit and its trigger.
    average : float or None
        The average price of its fills.
    is_reduce_only, is_closed : bool
        If it can only reduce a position, and whether it is over.
    tags : tuple[str, ...]
        Its tags.
    fills : tuple[Fill, ...]
        Its fills, in their order.
    refusal : str or None
        Why it was denied or rejected.
    ts_init, ts_last : int
        When it was made, and the time of its last event (ns UTC).

    """

    client_order_id: str
    strategy_id: str
    instrument_id: str
    side: str
    type: str
    status: str
    quantity: Decimal
    filled: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    average: float | None
    is_reduce_only: bool
    is_closed: bool
    tags: tuple[str, ...]
    fills: tuple[Fill, ...]
    refusal: str | None
    ts_init: int
    ts_last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """
    Represents an event of an order.

    Attributes
    ----------
    event : str
        Its kind, such as OrderAccepted.
    strategy_id, instrument_id, client_order_id : str
        Whose it is.
    venue_order_id, reason : str or None
        The venue's id of the order, and the reason, if the event has them.
    is_reconciled : bool
        If it was found at the venue afterwards.
    data : dict[str, Any]
        All fields of the event.
    ts_event, ts_init : int
        When it happened, and when it was known (ns UTC).

    """

    event: str
    strategy_id: str
    instrument_id: str
    client_order_id: str
    venue_order_id: str | None
    reason: str | None
    is_reconciled: bool
    data: dict[str, Any]
    ts_event: int
    ts_init: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChange:
    """
    Represents an event of a position.

    Attributes
    ----------
    event : str
        Its kind, such as PositionOpened.
    strategy_id, instrument_id, position_id : str
        Whose it is.
    side : str
        LONG, SHORT or FLAT.
    quantity : Decimal
        Its size.
    average_open, average_close : float or None
        The average prices of what made it larger and smaller.
    realised : Decimal or None
        The money it has made.
    ts_event, ts_init : int
        When it happened, and when it was known (ns UTC).

    """

    event: str
    strategy_id: str
    instrument_id: str
    position_id: str
    side: str
    quantity: Decimal
    average_open: float
    average_close: float | None
    realised: Decimal | None
    ts_event: int
    ts_init: int


def as_double(value: Decimal) -> float:
    """
    Return a price, a size or an amount as the floating point number that Nautilus makes of it.

    That is its value in units of the fixed precision divided by their number, each rounded: in one
    case of six the last bit is another one than in the nearest number to the decimal.

    Parameters
    ----------
    value : Decimal
        A value with at most as many decimals as the fixed precision has.

    """
    return float(int(value.scaleb(FIXED_PRECISION))) / float(10**FIXED_PRECISION)

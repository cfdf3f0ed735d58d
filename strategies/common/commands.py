"""The commands of the trade manager to the venue."""

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """Represents the purpose of an order."""

    ENTRY = "ENTRY"
    STOP = "STOP"
    EXIT = "EXIT"


class OrderKind(StrEnum):
    """Represents the type of an order; a stop becomes a market order at its trigger price."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP = "STOP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """
    Represents a new order.

    Parameters
    ----------
    order_id : int
        The identifier, unique and rising for one manager.
    purpose : Purpose
        What it is for.
    kind : OrderKind
        The type.
    is_buy : bool
        If it buys.
    lots : int
        The size in lots.
    price : int or None
        The limit or trigger price in ticks; None for a market order.
    reason : str
        Why it is sent, such as `TP1` or `TIMEOUT`; an exit's fills carry it.

    """

    order_id: int
    purpose: Purpose
    kind: OrderKind
    is_buy: bool
    lots: int
    price: int | None
    reason: str

    @property
    def reduce_only(self) -> bool:
        """Return True for all but entries."""
        return self.purpose is not Purpose.ENTRY


@dataclass(frozen=True, slots=True)
class Cancel:
    """
    Represents the cancel of the unfilled rest of an order.

    Parameters
    ----------
    order_id : int
        The order.

    """

    order_id: int


type Command = Submit | Cancel

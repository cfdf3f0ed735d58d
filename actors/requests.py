"""Requests between components, sent over the message bus."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.protocols import InstrumentKey


LAST_SNAPSHOT = "Journal.last_snapshot"
POSITION_CHECK = "Node.position_check"
# Registered by a client that can query its venue, with the venue's name in place of the braces.
VENUE_ACCOUNT = "Venue.account.{}"


@dataclass(frozen=True, slots=True)
class PositionCheckRequest:
    """
    Request a check of the venue's position, for a strategy that doubts its own.

    The answer goes to the strategy's `on_position_found`.

    Parameters
    ----------
    strategy_id : str
        The strategy.

    """

    strategy_id: str


@dataclass(slots=True)
class SnapshotRequest:
    """
    Request the last state of a strategy; the journal fills in the answer.

    Parameters
    ----------
    strategy_id : str
        The strategy.
    state : str or None
        The answer: the state as a strategy published it; None without one.
    failure : str or None
        Why there is no answer, if the journal could not be read.

    """

    strategy_id: str
    state: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """
    Represents a working order as the venue reports it.

    Parameters
    ----------
    client_order_id : str
        Its client order id; empty for an order without one.
    is_buy, reduce_only : bool
        Its side, and if it can only reduce a position.
    quantity, filled : Decimal
        Its size, and the filled part of it.
    price, trigger : Decimal or None
        Its limit and its trigger price.

    """

    client_order_id: str
    is_buy: bool
    reduce_only: bool
    quantity: Decimal
    filled: Decimal
    price: Decimal | None
    trigger: Decimal | None


@dataclass(slots=True)
class AccountRequest:
    """
    Request the account's present position and open orders in an instrument at the venue.

    Parameters
    ----------
    instrument_id : InstrumentKey
        The instrument.
    on_answer : Callable[[AccountRequest], None] or None
        Called on the event loop with the answer; None waits for it, as at a start.
    position : Decimal or None
        The answer: the signed size, 0 for none; None if the venue could not be queried.
    average : Decimal or None
        The average price of the position.
    orders : tuple[OpenOrder, ...]
        The open orders.
    failure : str
        Why there is no answer.

    """

    instrument_id: InstrumentKey
    on_answer: "Callable[[AccountRequest], None] | None" = None
    position: Decimal | None = None
    average: Decimal | None = None
    orders: tuple[OpenOrder, ...] = ()
    failure: str = ""

    def answer(
        self, position: Decimal, average: Decimal | None, orders: Iterable[Mapping[str, Any]]
    ) -> None:
        """Store the answer; each order has the fields of `OpenOrder`."""
        self.position, self.average = position, average
        self.orders = tuple(OpenOrder(**fields) for fields in orders)

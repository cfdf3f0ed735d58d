"""What components may ask of one another, over the bus."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.protocols import InstrumentKey


LAST_SNAPSHOT = "Journal.last_snapshot"
POSITION_CHECK = "Node.position_check"
# A client that can ask its venue registers it, with the venue's name in place of the braces.
VENUE_ACCOUNT = "Venue.account.{}"


@dataclass(frozen=True, slots=True)
class PositionCheckRequest:
    """
    Represents the question what position the venue has, for a strategy that doubts its own.

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
    Represents the question for the last state of a strategy; the journal fills in the answer.

    Parameters
    ----------
    strategy_id : str
        The strategy.
    state : str or None
        The answer: the state as a strategy published it; None without one.
    failure : str or None
        Why there is no answer, where the journal could not look.

    """

    strategy_id: str
    state: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """
    Represents an order that works at the venue, by the venue itself.

    Parameters
    ----------
    client_order_id : str
        Its client order id; empty for one that has none.
    is_buy, reduce_only : bool
        Its side, and if it can only reduce a position.
    quantity, filled : Decimal
        Its size, and what of it is filled.
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
    Represents the question for what the venue itself has of an instrument, now.

    Parameters
    ----------
    instrument_id : InstrumentKey
        The instrument.
    on_answer : Callable[[AccountRequest], None] or None
        Called on the event loop with the answer; None waits for it, as at a start.
    position : Decimal or None
        The answer: the signed size, 0 for none; None where the venue could not be asked.
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
        """Take the answer; each order has the fields of `OpenOrder`."""
        self.position, self.average = position, average
        self.orders = tuple(OpenOrder(**fields) for fields in orders)

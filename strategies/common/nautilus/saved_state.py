"""The saved state of a strategy as text: written, checked as a whole, and read."""

import hashlib
import re
from typing import Annotated
from typing import Any

import msgspec

from errors import AuctionError
from strategies.common.book_state import BookState
from strategies.common.book_state import check_book_state
from strategies.common.book_state import of_one_manager
from strategies.common.trade_state import ManagerState
from strategies.common.trade_state import decode_fraction
from strategies.common.trade_state import encode_fraction


SCHEMA = 1
DIGEST_BYTES = 8
# The last member of a sealed object: a digest of all that comes before it.
SEAL = re.compile(rb',"digest":"([0-9a-f]{16})"\}', re.ASCII)
SEAL_LENGTH = len(b',"digest":"0123456789abcdef"}')

type Nanoseconds = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
# Nautilus's core ends the process at an identifier that is empty or not ASCII.
type ClientId = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,64}$")]
type OrderId = Annotated[int, msgspec.Meta(ge=1)]


class StrategyState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the state of one strategy between two events.

    Parameters
    ----------
    schema : int
        The version of this layout.
    strategy_id, instrument_id : str
        Whose state it is.
    tick, lot : str
        The price and size increments that its integers count.
    ts : int
        When it was taken (ns UTC).
    active : bool
        If the strategy could enter.
    funded_until : int or None
        The time (ns UTC) up to which funding is booked; None in a state of before there was any.
    total_loss_day : int, optional
        The last UTC day (since the epoch) on which the loss of all strategies of the node has
        reached its limit.
    manager : ManagerState, optional
        The trade manager of a book of one trade, before its first trade has ended.
    book : BookState, optional
        The book of any other.
    orders : dict[int, str]
        The client order ids of its orders.
    signals : Any
        What the strategy's `signal_state` returned; `check_signal_state` knows what it must be.

    """

    schema: int
    strategy_id: str
    instrument_id: str
    tick: str
    lot: str
    ts: Nanoseconds
    active: bool
    funded_until: Nanoseconds | None = None
    total_loss_day: Nanoseconds | msgspec.UnsetType = msgspec.UNSET
    manager: ManagerState | msgspec.UnsetType = msgspec.UNSET
    book: BookState | msgspec.UnsetType = msgspec.UNSET
    orders: dict[OrderId, ClientId]
    signals: Any

    def book_state(self) -> BookState:
        """
        Return the state of the trades, also where it was kept as that of one trade manager.

        Raises
        ------
        ValueError
            If there is none, or there are two.

        """
        if isinstance(self.manager, ManagerState) and self.book is msgspec.UNSET:
            return of_one_manager(self.manager)
        if isinstance(self.book, BookState) and self.manager is msgspec.UNSET:
            return self.book
        raise ValueError("it has none, or two states of its trades")


ENCODER = msgspec.json.Encoder(enc_hook=encode_fraction)
DECODER = msgspec.json.Decoder(StrategyState, dec_hook=decode_fraction)


def write_state(state: StrategyState) -> bytes:
    """Return a state as a JSON object."""
    return ENCODER.encode(state)


def seal(text: bytes) -> bytes:
    """Add a digest to the JSON object of a state, so that damage is detected."""
    return text[:-1] + b',"digest":"' + _digest(text).encode() + b'"}'


def read_state(text: str | bytes) -> StrategyState:
    """
    Return the state of a text that `write_state` has made, sealed or not.

    Raises
    ------
    AuctionError
        If it is damaged, of another schema, or contradicts itself.

    """
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    sealed = SEAL.fullmatch(data[-SEAL_LENGTH:])
    if sealed is not None:
        data = data[:-SEAL_LENGTH] + b"}"
        if sealed[1].decode() != _digest(data):
            raise AuctionError("it is damaged: its digest is another one")
    try:
        state: StrategyState = DECODER.decode(data)
        book = state.book_state()
        check_book_state(book)
    # What msgspec raises for damaged text and for values of a wrong type is a ValueError too.
    except (ValueError, RecursionError) as e:
        raise AuctionError(f"it is damaged: {' '.join(str(e).split())}") from e
    ids = {
        order.command.order_id
        for manager in book.managers
        for trade in (manager.trade, manager.previous)
        for order in (() if trade is None else trade.orders)
    }
    if not state.orders.keys() <= ids or len(set(state.orders.values())) < len(state.orders):
        raise AuctionError("it is damaged: its orders are not those of its trades")
    return state


def _digest(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=DIGEST_BYTES).hexdigest()

"""The state of a trade book as plain values, for snapshots that outlive the process."""

from collections.abc import Iterator
from typing import Any

import msgspec

from strategies.common.book_fills import SharedOrder
from strategies.common.intents import Intent
from strategies.common.trade_state import ManagerState
from strategies.common.trade_state import check_state
from strategies.common.trade_state import convert_plain
from strategies.common.trade_state import encode_fraction
from strategies.common.trade_state import from_plain


SCHEMA = 1
SHARED = ("next_id", "day", "day_pnl", "cash", "killed", "is_target_reached")


class BookState(msgspec.Struct, frozen=True, kw_only=True):
    """
    Represents a `TradeBook` between two events.

    Parameters
    ----------
    book_schema : int
        The version of this layout.
    next_trade_id : int
        The id of the next trade.
    trade_ids : list[int]
        The ids of the running or last trades of the managers; 0 before the first.
    managers : list[ManagerState]
        The trade managers, which share ledger and order ids.
    flip : Intent or None
        The entry that waits for all trades to end.
    last_exits : dict[str, int]
        When the last full exit of each setup was (ns UTC).
    shared_orders : dict[int, SharedOrder]
        The orders of the venue itself that reduce several trades.
    beyond : dict[int, int]
        The lots of an order that closed those of other trades.
    shared_fills : list[tuple[int, str]]
        Order and fill identifiers that were divided, oldest first.

    """

    book_schema: int = SCHEMA
    next_trade_id: int
    trade_ids: list[int]
    managers: list[ManagerState]
    flip: Intent | None = None
    last_exits: dict[str, int] = {}
    shared_orders: dict[int, SharedOrder] = {}
    beyond: dict[int, int] = {}
    shared_fills: list[tuple[int, str]] = []


def of_one_manager(state: ManagerState) -> BookState:
    """Return the state of a book of one trade, from that of a trade manager."""
    had_trade = state.trade is not None or state.previous is not None
    return BookState(
        next_trade_id=2 if had_trade else 1,
        trade_ids=[1 if had_trade else 0],
        managers=[state],
    )


def book_to_plain(state: BookState) -> dict[str, Any]:
    """Return a state as values that JSON can hold."""
    plain: dict[str, Any] = msgspec.to_builtins(state, enc_hook=encode_fraction, str_keys=True)
    return plain


def book_from_plain(plain: Any) -> BookState:
    """
    Return the state that plain values hold, checked as a whole; also of a single trade manager.

    Raises
    ------
    ValueError
        If they are of another schema, no state at all, or contradict one another.

    """
    if isinstance(plain, dict) and "managers" not in plain:
        return of_one_manager(from_plain(plain))
    state = convert_plain(plain, BookState, "trade book state", "book_schema", SCHEMA)
    check_book_state(state)
    return state


def check_book_state(state: BookState) -> None:
    """
    Refuse a state of the right types that no book can have been in.

    Raises
    ------
    ValueError
        If parts of it contradict one another.

    """
    for where, wrong in _contradictions(state):
        if wrong:
            raise ValueError(f"trade book state: {where}")
    for manager in state.managers:
        check_state(manager)


def _contradictions(state: BookState) -> Iterator[tuple[str, bool]]:
    yield f"schema {state.book_schema}, this program reads {SCHEMA}", state.book_schema != SCHEMA
    yield "managers: none", not state.managers
    yield "trade_ids: not one per manager", len(state.trade_ids) != len(state.managers)
    used = [trade_id for trade_id in state.trade_ids if trade_id]
    yield "trade_ids: two with one id", len(set(used)) < len(used)
    yield (
        "trade_ids: beyond next_trade_id",
        min(state.trade_ids, default=0) < 0 or max(used, default=0) >= state.next_trade_id,
    )
    yield (
        "trade_ids: a trade without one",
        any(
            manager.trade is not None and not trade_id
            for trade_id, manager in zip(state.trade_ids, state.managers, strict=False)
        ),
    )
    for name in SHARED:
        values = [getattr(manager, name) for manager in state.managers]
        yield f"managers: {name} differs", any(value != values[0] for value in values)
    ids: set[int] = set(state.shared_orders)
    for manager in state.managers:
        own = {
            order.command.order_id
            for trade in (manager.trade, manager.previous)
            for order in (() if trade is None else trade.orders)
        }
        yield "orders: one of two trades", bool(ids & own)
        ids |= own
    yield "beyond: a size that is not positive", min(state.beyond.values(), default=1) < 1

"""The state of a trade manager as plain values, for snapshots that outlive the process."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from strategies.common.intents import Intent
from strategies.common.orders import Order
from strategies.common.orders import OrderIds
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryKind
from strategies.common.records import ExitFilled
from strategies.common.sizing import PositionSize
from strategies.common.trade import Trade


SCHEMA = 1


class TradeState(msgspec.Struct, frozen=True, kw_only=True):
    """Represents a `Trade`, field by field, with its orders in the order of their sending."""

    intent: Intent
    orders: list[Order]
    side: int
    lots: int
    min_lots: int
    tick_value: Decimal
    entry_lots: int
    entry_cost: int
    entry_kind: EntryKind
    entry_deadline: int | None
    entry_resent: bool
    drop_reason: DropReason | None
    open: int
    open_cost: Fraction
    stop: int
    stop_reason: ExitReason
    stop_hit_price: int | None
    stop_hit_until: int
    stop_lost_until: int = 0
    stop_retry_at: int
    is_stop_refused: bool
    keep: int | None
    close_reason: ExitReason | None
    tp1_due: bool
    tp1_over: bool
    exit_retry_at: int
    exit_refusals: int
    flip_to: Intent | None
    ts_open: int | None
    ts_close: int | None
    clock_start: int | None
    exits: list[ExitFilled]
    gross: Decimal
    gained: Fraction
    fees: Decimal
    funding: Decimal


class ManagerState(msgspec.Struct, frozen=True, kw_only=True):
    """
    Represents a `TradeManager` between two events.

    Parameters
    ----------
    schema : int
        The version of this layout.
    day, day_pnl, cash, killed
        The ledger: the number of the running day, its result, the money, the switch.
    halted : bool
        If position and orders are in doubt.
    last_exit : int or None
        When the last full exit was (ns UTC), for the cooldown.
    next_id : int
        The identifier of the next order.
    fills_seen : list[tuple[int, str]]
        Order and fill identifiers that are not booked again, oldest first.
    trade, previous : TradeState or None
        The running trade, and the one before it, to which a late fill may belong.
    bid, ask : int or None
        The last quote (ticks).
    time, wake : int
        The latest time seen, and when there is something to do next (ns UTC).

    """

    schema: int
    day: int | None
    day_pnl: Decimal
    cash: Decimal
    killed: bool
    halted: bool
    last_exit: int | None
    next_id: int
    fills_seen: list[tuple[int, str]]
    trade: TradeState | None
    previous: TradeState | None
    bid: int | None
    ask: int | None
    time: int
    wake: int


def state_of(trade: Trade | None) -> TradeState | None:
    """Return the state of a trade; it shares nothing with the trade that changes."""
    if trade is None:
        return None
    fields = {name.lstrip("_"): getattr(trade, name) for name in Trade.__slots__}
    fields["orders"] = [replace(order) for order in trade.orders.all()]
    fields["exits"] = list(trade.exits)
    return TradeState(**fields)


def trade_of(state: TradeState | None, ids: OrderIds) -> Trade | None:
    """Return a trade that goes on from a state."""
    if state is None:
        return None
    trade = Trade(state.intent, PositionSize(lots=state.lots), state.tick_value, ids)
    for name in Trade.__slots__:
        if name != "orders":
            setattr(trade, name, getattr(state, name.lstrip("_")))
    for order in state.orders:
        trade.orders.adopt(replace(order))
    return trade


def to_plain(state: ManagerState) -> dict[str, Any]:
    """Return a state as values that JSON can hold."""
    plain: dict[str, Any] = msgspec.to_builtins(state, enc_hook=encode_fraction)
    return plain


def from_plain(plain: Any) -> ManagerState:
    """
    Return the state that plain values hold.

    Raises
    ------
    ValueError
        If they are of another schema, or no state at all.

    """
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema != SCHEMA:
        raise ValueError(f"trade manager state: schema {schema}, this program reads {SCHEMA}")
    try:
        return msgspec.convert(plain, ManagerState, dec_hook=_decode, str_keys=True)
    except msgspec.ValidationError as e:
        raise ValueError(f"trade manager state: {e}") from e


def encode_fraction(value: Any) -> str:
    """Return a fraction as text, for msgspec, which knows none."""
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no plain form")


def _decode(kind: type, value: Any) -> Any:
    if kind is Fraction:
        return Fraction(value)
    raise NotImplementedError(f"{kind.__name__} has no plain form")

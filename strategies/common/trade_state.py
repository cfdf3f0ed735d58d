"""The state of a trade manager as plain values, for snapshots that outlive the process."""

import re
from collections.abc import Iterator
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
FRACTION = re.compile(r"-?\d{1,64}(/[1-9]\d{0,63})?", re.ASCII)
# No account and no fee is larger or smaller: beyond it arithmetic would raise.
MOST_DIGITS = 40
# So many ticks or lots are still a price or a size for Nautilus.
MOST_UNITS = 10**11
TRADE_MONEY = ("gross", "fees", "funding")


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
    day, day_pnl, cash, killed, is_target_reached
        The ledger: the number of the running day, its result, the money, and whether loss or profit
        have ended the day.
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
    is_target_reached: bool = False
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
    Return the state that plain values hold, checked as a whole.

    Raises
    ------
    ValueError
        If they are of another schema, no state at all, or contradict one another.

    """
    state = convert_plain(plain, ManagerState, "trade manager state", "schema", SCHEMA)
    check_state(state)
    return state


def convert_plain[S: msgspec.Struct](
    plain: Any, kind: type[S], what: str, schema_key: str, schema: int
) -> S:
    """
    Return the state of a kind that plain values hold, of the right schema and types.

    Parameters
    ----------
    plain : Any
        The values.
    kind : type[S]
        The kind of state.
    what : str
        Its name, for the error.
    schema_key : str
        The key of its schema.
    schema : int
        The schema that this program reads.

    Raises
    ------
    ValueError
        If they are of another schema, or no state at all.

    """
    found = plain.get(schema_key) if isinstance(plain, dict) else None
    if found != schema:
        raise ValueError(f"{what}: schema {found}, this program reads {schema}")
    try:
        return msgspec.convert(plain, kind, dec_hook=decode_fraction, str_keys=True)
    except msgspec.ValidationError as e:
        raise ValueError(f"{what}: {e}") from e


def check_state(state: ManagerState) -> None:
    """
    Refuse a state of the right types that no manager can have been in.

    Raises
    ------
    ValueError
        If parts of it contradict one another or cannot be computed with.

    """
    for where, wrong in _contradictions(state):
        if wrong:
            raise ValueError(f"trade manager state: {where}")


def _contradictions(state: ManagerState) -> Iterator[tuple[str, bool]]:
    yield f"schema {state.schema}, this program reads {SCHEMA}", state.schema != SCHEMA
    money = [("day_pnl", state.day_pnl), ("cash", state.cash)]
    for name, trade in (("trade", state.trade), ("previous", state.previous)):
        if trade is None:
            continue
        ids = [order.command.order_id for order in trade.orders]
        yield f"{name}.orders: two with one identifier", len(set(ids)) < len(ids)
        yield f"{name}.orders: beyond next_id", max(ids, default=0) >= state.next_id
        yield (
            f"{name}.orders: a size that is not positive",
            any(order.command.lots < 1 or order.filled < 0 for order in trade.orders),
        )
        numbers = [trade.stop, trade.intent.entry, trade.lots, trade.entry_lots, trade.open]
        numbers += [order.command.lots for order in trade.orders]
        numbers += [order.command.price or 0 for order in trade.orders]
        yield f"{name}: beyond any price or size", max(map(abs, numbers)) > MOST_UNITS
        yield f"{name}.side: not that of its intent", trade.side != trade.intent.side
        yield f"{name}.open: more than was entered", trade.open > trade.entry_lots
        yield f"{name}.keep: negative", trade.keep is not None and trade.keep < 0
        yield f"{name}.tick_value: not positive", not trade.tick_value > 0
        money += [(f"{name}.{x}", getattr(trade, x)) for x in ("tick_value", *TRADE_MONEY)]
        money += [(f"{name}.exits", x) for exit_ in trade.exits for x in (exit_.fee, exit_.gross)]
    for name, value in money:
        yield f"{name}: {value}", not (value.is_finite() and abs(value.adjusted()) < MOST_DIGITS)


def encode_fraction(value: Any) -> str:
    """Return a fraction as text, for msgspec, which knows none."""
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no plain form")


def decode_fraction(kind: type, value: Any) -> Any:
    """Return the fraction of a text, for msgspec."""
    if kind is Fraction:
        if not (isinstance(value, str) and FRACTION.fullmatch(value)):
            raise ValueError(f"{value!r} is no fraction")
        return Fraction(value)
    raise NotImplementedError(f"{kind.__name__} has no plain form")

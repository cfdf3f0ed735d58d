"""Align the trades of a book with the position at the venue."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from strategies.common.allotment import allot_lots
from strategies.common.book_params import PositionMode
from strategies.common.commands import Cancel
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.missed_fills import Recovery
from strategies.common.recovery import hold
from strategies.common.recovery import replace_position
from strategies.common.trade_book import TradeBook
from strategies.common.trade_slot import TradeSlot
from strategies.common.venue_orders import VenueOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """
    Represents an open position of the instrument at the venue.

    Parameters
    ----------
    lots : int
        The signed lots.
    price : Fraction
        Their average price in ticks.
    trade_id : int or None
        The trade it is of, where each has a position of its own.

    """

    lots: int
    price: Fraction
    trade_id: int | None = None


def hold_book(
    book: TradeBook,
    ts: int,
    positions: Sequence[VenuePosition],
    emergency_ticks: int,
    message: str,
) -> Recovery:
    """
    Halt a running book, and adopt the venue's position in place of its own.

    The trades are aligned with the position as by `recover_book`; nothing is sent but stops,
    cancels, and the remaining orders of trades that are being closed.

    Parameters
    ----------
    book : TradeBook
        The book.
    ts : int
        The present time (ns UTC).
    positions : Sequence[VenuePosition]
        The open positions at the venue.
    emergency_ticks : int
        The distance of an emergency stop.
    message : str
        Why it is halted.

    Returns
    -------
    Recovery

    """
    running = [slot for slot in book.slots if slot.trade is not None]
    if len(running) < 2 and len(positions) == 1:
        slot = running[0] if running else _numbered(book, book.slots.idle())
        (position,) = positions
        result = hold(slot.manager, ts, position.lots, position.price, emergency_ticks, message)
        book.halted = True
        return result
    result = Recovery(mismatch=message)
    book.halt_missed(ts, message)
    for trades, venue in position_pools(book, positions):
        hold_pool(book, ts, trades, venue, emergency_ticks, [], result)
    return resume_book(book, ts, [], result)


def position_pools(
    book: TradeBook, positions: Sequence[VenuePosition]
) -> list[tuple[list[TradeSlot], list[VenuePosition]]]:
    """Return the trades that make up each position, as the venue nets them."""
    running = book.slots.running()
    mode = book.book_params.positions
    if mode is PositionMode.NETTING:
        return [(running, list(positions))]
    if mode is PositionMode.BY_SIDE:
        return [
            (
                [slot for slot in running if slot.side == side],
                [position for position in positions if position.lots * side > 0],
            )
            for side in (1, -1)
        ]
    ids = {slot.trade_id for slot in running}
    pools = [
        ([slot], [position for position in positions if position.trade_id == slot.trade_id])
        for slot in running
    ]
    return pools + [([], [position]) for position in positions if position.trade_id not in ids]


def hold_pool(
    book: TradeBook,
    ts: int,
    trades: Sequence[TradeSlot],
    venue: Sequence[VenuePosition],
    emergency_ticks: int,
    orphans: list[VenueOrder],
    result: Recovery,
) -> list[VenueOrder]:
    """
    Align the trades of a pool with its position; the rest becomes a trade of its own.

    Parameters
    ----------
    book : TradeBook
        The book.
    ts : int
        The present time (ns UTC).
    trades : Sequence[TradeSlot]
        The slots whose trades make up the position.
    venue : Sequence[VenuePosition]
        The positions of them at the venue.
    emergency_ticks : int
        The distance of an emergency stop.
    orphans : list[VenueOrder]
        Our open orders of no trade; a stop among them may serve the rest.
    result : Recovery
        Receives commands and notes.

    Returns
    -------
    list[VenueOrder]
        The orphans that serve no trade.

    """
    lots = sum(position.lots for position in venue)
    side = (lots > 0) - (lots < 0)
    if any(slot.open_lots and slot.side != side for slot in trades):
        for slot in trades:
            replace_position(slot.manager, ts, 0, None, emergency_ticks, [], result)
    for slot in trades:
        if slot.trade is not None and slot.trade.open < 0:
            replace_position(slot.manager, ts, 0, None, emergency_ticks, [], result)
    held = [slot.open_lots for slot in trades]
    rest = abs(lots) - sum(held)
    for slot, left in zip(trades, allot_lots(max(0, -rest), held), strict=True):
        if left and slot.trade is not None:
            average = Fraction(slot.trade.open_cost, slot.trade.open)
            kept = slot.side * (slot.open_lots - left)
            replace_position(slot.manager, ts, kept, average, emergency_ticks, [], result)
    if rest <= 0:
        return orphans
    cost = sum((position.price * abs(position.lots) for position in venue), start=Fraction(0))
    costs = (slot.trade.open_cost for slot in trades if slot.trade is not None)
    price = (cost - sum(costs, start=Fraction(0))) / rest
    if price <= 0:
        price = cost / abs(lots)
    slot = _numbered(book, book.slots.idle())
    return replace_position(slot.manager, ts, side * rest, price, emergency_ticks, orphans, result)


def _numbered(book: TradeBook, slot: TradeSlot) -> TradeSlot:
    slot.trade_id = book.slots.claim_trade_id(None)
    return slot


def resume_book(book: TradeBook, ts: int, orphans: list[VenueOrder], result: Recovery) -> Recovery:
    """Resume the trades (`TradeBook.resume`), and cancel orders that serve none of them."""
    result.commands += book.resume(ts)
    result.commands += [Cancel(order.command.order_id) for order in orphans]
    # What protects goes first.
    result.commands.sort(key=lambda c: not (isinstance(c, Submit) and c.purpose is Purpose.STOP))
    return result

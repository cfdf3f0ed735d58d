"""Brings a restored trade book and the venue together."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from fractions import Fraction

from strategies.common.allotment import allot_lots
from strategies.common.book_params import PositionMode
from strategies.common.book_slots import TradeSlot
from strategies.common.commands import Cancel
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.missed_decisions import derive_decisions
from strategies.common.missed_decisions import note_resent_entry
from strategies.common.missed_fills import Recovery
from strategies.common.orders import Order
from strategies.common.orders import OrderState
from strategies.common.recovery import hold
from strategies.common.recovery import recover
from strategies.common.recovery import replace_position
from strategies.common.recovery import take_over_orders
from strategies.common.trade_book import TradeBook
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


def recover_book(
    book: TradeBook,
    ts: int,
    known: Iterable[VenueOrder],
    unknown: Iterable[VenueOrder],
    positions: Sequence[VenuePosition],
    emergency_ticks: int,
    *,
    is_asked: bool = True,
    may_lag: bool = False,
) -> Recovery:
    """
    Let a book go on from what the venue has.

    With one trade at the most it is `recover` of its manager. With several each order is of the
    trade whose snapshot knows it, or whose id it bears; one of after the end of all known trades
    begins another, as `recover` says. Fills are booked in their order over all trades. One of our
    orders that says no trade is cancelled; its fills are unexplained.

    Then the trades are compared with the position. What the venue has less of on the same side
    leaves the trades in proportion to their open lots, what it has more of becomes a trade of its
    own under a stop of ours that is there, else under an emergency stop; where it has the other
    side, or nothing, all trades are forgotten. The book is halted in all three cases.

    Parameters
    ----------
    book : TradeBook
        The book, restored or new.
    ts : int
        The present time (ns UTC).
    known : Iterable[VenueOrder]
        The orders that the snapshot names and the venue has.
    unknown : Iterable[VenueOrder]
        Our orders of after the snapshot, oldest first.
    positions : Sequence[VenuePosition]
        The open positions at the venue.
    emergency_ticks : int
        The distance of a stop where nothing else is known.
    is_asked : bool, default True
        If the venue itself has said what the positions are; else a cache has.
    may_lag : bool, default False
        If fills may have happened since the orders were read, and before the positions were.

    Returns
    -------
    Recovery

    """
    known, unknown = [_own_part(book, order) for order in known], list(unknown)
    running = [slot for slot in book.slots if slot.trade is not None]
    ids = {slot.trade_id for slot in running} | {o.trade_id for o in unknown if o.trade_id}
    if len(ids) < 2 and len(running) < 2 and len(positions) < 2:
        return _recover_one(
            book, ts, known, unknown, positions, emergency_ticks, is_asked=is_asked, may_lag=may_lag
        )
    result = Recovery()
    orphans = _take_over_all(book, ts, running, known, unknown, emergency_ticks, result)
    for trades, venue in _pools(book, positions):
        held = sum(slot.side * slot.open_lots for slot in trades)
        lots = sum(position.lots for position in venue)
        if held == lots and all(s.trade is None or s.trade.open >= 0 for s in trades):
            continue
        text = f"the venue holds {lots} lots, the last state makes it {held}"
        result.mismatch = result.mismatch or text
        has_left = 0 <= lots < held or held < lots <= 0
        if is_asked and may_lag and has_left:
            continue
        book.halt_missed(ts, text)
        if is_asked or not held:
            orphans = _hold_pool(book, ts, trades, venue, emergency_ticks, orphans, result)
    if not is_asked:
        result.mismatch = result.mismatch or "the venue could not be asked what it holds"
        orphans = [order for order in orphans if order.command.purpose is Purpose.ENTRY]
    return _finish(book, ts, orphans, result)


def hold_book(
    book: TradeBook,
    ts: int,
    positions: Sequence[VenuePosition],
    emergency_ticks: int,
    message: str,
) -> Recovery:
    """
    Halt a running book, and hold what the venue has instead of what was thought to be there.

    The trades are brought to the position as by `recover_book`; nothing is sent but stops, cancels
    and what trades that are being closed had left to send.

    Parameters
    ----------
    book : TradeBook
        The book.
    ts : int
        The present time (ns UTC).
    positions : Sequence[VenuePosition]
        The open positions at the venue.
    emergency_ticks : int
        The distance of a stop where nothing else is known.
    message : str
        Why it is halted.

    Returns
    -------
    Recovery

    """
    running = [slot for slot in book.slots if slot.trade is not None]
    if len(running) < 2 and len(positions) == 1:
        slot = running[0] if running else _numbered(book, book.idle_slot())
        (position,) = positions
        result = hold(slot.manager, ts, position.lots, position.price, emergency_ticks, message)
        book.halted = True
        return result
    result = Recovery(mismatch=message)
    book.halt_missed(ts, message)
    for trades, venue in _pools(book, positions):
        _hold_pool(book, ts, trades, venue, emergency_ticks, [], result)
    return _finish(book, ts, [], result)


def _recover_one(
    book: TradeBook,
    ts: int,
    known: list[VenueOrder],
    unknown: list[VenueOrder],
    positions: Sequence[VenuePosition],
    emergency_ticks: int,
    *,
    is_asked: bool,
    may_lag: bool,
) -> Recovery:
    running = [slot for slot in book.slots if slot.trade is not None]
    slot = running[0] if running else book.idle_slot()
    known = [o for o in known if slot.manager.order(o.command.order_id) is not None]
    before = slot.trade_id
    if not running:
        named = [order.trade_id for order in unknown if order.trade_id]
        slot.trade_id = book.claim_trade_id(named[0] if named else None)
    lots = sum(position.lots for position in positions)
    price = positions[0].price if positions else None
    result = recover(
        slot.manager,
        ts,
        known,
        unknown,
        lots,
        price,
        emergency_ticks,
        is_asked=is_asked,
        may_lag=may_lag,
    )
    if not running and slot.trade is None:
        slot.trade_id = before
    book.halted = book.halted
    result.commands += book.resume(ts)
    return result


def _own_part(book: TradeBook, order: VenueOrder) -> VenueOrder:
    """Return an order without the fills that were booked as those of other trades."""
    beyond = book.lots_beyond(order.command.order_id)
    if not beyond:
        return order
    fills = tuple(fill for fill in order.fills if not book.has_seen(fill))
    return replace(order, filled=order.filled - beyond, fills=fills)


def _take_over_all(
    book: TradeBook,
    ts: int,
    running: Sequence[TradeSlot],
    known: Sequence[VenueOrder],
    unknown: Sequence[VenueOrder],
    emergency_ticks: int,
    result: Recovery,
) -> list[VenueOrder]:
    by_id = {slot.trade_id: slot for slot in running}
    added = {key: [o for o in unknown if o.trade_id == key] for key in by_id}
    for key, orders in added.items():
        trade = by_id[key].trade
        if trade is None:
            continue
        for order in orders:
            result.notes.append(f"{order.command.purpose} order of trade {key} taken over")
            trade.orders.adopt(Order(order.command, OrderState.WORKING))
        note_resent_entry(trade, [order.command for order in orders])
    of_trades = [*known, *(order for orders in added.values() for order in orders)]
    of_trades = [o for o in of_trades if _is_running(running, o.command.order_id)]
    fills = [fill for order in of_trades for fill in order.fills if not book.has_seen(fill)]
    for fill in sorted(fills, key=lambda fill: fill.ts):
        book.take_missed(fill)
    if fills:
        result.notes.append(f"{len(fills)} fills of the time away booked")
    orphans: list[VenueOrder] = []
    for key, slot in by_id.items():
        if slot.trade is None:
            continue
        derive_decisions(slot.trade, [order.command for order in added[key]], ts)
        own = [o for o in of_trades if slot.trade.orders.get(o.command.order_id) is not None]
        own = [_own_part(book, order) for order in own]
        orphans += take_over_orders(slot.manager, ts, own, [], emergency_ticks, result)
    new = sorted({o.trade_id for o in unknown if o.trade_id is not None} - set(by_id))
    for key in new:
        orders = [order for order in unknown if order.trade_id == key]
        slot = book.idle_slot()
        before = slot.trade_id
        slot.trade_id = book.claim_trade_id(key)
        orphans += take_over_orders(slot.manager, ts, [], orders, emergency_ticks, result)
        if slot.trade is None:
            slot.trade_id = before
        elif slot.trade.open > 0:
            lots = slot.open_lots
            result.mismatch = f"the trade of {lots} lots is in no state: its plan is not known"
            book.halt_missed(ts, result.mismatch)
    return orphans + [order for order in unknown if order.trade_id is None and order.is_open]


def _is_running(slots: Iterable[TradeSlot], order_id: int) -> bool:
    trades = (slot.trade for slot in slots)
    return any(trade is not None and trade.orders.get(order_id) is not None for trade in trades)


def _pools(
    book: TradeBook, positions: Sequence[VenuePosition]
) -> list[tuple[list[TradeSlot], list[VenuePosition]]]:
    """Return which trades make which positions up, as the venue adds them up."""
    running = sorted(
        (slot for slot in book.slots if slot.trade is not None), key=lambda slot: slot.trade_id
    )
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


def _hold_pool(
    book: TradeBook,
    ts: int,
    trades: Sequence[TradeSlot],
    venue: Sequence[VenuePosition],
    emergency_ticks: int,
    orphans: list[VenueOrder],
    result: Recovery,
) -> list[VenueOrder]:
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
    slot = _numbered(book, book.idle_slot())
    return replace_position(slot.manager, ts, side * rest, price, emergency_ticks, orphans, result)


def _numbered(book: TradeBook, slot: TradeSlot) -> TradeSlot:
    slot.trade_id = book.claim_trade_id(None)
    return slot


def _finish(book: TradeBook, ts: int, orphans: list[VenueOrder], result: Recovery) -> Recovery:
    result.commands += book.resume(ts)
    result.commands += [Cancel(order.command.order_id) for order in orphans]
    # What protects goes first.
    result.commands.sort(key=lambda c: not (isinstance(c, Submit) and c.purpose is Purpose.STOP))
    return result

"""Reconcile a restored trade book with the venue."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace

from strategies.common.book_position import VenuePosition
from strategies.common.book_position import hold_pool
from strategies.common.book_position import position_pools
from strategies.common.book_position import resume_book
from strategies.common.commands import Purpose
from strategies.common.missed_decisions import derive_decisions
from strategies.common.missed_decisions import note_resent_entry
from strategies.common.missed_fills import Recovery
from strategies.common.orders import Order
from strategies.common.orders import OrderState
from strategies.common.recovery import recover
from strategies.common.recovery import take_over_orders
from strategies.common.trade_book import TradeBook
from strategies.common.trade_slot import TradeSlot
from strategies.common.venue_orders import VenueOrder


def recover_book(
    book: TradeBook,
    ts: int,
    known: Iterable[VenueOrder],
    unknown: Iterable[VenueOrder],
    positions: Sequence[VenuePosition],
    emergency_ticks: int,
    *,
    is_queried: bool = True,
    may_lag: bool = False,
) -> Recovery:
    """
    Resume a book from the state at the venue.

    With one trade at the most it is `recover` of its manager. With several each order is of the
    trade whose snapshot knows it, or whose id it bears; one sent after the end of all known trades
    begins another, as in `recover`. Fills are booked in their order over all trades. An own order
    without a trade id is canceled; its fills are unexplained.

    Then the trades are compared with the position. Lots missing at the venue leave the trades in
    proportion to their open lots; excess lots become a trade of its own under an existing stop of
    ours, else under an emergency stop; if the venue has the other side, or nothing, all trades are
    dropped. The book is halted in all three cases.

    Parameters
    ----------
    book : TradeBook
        The book, restored or new.
    ts : int
        The present time (ns UTC).
    known : Iterable[VenueOrder]
        The orders of the snapshot that the venue has.
    unknown : Iterable[VenueOrder]
        Our orders sent after the snapshot, oldest first.
    positions : Sequence[VenuePosition]
        The open positions at the venue.
    emergency_ticks : int
        The distance of an emergency stop.
    is_queried : bool, default True
        If the positions come from the venue itself; otherwise from a cache.
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
            book,
            ts,
            known,
            unknown,
            positions,
            emergency_ticks,
            is_queried=is_queried,
            may_lag=may_lag,
        )
    result = Recovery()
    orphans = _take_over_all(book, ts, running, known, unknown, emergency_ticks, result)
    for trades, venue in position_pools(book, positions):
        held = sum(slot.side * slot.open_lots for slot in trades)
        lots = sum(position.lots for position in venue)
        if held == lots and all(s.trade is None or s.trade.open >= 0 for s in trades):
            continue
        text = f"the venue holds {lots} lots, the last state makes it {held}"
        result.mismatch = result.mismatch or text
        has_left = 0 <= lots < held or held < lots <= 0
        if is_queried and may_lag and has_left:
            continue
        book.halt_missed(ts, text)
        if is_queried or not held:
            orphans = hold_pool(book, ts, trades, venue, emergency_ticks, orphans, result)
    if not is_queried:
        result.mismatch = result.mismatch or "the venue could not be queried for its positions"
        orphans = [order for order in orphans if order.command.purpose is Purpose.ENTRY]
    return resume_book(book, ts, orphans, result)


def _recover_one(
    book: TradeBook,
    ts: int,
    known: list[VenueOrder],
    unknown: list[VenueOrder],
    positions: Sequence[VenuePosition],
    emergency_ticks: int,
    *,
    is_queried: bool,
    may_lag: bool,
) -> Recovery:
    running = [slot for slot in book.slots if slot.trade is not None]
    slot = running[0] if running else book.slots.idle()
    known = [o for o in known if slot.manager.order(o.command.order_id) is not None]
    before = slot.trade_id
    if not running:
        named = [order.trade_id for order in unknown if order.trade_id]
        slot.trade_id = book.slots.claim_trade_id(named[0] if named else None)
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
        is_queried=is_queried,
        may_lag=may_lag,
    )
    if not running and slot.trade is None:
        slot.trade_id = before
    book.halted = book.halted
    result.commands += book.resume(ts)
    return result


def _own_part(book: TradeBook, order: VenueOrder) -> VenueOrder:
    """Return an order without the fills that were booked as those of other trades."""
    beyond = book.allocation.lots_beyond(order.command.order_id)
    if not beyond:
        return order
    fills = tuple(fill for fill in order.fills if not book.allocation.has_seen(fill))
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
    fills = [
        fill for order in of_trades for fill in order.fills if not book.allocation.has_seen(fill)
    ]
    for fill in sorted(fills, key=lambda fill: fill.ts):
        book.allocation.take_missed(fill)
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
        slot = book.slots.idle()
        before = slot.trade_id
        slot.trade_id = book.slots.claim_trade_id(key)
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

"""Reconcile a restored trade manager with the venue."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil

from strategies.common.commands import Cancel
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.intents import Intent
from strategies.common.missed_decisions import derive_decisions
from strategies.common.missed_decisions import note_resent_entry
from strategies.common.missed_fills import Recovery
from strategies.common.missed_fills import book_missed
from strategies.common.orders import Order
from strategies.common.orders import OrderState
from strategies.common.trade import Trade
from strategies.common.trade_manager import TradeManager
from strategies.common.venue_orders import VenueOrder
from strategies.common.venue_orders import average_price
from strategies.common.venue_orders import enters
from strategies.common.venue_orders import orders_by_trade
from strategies.common.venue_orders import protects


ADOPTED = "adopted"


def recover(
    manager: TradeManager,
    ts: int,
    known: Iterable[VenueOrder],
    unknown: Iterable[VenueOrder],
    position: int,
    price: Fraction | None,
    emergency_ticks: int,
    *,
    is_queried: bool = True,
    may_lag: bool = False,
) -> Recovery:
    """
    Resume a manager from the state at the venue.

    Fills since the snapshot are booked in their order. Orders that the venue no longer has are
    closed; a stop among them is sent again. An order that the snapshot does not know belongs to the
    running trade. An entry sent after its end begins another, whose fills are booked as well; while
    it is open the manager is halted and holds it under its last stop, since its plan is not known.
    Unknown orders without a trade are cancelled. If the position is then another one than the
    manager's, the manager is halted and adopts the venue's position: under the trade's own stop
    where the side is the same, else under one of our stops at the venue, else under an emergency
    stop. A position that the venue does not have is forgotten and its orders are cancelled; where
    its fills may still be on their way it is kept under its stop, and nothing is entered.

    If the venue itself was not queried, no stop is canceled: the manager's position stays as it is,
    a position it does not know of gets a stop as well, and the manager is halted if they differ.

    Parameters
    ----------
    manager : TradeManager
        The manager, restored or new.
    ts : int
        The present time (ns UTC).
    known : Iterable[VenueOrder]
        The orders of the snapshot that the venue has.
    unknown : Iterable[VenueOrder]
        Our orders sent after the snapshot, oldest first.
    position : int
        The signed lots at the venue.
    price : Fraction or None
        Their average price in ticks.
    emergency_ticks : int
        The distance of an emergency stop.
    is_queried : bool, default True
        If the position comes from the venue itself; otherwise from a cache.
    may_lag : bool, default False
        If fills may have happened since the orders were read, and before the position was.

    Returns
    -------
    Recovery

    """
    result = Recovery()
    known, unknown = list(known), list(unknown)
    orphans: list[VenueOrder] = []
    is_planned = manager.trade is not None
    *earlier, last = orders_by_trade(manager.trade, known, unknown)
    for orders in earlier:
        orphans += take_over_orders(manager, ts, known, orders, emergency_ticks, result)
        if manager.trade is not None:
            manager.end_trade(ts)
        is_planned, known = False, []
    orphans += take_over_orders(manager, ts, known, last, emergency_ticks, result)
    trade = manager.trade
    held = 0 if trade is None else trade.side * trade.open
    if held != position:
        result.mismatch = f"the venue holds {position} lots, the last state makes it {held}"
        has_left = trade is not None and 0 <= trade.side * position < trade.open
        if not (is_queried and may_lag and has_left):
            manager.halt_missed(ts, result.mismatch)
        # The manager's position stays as it is until the venue reports another one.
        if not held or (is_queried and not (may_lag and has_left)):
            orphans = replace_position(
                manager, ts, position, price, emergency_ticks, orphans, result
            )
    elif held and not is_planned:
        result.mismatch = f"the trade of {held} lots is in no state: its plan is not known"
        manager.halt_missed(ts, result.mismatch)
    elif not is_queried:
        result.mismatch = "the venue could not be queried for its positions"
    if not is_queried:
        orphans = [order for order in orphans if enters(order)]
    result.commands += manager.resume(ts)
    result.commands += [Cancel(order.command.order_id) for order in orphans]
    # What protects goes first.
    result.commands.sort(key=lambda c: not (isinstance(c, Submit) and c.purpose is Purpose.STOP))
    return result


def hold(
    manager: TradeManager,
    ts: int,
    position: int,
    price: Fraction,
    emergency_ticks: int,
    message: str,
) -> Recovery:
    """
    Halt a running manager, and adopt the venue's position in place of its own.

    The stop is the trade's own where the side is the same, else one at a distance. Nothing is sent
    but stops and cancels.

    Parameters
    ----------
    manager : TradeManager
        The manager.
    ts : int
        The present time (ns UTC).
    position : int
        The signed lots at the venue, not 0.
    price : Fraction
        Their average price in ticks.
    emergency_ticks : int
        The distance of an emergency stop.
    message : str
        Why it is halted.

    Returns
    -------
    Recovery

    """
    result = Recovery(mismatch=message)
    manager.halt_missed(ts, message)
    replace_position(manager, ts, position, price, emergency_ticks, [], result)
    result.commands += manager.resume(ts)
    return result


def take_over_orders(
    manager: TradeManager,
    ts: int,
    known: list[VenueOrder],
    unknown: list[VenueOrder],
    emergency_ticks: int,
    result: Recovery,
) -> list[VenueOrder]:
    """Book the venue's fills of a trade's orders; return the open orders of no trade."""
    trade = manager.trade
    if trade is None:
        entries = [order for order in unknown if enters(order) and order.filled]
        if not entries:
            return [order for order in unknown if order.is_open]
        is_long, price = entries[0].command.is_buy, round(average_price(entries[0]))
        stops = [order for order in unknown if protects(order.command, is_long)]
        stop = _stop(None, is_long, price, emergency_ticks, stops[-1:])
        lots = sum(order.command.lots for order in entries)
        trade = manager.begin_trade(_adopted(is_long, price, stop), lots)
    commands = [order.command for order in unknown]
    for command in commands:
        result.notes.append(f"{command.purpose} order sent after the snapshot taken over")
        manager.adopt_order(Order(command, OrderState.WORKING))
    note_resent_entry(trade, commands)
    book_missed(manager, trade, ts, [*known, *unknown], result)
    if trade.intent.tag != ADOPTED:
        derive_decisions(trade, commands, ts)
    return []


def _adopted(is_long: bool, price: int, stop: int) -> Intent:
    side = 1 if is_long else -1
    # A stop beyond the entry is kept as a stop, not as the risk that was decided on.
    entry = price if side * (price - stop) > 0 else stop + side
    return Intent(is_long=is_long, entry=entry, stop=stop, tag=ADOPTED)


def replace_position(
    manager: TradeManager,
    ts: int,
    position: int,
    price: Fraction | None,
    emergency_ticks: int,
    orphans: list[VenueOrder],
    result: Recovery,
) -> list[VenueOrder]:
    """Adopt a position in place of the manager's trade; return the orders that are not its own."""
    old = manager.trade
    working = manager.drop_trade()
    if position == 0 or price is None:
        result.commands += [Cancel(order.command.order_id) for order in working]
        return orphans
    is_long = position > 0
    kept = [order for order in working if protects(order.command, is_long)]
    result.commands += [Cancel(o.command.order_id) for o in working if o not in kept]
    stops = [order for order in orphans if protects(order.command, is_long)]
    stop = _stop(old, is_long, round(price), emergency_ticks, stops)
    intent = _adopted(is_long, round(price), stop)
    trade = manager.replace_trade(ts, intent, abs(position), price)
    for order in kept:
        trade.orders.adopt(order)
    for report in stops:
        trade.orders.adopt(Order(report.command, OrderState.WORKING, report.filled))
    return [order for order in orphans if order not in stops]


def _stop(
    old: Trade | None,
    is_long: bool,
    price: int,
    emergency_ticks: int,
    stops: list[VenueOrder],
) -> int:
    if old is not None and (old.side > 0) is is_long:
        return old.stop
    resting = [order.command.price for order in stops if order.command.price is not None]
    if resting:
        return max(resting) if is_long else min(resting)
    return price - emergency_ticks if is_long else price + emergency_ticks


def emergency_distance(price: Fraction, share: Fraction) -> int:
    """Return the distance in ticks of a stop at a share of the price, at least 1."""
    return max(1, ceil(abs(price) * share))

"""Fills that reduce more than one trade of a book, and their division."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from strategies.common.allotment import allot_lots
from strategies.common.allotment import split_money
from strategies.common.book_slots import reducible
from strategies.common.commands import Command
from strategies.common.commands import Purpose
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.orders import OrderState
from strategies.common.reasons import ExitReason
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_slot import TradeSlot


type Deliver = Callable[[TradeManager, OrderEvent], Sequence[Command] | None]

# Orders and fills of trades that are over; a venue repeats the latest ones at most.
KEPT = 100


class SharedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """
    Represents an order of the venue itself that reduces the position of several trades.

    Parameters
    ----------
    is_buy : bool
        Its side.
    reason : ExitReason
        Why the venue closes; `STOP` for the stop that the venue keeps for the position.
    stop : int or None
        The trigger price in ticks of such a stop.

    """

    is_buy: bool
    reason: ExitReason
    stop: int | None = None


class SharedFills:
    """
    Divides fills that reduce a position between the trades that share it.

    Lots leave the trades in proportion to their open lots (`allot_lots`), each at the price of the
    fill and with its part of the fee. That holds for an order of the venue itself, and for what an
    order of one trade closes beyond its own lots: a stop works beside the exit of its trade and for
    a round trip beside the stop that replaces it, and at a netting venue reduce-only keeps it from
    turning the position, not from closing lots of another trade.
    """

    __slots__ = ("beyond", "orders", "seen")

    def __init__(self) -> None:
        self.orders: dict[int, SharedOrder] = {}
        # The lots of an order that were not those of its trade.
        self.beyond: dict[int, int] = {}
        self.seen: dict[tuple[int, str], None] = {}

    def restore(
        self,
        orders: Mapping[int, SharedOrder],
        beyond: Mapping[int, int],
        seen: Iterable[tuple[int, str]],
    ) -> None:
        """Resume from the orders, lots and fills of a state."""
        self.orders = dict(orders)
        self.beyond = dict(beyond)
        self.seen = dict.fromkeys(seen)

    def is_duplicate(self, event: Filled) -> bool:
        """Return True if a fill has been divided already."""
        return (event.order_id, event.fill_id) in self.seen

    def divide_order(self, event: Filled, slots: Sequence[TradeSlot]) -> list[Command]:
        """Book a fill of an order of the venue itself; a part that no trade has halts the first."""
        order = self.orders[event.order_id]
        self._note(event)
        members = reducible(slots, is_buy=order.is_buy)
        if not members:
            return list(slots[0].manager.on_order_event(event))
        shares = allot_lots(event.lots, [slot.open_lots for slot in members])
        shares[0] += event.lots - sum(shares)
        return self._reduce(event, members, shares, order, TradeManager.on_order_event)

    def divide_excess(
        self,
        event: Filled,
        owner: TradeSlot,
        slots: Sequence[TradeSlot],
        deliver: Deliver,
        *,
        nets_entries: bool,
    ) -> list[Command]:
        """
        Book a fill of an order of a trade, and give other trades the lots that are not its own.

        Parameters
        ----------
        event : Filled
            The fill, not a duplicate.
        owner : TradeSlot
            Whose order it is.
        slots : Sequence[TradeSlot]
            All slots.
        deliver : Deliver
            Passes an event to a manager: `on_order_event`, or `take_missed` before a `resume`.
        nets_entries : bool
            If the fill of an entry that comes after the end of its trade reduces the trades of the
            other side. What is left of it cannot be held beside them: it is not booked, and halts.

        """
        members, excess = _excess(event, owner, slots, nets_entries=nets_entries)
        own = event.lots - excess
        is_barred = nets_entries and _is_barred(event, owner, slots)
        if not excess and not is_barred:
            return list(deliver(owner.manager, event) or ())
        self._note(event)
        shares = allot_lots(excess, [slot.open_lots for slot in members])
        fees = split_money(event.fee, [own, excess])
        commands: list[Command] = []
        if own and is_barred:
            text = f"fill of order {event.order_id} after its trade, against trades that are open"
            owner.manager.halt_missed(event.ts, text)
        elif own:
            commands += deliver(owner.manager, replace(event, lots=own, fee=fees[0])) or ()
        if not excess:
            return commands
        order = owner.manager.order(event.order_id)
        if order is None:
            raise RuntimeError(f"order {event.order_id} is of no trade")
        shared = SharedOrder(is_buy=order.command.is_buy, reason=ExitReason.NETTED)
        rest = replace(event, lots=excess, fee=fees[1])
        commands += self._reduce(rest, members, shares, shared, deliver)
        self.beyond[event.order_id] = self.beyond.get(event.order_id, 0) + excess
        _keep_latest(self.beyond)
        filled = order.filled + self.beyond[event.order_id]
        if order.state is not OrderState.DONE and filled >= order.command.lots:
            # Its trade has not seen all of its fills, and waits for its end.
            ended = Canceled(order_id=event.order_id, ts=event.ts)
            commands += deliver(owner.manager, ended) or ()
        return commands

    def _reduce(
        self,
        event: Filled,
        members: Sequence[TradeSlot],
        shares: Sequence[int],
        order: SharedOrder,
        deliver: Deliver,
    ) -> list[Command]:
        commands: list[Command] = []
        fees = split_money(event.fee, shares)
        for slot, lots, fee in zip(members, shares, fees, strict=True):
            if not lots:
                continue
            manager = slot.manager
            if order.stop is None:
                order_id = manager.adopt_forced(lots, order.reason, is_buy=order.is_buy)
            else:
                order_id = manager.adopt_stop(lots, order.stop)
            if order_id is None:
                raise RuntimeError(f"trade {slot.trade_id} cannot be reduced by {event}")
            part = replace(event, order_id=order_id, lots=lots, fee=fee)
            commands += deliver(manager, part) or ()
        return commands

    def _note(self, event: Filled) -> None:
        self.seen[(event.order_id, event.fill_id)] = None
        _keep_latest(self.seen)


def _excess(
    event: Filled,
    owner: TradeSlot,
    slots: Sequence[TradeSlot],
    *,
    nets_entries: bool,
) -> tuple[list[TradeSlot], int]:
    order, trade = owner.manager.order(event.order_id), owner.trade
    if order is None:
        return [], 0
    is_running = trade is not None and trade.orders.get(event.order_id) is not None
    is_entry = order.command.purpose is Purpose.ENTRY
    if is_entry and (is_running or not nets_entries):
        return [], 0
    own = owner.open_lots if is_running else 0
    members = reducible(slots, is_buy=order.command.is_buy)
    members = [slot for slot in members if slot is not owner or not is_running]
    room = sum(slot.open_lots for slot in members)
    return members, min(max(0, event.lots - own), room)


def _is_barred(event: Filled, owner: TradeSlot, slots: Sequence[TradeSlot]) -> bool:
    order = owner.manager.order(event.order_id)
    if order is None or owner.trade is not None or order.command.purpose is not Purpose.ENTRY:
        return False
    side = 1 if order.command.is_buy else -1
    return any(slot.side == -side for slot in slots)


def _keep_latest[K, V](kept: dict[K, V]) -> None:
    while len(kept) > KEPT:
        del kept[next(iter(kept))]

"""Allocates fills, orders of the venue itself and funding to the trades of a book."""

from collections.abc import Sequence
from decimal import Decimal

from strategies.common.allotment import split_money
from strategies.common.book_fills import Deliver
from strategies.common.book_fills import SharedFills
from strategies.common.book_fills import SharedOrder
from strategies.common.book_params import PositionMode
from strategies.common.book_slots import TradeSlots
from strategies.common.book_slots import reducible
from strategies.common.commands import Command
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.reasons import ExitReason
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_slot import TradeSlot


class BookAllocation:
    """
    Routes each event of the venue to the trades that it belongs to.

    **Reduce-only orders.** Each trade has a stop for exactly its open lots, and no exit is sent
    that makes the exits of its trade exceed them; so at rest stops and exits each add up to the
    position at the most. While a stop is replaced, and while an exit closes what it protects, both
    work for one round trip: a position is never without its stop for the sake of this sum. If both
    fill, the venue takes the lots from the other trades of the position; they are booked there
    (`NETTED`), and the stops of those trades follow.

    **Lots that the venue closes by itself** (liquidation, auto-deleveraging, delivery, the
    position's own stop) leave the trades in proportion to their open lots, funding is shared in the
    same way.

    Parameters
    ----------
    slots : TradeSlots
        The slots of the book.
    positions : PositionMode
        How the venue adds up the trades.

    Attributes
    ----------
    shared : SharedFills
        The fills and orders that reduce more than one trade.

    """

    __slots__ = ("_positions", "_slots", "shared")

    def __init__(self, slots: TradeSlots, positions: PositionMode) -> None:
        self._slots = slots
        self._positions = positions
        self.shared = SharedFills()

    def has_seen(self, fill: Filled) -> bool:
        """Return True if a fill is booked already."""
        is_known = any(slot.manager.has_seen(fill) for slot in self._slots)
        return is_known or self.shared.is_duplicate(fill)

    def has_seen_id(self, fill_id: str) -> bool:
        """Return True if a fill of this identifier is booked already, whatever its order."""
        if any(slot.manager.has_seen_id(fill_id) for slot in self._slots):
            return True
        return any(known == fill_id for _, known in self.shared.seen)

    def lots_beyond(self, order_id: int) -> int:
        """Return the lots of an order that were booked as those of other trades."""
        return self.shared.beyond.get(order_id, 0)

    def take(self, event: OrderEvent) -> Sequence[Command] | None:
        """
        Process an order event; None for a duplicate, or for one without an effect.

        A fill that closes more than its trade has is divided between the trades of the position. A
        fill that fits no trade at all halts.
        """
        owner = self._slots.owner(event.order_id)
        if isinstance(event, Filled) and self.shared.is_duplicate(event):
            return None
        if event.order_id in self.shared.orders:
            if not isinstance(event, Filled):
                return None
            return self.shared.divide_order(event, self._slots.all)
        if owner is None:
            return self._slots[0].manager.on_order_event(event)
        if isinstance(event, Filled) and self._may_exceed() and not owner.manager.has_seen(event):
            return self._divide(event, owner, TradeManager.on_order_event)
        return owner.manager.on_order_event(event)

    def take_missed(self, event: Filled) -> None:
        """Book a fill from while the process was down; `TradeBook.resume` acts on it."""
        owner = self._slots.owner(event.order_id)
        if owner is None or not self._may_exceed():
            (owner or self._slots[0]).manager.take_missed(event)
        elif not self.has_seen(event):
            self._divide(event, owner, TradeManager.take_missed)

    def funding_shares(
        self, ts: int, paid: Decimal, side: int | None = None
    ) -> list[tuple[TradeManager, Decimal]]:
        """
        Return which trade managers pay funding, and how much each; one at least.

        Those pay that had been opened by then, for the lots that are open now.

        Parameters
        ----------
        ts : int
            When it was due (nanoseconds).
        paid : Decimal
            The money.
        side : int, optional
            +1 or -1 where it is for the position of one side.

        """
        payers = [
            slot
            for slot in self._slots.oldest_first()
            if slot.trade is not None
            and slot.open_lots
            and slot.trade.ts_open is not None
            and slot.trade.ts_open <= ts
            and side in (None, slot.side)
        ]
        if len(payers) < 2:
            return [((payers or self._slots.all)[0].manager, paid)]
        parts = split_money(paid, [slot.open_lots for slot in payers])
        return [(slot.manager, part) for slot, part in zip(payers, parts, strict=True)]

    def adopt_forced(
        self, lots: int, reason: ExitReason, *, is_buy: bool, trade_id: int | None = None
    ) -> int | None:
        """
        Handle an order with which the venue itself closes a part of the position.

        Parameters
        ----------
        lots : int
            The lots of its first fill.
        reason : ExitReason
            Why the venue closes.
        is_buy : bool
            Its side.
        trade_id : int, optional
            The trade, where each has a position of its own.

        Returns
        -------
        int or None
            Its identifier; None if there is no trade that it could reduce.

        """
        members = self._reduced_by(trade_id, is_buy=is_buy)
        if len(members) > 1:
            return self._share(SharedOrder(is_buy=is_buy, reason=reason))
        slot = members[0] if members else self._slots[0]
        return slot.manager.adopt_forced(lots, reason, is_buy=is_buy)

    def adopt_stop(self, lots: int, price: int, trade_id: int | None = None) -> int:
        """
        Add a stop that the venue created for the position, and that is being filled.

        Parameters
        ----------
        lots : int
            Its size in lots.
        price : int
            Its price in ticks.
        trade_id : int, optional
            The trade, where each has a position of its own.

        Returns
        -------
        int
            Its identifier; without a trade its fill halts the book.

        """
        running = [slot for slot in self._slots if slot.trade is not None]
        is_buy = bool(running) and running[0].side < 0
        members = self._reduced_by(trade_id, is_buy=is_buy)
        if len(members) > 1:
            return self._share(SharedOrder(is_buy=is_buy, reason=ExitReason.STOP, stop=price))
        slot = (members or running or self._slots.all)[0]
        return slot.manager.adopt_stop(lots, price)

    def forget_orders(self) -> None:
        """Drop the orders of the venue itself once no trade runs any more."""
        if self.shared.orders and self._slots.is_idle:
            self.shared.orders.clear()

    def _divide(self, event: Filled, owner: TradeSlot, deliver: Deliver) -> Sequence[Command]:
        nets_entries = self._positions is PositionMode.NETTING
        return self.shared.divide_excess(
            event, owner, self._slots.all, deliver, nets_entries=nets_entries
        )

    def _may_exceed(self) -> bool:
        return len(self._slots) > 1 and self._positions is not PositionMode.BY_TRADE

    def _reduced_by(self, trade_id: int | None, *, is_buy: bool) -> list[TradeSlot]:
        members = reducible(self._slots, is_buy=is_buy)
        return [s for s in members if trade_id is None or s.trade_id == trade_id]

    def _share(self, order: SharedOrder) -> int:
        order_id = self._slots.next_order_id()
        self.shared.orders[order_id] = order
        return order_id

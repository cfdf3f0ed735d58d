"""The slots of a trade book: which trades run, whose an order is, which id is next."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from functools import partial

from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.orders import Order
from strategies.common.orders import OrderIds
from strategies.common.records import Alert
from strategies.common.records import EntrySubmitted
from strategies.common.records import Record
from strategies.common.sizing import PositionSize
from strategies.common.trade import Trade
from strategies.common.trade_core import DAY_ENDS
from strategies.common.trade_params import TradeParams
from strategies.common.trade_slot import TradeSlot
from strategies.common.trade_state import ManagerState


# A record, and the id of the trade it is of; None where it is of no trade.
type BookRecorder = Callable[[Record, int | None], None]

DAY_ALERTS = frozenset(kind for kind, _ in DAY_ENDS.values())


class TradeSlots:
    """
    Holds the slots of a book, numbers their trades, and finds trades and orders in them.

    Parameters
    ----------
    count : int
        The slots there are from the start.
    params : TradeParams
        The rules of each trade.
    size : Callable[[Intent], PositionSize]
        Sizes an intent.
    ledger : Ledger
        The account of all trades.
    record : BookRecorder
        Receives what happens, with the id of its trade.

    Attributes
    ----------
    all : list[TradeSlot]
        The slots.
    next_trade_id : int
        The id of the next trade.

    """

    __slots__ = ("_ids", "_is_repeating", "_new_slot", "_record", "all", "next_trade_id")

    def __init__(
        self,
        count: int,
        params: TradeParams,
        size: Callable[[Intent], PositionSize],
        ledger: Ledger,
        record: BookRecorder,
    ) -> None:
        self._ids = OrderIds()
        self._record = record
        self._is_repeating = False
        self._new_slot = partial(TradeSlot, params, size, ledger, self._on_record, self._ids)
        self.all = [self._new_slot() for _ in range(count)]
        self.next_trade_id = 1

    def __iter__(self) -> Iterator[TradeSlot]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, index: int) -> TradeSlot:
        return self.all[index]

    @property
    def trades(self) -> dict[int, Trade]:
        """Return the running trades by their ids, oldest first."""
        found = ((slot.trade_id, slot.trade) for slot in self.running())
        return {trade_id: trade for trade_id, trade in found if trade is not None}

    @property
    def is_idle(self) -> bool:
        """Return True if no slot has a trade."""
        return all(slot.trade is None for slot in self.all)

    @property
    def halted(self) -> bool:
        """Return True if position and orders are in doubt."""
        return any(slot.manager.halted for slot in self.all)

    @halted.setter
    def halted(self, value: bool) -> None:
        for slot in self.all:
            slot.manager.halted = value

    @property
    def time_ns(self) -> int:
        """Return the latest time (nanoseconds) that one of them has taken; it never goes back."""
        return max(slot.manager.time_ns for slot in self.all)

    @property
    def wake_ns(self) -> int | None:
        """Return when (nanoseconds) the first of them has something to do; perhaps in the past."""
        if len(self.all) == 1:
            return self.all[0].manager.wake_ns
        wakes = (slot.manager.wake_ns for slot in self.all)
        return min((wake for wake in wakes if wake is not None), default=None)

    @property
    def print_bounds(self) -> tuple[int, int, int]:
        """Return the prices (ticks) between which a print before a time (ns) changes nothing."""
        lows, highs, wakes = zip(*(slot.manager.print_bounds for slot in self.all), strict=True)
        return max(lows), min(highs), min(wakes)

    def oldest_first(self) -> list[TradeSlot]:
        """Return all slots in the order of their running or last trades."""
        return sorted(self.all, key=_trade_id)

    def running(self) -> list[TradeSlot]:
        """Return the slots that have a trade, oldest first."""
        found = [slot for slot in self.all if slot.trade is not None]
        return sorted(found, key=_trade_id) if len(found) > 1 else found

    def chosen(self, trade_id: int | None) -> list[TradeSlot]:
        """Return the slot of a trade, running or over; without an id all slots."""
        return [slot for slot in self.all if trade_id is None or slot.trade_id == trade_id]

    def owner(self, order_id: int) -> TradeSlot | None:
        """Return the slot whose running or last trade an order is of; None for an order of none."""
        for slot in self.all:
            if slot.manager.order(order_id) is not None:
                return slot
        return None

    def trade_id_of(self, order_id: int) -> int | None:
        """Return the id of the running or last trade that an order is of; None for none."""
        slot = self.owner(order_id)
        return None if slot is None else slot.trade_id

    def order(self, order_id: int) -> Order | None:
        """Return an order of a running trade or of the one before it."""
        slot = self.owner(order_id)
        return None if slot is None else slot.manager.order(order_id)

    def trade_of(self, order_id: int) -> Trade | None:
        """Return the running trade that an order is of; None for an order of none."""
        for slot in self.all:
            trade = slot.trade
            if trade is not None and trade.orders.get(order_id) is not None:
                return trade
        return None

    def add(self) -> TradeSlot:
        """Add a slot, for a trade that is there beyond the most trades."""
        slot = self._new_slot()
        self.all.append(slot)
        return slot

    def idle(self) -> TradeSlot:
        """Return a slot without a trade, a new one where all have one."""
        # That whose last trade ended first: late fills of the others still find theirs.
        idle = [slot for slot in self.all if slot.trade is None]
        return min(idle, key=_trade_id) if idle else self.add()

    def claim_trade_id(self, trade_id: int | None = None) -> int:
        """Return the id of another trade: the next one, or that which its orders bear."""
        if trade_id is None:
            trade_id = self.next_trade_id
        self.next_trade_id = max(self.next_trade_id, trade_id + 1)
        return trade_id

    def next_order_id(self) -> int:
        """Return an identifier for an order that is adopted."""
        return next(self._ids)

    def restore(
        self,
        ts: int,
        next_trade_id: int,
        trade_ids: Sequence[int],
        managers: Sequence[ManagerState],
    ) -> None:
        """
        Resume from the state of a book; slots that it has more of are added.

        Parameters
        ----------
        ts : int
            The present time (ns UTC).
        next_trade_id : int
            The id of the next trade.
        trade_ids : Sequence[int]
            The ids of the running or last trades.
        managers : Sequence[ManagerState]
            The states of their managers, checked.

        """
        while len(self.all) < len(managers):
            self.add()
        self.next_trade_id = next_trade_id
        for i, (trade_id, manager) in enumerate(zip(trade_ids, managers, strict=True)):
            # Their ledger is one: its alert is enough once.
            self._is_repeating = i > 0
            self.all[i].trade_id = trade_id
            self.all[i].manager.restore_state(ts, manager)
        self._is_repeating = False
        self.halted = self.halted

    def _on_record(self, slot: TradeSlot, record: Record) -> None:
        if isinstance(record, EntrySubmitted):
            slot.trade_id = self.claim_trade_id()
        is_day_alert = isinstance(record, Alert) and record.kind in DAY_ALERTS
        if not (self._is_repeating and is_day_alert):
            # A day belongs to all trades.
            is_of_none = is_day_alert or slot.trade is None
            self._record(record, None if is_of_none else slot.trade_id)


def reducible(slots: Iterable[TradeSlot], *, is_buy: bool) -> list[TradeSlot]:
    """Return the slots whose open lots an order of a side reduces, oldest trade first."""
    side = -1 if is_buy else 1
    found = [slot for slot in slots if slot.open_lots and slot.side == side]
    return sorted(found, key=lambda slot: slot.trade_id)


def _trade_id(slot: TradeSlot) -> int:
    return slot.trade_id

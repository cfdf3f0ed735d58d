"""Holds several trades of one strategy on one instrument: events in, commands out."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from strategies.common.allotment import split_money
from strategies.common.bar_prices import BarPrices
from strategies.common.book_fills import Deliver
from strategies.common.book_fills import SharedFills
from strategies.common.book_fills import SharedOrder
from strategies.common.book_params import BookParams
from strategies.common.book_params import CooldownScope
from strategies.common.book_params import PositionMode
from strategies.common.book_slots import TradeSlot
from strategies.common.book_slots import planned_risk
from strategies.common.book_slots import reducible
from strategies.common.book_slots import risk_at_stop
from strategies.common.book_state import BookState
from strategies.common.book_state import check_book_state
from strategies.common.commands import Command
from strategies.common.daily_limits import DayStop
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.orders import Order
from strategies.common.orders import OrderIds
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import EntryRefused
from strategies.common.records import EntrySubmitted
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.trade import Trade
from strategies.common.trade_core import DAY_ENDS
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import TradeParams


type Commands = Sequence[Command]
# A record, and the id of the trade it is of; None where it is of no trade.
type BookRecorder = Callable[[Record, int | None], None]

NOTHING: Commands = ()
DAY_ALERTS = frozenset(kind for kind, _ in DAY_ENDS.values())


class TradeBook:
    """
    Manages the trades of one strategy on one instrument, each by a trade manager of its own.

    With `max_trades` 1 it does in all cases exactly what one `TradeManager` does. All trades share
    the ledger, the order ids, the kill switch and the halt: what one of them sets off reaches all.

    **One side at a time at a netting venue.** An intent of the other side turns the position as
    `TradeParams.flip` says: every open trade leaves, and the new one is entered once all of them
    have ended. It is refused while one of them waits for its entry or is being closed already, or
    where flips are off: an entry of the other side would close the trades that are open instead of
    opening its own, and leave their stops and targets without a position. A position per side or
    per trade takes both sides.

    **Reduce-only orders.** Each trade has a stop for exactly its open lots, and no exit is sent
    that makes the exits of its trade exceed them; so at rest stops and exits each add up to the
    position at the most. While a stop is replaced, and while an exit closes what it protects, both
    work for one round trip: a position is never without its stop for the sake of this sum. If both
    fill, the venue takes the lots from the other trades of the position; the book books them there
    (`NETTED`), and the stops of those trades follow.

    **What the venue closes by itself** (liquidation, auto-deleveraging, delivery, the position's
    own stop) leaves the trades in proportion to their open lots, funding is shared in the same way.

    Parameters
    ----------
    params : TradeParams
        The rules of each trade.
    book_params : BookParams
        What the trades share.
    size : Callable[[Intent], PositionSize]
        Sizes an intent with the money there is at that moment.
    ledger : Ledger
        The account of all trades.
    record : BookRecorder
        Receives what happens with the id of the trade, for the journal.
    equity : Callable[[], Decimal | None], optional
        Gives the equity that `max_total_risk` is a share of; None where it is not known, and then
        nothing is entered. Needed for that limit alone.

    Raises
    ------
    ValueError
        If there is a `max_total_risk` but no `equity`.

    """

    __slots__ = (
        "_equity",
        "_flip",
        "_ids",
        "_last_exits",
        "_last_stop",
        "_next_trade_id",
        "_record",
        "_restoring",
        "_shared",
        "_size",
        "book_params",
        "ledger",
        "params",
        "slots",
    )

    def __init__(
        self,
        params: TradeParams,
        book_params: BookParams,
        size: Callable[[Intent], PositionSize],
        ledger: Ledger,
        record: BookRecorder,
        equity: Callable[[], Decimal | None] | None = None,
    ) -> None:
        if book_params.max_total_risk is not None and equity is None:
            raise ValueError("max_total_risk needs the equity")
        self.params = params
        self.book_params = book_params
        self.ledger = ledger
        self._size = size
        self._record = record
        self._equity = equity
        self._ids = OrderIds()
        self._shared = SharedFills()
        self._next_trade_id = 1
        self._last_exits: dict[str, int] = {}
        self._flip: Intent | None = None
        self._last_stop: DayStop | None = None
        self._restoring = False
        self.slots: list[TradeSlot] = []
        for _ in range(book_params.max_trades):
            self.add_slot()

    # What it knows.

    @property
    def trades(self) -> dict[int, Trade]:
        """Return the running trades by their ids, oldest first."""
        running = [(slot.trade_id, slot.trade) for slot in self.slots]
        return {key: trade for key, trade in sorted(running, key=_first) if trade is not None}

    @property
    def trade(self) -> Trade | None:
        """Return the oldest running trade: the only one of a book of one."""
        if len(self.slots) == 1:
            return self.slots[0].manager.trade
        return next(iter(self.trades.values()), None)

    @property
    def next_trade_id(self) -> int:
        """Return the id of the next trade."""
        return self._next_trade_id

    def trade_of(self, order_id: int) -> Trade | None:
        """Return the running trade that an order is of; None for an order of none."""
        for slot in self.slots:
            trade = slot.trade
            if trade is not None and trade.orders.get(order_id) is not None:
                return trade
        return None

    @property
    def position(self) -> int:
        """Return the signed open lots of all trades."""
        return sum(slot.side * slot.open_lots for slot in self.slots)

    @property
    def is_flat(self) -> bool:
        """Return True if there is neither a trade nor an entry to come."""
        return self._flip is None and all(slot.trade is None for slot in self.slots)

    @property
    def is_flipping(self) -> bool:
        """Return True if an entry waits for all trades to end."""
        return self._flip is not None

    @property
    def halted(self) -> bool:
        """Return True if position and orders are in doubt."""
        return any(slot.manager.halted for slot in self.slots)

    @halted.setter
    def halted(self, value: bool) -> None:
        for slot in self.slots:
            slot.manager.halted = value

    @property
    def time_ns(self) -> int:
        """Return the latest time (nanoseconds) it has heard of; it never goes back."""
        return max(slot.manager.time_ns for slot in self.slots)

    @property
    def wake_ns(self) -> int | None:
        """Return when (nanoseconds) `on_time` has something to do next; perhaps in the past."""
        if len(self.slots) == 1:
            return self.slots[0].manager.wake_ns
        wakes = (slot.manager.wake_ns for slot in self.slots)
        return min((wake for wake in wakes if wake is not None), default=None)

    def trade_id_of(self, order_id: int) -> int | None:
        """Return the id of the trade that an order is of; None for an order of none."""
        slot = self._owner(order_id)
        return None if slot is None else slot.trade_id

    def order(self, order_id: int) -> Order | None:
        """Return an order of a running trade or of the one before it."""
        slot = self._owner(order_id)
        return None if slot is None else slot.manager.order(order_id)

    def has_seen(self, fill: Filled) -> bool:
        """Return True if a fill is booked already."""
        is_known = any(slot.manager.has_seen(fill) for slot in self.slots)
        return is_known or self._shared.is_duplicate(fill)

    def has_seen_id(self, fill_id: str) -> bool:
        """Return True if a fill of this identifier is booked already, whatever its order."""
        if any(slot.manager.has_seen_id(fill_id) for slot in self.slots):
            return True
        return any(known == fill_id for _, known in self._shared.seen)

    def is_cooling(self, ts: int, intent: Intent | None = None) -> bool:
        """Return True if the last full exit that an entry has to wait for is too recent."""
        if self.book_params.cooldown is CooldownScope.BOOK or intent is None:
            return any(slot.manager.is_cooling(ts) for slot in self.slots)
        last = self._last_exits.get(intent.tag)
        return last is not None and ts - last < self.params.cooldown_ns

    def total_risk(self) -> Decimal:
        """Return what all trades lose at their stops, entries that wait for a fill included."""
        return sum((risk_at_stop(trade) for trade in self.trades.values()), start=Decimal(0))

    # The market and the clock.

    def on_trade(self, ts: int, price: int) -> Commands:
        """Take a print: its time (nanoseconds) and price (ticks)."""
        if len(self.slots) == 1:
            return self.slots[0].manager.on_trade(ts, price)
        commands: list[Command] = []
        for slot in self.slots:
            commands += slot.manager.on_trade(ts, price)
        return commands or NOTHING

    def on_bar(self, bar: BarPrices) -> Commands:
        """Take a closed bar of a market that has bars alone."""
        return self._each(bar.ends, [partial(slot.manager.on_bar, bar) for slot in self.slots])

    def on_quote(self, ts: int, bid: int, ask: int) -> Commands:
        """Take the best bid and ask (ticks)."""
        return self._each(ts, [partial(s.manager.on_quote, ts, bid, ask) for s in self.slots])

    def on_time(self, ts: int) -> Commands:
        """Take the time (nanoseconds): time-outs and retries."""
        return self._each(ts, [partial(slot.manager.on_time, ts) for slot in self.slots])

    def on_boundary(self, ts: int) -> Commands:
        """Take the start of a minute: the day, the clock of the time stops, and what is due."""
        return self._each(ts, [partial(slot.manager.on_boundary, ts) for slot in self.slots])

    # What the system and an operator want.

    def rivals(self, intent: Intent) -> list[Trade]:
        """Return the trades beside which an intent cannot be entered: those it has to turn."""
        if self.book_params.max_trades == 1:
            return list(self.trades.values())
        if self.book_params.positions is not PositionMode.NETTING:
            return []
        return [trade for trade in self.trades.values() if trade.side != intent.side]

    def enter(self, ts: int, intent: Intent) -> tuple[Refusal | None, Commands]:
        """
        Size an intent and send its entry, or return why there is no size.

        Raises
        ------
        ValueError
            If there are as many trades as there may be, or one of another side at a netting venue.

        """
        if self.is_flipping or len(self.trades) >= self.book_params.max_trades:
            raise ValueError(f"{intent.tag}: no room for another trade")
        if self.rivals(intent):
            raise ValueError(f"{intent.tag}: a trade of the other side was open; use turn")
        refused, commands = self.idle_slot().manager.enter(ts, intent)
        return refused, commands

    def turn(self, ts: int, intent: Intent) -> Commands:
        """
        Close all trades of the other side, and enter another once they have ended, sized anew.

        Raises
        ------
        ValueError
            If there is none, or one of them waits for its entry or is being closed already.

        """
        rivals = self.rivals(intent)
        slots = [slot for slot in self.slots if slot.trade in rivals]
        if not rivals or self.is_flipping:
            raise ValueError(f"{intent.tag}: no open trade to turn")
        if len(self.slots) == 1:
            return slots[0].manager.turn(ts, intent)
        if any(trade.is_exit_pending or trade.is_entry_pending for trade in rivals):
            raise ValueError(f"{intent.tag}: a trade was not fully open or is being closed")
        self._flip = intent
        leave = [
            partial(slot.manager.flatten, ts, ExitReason.FLIP, DropReason.FLATTEN) for slot in slots
        ]
        return self._each(ts, leave)

    def leave_at_boundary(
        self, ts: int, price: int | None
    ) -> tuple[list[tuple[int, ExitReason]], Commands]:
        """Close the trades whose boundary or time says so; return their ids and the reasons."""
        left: list[tuple[int, ExitReason]] = []
        commands: list[Command] = []
        for slot in sorted(self.slots, key=_trade_id):
            reason, sent = slot.manager.leave_at_boundary(ts, price)
            commands += sent
            if reason is not None:
                left.append((slot.trade_id, reason))
        return left, self._settle(ts, commands)

    def move_stop(self, ts: int, stop: int, price: int, trade_id: int | None = None) -> Commands:
        """
        Move the stop of an open trade nearer to the profit (see `TradeManager.move_stop`).

        Parameters
        ----------
        ts : int
            The UNIX timestamp (nanoseconds).
        stop, price : int
            The stop wanted and the last price in ticks.
        trade_id : int, optional
            The trade; without it all running ones.

        """
        moves = [
            partial(slot.manager.move_stop, ts, stop, price)
            for slot in self.slots
            if trade_id is None or (slot.trade is not None and slot.trade_id == trade_id)
        ]
        return self._each(ts, moves)

    def flatten(
        self,
        ts: int,
        reason: ExitReason = ExitReason.FLATTEN,
        drop: DropReason = DropReason.FLATTEN,
        trade_id: int | None = None,
    ) -> Commands:
        """Give up entries and flips and close positions at market: of all trades, or of one."""
        if trade_id is None:
            self._drop_flip(ts, drop)
        chosen = [s for s in self.slots if trade_id is None or s.trade_id == trade_id]
        return self._each(ts, [partial(s.manager.flatten, ts, reason, drop) for s in chosen])

    def stop_entries(self, ts: int, reason: DropReason, trade_id: int | None = None) -> Commands:
        """Give up entries that wait and flips, of all trades or of one; positions stay managed."""
        if trade_id is None:
            self._drop_flip(ts, reason)
        chosen = [s for s in self.slots if trade_id is None or s.trade_id == trade_id]
        return self._each(ts, [partial(s.manager.stop_entries, ts, reason) for s in chosen])

    def halt(self, ts: int, message: str) -> Commands:
        """Doubt position and orders: enter nothing more; open trades stay managed."""
        return self._settle(ts, list(self.slots[0].manager.halt(ts, message)))

    def halt_missed(self, ts: int, message: str) -> None:
        """Doubt position and orders of a time when the process was away; `resume` acts on it."""
        self.slots[0].manager.halt_missed(ts, message)
        self.halted = True

    def resume(self, ts: int) -> Commands:
        """Go on after the process was away: entries and flips that waited are given up."""
        self._drop_flip(ts, DropReason.RESTART)
        return self._each(ts, [partial(slot.manager.resume, ts) for slot in self.slots])

    def abandon(self, ts: int, message: str, side: int | None = None) -> Commands:
        """
        Halt, and forget trades whose position is gone without a fill that would explain it.

        Parameters
        ----------
        ts : int
            The UNIX timestamp (nanoseconds).
        message : str
            What is known of it.
        side : int, optional
            +1 or -1 for the trades of one side; without it all of them.

        """
        self._drop_flip(ts, DropReason.HALTED)
        chosen = [s for s in self.slots if s.trade is not None and side in (None, s.side)]
        chosen = chosen or self.slots[:1]
        return self._each(ts, [partial(slot.manager.abandon, ts, message) for slot in chosen])

    # What the venue says.

    def on_order_event(self, event: OrderEvent) -> Commands:
        """
        Take what the venue says about an order; duplicates are dropped.

        A fill that closes more than its trade has is divided between the trades of the position.
        A fill that fits no trade at all halts the book.
        """
        slot = self._owner(event.order_id)
        if isinstance(event, Filled) and self._shared.is_duplicate(event):
            return NOTHING
        if event.order_id in self._shared.orders:
            if not isinstance(event, Filled):
                return NOTHING
            return self._settle(event.ts, self._shared.divide_order(event, self.slots))
        if slot is None:
            commands = self.slots[0].manager.on_order_event(event)
        elif isinstance(event, Filled) and self._may_exceed() and not slot.manager.has_seen(event):
            commands = self._divide(event, slot, TradeManager.on_order_event)
        else:
            commands = slot.manager.on_order_event(event)
        return self._settle(event.ts, commands)

    def on_funding(self, ts: int, paid: Decimal, side: int | None = None) -> Commands:
        """
        Take funding paid (negative if received), shared by the open lots of the trades.

        Those count that had been opened by then, with the lots that are open now.

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
            for slot in sorted(self.slots, key=_trade_id)
            if slot.trade is not None
            and slot.open_lots
            and slot.trade.ts_open is not None
            and slot.trade.ts_open <= ts
            and side in (None, slot.side)
        ]
        if len(payers) < 2:
            manager = (payers or self.slots)[0].manager
            return self._settle(ts, manager.on_funding(ts, paid))
        parts = split_money(paid, [slot.open_lots for slot in payers])
        shares = zip(payers, parts, strict=True)
        return self._each(ts, [partial(s.manager.on_funding, ts, part) for s, part in shares])

    def adopt_forced(
        self, lots: int, reason: ExitReason, *, is_buy: bool, trade_id: int | None = None
    ) -> int | None:
        """
        Take an order with which the venue itself closes a part of the position.

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
        slot = members[0] if members else self.slots[0]
        return slot.manager.adopt_forced(lots, reason, is_buy=is_buy)

    def adopt_stop(self, lots: int, price: int, trade_id: int | None = None) -> int:
        """
        Add a stop that the venue has made for the position, and that is being filled.

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
        running = [slot for slot in self.slots if slot.trade is not None]
        is_buy = bool(running) and running[0].side < 0
        members = self._reduced_by(trade_id, is_buy=is_buy)
        if len(members) > 1:
            return self._share(SharedOrder(is_buy=is_buy, reason=ExitReason.STOP, stop=price))
        slot = (members or running or self.slots)[0]
        return slot.manager.adopt_stop(lots, price)

    def next_order_id(self) -> int:
        """Return an identifier for an order that is adopted."""
        return next(self._ids)

    # Its state.

    def state(self) -> BookState:
        """Return the whole state between two events; it shares nothing with what changes."""
        return BookState(
            next_trade_id=self._next_trade_id,
            trade_ids=[slot.trade_id for slot in self.slots],
            managers=[slot.manager.state() for slot in self.slots],
            flip=self._flip,
            last_exits=dict(self._last_exits),
            shared_orders=dict(self._shared.orders),
            beyond=dict(self._shared.beyond),
            shared_fills=list(self._shared.seen),
        )

    def restore_state(self, ts: int, state: BookState) -> None:
        """
        Go on from a state exactly as the original would; `ts` is the present time (ns UTC).

        A book of fewer trades than the state has manages them to their end, and enters no more
        than its own number.

        Raises
        ------
        ValueError
            If the state contradicts itself; nothing is changed then.

        """
        check_book_state(state)
        while len(self.slots) < len(state.managers):
            self.add_slot()
        self._next_trade_id = state.next_trade_id
        self._last_exits = dict(state.last_exits)
        self._flip = state.flip
        self._shared.orders = dict(state.shared_orders)
        self._shared.beyond = dict(state.beyond)
        self._shared.seen = dict.fromkeys(state.shared_fills)
        for i, (trade_id, manager) in enumerate(zip(state.trade_ids, state.managers, strict=True)):
            # The switch is one for all: one alert is enough.
            self._restoring = i > 0
            self.slots[i].trade_id = trade_id
            self.slots[i].manager.restore_state(ts, manager)
        self._restoring = False
        self.halted = self.halted
        self._last_stop = self.ledger.stop

    # For recovery.

    def add_slot(self) -> TradeSlot:
        """Add a place for a trade that is there beyond the most trades."""
        slot = TradeSlot(self.params, self._sized, self.ledger, self._on_record, self._ids)
        self.slots.append(slot)
        return slot

    def idle_slot(self) -> TradeSlot:
        """Return a place without a trade, a new one where all have one."""
        # That whose last trade ended first: late fills of the others still find theirs.
        idle = [slot for slot in self.slots if slot.trade is None]
        return min(idle, key=_trade_id) if idle else self.add_slot()

    def claim_trade_id(self, trade_id: int | None) -> int:
        """Return the id of another trade: the next one, or that which its orders bear."""
        if trade_id is None:
            trade_id = self._next_trade_id
        self._next_trade_id = max(self._next_trade_id, trade_id + 1)
        return trade_id

    def take_missed(self, event: Filled) -> None:
        """Take a fill of a time when the process was away; `resume` acts on it."""
        slot = self._owner(event.order_id)
        if slot is None or not self._may_exceed():
            (slot or self.slots[0]).manager.take_missed(event)
        elif not self.has_seen(event):
            self._divide(event, slot, TradeManager.take_missed)

    def lots_beyond(self, order_id: int) -> int:
        """Return the lots of an order that were booked as those of other trades."""
        return self._shared.beyond.get(order_id, 0)

    # Within.

    def _owner(self, order_id: int) -> TradeSlot | None:
        for slot in self.slots:
            if slot.manager.order(order_id) is not None:
                return slot
        return None

    def _divide(self, event: Filled, owner: TradeSlot, deliver: Deliver) -> Commands:
        nets_entries = self.book_params.positions is PositionMode.NETTING
        return self._shared.divide_excess(
            event, owner, self.slots, deliver, nets_entries=nets_entries
        )

    def _may_exceed(self) -> bool:
        return len(self.slots) > 1 and self.book_params.positions is not PositionMode.BY_TRADE

    def _reduced_by(self, trade_id: int | None, *, is_buy: bool) -> list[TradeSlot]:
        members = reducible(self.slots, is_buy=is_buy)
        return [s for s in members if trade_id is None or s.trade_id == trade_id]

    def _share(self, order: SharedOrder) -> int:
        order_id = next(self._ids)
        self._shared.orders[order_id] = order
        return order_id

    def _each(self, ts: int, calls: Iterable[Callable[[], Commands]]) -> Commands:
        commands: list[Command] = []
        for call in calls:
            commands += call()
        return self._settle(ts, commands)

    def _settle(self, ts: int, commands: Commands) -> Commands:
        """Let what one trade has set off reach the others, and enter a flip that is due."""
        if len(self.slots) == 1:
            return commands
        result = list(commands)
        before, self._last_stop = self._last_stop, self.ledger.stop
        if self.ledger.stop is not None and self.ledger.stop is not before:
            drop = DAY_ENDS[self.ledger.stop][1]
            self._drop_flip(ts, drop)
            for slot in self.slots:
                if self.ledger.killed and self.params.kill_flatten:
                    result += slot.manager.flatten(ts, ExitReason.KILL_SWITCH, drop)
                else:
                    result += slot.manager.stop_entries(ts, drop)
        if self.halted:
            self._drop_flip(ts, DropReason.HALTED)
            for slot in self.slots:
                if not slot.manager.halted:
                    slot.manager.halted = True
                    result += slot.manager.stop_entries(ts, DropReason.HALTED)
        if self._flip is not None and all(slot.trade is None for slot in self.slots):
            intent, self._flip = self._flip, None
            refused, sent = self.idle_slot().manager.enter(max(ts, self.time_ns), intent)
            if refused is not None:
                self._record(EntryRefused(ts=ts, intent=intent, reason=refused), None)
            result += sent
        if self._shared.orders and all(slot.trade is None for slot in self.slots):
            self._shared.orders.clear()
        return result

    def _drop_flip(self, ts: int, reason: DropReason) -> None:
        if self._flip is not None:
            intent, self._flip = self._flip, None
            self._record(EntryRefused(ts=ts, intent=intent, reason=reason), None)

    def _sized(self, intent: Intent) -> PositionSize:
        size = self._size(intent)
        share = self.book_params.max_total_risk
        if size.reason is not None or share is None or self._equity is None:
            return size
        equity = self._equity()
        distance = intent.side * (intent.entry - intent.stop)
        risk = planned_risk(size.lots, distance, intent.costs, self.params.tick_value)
        if equity is None or self.total_risk() + risk > share * equity:
            return PositionSize(lots=0, reason=SizeRefusal.TOTAL_RISK)
        return size

    def _on_record(self, slot: TradeSlot, record: Record) -> None:
        if isinstance(record, EntrySubmitted):
            slot.trade_id = self.claim_trade_id(None)
        elif isinstance(record, TradeClosed):
            self._last_exits[record.intent.tag] = record.ts_close
        is_stop = isinstance(record, Alert) and record.kind in DAY_ALERTS
        if not (self._restoring and is_stop):
            self._record(record, None if slot.trade is None else slot.trade_id)


def _first(item: tuple[int, Trade | None]) -> int:
    return item[0]


def _trade_id(slot: TradeSlot) -> int:
    return slot.trade_id

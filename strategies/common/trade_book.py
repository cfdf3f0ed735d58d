"""Manage several trades of one strategy on one instrument: events in, commands out."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from strategies.common.bar_prices import BarPrices
from strategies.common.book_allocation import BookAllocation
from strategies.common.book_entries import BookEntries
from strategies.common.book_params import BookParams
from strategies.common.book_risk import TotalRiskLimit
from strategies.common.book_slots import BookRecorder
from strategies.common.book_slots import TradeSlots
from strategies.common.book_state import BookState
from strategies.common.book_state import check_book_state
from strategies.common.book_stops import SharedStops
from strategies.common.commands import Command
from strategies.common.events import OrderEvent
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.trade import Trade
from strategies.common.trade_params import TradeParams


type Commands = Sequence[Command]

NOTHING: Commands = ()


class TradeBook:
    """
    Manages the trades of one strategy on one instrument, each by a trade manager of its own.

    With `max_trades` 1 it behaves exactly like one `TradeManager`. All trades share the ledger, the
    order ids, the kill switch and the halt: one that is triggered by a trade applies to all.

    Parameters
    ----------
    params : TradeParams
        The rules of each trade.
    book_params : BookParams
        The parameters shared by the trades.
    size : Callable[[Intent], PositionSize]
        Sizes an intent by the present state of the account.
    ledger : Ledger
        The account of all trades.
    record : BookRecorder
        Receives records with the id of the trade, for the journal.
    equity : Callable[[], Decimal | None], optional
        Provides the equity that `max_total_risk` is a share of; needed for that limit alone.

    Attributes
    ----------
    slots : TradeSlots
        The places of the trades.
    entries : BookEntries
        The entries permitted beside the running trades.
    allocation : BookAllocation
        Allocates fills, orders of the venue itself and funding to the trades.

    Raises
    ------
    ValueError
        If there is a `max_total_risk` but no `equity`.

    """

    def __init__(
        self,
        params: TradeParams,
        book_params: BookParams,
        size: Callable[[Intent], PositionSize],
        ledger: Ledger,
        record: BookRecorder,
        equity: Callable[[], Decimal | None] | None = None,
    ) -> None:
        self.params = params
        self.book_params = book_params
        self.ledger = ledger
        self._size = size
        self._record = record
        self._risk = TotalRiskLimit(book_params.max_total_risk, equity, params.tick_value)
        self.slots = slots = TradeSlots(
            book_params.max_trades, params, self._sized, ledger, self._on_record
        )
        self.entries = BookEntries(
            slots, book_params, params.cooldown_ns, lambda refused: self._record(refused, None)
        )
        self.allocation = BookAllocation(slots, book_params.positions)
        self._stops = SharedStops(slots, self.entries, ledger, kill_flatten=params.kill_flatten)

    @property
    def trades(self) -> dict[int, Trade]:
        """Return the running trades by their ids, oldest first."""
        return self.slots.trades

    @property
    def trade(self) -> Trade | None:
        """Return the oldest running trade: the only one of a book of one."""
        if len(self.slots) == 1:
            return self.slots[0].manager.trade
        return next(iter(self.trades.values()), None)

    @property
    def position(self) -> int:
        """Return the signed open lots of all trades."""
        return sum(slot.side * slot.open_lots for slot in self.slots)

    @property
    def is_flat(self) -> bool:
        """Return True if there is neither a trade nor an entry to come."""
        return self.entries.flip is None and self.slots.is_idle

    @property
    def is_flipping(self) -> bool:
        """Return True if an entry waits for all trades to end."""
        return self.entries.flip is not None

    @property
    def halted(self) -> bool:
        """Return True if position and orders are in doubt."""
        return self.slots.halted

    @halted.setter
    def halted(self, value: bool) -> None:
        self.slots.halted = value

    @property
    def wake_ns(self) -> int | None:
        """Return the next time (nanoseconds) at which `on_time` is due; it may have passed."""
        return self.slots.wake_ns

    def on_trade(self, ts: int, price: int) -> Commands:
        """Handle a print: its time (nanoseconds) and price (ticks)."""
        if len(self.slots) == 1:
            return self.slots[0].manager.on_trade(ts, price)
        commands: list[Command] = []
        for slot in self.slots:
            commands += slot.manager.on_trade(ts, price)
        return commands or NOTHING

    def on_bar(self, bar: BarPrices) -> Commands:
        """Handle a closed bar of a market that has bars alone."""
        return self._each(bar.ends, [partial(slot.manager.on_bar, bar) for slot in self.slots])

    def on_quote(self, ts: int, bid: int, ask: int) -> Commands:
        """Update the best bid and ask (ticks)."""
        return self._each(ts, [partial(s.manager.on_quote, ts, bid, ask) for s in self.slots])

    def on_time(self, ts: int) -> Commands:
        """Advance the time (nanoseconds): time-outs and retries."""
        return self._each(ts, [partial(slot.manager.on_time, ts) for slot in self.slots])

    def on_boundary(self, ts: int) -> Commands:
        """Handle the start of a minute: the day, the clock of the time stops, and what is due."""
        return self._each(ts, [partial(slot.manager.on_boundary, ts) for slot in self.slots])

    def on_order_event(self, event: OrderEvent) -> Commands:
        """Process an order event of the venue: see `BookAllocation.take`."""
        commands = self.allocation.take(event)
        return NOTHING if commands is None else self._settle(event.ts, commands)

    def on_funding(self, ts: int, paid: Decimal, side: int | None = None) -> Commands:
        """Book funding paid (negative if received): see `BookAllocation.funding_shares`."""
        shares = self.allocation.funding_shares(ts, paid, side)
        return self._each(ts, [partial(payer.on_funding, ts, part) for payer, part in shares])

    def turn(self, ts: int, intent: Intent) -> Commands:
        """Enter the other side once all trades of this one have ended: see `BookEntries.turn`."""
        return self._settle(ts, self.entries.turn(ts, intent))

    def leave_at_boundary(
        self, ts: int, price: int | None
    ) -> tuple[list[tuple[int, ExitReason]], Commands]:
        """Close the trades whose boundary or time is due; return their ids and the reasons."""
        left: list[tuple[int, ExitReason]] = []
        commands: list[Command] = []
        for slot in self.slots.oldest_first():
            reason, sent = slot.manager.leave_at_boundary(ts, price)
            commands += sent
            if reason is not None:
                left.append((slot.trade_id, reason))
        return left, self._settle(ts, commands)

    def move_stop(self, ts: int, stop: int, price: int, trade_id: int | None = None) -> Commands:
        """Move the stop (ticks) of one open trade, or of all: see `TradeManager.move_stop`."""
        chosen = [s for s in self.slots.chosen(trade_id) if trade_id is None or s.trade is not None]
        return self._each(ts, [partial(s.manager.move_stop, ts, stop, price) for s in chosen])

    def flatten(
        self,
        ts: int,
        reason: ExitReason = ExitReason.FLATTEN,
        drop: DropReason = DropReason.FLATTEN,
        trade_id: int | None = None,
    ) -> Commands:
        """Cancel entries and flips and close positions at market: of all trades, or of one."""
        if trade_id is None:
            self.entries.drop_flip(ts, drop)
        chosen = self.slots.chosen(trade_id)
        return self._each(ts, [partial(s.manager.flatten, ts, reason, drop) for s in chosen])

    def stop_entries(self, ts: int, reason: DropReason, trade_id: int | None = None) -> Commands:
        """Cancel entries that wait and flips, of all trades or of one; positions stay managed."""
        if trade_id is None:
            self.entries.drop_flip(ts, reason)
        chosen = self.slots.chosen(trade_id)
        return self._each(ts, [partial(s.manager.stop_entries, ts, reason) for s in chosen])

    def halt(self, ts: int, message: str) -> Commands:
        """Halt on a doubt about position and orders: enter no more; trades stay managed."""
        return self._settle(ts, list(self.slots[0].manager.halt(ts, message)))

    def halt_missed(self, ts: int, message: str) -> None:
        """Halt on a doubt from while the process was down; `resume` acts on it."""
        self.slots[0].manager.halt_missed(ts, message)
        self.halted = True

    def resume(self, ts: int) -> Commands:
        """Resume after the process was down: entries and flips that waited are canceled."""
        self.entries.drop_flip(ts, DropReason.RESTART)
        return self._each(ts, [partial(slot.manager.resume, ts) for slot in self.slots])

    def abandon(self, ts: int, message: str, side: int | None = None) -> Commands:
        """
        Halt, and drop trades whose position is gone without a fill that explains it.

        Those of one `side` (+1 or -1), or all of them; `message` is the text of the alert.
        """
        self.entries.drop_flip(ts, DropReason.HALTED)
        chosen = [s for s in self.slots if s.trade is not None and side in (None, s.side)]
        chosen = chosen or self.slots.all[:1]
        return self._each(ts, [partial(slot.manager.abandon, ts, message) for slot in chosen])

    def state(self) -> BookState:
        """Return the whole state between two events, independent of later changes."""
        shared = self.allocation.shared
        return BookState(
            next_trade_id=self.slots.next_trade_id,
            trade_ids=[slot.trade_id for slot in self.slots],
            managers=[slot.manager.state() for slot in self.slots],
            flip=self.entries.flip,
            last_exits=dict(self.entries.last_exits),
            shared_orders=dict(shared.orders),
            beyond=dict(shared.beyond),
            shared_fills=list(shared.seen),
        )

    def restore_state(self, ts: int, state: BookState) -> None:
        """
        Resume from a state exactly as the original would; `ts` is the present time (ns UTC).

        A book with fewer slots than the state manages the trades to their end, and enters no more
        than its own number.

        Raises
        ------
        ValueError
            If the state contradicts itself; nothing is changed then.

        """
        check_book_state(state)
        self.entries.last_exits = dict(state.last_exits)
        self.entries.flip = state.flip
        self.allocation.shared.restore(state.shared_orders, state.beyond, state.shared_fills)
        self.slots.restore(ts, state.next_trade_id, state.trade_ids, state.managers)
        self._stops.go_on()

    def _each(self, ts: int, calls: Iterable[Callable[[], Commands]]) -> Commands:
        commands: list[Command] = []
        for call in calls:
            commands += call()
        return self._settle(ts, commands)

    def _settle(self, ts: int, commands: Commands) -> Commands:
        """Extend a stop of the day from one trade to the others, and enter a flip that is due."""
        if len(self.slots) == 1:
            return commands
        result = [*commands, *self._stops.spread(ts)]
        result += self.entries.enter_flip(ts)
        self.allocation.forget_orders()
        return result

    def _sized(self, intent: Intent) -> PositionSize:
        return self._risk.checked(self._size(intent), intent, self.trades.values())

    def _on_record(self, record: Record, trade_id: int | None) -> None:
        if isinstance(record, TradeClosed):
            self.entries.note_exit(record)
        self._record(record, trade_id)

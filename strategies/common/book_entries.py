"""Entries permitted beside the trades of a book, and the entry that waits for their end."""

from collections.abc import Callable
from collections.abc import Sequence

from strategies.common.book_params import BookParams
from strategies.common.book_params import CooldownScope
from strategies.common.book_params import PositionMode
from strategies.common.book_slots import TradeSlots
from strategies.common.commands import Command
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryRefused
from strategies.common.records import TradeClosed
from strategies.common.trade import Trade


class BookEntries:
    """
    Enters the intents of a book, one side at a time at a netting venue.

    An intent of the other side turns the position as configured by `TradeParams.flip`: every open
    trade leaves, and the new one is entered once all of them have ended. It is refused while one of
    them waits for its entry or is being closed already, or where flips are off: an entry of the
    other side would close the trades that are open instead of opening its own, and leave their
    stops and targets without a position. A position per side or per trade takes both sides.

    Parameters
    ----------
    slots : TradeSlots
        The slots of the book.
    book_params : BookParams
        The parameters shared by the trades.
    cooldown_ns : int
        How long (nanoseconds) an entry waits after a full exit.
    record : Callable[[EntryRefused], None]
        Receives the refusal of an entry that has waited.

    Attributes
    ----------
    flip : Intent or None
        The entry that waits for all trades to end.
    last_exits : dict[str, int]
        When the last full exit of each setup was (ns UTC).

    """

    __slots__ = ("_book_params", "_cooldown_ns", "_record", "_slots", "flip", "last_exits")

    def __init__(
        self,
        slots: TradeSlots,
        book_params: BookParams,
        cooldown_ns: int,
        record: Callable[[EntryRefused], None],
    ) -> None:
        self._slots = slots
        self._book_params = book_params
        self._cooldown_ns = cooldown_ns
        self._record = record
        self.flip: Intent | None = None
        self.last_exits: dict[str, int] = {}

    def rivals(self, intent: Intent) -> list[Trade]:
        """Return the trades beside which an intent cannot be entered: those it has to turn."""
        if self._book_params.max_trades == 1:
            return list(self._slots.trades.values())
        if self._book_params.positions is not PositionMode.NETTING:
            return []
        return [trade for trade in self._slots.trades.values() if trade.side != intent.side]

    def is_cooling(self, ts: int, intent: Intent | None = None) -> bool:
        """Return True if the last full exit that an entry has to wait for is too recent."""
        if self._book_params.cooldown is CooldownScope.BOOK or intent is None:
            return any(slot.manager.is_cooling(ts) for slot in self._slots)
        last = self.last_exits.get(intent.tag)
        return last is not None and ts - last < self._cooldown_ns

    def enter(self, ts: int, intent: Intent) -> tuple[Refusal | None, Sequence[Command]]:
        """
        Size an intent and send its entry, or return why there is no size.

        Raises
        ------
        ValueError
            If there are as many trades as there may be, or one of another side at a netting venue.

        """
        if self.flip is not None or len(self._slots.trades) >= self._book_params.max_trades:
            raise ValueError(f"{intent.tag}: no room for another trade")
        if self.rivals(intent):
            raise ValueError(f"{intent.tag}: a trade of the other side was open; use turn")
        return self._slots.idle().manager.enter(ts, intent)

    def turn(self, ts: int, intent: Intent) -> Sequence[Command]:
        """
        Close all trades of the other side, and enter another once they have ended, sized anew.

        Raises
        ------
        ValueError
            If there is none, or one of them waits for its entry or is being closed already.

        """
        rivals = self.rivals(intent)
        slots = [slot for slot in self._slots if slot.trade in rivals]
        if not rivals or self.flip is not None:
            raise ValueError(f"{intent.tag}: no open trade to turn")
        if len(self._slots) == 1:
            return slots[0].manager.turn(ts, intent)
        if any(trade.is_exit_pending or trade.is_entry_pending for trade in rivals):
            raise ValueError(f"{intent.tag}: a trade was not fully open or is being closed")
        self.flip = intent
        commands: list[Command] = []
        for slot in slots:
            commands += slot.manager.flatten(ts, ExitReason.FLIP, DropReason.FLATTEN)
        return commands

    def enter_flip(self, ts: int) -> Sequence[Command]:
        """Enter the flip that waits, once no trade runs any more."""
        if self.flip is None or not self._slots.is_idle:
            return ()
        intent, self.flip = self.flip, None
        manager = self._slots.idle().manager
        refused, commands = manager.enter(max(ts, self._slots.time_ns), intent)
        if refused is not None:
            self._record(EntryRefused(ts=ts, intent=intent, reason=refused))
        return commands

    def drop_flip(self, ts: int, reason: DropReason) -> None:
        """Drop the flip that waits."""
        if self.flip is not None:
            intent, self.flip = self.flip, None
            self._record(EntryRefused(ts=ts, intent=intent, reason=reason))

    def note_exit(self, closed: TradeClosed) -> None:
        """Record the end of a trade, for the cooldown of its setup."""
        self.last_exits[closed.intent.tag] = closed.ts_close

"""Stops for the entries of a whole book: the end of the day and the halt of one trade."""

from strategies.common.book_entries import BookEntries
from strategies.common.book_slots import TradeSlots
from strategies.common.commands import Command
from strategies.common.daily_limits import DayStop
from strategies.common.ledger import Ledger
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.trade_core import DAY_ENDS


class SharedStops:
    """
    Extends a kill switch, a profit target or a halt triggered by one trade to all of them.

    Parameters
    ----------
    slots : TradeSlots
        The slots of the book.
    entries : BookEntries
        Its entries.
    ledger : Ledger
        The account of all trades.
    kill_flatten : bool
        If the daily loss also closes open positions.

    """

    __slots__ = ("_entries", "_kill_flatten", "_last", "_ledger", "_slots")

    def __init__(
        self, slots: TradeSlots, entries: BookEntries, ledger: Ledger, *, kill_flatten: bool
    ) -> None:
        self._slots = slots
        self._entries = entries
        self._ledger = ledger
        self._kill_flatten = kill_flatten
        self._last: DayStop | None = None

    def spread(self, ts: int) -> list[Command]:
        """Stop the entries of all trades where one of them has ended the day or is in doubt."""
        commands: list[Command] = []
        before, self._last = self._last, self._ledger.stop
        if self._last is not None and self._last is not before:
            drop = DAY_ENDS[self._last][1]
            self._entries.drop_flip(ts, drop)
            for slot in self._slots:
                if self._ledger.killed and self._kill_flatten:
                    commands += slot.manager.flatten(ts, ExitReason.KILL_SWITCH, drop)
                else:
                    commands += slot.manager.stop_entries(ts, drop)
        if self._slots.halted:
            self._entries.drop_flip(ts, DropReason.HALTED)
            for slot in self._slots:
                if not slot.manager.halted:
                    slot.manager.halted = True
                    commands += slot.manager.stop_entries(ts, DropReason.HALTED)
        return commands

    def go_on(self) -> None:
        """Record the state of the ledger as known, after a restart."""
        self._last = self._ledger.stop

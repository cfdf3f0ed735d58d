"""When the trades of a strategy begin and end, for its hooks."""

from collections.abc import Mapping
from typing import Protocol

from strategies.common.book_slots import TradeSlots
from strategies.common.records import EntryFilled
from strategies.common.records import EntrySubmitted
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.trade import Trade


class TradeHooks(Protocol):
    """Represents a strategy that follows its trades."""

    def on_trade_opened(self, fill: EntryFilled, trade_id: int) -> None: ...

    def on_trade_closed(self, closed: TradeClosed, trade_id: int) -> None: ...

    def on_trade_dropped(self, ts: int, trade_id: int) -> None: ...


class TradeWatch:
    """
    Calls the hooks of a strategy at the first fill and at the end of each trade, once each.

    Parameters
    ----------
    hooks : TradeHooks
        The strategy.
    slots : TradeSlots
        The slots of its trade book.

    """

    __slots__ = ("_awaits_end", "_awaits_fill", "_hooks", "_slots")

    def __init__(self, hooks: TradeHooks, slots: TradeSlots) -> None:
        self._hooks = hooks
        self._slots = slots
        # The trades without a fill so far, and those whose end was not reported.
        self._awaits_fill: set[int] = set()
        self._awaits_end: set[int] = set()

    def go_on(self, trades: Mapping[int, Trade]) -> None:
        """Follow the trades that a restart has found, and no others."""
        self._awaits_fill = {key for key, trade in trades.items() if trade.ts_open is None}
        self._awaits_end = set(trades)

    def take(self, record: Record, trade_id: int) -> None:
        """Handle a report of the trade book about a trade."""
        if isinstance(record, EntrySubmitted):
            self._awaits_fill.add(trade_id)
            self._awaits_end.add(trade_id)
        elif isinstance(record, EntryFilled) and trade_id in self._awaits_fill:
            self._awaits_fill.discard(trade_id)
            self._hooks.on_trade_opened(record, trade_id)
        elif isinstance(record, TradeClosed):
            self._awaits_fill.discard(trade_id)
            self._awaits_end.discard(trade_id)
            self._hooks.on_trade_closed(record, trade_id)

    def drop_missing(self, ts: int) -> None:
        """Report the trades that have ended without a result by a time (ns UTC)."""
        if not self._awaits_end:
            return
        for trade_id in sorted(self._awaits_end.difference(self._slots.trades)):
            self._awaits_fill.discard(trade_id)
            self._awaits_end.discard(trade_id)
            self._hooks.on_trade_dropped(ts, trade_id)

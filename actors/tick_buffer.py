"""Buffer the live ticks of an instrument until the history before them is loaded."""

from collections.abc import Iterator
from dataclasses import replace

from actors.history import QUOTE
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.history import align
from actors.history import join
from catalog.protocols import Quote
from catalog.protocols import Trade
from indicators.core.gaps import GapFinder


class TickBuffer:
    """
    Buffers quotes and trades in ticks and lots, in the order of arrival.

    Parameters
    ----------
    tick_raw, lot_raw : int
        The raw values of the price and the size increment of the instrument.

    Attributes
    ----------
    live : list[Tick]
        The live ticks, in the order of arrival.
    recent : list[Tick]
        The venue's recent trades, in the order of `add_recent`.

    """

    def __init__(self, tick_raw: int, lot_raw: int) -> None:
        self.live: list[Tick] = []
        self.recent: list[Tick] = []
        self._tick_raw = tick_raw
        self._lot_raw = lot_raw

    def add_quote(self, quote: Quote) -> None:
        """Add a live quote."""
        self.live.append(
            Tick(
                QUOTE,
                quote.ts_event,
                quote.bid_price.raw // self._tick_raw,
                quote.ask_price.raw // self._tick_raw,
                quote.bid_size.raw // self._lot_raw,
                quote.ask_size.raw // self._lot_raw,
            )
        )

    def add_trade(self, trade: Trade) -> None:
        """Add a live trade."""
        self.live.append(self._trade(trade))

    def add_recent(self, trade: Trade) -> None:
        """Add a historical trade."""
        self.recent.append(self._trade(trade))

    @property
    def has_quotes(self) -> bool:
        """Return True if a live quote has arrived."""
        return any(tick.kind == QUOTE for tick in self.live)

    @property
    def first_ns(self) -> int | None:
        """Return the earliest time of a live tick (ns UTC), None before one has arrived."""
        return min((tick.ts for tick in self.live), default=None)

    def after(self, stored: Stored | None, finder: GapFinder) -> Iterator[Tick]:
        """
        Yield the catalog's ticks, the venue's recent trades, and the live ticks up to the last one.

        Parameters
        ----------
        stored : Stored or None
            The data of a catalog.
        finder : GapFinder
            The rule for gaps, unused so far: data before the last gap are left out.

        """
        count = len(self.live)
        live = self.live[:count]
        if stored is not None and stored.tail:
            tail, live = align(stored.tail, live)
            stored = replace(stored, tail=tuple(tail))
        yield from join(stored, self.recent, live, finder)
        while count < len(self.live):
            yield self.live[count]
            count += 1

    def _trade(self, trade: Trade) -> Tick:
        return Tick(
            TRADE,
            trade.ts_event,
            trade.price.raw // self._tick_raw,
            0,
            trade.size.raw // self._lot_raw,
            0,
            int(trade.aggressor_side),
            trade.trade_id.value,
        )

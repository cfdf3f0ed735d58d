"""Keeps the ticks of an instrument until a component knows what happened before them."""

from collections.abc import Iterator

from actors.history import QUOTE
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.history import join
from catalog.protocols import Quote
from catalog.protocols import Trade
from indicators.core.gaps import GapFinder


class TickBuffer:
    """
    Keeps quotes and trades in ticks and lots, in the order in which they come.

    Parameters
    ----------
    tick_raw, lot_raw : int
        The raw values of the price and the size increment of the instrument.

    Attributes
    ----------
    heard : list[Tick]
        What has come, in its order.
    recent : list[Tick]
        Trades of the past that the venue has told, in the order of `add_recent`.

    """

    def __init__(self, tick_raw: int, lot_raw: int) -> None:
        self.heard: list[Tick] = []
        self.recent: list[Tick] = []
        self._tick_raw = tick_raw
        self._lot_raw = lot_raw

    def add_quote(self, quote: Quote) -> None:
        """Add a quote that has come."""
        self.heard.append(
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
        """Add a trade that has come."""
        self.heard.append(self._trade(trade))

    def add_recent(self, trade: Trade) -> None:
        """Add a trade of the past."""
        self.recent.append(self._trade(trade))

    @property
    def has_quotes(self) -> bool:
        """Return True if a quote has come."""
        return any(tick.kind == QUOTE for tick in self.heard)

    def after(self, stored: Stored | None, finder: GapFinder) -> Iterator[Tick]:
        """
        Yield what a catalog holds, the venue's trades, and what has come up to the last moment.

        Parameters
        ----------
        stored : Stored or None
            What a catalog holds.
        finder : GapFinder
            The rule for gaps, unused so far: what lies before the last one is left out.

        """
        count = len(self.heard)
        yield from join(stored, self.recent, self.heard[:count], finder)
        while count < len(self.heard):
            yield self.heard[count]
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

"""The market of one instrument at a place in its stream of quotes and prints."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.simulated.rules import touch as rules
from adapters.simulated.rules.touch import Level
from adapters.simulated.rules.touch import PrintedRange
from adapters.simulated.rules.touch import Quote
from catalog.reader import QUOTE
from catalog.reader import TRADE


class Columns(NamedTuple):
    """
    Represents the quotes and prints of one instrument in the order of `ts_init`.

    The fields are those of `catalog.reader.MergedTicks`, and may be memory-mapped; `last_quote` is
    the index of the last quote up to each row, -1 before the first.
    """

    kind: NDArray[np.uint8]
    ts_event: NDArray[np.int64]
    ts_init: NDArray[np.int64]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    a_size: NDArray[np.int64]
    b_size: NDArray[np.int64]
    side: NDArray[np.uint8]
    last_quote: NDArray[np.int64]

    def part(self, first: int, last: int) -> "Columns":
        """Return some of the rows; `last_quote` counts from the same row as before."""
        return Columns(**{name: values[first:last] for name, values in self._asdict().items()})


class MarketState:
    """
    Holds the quote in force and the prints since, as of the events seen.

    Parameters
    ----------
    columns : Columns
        The stream.
    prints_only : bool
        If the data have no quotes.

    Attributes
    ----------
    seen : int
        The number of events seen.
    quotes_seen : int
        Another number for each quote.

    """

    __slots__ = (
        "_at",
        "_columns",
        "_numbers",
        "_printed",
        "_quote",
        "prints_only",
        "quotes_seen",
        "seen",
    )

    def __init__(self, columns: Columns, *, prints_only: bool) -> None:
        self._columns = columns
        # One value of a view costs a third of one of an array.
        self._numbers = tuple(
            memoryview(values)
            for values in (columns.last_quote, columns.a, columns.b, columns.a_size, columns.b_size)
        )
        self.prints_only = prints_only
        self.seen = 0
        self.quotes_seen = -1
        self._at = 0
        self._quote: Quote | None = None
        self._printed: PrintedRange | None = None

    def _read(self) -> None:
        """Bring quote and prints up to `seen`: they are needed for few events."""
        seen, at = self.seen, self._at
        if seen == at:
            return
        self._at = seen
        last_quote, a, b, a_size, b_size = self._numbers
        last = last_quote[seen - 1]
        first = last + 1
        if last != self.quotes_seen:
            self.quotes_seen = last
            self._printed = None
            if last >= 0:
                self._quote = Quote(a[last], b[last], a_size[last], b_size[last])
        else:
            first = max(first, at)
        if first < seen:
            prints = a[first:seen]
            if len(prints) == 1:
                self._printed = rules.widen(self._printed, prints[0])
            else:
                found = self._columns.a[first:seen]
                printed = rules.widen(self._printed, int(found.min()))
                self._printed = rules.widen(printed, int(found.max()))

    @property
    def quote(self) -> Quote | None:
        """Return the quote in force; None before the first."""
        self._read()
        return self._quote

    @property
    def spread_prices(self) -> tuple[int | None, int | None]:
        """Return bid and ask (ticks); None before the first quote."""
        quote = self.quote
        return (None, None) if quote is None else (quote.bid, quote.ask)

    @property
    def last_print(self) -> Level | None:
        """Return price and size of the last print; None before the first."""
        index, kind = self.seen - 1, self._columns.kind
        while index >= 0 and kind[index] != TRADE:
            index -= 1
        return None if index < 0 else (self._numbers[1][index], self._numbers[3][index])

    def touch(self, *, is_buy: bool) -> Level | None:
        """Return the best price for a taker, and the size offered at it."""
        if self.prints_only and (last := self.last_print) is not None:
            return last
        quote = self.quote
        return None if quote is None else rules.touch(quote, self._printed, is_buy=is_buy)

    def own_side(self, *, is_buy: bool) -> Level | None:
        """Return the best price and size of an order's own side."""
        quote = self.quote
        return None if quote is None else rules.own_side(quote, is_buy=is_buy)

    def book(self) -> tuple[int, int] | None:
        """Return what an arriving order finds as bid and ask; None without a market."""
        if self.prints_only and (last := self.last_print) is not None:
            return last[0], last[0]
        quote = self.quote
        return None if quote is None else (quote.bid, quote.ask)


def indexed(kind: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the index of the last quote up to each row, -1 before the first."""
    rows = np.arange(len(kind), dtype=np.int64)
    found: NDArray[np.int64] = np.maximum.accumulate(np.where(kind == QUOTE, rows, -1))
    return found

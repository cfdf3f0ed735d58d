"""The price and size that an order meets at the top of the book."""

from typing import NamedTuple


# Aggressor sides of a print, as Nautilus and the catalog number them.
NO_AGGRESSOR, BUYER, SELLER = 0, 1, 2

Level = tuple[int, int]


class Quote(NamedTuple):
    """
    Represents the best prices and their sizes.

    Attributes
    ----------
    bid, ask : int
        The prices.
    bid_size, ask_size : int
        The sizes displayed at them.

    """

    bid: int
    ask: int
    bid_size: int
    ask_size: int


class PrintedRange(NamedTuple):
    """
    Represents the prices printed since a quote was shown.

    Attributes
    ----------
    low, high : int
        The lowest and the highest price.

    """

    low: int
    high: int


def widen(printed: PrintedRange | None, price: int) -> PrintedRange:
    """Return a range of prints with one more price."""
    if printed is None:
        return PrintedRange(price, price)
    if printed.low <= price <= printed.high:
        return printed
    return PrintedRange(min(printed.low, price), max(printed.high, price))


def touch(quote: Quote, printed: PrintedRange | None, *, is_buy: bool) -> Level:
    """
    Return the best price for a taker, and the size offered at it.

    Parameters
    ----------
    quote : Quote
        The current quote.
    printed : PrintedRange or None
        The range of prints since the quote. A print beyond the quote is the price: the quote has
        been traded away.
    is_buy : bool
        The side of the order.

    """
    if is_buy:
        return (quote.ask if printed is None else max(quote.ask, printed.high)), quote.ask_size
    return (quote.bid if printed is None else min(quote.bid, printed.low)), quote.bid_size


def own_side(quote: Quote, *, is_buy: bool) -> Level:
    """Return the best price and size of an order's own side."""
    return (quote.bid, quote.bid_size) if is_buy else (quote.ask, quote.ask_size)


def hits(aggressor: int, price: int, quote: Quote | None, *, is_buy: bool) -> bool:
    """
    Return True if a print traded against resting orders of a side.

    A print without an aggressor counts for the nearer side of the quote, for neither if it lies in
    the middle.

    Parameters
    ----------
    aggressor : int
        `BUYER`, `SELLER` or `NO_AGGRESSOR`.
    price : int
        The price of the print.
    quote : Quote or None
        The current quote.
    is_buy : bool
        The side of the resting orders.

    """
    if aggressor != NO_AGGRESSOR:
        return aggressor == (SELLER if is_buy else BUYER)
    if quote is None:
        return False
    above = 2 * price - quote.bid - quote.ask
    return above < 0 if is_buy else above > 0

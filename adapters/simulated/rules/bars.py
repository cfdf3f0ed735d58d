"""
Fills by bars in a market of only bars.

A bar holds four prices and no order of them beyond open and close, so ambiguity is resolved
against the order:

- An order decided at the close of a bar meets the open of the next one. A market order pays it
  plus slippage; a limit order that the open has passed takes there, at its limit at worst.
- An order sent while a bar forms meets the open of the next one as well: the part of the bar after
  it is unknown. Only a stop meets the whole bar.
- A stop is triggered if the bar reaches its trigger price, and pays that price, or the open if the
  market gapped beyond it, plus slippage. A stop that protects a position and is sent in reaction
  to a fill within the bar meets that same bar from the price of the fill on.
- A resting limit order fills at its limit if the bar trades through it, with `touch` also if the
  bar reaches it. It fills after every stop, one that reduces the position after one that opens it,
  and one sent in reaction to a fill within the bar meets only the next bar.
- A post-only limit order takes nothing at the open: it fills at its limit.
- Sizes are unknown: a bar fills any size.
"""

from typing import NamedTuple

from adapters.simulated.rules.stops import is_triggered


class BarPrices(NamedTuple):
    """
    Represents the prices of a bar.

    Attributes
    ----------
    open, high, low, close : int
        The prices, in one unit.

    """

    open: int
    high: int
    low: int
    close: int


def worse(price: int, slippage: int, *, is_buy: bool) -> int:
    """Return a price worsened for an order by a slippage in the same unit."""
    return price + slippage if is_buy else price - slippage


def stop_base(bar: BarPrices, begins_at: int, trigger: int, *, is_buy: bool) -> int | None:
    """
    Return the price of a stop before slippage, None if the bar does not reach it.

    Parameters
    ----------
    bar : BarPrices
        The bar.
    begins_at : int
        The price at which the stop meets the bar: the open, or that of the fill before it.
    trigger : int
        The trigger price.
    is_buy : bool
        The side of the stop.

    """
    if not is_triggered(trigger, bar.high if is_buy else bar.low, is_buy=is_buy):
        return None
    return max(trigger, begins_at) if is_buy else min(trigger, begins_at)


def arriving_limit_price(bar: BarPrices, limit: int, slippage: int, *, is_buy: bool) -> int | None:
    """Return the price that a limit order takes at the open of its arrival, None if it rests."""
    passed = bar.open <= limit if is_buy else bar.open >= limit
    if not passed:
        return None
    price = worse(bar.open, slippage, is_buy=is_buy)
    return min(price, limit) if is_buy else max(price, limit)


def fills_resting_limit(bar: BarPrices, limit: int, *, is_buy: bool, at_touch: bool) -> bool:
    """Return True if a bar fills a resting limit order, at its limit."""
    beyond = limit - bar.low if is_buy else bar.high - limit
    return beyond >= 0 if at_touch else beyond > 0

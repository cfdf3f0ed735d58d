"""Fills of takers: displayed size, slippage, and one tick beyond."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from adapters.simulated.rules.resting import RestingLimit
from adapters.simulated.rules.touch import Level


@dataclass(frozen=True, slots=True)
class Slippage:
    """
    Represents the slippage of a market order or a triggered stop from the touch.

    Attributes
    ----------
    entry_ticks, exit_ticks : int
        The ticks of an entry, and of a reduce-only order.
    share : Fraction
        An addition to either, as a share of the price, rounded up to a tick.

    """

    entry_ticks: int
    exit_ticks: int
    share: Fraction

    def distance(self, price: int, tick: int, *, is_exit: bool) -> int:
        """
        Return the slippage from a price.

        Parameters
        ----------
        price, tick : int
            The price and the tick in one unit, which is that of the result.
        is_exit : bool
            If the order reduces a position.

        """
        ticks = self.exit_ticks if is_exit else self.entry_ticks
        return tick * (ticks + ceil(Fraction(abs(price), tick) * self.share))


def market_fills(
    leaves: int,
    level: Level,
    slippage: int,
    tick: int,
    *,
    is_buy: bool,
) -> list[Level]:
    """
    Return the fills of a market order or a triggered stop as prices and sizes.

    The part beyond the offered size pays one tick more.

    Parameters
    ----------
    leaves : int
        The open size of the order.
    level : tuple[int, int]
        The price and the size that it meets.
    slippage, tick : int
        The slippage and the tick, in the unit of the price.
    is_buy : bool
        The side of the order.

    """
    price, offered = level
    sign = 1 if is_buy else -1
    price += sign * slippage
    fills = [
        (price, min(leaves, offered)),
        (price + sign * tick, max(leaves - offered, 0)),
    ]
    return [fill for fill in fills if fill[1]]


def arriving_limit_fills(order: RestingLimit, leaves: int, level: Level, tick: int) -> list[Level]:
    """
    Return the fills of a limit order that reaches the opposite quote on arrival.

    It takes up to the offered size, then one tick worse if its limit allows it; the rest stays. The
    order records the size that it took.

    Parameters
    ----------
    order : RestingLimit
        The order.
    leaves : int
        Its open size.
    level : tuple[int, int]
        The price and the size that it meets.
    tick : int
        The tick.

    """
    price, offered = level
    towards = tick if order.is_buy else -tick
    room = (order.price - price) // towards
    if room < 0:
        return []
    fills = [(price, min(leaves, offered))]
    order.take(price, fills[0][1])
    if room > 0:
        fills.append((price + towards, leaves - fills[0][1]))
    return [fill for fill in fills if fill[1]]

"""Diagonal imbalances between neighbouring prices, and stacks of them."""

from collections.abc import Iterable
from fractions import Fraction

from actors.footprint.footprint import Footprint
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.footprint.patterns import PatternSignal


# A ratio of so much, and a stack of so many, have a strength of 1.
FULL_RATIO = 10
FULL_STACK = 5


def find_imbalances(
    bar: Footprint,
    min_volume: int,
    ratio: Fraction,
    *,
    zero_is_one: bool = False,
) -> list[PatternSignal]:
    """
    Return the single imbalances of a bar by rising price, at one price the buy before the sell.

    Buyers at a price are compared with sellers exactly one tick below, sellers with buyers exactly
    one tick above; every level is compared. A neighbour that did not trade makes none.

    Parameters
    ----------
    bar : Footprint
        The bar.
    min_volume : int
        The least volume of the aggressor (lots).
    ratio : Fraction
        The ratio of the volumes from which on it counts.
    zero_is_one : bool, default False
        If an opposing volume of zero counts as one lot; else there is no imbalance.

    """
    found: list[PatternSignal] = []
    ticks, buys, sells = bar.levels, bar.level_buy, bar.level_sell
    numerator, denominator = ratio.numerator, ratio.denominator
    last = len(ticks) - 1
    for i, tick in enumerate(ticks):
        volume = buys[i]
        if volume >= min_volume and i > 0 and ticks[i - 1] == tick - 1:
            opposing = sells[i - 1] or zero_is_one
            if opposing and volume * denominator >= numerator * opposing:
                found.append(_imbalance(Pattern.BUY_IMBALANCE, tick, volume, sells[i - 1]))
        volume = sells[i]
        if volume >= min_volume and i < last and ticks[i + 1] == tick + 1:
            opposing = buys[i + 1] or zero_is_one
            if opposing and volume * denominator >= numerator * opposing:
                found.append(_imbalance(Pattern.SELL_IMBALANCE, tick, volume, buys[i + 1]))
    return found


def _imbalance(pattern: Pattern, tick: int, volume: int, opposing: int) -> PatternSignal:
    is_buy = pattern is Pattern.BUY_IMBALANCE
    ratio = volume / (opposing or 1)
    return PatternSignal(
        pattern=pattern,
        direction=Direction.LONG if is_buy else Direction.SHORT,
        strength=min(ratio / FULL_RATIO, 1.0),
        price=tick,
        low=tick,
        high=tick,
        volume=volume,
        opposing=opposing,
        ratio=ratio,
        neighbour=tick - 1 if is_buy else tick + 1,
    )


def find_stacks(imbalances: Iterable[PatternSignal], least: int) -> list[PatternSignal]:
    """
    Return the stacks of single imbalances at consecutive ticks, buys before sells.

    Parameters
    ----------
    imbalances : Iterable[PatternSignal]
        Those of a bar, by rising price.
    least : int
        The imbalances in a row that make a stack.

    """
    found = []
    prices: dict[Pattern, list[int]] = {Pattern.BUY_IMBALANCE: [], Pattern.SELL_IMBALANCE: []}
    for each in imbalances:
        prices[each.pattern].append(each.price)
    for pattern, ticks in prices.items():
        run: list[int] = []
        for tick in ticks:
            if run and tick != run[-1] + 1:
                if len(run) >= least:
                    found.append(_stack(pattern, run))
                run = []
            run.append(tick)
        if len(run) >= least:
            found.append(_stack(pattern, run))
    return found


def _stack(pattern: Pattern, ticks: list[int]) -> PatternSignal:
    is_buy = pattern is Pattern.BUY_IMBALANCE
    return PatternSignal(
        pattern=Pattern.STACKED_BUY_IMBALANCE if is_buy else Pattern.STACKED_SELL_IMBALANCE,
        direction=Direction.LONG if is_buy else Direction.SHORT,
        strength=min(len(ticks) / FULL_STACK, 1.0),
        price=ticks[-1] if is_buy else ticks[0],
        low=ticks[0],
        high=ticks[-1],
        levels=len(ticks),
        prices=tuple(ticks),
    )

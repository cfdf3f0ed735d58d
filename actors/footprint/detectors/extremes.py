"""Exhaustion and absorption at the extremes of a bar."""

from fractions import Fraction

from actors.footprint.footprint import Footprint
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.footprint.patterns import PatternSignal


# A declining run is searched among so many levels more than its least length.
MORE_LEVELS = 2
# Bars of fewer levels have neither exhaustion nor absorption.
LEAST_LEVELS = 3
ABSORBING_LEVELS = 3


def find_exhaustion(bar: Footprint, least_levels: int, decline: Fraction) -> list[PatternSignal]:
    """
    Return the exhaustion of buyers at the high of a bar, then that of sellers at its low.

    The volume of the aggressors declines strictly from level to level, and the run ends at the
    extreme itself: among the last traded levels (`least_levels` and two more) the longest such run
    counts.

    Parameters
    ----------
    bar : Footprint
        The bar.
    least_levels : int
        The least number of levels in the run.
    decline : Fraction
        The least decline from its first to its last volume, as a share of the first.

    """
    found: list[PatternSignal] = []
    if len(bar.levels) < LEAST_LEVELS:
        return found
    window = least_levels + MORE_LEVELS
    ends = (
        (Pattern.BUYING_EXHAUSTION, bar.levels[::-1], bar.level_buy[::-1]),
        (Pattern.SELLING_EXHAUSTION, bar.levels, bar.level_sell),
    )
    for pattern, ticks, volumes in ends:
        # From the extreme inwards the run rises.
        count = 1
        limit = min(window, len(ticks))
        while count < limit and volumes[count] > volumes[count - 1]:
            count += 1
        first, last = volumes[count - 1], volumes[0]
        if count < least_levels or first == 0:
            continue
        if (first - last) * decline.denominator < decline.numerator * first:
            continue
        share = (first - last) / first
        is_high = pattern is Pattern.BUYING_EXHAUSTION
        found.append(
            PatternSignal(
                pattern=pattern,
                direction=Direction.SHORT if is_high else Direction.LONG,
                strength=share,
                price=ticks[0],
                low=min(ticks[0], ticks[count - 1]),
                high=max(ticks[0], ticks[count - 1]),
                levels=count,
                decline=share,
                volumes=tuple(volumes[:count][::-1]),
            )
        )
    return found


def find_absorption(bar: Footprint, min_volume: int, share: Fraction) -> list[PatternSignal]:
    """
    Return the absorption of buyers at the high of a bar, then that of sellers at its low.

    The three traded levels at the extreme hold the volume, most of it of the aggressors towards the
    extreme, and the bar closes in the other half; its very middle counts for both.

    Parameters
    ----------
    bar : Footprint
        The bar.
    min_volume : int
        The least volume at the three levels (lots), unsigned included.
    share : Fraction
        The least share of the aggressors in it.

    """
    found: list[PatternSignal] = []
    if len(bar.levels) < LEAST_LEVELS or bar.high == bar.low:
        return found
    position = (bar.close - bar.low) / (bar.high - bar.low)
    twice = 2 * (bar.close - bar.low) - (bar.high - bar.low)
    top, bottom = slice(-ABSORBING_LEVELS, None), slice(0, ABSORBING_LEVELS)
    ends = (
        (Pattern.SELLING_ABSORPTION, top, bar.level_buy, bar.level_sell, twice <= 0, 1 - position),
        (Pattern.BUYING_ABSORPTION, bottom, bar.level_sell, bar.level_buy, twice >= 0, position),
    )
    for pattern, part, aggressive, others, is_rejected, distance in ends:
        volume, opposing = sum(aggressive[part]), sum(others[part])
        total = volume + opposing + sum(bar.level_unsigned[part])
        if not is_rejected or total < min_volume:
            continue
        if volume * share.denominator < share.numerator * total:
            continue
        ticks = bar.levels[part]
        is_high = pattern is Pattern.SELLING_ABSORPTION
        found.append(
            PatternSignal(
                pattern=pattern,
                direction=Direction.SHORT if is_high else Direction.LONG,
                strength=min(distance * (volume / min_volume) / 2, 1.0),
                price=bar.high if is_high else bar.low,
                low=ticks[0],
                high=ticks[-1],
                volume=volume,
                opposing=opposing,
                total=total,
                share=volume / total,
                close_position=position,
            )
        )
    return found

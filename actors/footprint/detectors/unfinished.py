"""Unfinished business: extremes of bars that the auction left open, until the market is back."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from actors.footprint.footprint import Footprint
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.footprint.patterns import PatternSignal


STRENGTH = 0.6
REVISIT_STRENGTH = 0.5


class UnfinishedLevel(NamedTuple):
    """
    Represents an extreme that is remembered.

    Attributes
    ----------
    price : int
        Its price (ticks).
    is_high : bool
        If it is the high of its bar.
    since : int
        The start of its bar (ns UTC).

    """

    price: int
    is_high: bool
    since: int


def _is_unfinished(towards: int, others: int, unsigned: int, most: int, mode: str) -> bool:
    if mode == "one_sided":
        return towards <= most < others
    if mode == "thin":
        return towards + others + unsigned <= most
    return towards > 0 and others > 0


def find_unfinished(bar: Footprint, max_volume: int, mode: str) -> list[PatternSignal]:
    """
    Return the unfinished high of a bar, then its unfinished low.

    Parameters
    ----------
    bar : Footprint
        The bar.
    max_volume : int
        The volume that the modes compare with (lots).
    mode : {'one_sided', 'thin', 'two_sided'}
        What an unfinished extreme is (`DetectorParams`).

    """
    found = []
    for is_high in (True, False):
        i = -1 if is_high else 0
        buy, sell = bar.level_buy[i], bar.level_sell[i]
        towards, others = (buy, sell) if is_high else (sell, buy)
        if not _is_unfinished(towards, others, bar.level_unsigned[i], max_volume, mode):
            continue
        price = bar.levels[i]
        found.append(
            PatternSignal(
                pattern=Pattern.UNFINISHED_HIGH if is_high else Pattern.UNFINISHED_LOW,
                direction=Direction.LONG if is_high else Direction.SHORT,
                strength=STRENGTH,
                price=price,
                low=price,
                high=price,
                volume=towards,
                opposing=others,
            )
        )
    return found


def find_revisits(bar: Footprint, levels: Sequence[UnfinishedLevel]) -> list[PatternSignal]:
    """
    Return the remembered levels that a bar's range contains, oldest first.

    Parameters
    ----------
    bar : Footprint
        The bar.
    levels : Sequence[UnfinishedLevel]
        The levels of earlier bars.

    """
    return [
        PatternSignal(
            pattern=Pattern.UNFINISHED_REVISITED,
            direction=Direction.LONG if level.is_high else Direction.SHORT,
            strength=REVISIT_STRENGTH,
            price=level.price,
            low=level.price,
            high=level.price,
            since=level.since,
        )
        for level in levels
        if bar.low <= level.price <= bar.high
    ]


class UnfinishedBusiness:
    """
    Remembers unfinished extremes until a later bar trades there.

    Revisits are those of levels of earlier bars; then the levels of the bar are added. Levels last
    over sessions.

    Parameters
    ----------
    max_volume : int
        The volume that the modes compare with (lots).
    mode : {'one_sided', 'thin', 'two_sided'}, default 'one_sided'
        What an unfinished extreme is.
    memory : int, default 50
        The levels that are remembered.

    Attributes
    ----------
    levels : deque[UnfinishedLevel]
        Those remembered, oldest first.

    """

    def __init__(self, max_volume: int, mode: str = "one_sided", memory: int = 50) -> None:
        self._max_volume = max_volume
        self._mode = mode
        self.levels: deque[UnfinishedLevel] = deque(maxlen=memory)

    def on_bar(self, bar: Footprint) -> list[PatternSignal]:
        """Return the unfinished extremes of a bar, then the levels that it has revisited."""
        revisits = find_revisits(bar, self.levels)
        if revisits:
            left = [level for level in self.levels if not bar.low <= level.price <= bar.high]
            self.levels.clear()
            self.levels.extend(left)
        found = find_unfinished(bar, self._max_volume, self._mode)
        for each in found:
            is_high = each.pattern is Pattern.UNFINISHED_HIGH
            self.levels.append(UnfinishedLevel(each.price, is_high, bar.ts_start))
        return [*found, *revisits]

    def start_again(self) -> None:
        """Forget all levels."""
        self.levels.clear()

"""The closed minutes of the running session, as far back as a leg may reach."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from msgspec import Struct

from indicators.core.nodes import find_nodes


class LegNode(Struct, frozen=True, kw_only=True):
    """
    Represents a low volume node of a leg, in ticks.

    Parameters
    ----------
    lo, hi : int
        Its lowest and its highest tick, both inside.
    price : int
        The tick in the middle, rounded down.
    volume : int
        What traded in it (lots).

    """

    lo: int
    hi: int
    price: int
    volume: int


class MinuteBar(Struct, frozen=True, kw_only=True):
    """
    Represents one closed minute with its profile.

    Parameters
    ----------
    high, low, close : int
        Its prices (ticks).
    first_bin : int
        The number of the lowest bin of its profile.
    volumes : tuple[int, ...]
        The volume of each bin (lots); empty without prints.

    """

    high: int
    low: int
    close: int
    first_bin: int
    volumes: tuple[int, ...]


class SessionBars(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    Keeps the minutes of one session, counted from 0.

    Parameters
    ----------
    first : int, default 0
        The number of the earliest minute that is kept.
    bars : list[MinuteBar]
        The minutes that are kept.
    ranges : list[int]
        The last true ranges of the session (ticks); the first minute has none, for the close before
        it is another session's.

    """

    first: int = 0
    bars: list[MinuteBar] = []
    ranges: list[int] = []

    @property
    def last(self) -> int:
        """Return the number of the last minute; -1 before the first."""
        return self.first + len(self.bars) - 1

    def at(self, i: int) -> MinuteBar:
        """Return a minute by its number."""
        return self.bars[i - self.first]

    def add(self, bar: MinuteBar, atr_minutes: int) -> None:
        """Add a closed minute."""
        if self.bars:
            before = self.bars[-1].close
            self.ranges.append(max(bar.high, before) - min(bar.low, before))
            del self.ranges[:-atr_minutes]
        self.bars.append(bar)

    def forget_before(self, i: int) -> None:
        """Drop the minutes before a number."""
        gone = min(max(0, i - self.first), len(self.bars))
        del self.bars[:gone]
        self.first += gone

    def atr(self, minutes: int) -> Fraction | None:
        """Return the mean of the last true ranges (ticks); None while there are fewer."""
        if len(self.ranges) < minutes:
            return None
        return Fraction(sum(self.ranges[-minutes:]), minutes)

    def origin(self, side: int, poc: int, minutes: int) -> tuple[int, int]:
        """
        Return where the leg of a breakout in the last minute has begun.

        From the minute before it back, at most `minutes`, the last close at or beyond the POC on
        the far side; without one as far as that. The origin is the opposite extreme from there up
        to the breakout, the latest of equal ones.

        Returns
        -------
        tuple[int, int]
            The price (ticks) and the number of its minute.

        """
        last = self.last
        start = max(self.first, last - minutes)
        for i in range(last - 1, start - 1, -1):
            if side * (self.at(i).close - poc) <= 0:
                start = i
                break
        price, found = far_extreme(self.at(start), -side), start
        for i in range(start + 1, last + 1):
            other = far_extreme(self.at(i), -side)
            if side * (other - price) <= 0:
                price, found = other, i
        return price, found

    def nodes(self, first: int, last: int, bin_ticks: int, ratio: Fraction) -> tuple[LegNode, ...]:
        """
        Return the low volume nodes of the profile of some minutes, by rising price.

        Parameters
        ----------
        first, last : int
            The numbers of the minutes, both inside.
        bin_ticks : int
            The width of a bin (ticks).
        ratio : Fraction
            The share of the mean volume of the populated bins below which a run of bins is a node
            (`find_nodes`, method `mean_ratio`).

        """
        bars = [bar for bar in map(self.at, range(first, last + 1)) if bar.volumes]
        if not bars or not ratio:
            return ()
        lowest = min(bar.first_bin for bar in bars)
        highest = max(bar.first_bin + len(bar.volumes) for bar in bars)
        volumes = np.zeros(highest - lowest, np.int64)
        for bar in bars:
            begin = bar.first_bin - lowest
            volumes[begin : begin + len(bar.volumes)] += bar.volumes
        found = find_nodes(volumes, lowest, ratio=ratio)
        zones = ((node.in_ticks(bin_ticks), node.volume) for node in found)
        return tuple(
            LegNode(lo=lo, hi=hi, price=price, volume=volume) for (lo, hi, price), volume in zones
        )


def profile_bins(
    ticks: Sequence[int], lots: Sequence[int], bin_ticks: int
) -> tuple[int, tuple[int, ...]]:
    """
    Return the profile of a minute in bins anchored at price 0.

    Parameters
    ----------
    ticks, lots : Sequence[int]
        The prices that traded, rising, and the size at each.
    bin_ticks : int
        The width of a bin (ticks).

    Returns
    -------
    tuple[int, tuple[int, ...]]
        The number of the lowest bin, and the volume of each from there on.

    """
    if not ticks:
        return 0, ()
    first = ticks[0] // bin_ticks
    volumes = [0] * (ticks[-1] // bin_ticks - first + 1)
    for tick, size in zip(ticks, lots, strict=True):
        volumes[tick // bin_ticks - first] += size
    return first, tuple(volumes)


def far_extreme(bar: MinuteBar, side: int) -> int:
    """Return the high (+1) or the low (-1) of a minute."""
    return bar.high if side > 0 else bar.low

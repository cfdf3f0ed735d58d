"""The rules in plain Python, as slow and as literal as they can be written."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
from fractions import Fraction


Histogram = dict[int, int]
Event = tuple[int, int, int, int, int, int, int]

MINUTE = 60_000_000_000


def bins_of(levels: Histogram, bin_ticks: int) -> Histogram:
    bins: Counter[int] = Counter()
    for tick, volume in levels.items():
        bins[tick // bin_ticks] += volume
    return {level: volume for level, volume in bins.items() if volume}


def value_area(bins: Histogram, fraction: Fraction, rows: int) -> tuple[int, int, int, int] | None:
    """Return POC, VAL, VAH and the volume between them; None for an empty histogram."""
    if not bins:
        return None
    bottom, top = min(bins), max(bins)
    poc = min(bins, key=lambda level: (-bins[level], level))
    low = high = poc
    covered = bins[poc]
    while covered < fraction * sum(bins.values()):
        below = [level for level in range(low - rows, low) if level >= bottom]
        above = [level for level in range(high + 1, high + 1 + rows) if level <= top]
        under = sum(bins.get(level, 0) for level in below)
        over = sum(bins.get(level, 0) for level in above)
        if below and (not above or under >= over):
            low = below[0]
            covered += under
        else:
            high = above[-1]
            covered += over
    return poc, low, high, covered


class Flow:
    """Signs of prints, with every quote ever seen."""

    def __init__(self, source: str, tick_rule: bool) -> None:
        self.source = source
        self.tick_rule = tick_rule
        self.quotes: list[tuple[int, int, int]] = []
        self.group: int | None = None
        self.pinned: tuple[int, int, int] | None = None
        self.previous: int | None = None
        self.last_sign = 0
        self.feed_has_sides = False
        self.signed: list[tuple[int, int]] = []
        self.ambiguous = 0
        self.groups = 0
        self.stale = 0
        self.compared = 0
        self.agreed = 0

    def quote(self, ts: int, bid: int, ask: int) -> None:
        self.quotes.append((ts, bid, ask))

    def trade(self, ts: int, price: int, size: int, side: int) -> int:
        if ts != self.group:
            self.group = ts
            self.groups += 1
            known = [quote for quote in self.quotes if quote[0] <= ts]
            self.pinned = known[-1] if known else None
        by_quote = 0
        if self.pinned is not None:
            quoted, bid, ask = self.pinned
            self.stale += ts - quoted > 250_000_000
            if bid < ask:
                by_quote = 1 if price >= ask else -1 if price <= bid else 0
        inferred = by_quote
        if inferred == 0 and self.tick_rule and self.previous is not None:
            change = price - self.previous
            inferred = (change > 0) - (change < 0) or self.last_sign
        venue = {0: 0, 1: 1, 2: -1}[side]
        self.feed_has_sides |= venue != 0
        if self.source == "venue" or (self.source == "auto" and self.feed_has_sides):
            sign = venue
            self.ambiguous += 0 if venue else size
        else:
            sign = inferred
            self.ambiguous += 0 if by_quote else size
        if self.source == "both" and venue and inferred:
            self.compared += size
            self.agreed += size * (venue == inferred)
        self.previous = price
        self.last_sign = sign or self.last_sign
        self.signed.append((sign, size))
        return sign

    def volume(self, sign: int) -> int:
        return sum(size for given, size in self.signed if given == sign)


def window_totals(events: Sequence[Event], minutes: int) -> list[tuple[int, Histogram]]:
    """
    Return each closed minute with the histogram of its window, counted anew from all prints.

    The minute of the last event stays open.
    """
    closed: list[tuple[int, Histogram]] = []
    current = events[0][1] // MINUTE
    for i, event in enumerate(events):
        minute = event[1] // MINUTE
        while minute > current:
            closed.append((current, recount(events[:i], current - minutes + 1, current)))
            current += 1
    return closed


def recount(events: Iterable[Event], first: int, last: int) -> Histogram:
    levels: Counter[int] = Counter()
    for kind, ts, price, _, size, _, _ in events:
        if kind == 1 and first <= ts // MINUTE <= last:
            levels[price] += size
    return dict(levels)


def smoothed(volumes: Sequence[int], smooth: int) -> list[Fraction]:
    half = smooth // 2
    means = []
    for i in range(len(volumes)):
        part = volumes[max(0, i - half) : i + half + 1]
        means.append(Fraction(sum(part), len(part)))
    return means


def component(values: Sequence[Fraction], at: int, level: Fraction, kind: str) -> range:
    """Return the connected bins around one that stand at or beyond a level."""

    def reached(i: int) -> bool:
        return values[i] >= level if kind == "hvn" else values[i] <= level

    first = last = at
    while first > 0 and reached(first - 1):
        first -= 1
    while last < len(values) - 1 and reached(last + 1):
        last += 1
    return range(first, last + 1)


def prominent(
    volumes: Sequence[int],
    kind: str,
    smooth: int,
    share: Fraction,
) -> list[tuple[int, int, int]]:
    """Return first, last and named bin of each node, by flooding the profile level by level."""
    values = smoothed(volumes, smooth)
    end = len(values) - 1
    nodes = []
    for i, value in enumerate(values):
        plateau = component(values, i, value, kind)
        beyond = [values[j] for j in plateau if values[j] != value]
        if beyond or plateau[0] != i:
            continue
        if kind == "lvn" and (plateau[0] == 0 or plateau[-1] == end):
            continue
        key = Fraction(0)
        for level in sorted(set(values), reverse=kind == "hvn"):
            reach = component(values, i, level, kind)
            if kind == "hvn":
                if level >= value:
                    continue
                dominated = any(values[j] > value or (values[j] == value and j < i) for j in reach)
            else:
                if level <= value:
                    continue
                dominated = (
                    any(values[j] < value or (values[j] == value and j < i) for j in reach)
                    or reach[0] == 0
                    or reach[-1] == end
                )
            if dominated:
                key = level
                break
        if abs(value - key) >= share * max(values):
            zone = component(values, i, (value + key) / 2, kind)
            nodes.append((zone[0], zone[-1], i))
    return nodes

"""Join the history of a catalog and a venue with the live data since the start of a node."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from indicators.core.gaps import GapFinder


QUOTE = 0
TRADE = 1
# The number of historical ticks processed before other tasks of a node have their turn.
SLICE = 20_000


@dataclass(frozen=True, slots=True)
class Tick:
    """
    Represents a quote or a trade.

    Attributes
    ----------
    kind : int
        0 for a quote, 1 for a trade.
    ts : int
        The event time (ns UTC).
    a, b : int
        Bid and ask, or the price of a trade and 0 (ticks).
    a_size, b_size : int
        Their sizes, or the size of a trade and 0 (lots).
    side : int
        The aggressor of a trade as in Nautilus: 1 buyer, 2 seller, 0 none.
    trade_id : str
        The venue's id of a trade; empty if unknown.

    """

    kind: int
    ts: int
    a: int
    b: int
    a_size: int
    b_size: int
    side: int = 0
    trade_id: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """
    Represents a stretch of a catalog without a gap.

    Attributes
    ----------
    first_ns, last_ns : int
        The times of its first and last event (ns UTC).
    ticks : Callable[[], Iterator[Tick]]
        Reads it in the order of time.
    tail : tuple[Tick, ...]
        The ticks behind those, from the time of the first live tick on: a recorder has them, and
        they may have arrived live as well (`align`). Empty for a catalog, which gives way to the
        live data.

    """

    first_ns: int
    last_ns: int
    ticks: Callable[[], Iterator[Tick]]
    tail: tuple[Tick, ...] = ()

    def spans(self, start_ns: int, end_ns: int, gap_ns: int) -> bool:
        """Return whether it reaches from one time (ns UTC) to another but for a gap at most."""
        return self.first_ns - start_ns <= gap_ns and end_ns - self.last_ns <= gap_ns


def align(tail: Sequence[Tick], live: Sequence[Tick]) -> tuple[list[Tick], list[Tick]]:
    """
    Return the end of a recording that precedes or equals live ticks, and the live ticks beyond it.

    A recorder may be a moment ahead of a node: what is recorded behind the last tick that both
    have arrives live. What the recorder alone has before that one was sent before the node had
    subscribed.

    Parameters
    ----------
    tail : Sequence[Tick]
        The recorded ticks from the time of the first live one on, in their order.
    live : Sequence[Tick]
        The live ticks, in the order of arrival.

    """
    unmatched = Counter(map(_values, live))
    matched: Counter[tuple[int, ...]] = Counter()
    last: dict[int, int] = {}
    for place, tick in enumerate(tail):
        values = _values(tick)
        if unmatched[values]:
            unmatched[values] -= 1
            matched[values] += 1
            last[tick.kind] = place
    first_ns: dict[int, int] = {}
    for tick in live:
        first_ns.setdefault(tick.kind, tick.ts)
    kept = [
        tick
        for place, tick in enumerate(tail)
        if place <= last.get(tick.kind, -1)
        or (tick.kind not in last and tick.ts < first_ns.get(tick.kind, 0))
    ]
    beyond = []
    for tick in live:
        values = _values(tick)
        if matched[values]:
            matched[values] -= 1
        else:
            beyond.append(tick)
    return kept, beyond


def _values(tick: Tick) -> tuple[int, ...]:
    # A Parquet file of ticks is read without the trade ids.
    return (tick.kind, tick.ts, tick.a, tick.b, tick.a_size, tick.b_size, tick.side)


def join(
    stored: Stored | None,
    recent: Iterable[Tick],
    live: Iterable[Tick],
    finder: GapFinder,
) -> Iterator[Tick]:
    """
    Return the longest final part of a history without a gap, in the order of time.

    Each source counts from the end of the one before it; of a recording all ticks count, and live
    ones from its end on. A trade that is both recent and live counts once. A venue has no recent
    quotes: its trades count in their place.

    Parameters
    ----------
    stored : Stored or None
        The data of a catalog.
    recent : Iterable[Tick]
        The venue's recent trades.
    live : Iterable[Tick]
        The live data, in order of arrival, without those that a recording has (`align`).
    finder : GapFinder
        The rule for gaps, unused so far.

    """
    live = list(live)
    known = {tick.trade_id for tick in live if tick.trade_id}
    first_ns = live[0].ts if live else None
    after_ns = -1 if stored is None else stored.last_ns
    between = [
        tick
        for tick in recent
        # A trade at the time of the first live event may have preceded it.
        if after_ns < tick.ts and (first_ns is None or tick.ts <= first_ns)
        if tick.trade_id not in known
    ]
    ticks = sorted(between, key=lambda tick: tick.ts) + live
    has_quotes = any(tick.kind == QUOTE for tick in live)
    if stored is not None:
        finder.on_quote(stored.last_ns)
    cut, is_first = None, True
    for number, tick in enumerate(ticks):
        if number < len(between) or tick.kind == QUOTE or not has_quotes:
            if finder.on_quote(tick.ts):
                cut = 0 if is_first else number
            is_first = False
    if cut is not None:
        yield from ticks[cut:]
        return
    if stored is not None:
        for tick in stored.ticks():
            if first_ns is None or stored.tail or tick.ts < first_ns:
                yield tick
        yield from stored.tail
    yield from ticks

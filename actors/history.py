"""Join the history of a catalog and a venue with the live data since the start of a node."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
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

    """

    first_ns: int
    last_ns: int
    ticks: Callable[[], Iterator[Tick]]

    def spans(self, start_ns: int, end_ns: int, gap_ns: int) -> bool:
        """Return whether it reaches from one time (ns UTC) to another but for a gap at most."""
        return self.first_ns - start_ns <= gap_ns and end_ns - self.last_ns <= gap_ns


def join(
    stored: Stored | None,
    recent: Iterable[Tick],
    live: Iterable[Tick],
    finder: GapFinder,
) -> Iterator[Tick]:
    """
    Return the longest final part of a history without a gap, in the order of time.

    Each source counts from the end of the one before it. A trade that is both recent and live
    counts once. A venue has no recent quotes: its trades count in their place.

    Parameters
    ----------
    stored : Stored or None
        The data of a catalog.
    recent : Iterable[Tick]
        The venue's recent trades.
    live : Iterable[Tick]
        The live data, in order of arrival.
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
            if first_ns is None or tick.ts < first_ns:
                yield tick
    yield from ticks

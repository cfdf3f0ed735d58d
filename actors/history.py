"""Joins what a catalog and a venue remember with what a node has heard since it started."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise


QUOTE = 0
TRADE = 1


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
        The venue's id of a trade; empty where it is not known.

    """

    kind: int
    ts: int
    a: int
    b: int
    a_size: int
    b_size: int
    side: int = 0
    trade_id: str = ""


def join(
    stored: Iterable[Tick],
    recent: Iterable[Tick],
    heard: Iterable[Tick],
    gap_ns: int,
) -> list[Tick]:
    """
    Return the longest end of the history without a gap, in the order of time.

    Each source counts from where the one before it ends. A trade that the venue remembers and that
    was heard as well counts once.

    Parameters
    ----------
    stored : Iterable[Tick]
        What a catalog holds, in the order of time.
    recent : Iterable[Tick]
        The venue's recent trades.
    heard : Iterable[Tick]
        What has come over the socket, in its order.
    gap_ns : int
        The longest time (ns) between two events that is no gap.

    """
    heard = list(heard)
    known = {tick.trade_id for tick in heard if tick.kind == TRADE and tick.trade_id}
    first_heard = min((tick.ts for tick in heard), default=None)
    joined = list(stored)
    if first_heard is not None:
        joined = [tick for tick in joined if tick.ts < first_heard]
    last_stored = joined[-1].ts if joined else -1
    between = [tick for tick in recent if tick.ts > last_stored and tick.trade_id not in known]
    # A trade heard is never older than the first one heard; one remembered may be as old.
    if first_heard is not None:
        between = [tick for tick in between if tick.ts <= first_heard]
    joined += sorted(between, key=lambda tick: tick.ts)
    joined += heard
    start = 0
    for index, (before, after) in enumerate(pairwise(joined)):
        if after.ts - before.ts > gap_ns:
            start = index + 1
    return joined[start:]

"""Losing streaks and drawdowns of results in the order of time."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any


LENGTHS = (3, 5, 7, 10)
LISTED = 5


def losing_streaks(nets: Sequence[float]) -> dict[str, Any]:
    """
    Return the runs of losing trades; a result of zero ends one.

    `loss_rate` is the share of trades that do not win, zeros included, and `chance` that of so many
    of them in a row, were each trade independent of those before it.
    """
    runs = [list(run) for lost, run in groupby(nets, key=lambda net: net < 0) if lost]
    rate = sum(net <= 0 for net in nets) / len(nets) if nets else 0.0
    longest = max(runs, key=len, default=[])
    counts = Counter(map(len, runs))
    return {
        "longest": len(longest),
        "longest_loss": sum(longest),
        "loss_rate": rate,
        "counts": {str(length): counts[length] for length in sorted(counts)},
        "chance": {str(length): rate**length for length in LENGTHS},
    }


def drawdowns(nets: Sequence[float]) -> dict[str, Any]:
    """
    Return the falls from a peak of the summed results, each with its deepest point.

    A fall ends with the trade that brings the sum back to the peak or above it; the last may not
    have ended. `start` and `end` are numbers of trades from 0, `end` that of the recovery.
    """
    events: list[dict[str, Any]] = []
    total = peak = 0.0
    current: dict[str, Any] | None = None
    for number, net in enumerate(nets):
        total += net
        if total >= peak:
            peak = total
            if current is not None:
                events.append({**current, "end": number, "recovered": True})
                current = None
        else:
            depth = peak - total
            if current is None:
                current = {"start": number, "depth": depth}
            current["depth"] = max(current["depth"], depth)
    if current is not None:
        events.append({**current, "end": len(nets), "recovered": False})
    for event in events:
        event["trades"] = event["end"] - event["start"]
    depths = [event["depth"] for event in events]
    return {
        "count": len(events),
        "deepest": max(depths, default=0.0),
        "mean": sum(depths) / len(depths) if depths else 0.0,
        "longest": max((event["trades"] for event in events), default=0),
        "top": sorted(events, key=lambda event: -event["depth"])[:LISTED],
        "events": events,
    }

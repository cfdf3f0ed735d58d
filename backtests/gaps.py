"""What gaps in the data have cost a run: the list, the figures, and one line in words."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import pandas as pd

from actors.messages import DataGap
from actors.messages import Decision
from strategies.common.gate import Refusal


# The longest ones; a file of the run has all of them.
LISTED = 10
MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400


def gap_figures(
    gaps: Sequence[DataGap],
    decisions: Iterable[Decision],
    closes_cold: int,
) -> dict[str, Any]:
    """
    Return the gaps of a run and what they have cost, as `SUMMARY_KEYS` documents it.

    Parameters
    ----------
    gaps : Sequence[DataGap]
        The gaps.
    decisions : Iterable[Decision]
        The decisions of the run.
    closes_cold : int
        The closed minutes or seconds without warm-up since the first gap, of all strategies.

    """
    first: dict[Any, int] = {}
    for gap in gaps:
        first.setdefault(gap.instrument_id, gap.end)
    held = sum(
        decision.action == "REFUSE"
        and decision.why == str(Refusal.WARMUP)
        and decision.ts_event >= first.get(decision.instrument_id, decision.ts_event + 1)
        for decision in decisions
    )
    longest = sorted(gaps, key=lambda gap: -gap.silent_s)[:LISTED]
    return {
        "count": len(gaps),
        "silent_seconds": sum(gap.silent_s for gap in gaps),
        "closes_cold": closes_cold,
        "refused": held,
        "longest": [
            {
                "instrument_id": gap.instrument_id.value,
                "start": pd.Timestamp(gap.start, tz="UTC").isoformat(),
                "end": pd.Timestamp(gap.end, tz="UTC").isoformat(),
                "silent_seconds": gap.silent_s,
            }
            for gap in sorted(longest, key=lambda gap: (gap.end, gap.instrument_id.value))
        ],
    }


def gap_warnings(figures: Mapping[str, Any], *, has_seconds: bool) -> list[str]:
    """Return one line about the gaps of a run, none where it has none."""
    if not figures["count"]:
        return []
    unit = "second" if has_seconds else "minute"
    longest = max(figures["longest"], key=lambda gap: gap["silent_seconds"])
    return [
        f"{gaps_text(figures['count'], figures['silent_seconds'])}, the longest from "
        f"{_minute(longest['start'])} to {_minute(longest['end'])} UTC: the warm-up began anew, "
        f"{_counted(figures['closes_cold'], f'closed {unit}')} after it without entries, "
        f"{_counted(figures['refused'], 'candidate')} refused"
    ]


def gaps_text(count: int, silent_s: float) -> str:
    """Return how many gaps there are and how long they last together, in words."""
    whole = "" if count == 1 else " in all"
    return f"{_counted(count, 'gap')} in the data, {duration(silent_s)}{whole}"


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units: ``8 h 05 min``."""
    whole = round(seconds)
    if whole >= DAY_S:
        return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S:02} h"
    if whole >= HOUR_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S:02} min"
    if whole >= MINUTE_S:
        return f"{whole // MINUTE_S} min {whole % MINUTE_S:02} s"
    return f"{seconds:.3g} s"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _minute(text: str) -> str:
    return f"{pd.Timestamp(text):%Y-%m-%d %H:%M}"

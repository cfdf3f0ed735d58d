"""The effect of data gaps on a run: the list, the figures, and one line in words."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from actors.messages import DataGap
from actors.messages import Decision
from actors.messages import Message
from backtests.results.trade import Trade
from strategies.common.gate import Refusal


# The longest ones; a file of the run has all of them.
LISTED = 10
MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class ColdRefusals:
    """
    Represents candidates refused because a gap in the data began the warm-up anew.

    Attributes
    ----------
    count : int
        How many there are.
    cause : str
        Which gaps there were, how long, and when the warm-up was complete again.

    """

    count: int
    cause: str


def gap_figures(
    gaps: Sequence[DataGap],
    decisions: Iterable[Decision],
    closes_cold: int,
    trades: Iterable[Trade],
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
    trades : Iterable[Trade]
        The positions of the run.

    """
    across = [trade for trade in trades if is_across(trade, gaps)]
    longest = sorted(gaps, key=lambda gap: -gap.silent_s)[:LISTED]
    return {
        "count": len(gaps),
        "silent_seconds": sum(gap.silent_s for gap in gaps),
        "closes_cold": closes_cold,
        "refused": _refused_since(gaps, decisions),
        "trades_across": len(across),
        "net_across": float(sum((trade.net for trade in across), Decimal(0))),
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


def is_across(trade: Trade, gaps: Iterable[DataGap]) -> bool:
    """Return whether a position was open during a gap of its instrument, in part or throughout."""
    return any(
        gap.instrument_id.value == trade.instrument_id
        and trade.ts_open < gap.end
        and (trade.ts_close is None or trade.ts_close > gap.start)
        for gap in gaps
    )


def gap_warnings(figures: Mapping[str, Any], currency: str, bars: Mapping[str, int]) -> list[str]:
    """
    Return one line about the gaps of a run and one about trades open across them.

    Nothing where there are none.

    Parameters
    ----------
    figures : Mapping[str, Any]
        What `gap_figures` returns.
    currency : str
        The settlement currency.
    bars : Mapping[str, int]
        The closed bars of the run by what they are called; those with most rows are meant.

    """
    if not figures["count"]:
        return []
    unit = max(bars, key=lambda name: bars[name]).removesuffix("s")
    longest = max(figures["longest"], key=lambda gap: gap["silent_seconds"])
    warnings = [
        f"{gaps_text(figures['count'], figures['silent_seconds'])}, the longest from "
        f"{_minute(longest['start'])} to {_minute(longest['end'])} UTC: the warm-up began anew, "
        f"{_counted(figures['closes_cold'], f'closed {unit}')} after it without entries, "
        f"{_counted(figures['refused'], 'candidate')} refused"
    ]
    if across := figures["trades_across"]:
        were = "was" if across == 1 else "were"
        warnings.append(
            f"{_counted(across, 'trade')} {were} open across a gap (net "
            f"{figures['net_across']:+,.2f} {currency}): what the market did meanwhile is not known"
        )
    return warnings


def cold_refusals(
    gaps: Sequence[DataGap],
    decisions: Iterable[Decision],
    warm_closes: Mapping[str, Sequence[int]],
) -> ColdRefusals:
    """
    Return the candidates refused after a gap, and what the gap did to the warm-up.

    Parameters
    ----------
    gaps : Sequence[DataGap]
        The gaps of the run.
    decisions : Iterable[Decision]
        Its decisions.
    warm_closes : Mapping[str, Sequence[int]]
        The closes of its bars whose window was complete, as `note_warm` notes them; empty where
        bars are not marked.

    """
    if not gaps:
        return ColdRefusals(count=0, cause="")
    longest = max(gaps, key=lambda gap: gap.silent_s)
    which = "from" if len(gaps) == 1 else "the longest from"
    cause = (
        f"{gaps_text(len(gaps), sum(gap.silent_s for gap in gaps))}, {which} "
        f"{_minute(longest.start)} to {_minute(longest.end)} UTC"
    )
    if warm_closes:
        cause += f"; after {'it' if len(gaps) == 1 else 'the last'} the warm-up was "
        warm = _warm_again(gaps, warm_closes)
        cause += "not complete again" if warm is None else f"complete again at {_minute(warm)} UTC"
    return ColdRefusals(count=_refused_since(gaps, decisions), cause=cause)


def _refused_since(gaps: Iterable[DataGap], decisions: Iterable[Decision]) -> int:
    first: dict[Any, int] = {}
    for gap in gaps:
        first.setdefault(gap.instrument_id, gap.end)
    return sum(
        decision.action == "REFUSE"
        and decision.why == str(Refusal.WARMUP)
        and decision.ts_event >= first.get(decision.instrument_id, decision.ts_event + 1)
        for decision in decisions
    )


def _warm_again(gaps: Iterable[DataGap], warm_closes: Mapping[str, Sequence[int]]) -> int | None:
    last = {gap.instrument_id.value: gap.end for gap in gaps}
    found = [
        next((close for close in warm_closes.get(name, ()) if close > end), None)
        for name, end in last.items()
    ]
    known = [close for close in found if close is not None]
    return max(known) if len(known) == len(found) else None


def note_warm(warm_closes: dict[str, list[int]], bar: Message) -> None:
    """Record the close of a bar whose window is complete (ns UTC); nothing of one that is not."""
    closes = warm_closes.setdefault(bar.instrument_id.value, [])
    if bar.column(bar.WARM):
        closes.append(bar.ts_event + 1)


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


def _minute(time: str | int) -> str:
    return f"{pd.Timestamp(time):%Y-%m-%d %H:%M}"

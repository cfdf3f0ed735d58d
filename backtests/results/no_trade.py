"""Why a run closed no trade, in plain words, from what was measured."""

from collections import Counter
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from actors.messages import Alert
from actors.messages import TradeEvent
from backtests.collector import Collector
from backtests.preflight import run_files
from backtests.report.figures import number
from backtests.report.figures import ranked
from backtests.results.codes import codes_of_run
from backtests.results.gaps import ColdRefusals
from backtests.results.gaps import cold_refusals
from backtests.results.outcome import Outcome
from catalog.layout import utc_text
from configs.loader import RunConfig
from strategies.common.codes import explained
from strategies.common.gate import Refusal


GIVEN_UP = ("ENTRY_CANCELED", "ENTRY_REFUSED")
NO_GAPS = ColdRefusals(count=0, cause="")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """
    Represents the facts that explain a run without a trade.

    Attributes
    ----------
    closes : str
        How many minutes or seconds closed, such as `600 closed minutes`.
    open_positions : int
        The positions still open.
    entries : int
        The entries decided on.
    reasons, refusals : Mapping[str, int]
        The decisions by reason, the refused candidates by code.
    given_up : Mapping[str, int]
        The entries canceled before a fill, by reason.
    alerts : Mapping[str, Sequence[str]]
        The texts of the alerts by kind.
    history, progress : Sequence[str]
        The reports of actors on their history, and of strategies on the progress of their rule.
    after_gaps : ColdRefusals
        Those of the refused candidates that a gap in the data has cost.
    meanings : Mapping[str, Mapping[str, str]]
        The sentences of the codes: `reasons`, `refusals` and `entries`.

    """

    closes: str
    open_positions: int
    entries: int
    reasons: Mapping[str, int]
    refusals: Mapping[str, int]
    given_up: Mapping[str, int]
    alerts: Mapping[str, Sequence[str]]
    history: Sequence[str] = ()
    progress: Sequence[str] = ()
    after_gaps: ColdRefusals = NO_GAPS
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def why_no_trade(seen: Evidence) -> list[str]:
    """
    Return why there is no closed trade: the answer in short, then what led to it.

    Parameters
    ----------
    seen : Evidence
        What was measured.

    Returns
    -------
    list[str]
        One text each: the answer, the history, refusals by code, entries without a fill, alerts,
        and without any candidate what the rule waited for.

    """
    lines = [_answer(seen), *seen.history]
    lines += _refused(seen)
    if seen.entries and not seen.open_positions:
        entries = _count(seen.entries, "entry was", "entries were").capitalize()
        lines.append(f"{entries} decided on, and none was filled.")
        lines += _coded("canceled", "entries", seen.given_up, seen.meanings.get("entries", {}))
    for kind, texts in seen.alerts.items():
        times = "once" if len(texts) == 1 else f"{number(len(texts), 0)} times"
        lines.append(f"Alert {kind}, {times}: {texts[0]}")
    if not (seen.refusals or seen.entries or seen.open_positions):
        # Codes that the history names already are not repeated.
        known = {code for code in seen.reasons if any(f"({code})" in text for text in seen.history)}
        meanings = seen.meanings.get("reasons", {})
        lines += _coded("was", "decisions", seen.reasons, meanings, known)
        lines += seen.progress
    return lines


def explain_run(
    run: RunConfig,
    outcome: Outcome,
    collector: Collector,
    summary: Mapping[str, Any],
) -> list[str]:
    """
    Return why a backtest closed no trade.

    Parameters
    ----------
    run : RunConfig
        The resolved configuration.
    outcome : Outcome
        What the run has left.
    collector : Collector
        The messages of the run.
    summary : Mapping[str, Any]
        Its figures and counts.

    """
    given_up, alerts = events_of(collector.trade_events, collector.alerts)
    history = list(outcome.history)
    after_gaps = cold_refusals(collector.gaps, collector.decisions, collector.warm_closes)
    if not after_gaps.count or after_gaps.count < summary["refusals"][str(Refusal.WARMUP)]:
        # What came after a gap needs no earlier start.
        history += _earlier_data(run)
    return why_no_trade(
        Evidence(
            closes=f"{number(summary['minutes_closed'], 0)} closed minutes",
            open_positions=len(summary["open_positions"]),
            entries=summary["entries"] + summary["entries_unfilled"],
            reasons=summary["reasons"],
            refusals=summary["refusals"],
            given_up=given_up,
            alerts=alerts,
            history=history,
            progress=[text for strategy in outcome.strategies for text in strategy.progress],
            after_gaps=after_gaps,
            meanings={
                **summary["codes"],
                "entries": explained(codes_of_run(run.document).entries, given_up),
            },
        )
    )


def _earlier_data(run: RunConfig) -> list[str]:
    if run.start_ns is None:
        return []
    lines = []
    for instrument_id in run.instrument_ids:
        kinds = [run_files(run, name, instrument_id) for name in run.document["data"]]
        # History needs every type that the run reads.
        first = max(files[0].start_ns for files in kinds)
        if first < run.start_ns:
            lines.append(
                f"The run begins at {utc_text(run.start_ns)}, the data of {instrument_id} in the "
                f"catalog at {utc_text(first)}: an earlier --start gives more history."
            )
    return lines


def events_of(
    trade_events: Iterable[TradeEvent], alerts: Iterable[Alert]
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Return the canceled entries by reason, and the texts of the alerts by kind."""
    given_up = Counter(str(e.reason) for e in trade_events if e.kind in GIVEN_UP and e.reason)
    texts: dict[str, list[str]] = {}
    for alert in alerts:
        texts.setdefault(alert.kind, []).append(alert.text)
    return dict(given_up), texts


def _answer(seen: Evidence) -> str:
    if seen.open_positions:
        one = "the only position is"
        what = one if seen.open_positions == 1 else f"{seen.open_positions} positions are"
        return f"No trade was closed: {what} still open at the end of the data."
    refused = sum(seen.refusals.values())
    parts = []
    if refused:
        parts.append(f"{_count(refused, 'candidate was', 'candidates were')} refused")
    if seen.entries:
        parts.append(f"{_count(seen.entries, 'entry was', 'entries were')} not filled")
    if parts:
        return f"No trades: in {seen.closes} {' and '.join(parts)}."
    return f"No trades: none of {seen.closes} had a candidate that was refused or taken."


def _count(count: int, one: str, many: str) -> str:
    return f"one {one}" if count == 1 else f"{number(count, 0)} {many}"


def _refused(seen: Evidence) -> list[str]:
    meanings = dict(seen.meanings.get("refusals", {}))
    warmup, after = str(Refusal.WARMUP), seen.after_gaps
    if after.count:
        earlier = seen.refusals[warmup] - after.count
        text = (
            f"{'All' if not earlier else number(after.count, 0)} of these came after a gap, which "
            f"began the warm-up anew: {after.cause}. Ingest what is missing there: an earlier "
            "start does not help."
        )
        if earlier and warmup in meanings:
            text += f" The {number(earlier, 0)} before: {meanings[warmup]}"
        meanings[warmup] = text
    return _coded("refused", "candidates", seen.refusals, meanings)


def _coded(
    verb: str,
    what: str,
    counts: Mapping[str, int],
    meanings: Mapping[str, str],
    known: Container[str] = (),
) -> list[str]:
    total = number(sum(counts.values()), 0)
    return [
        f"{code} {verb} {number(count, 0)} of {total} {what}. {meanings.get(code, '')}".rstrip()
        for code, count, _ in ranked(counts)
        if code not in known
    ]

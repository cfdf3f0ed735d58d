"""The summary of a run: what ran, its figures, and what to know before relying on them."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from actors.order_marks import tagged_trade
from actors.order_records import OrderRecord
from backtests.collector import Collector
from backtests.preflight import Preflight
from backtests.results.assumptions import describe_assumptions
from backtests.results.codes import codes_written
from backtests.results.fee_check import fee_warnings
from backtests.results.figures import run_figures
from backtests.results.gaps import gap_figures
from backtests.results.gaps import gap_warnings
from backtests.results.no_trade import explain_run
from backtests.results.outcome import Outcome
from backtests.results.r_multiples import cost_warnings
from backtests.results.r_multiples import stop_costs
from backtests.results.tags import reason_of
from backtests.results.tags import role_of
from backtests.results.trade import Trade
from catalog.layout import SYNTHETIC
from configs.loader import RunConfig
from strategies.common.reasons import EntryReason


def summarise(
    run: RunConfig,
    before: Preflight,
    outcome: Outcome,
    collector: Collector,
    trades: list[Trade],
    equity: pa.Table,
    days: pa.Table,
) -> dict[str, Any]:
    """
    Return the summary of a finished run as plain values; `SUMMARY_KEYS` documents each.

    Parameters
    ----------
    run : RunConfig
        The resolved configuration.
    before : Preflight
        What was known before the run.
    outcome : Outcome
        What the run has left.
    collector : Collector
        The messages of the run.
    trades : list[Trade]
        The positions of the run.
    equity : pa.Table
        The equity of the run.
    days : pa.Table
        The equity of the run by day.

    """
    decisions = collector.decisions
    assumptions = describe_assumptions(run.document["venues"], before.instruments)
    entries = entry_attempts(outcome.orders)
    decided = sum(decision.action in ("ENTER", "FLIP") for decision in decisions)
    unfilled = [orders[-1] for orders in entries if not any(order.filled for order in orders)]
    unsent = max(decided - len(entries), 0)
    cold = sum(strategy.closes_cold for strategy in outcome.strategies)
    gaps = gap_figures(collector.gaps, decisions, cold, trades)
    costs = stop_costs(decisions, outcome.strategies)
    figures = run_figures(trades, before, collector.unclear, equity, days, outcome.balance)
    reasons = _by_count(Counter(decision.reason for decision in decisions))
    refusals = _by_count(Counter(str(d.why) for d in decisions if d.action == "REFUSE"))
    exits = [group["name"] for group in figures["breakdowns"]["exit_reason"]]
    summary = {
        "system": run.system,
        "instruments": list(run.instrument_ids),
        "strategy": ", ".join(strategy.id for strategy in outcome.strategies),
        "start": outcome.start,
        "end": outcome.end,
        "synthetic": SYNTHETIC in before.quality,
        "data_quality": before.quality,
        "events": outcome.events,
        "minutes_closed": len(collector.marks()),
        "seconds_closed": collector.bars["seconds"],
        "gaps": gaps,
        "signals": sum(decision.setup is not None for decision in decisions),
        "entries": len(entries) - len(unfilled),
        "entries_unfilled": len(unfilled) + unsent,
        "orders": len(outcome.orders),
        **figures,
        "stop_costs": costs,
        "open_positions": open_rows(trades),
        "reasons": reasons,
        "refusals": refusals,
        "codes": codes_written(run.document, reasons, refusals, exits),
        "alerts": _by_count(Counter(alert.kind for alert in collector.alerts)),
        "nautilus_statistics": outcome.statistics,
        "assumptions": assumptions,
        "warnings": [
            *before.warnings,
            *gap_warnings(gaps, figures["currency"], collector.bars),
            *fee_warnings(run.document["venues"], outcome.strategies),
            *cost_warnings(costs, figures),
            *unfilled_warnings(unfilled, unsent),
            *notice_warnings(outcome.notices),
            *position_warnings(assumptions, trades),
        ],
    }
    no_trade = [] if figures["trades"] else explain_run(run, outcome, collector, summary)
    return {**summary, "no_trade": no_trade}


def entry_attempts(orders: Iterable[OrderRecord]) -> list[list[OrderRecord]]:
    """Return the orders of each entry: the first, and those sent for its rest after a time-out."""
    attempts: list[list[OrderRecord]] = []
    latest: dict[tuple[str, str, int | None], list[OrderRecord]] = {}
    entries = (order for order in orders if role_of(order) == "ENTRY")
    for order in sorted(entries, key=lambda order: (order.ts_init, order.client_order_id)):
        key = order.strategy_id, order.instrument_id, tagged_trade(order.tags)
        if reason_of(order) == EntryReason.TIMEOUT and key in latest:
            latest[key].append(order)
        else:
            latest[key] = [order]
            attempts.append(latest[key])
    return attempts


def open_rows(trades: Iterable[Trade]) -> list[dict[str, Any]]:
    """Return the positions still open."""
    return [
        {
            "instrument_id": trade.instrument_id,
            "side": "LONG" if trade.is_long else "SHORT",
            "quantity": float(trade.open_quantity),
            "entry": float(trade.entry),
        }
        for trade in trades
        if trade.open_quantity
    ]


def unfilled_warnings(orders: Iterable[OrderRecord], unsent: int) -> list[str]:
    """
    Return a warning of the entries without a fill, by what became of them, if there are any.

    Parameters
    ----------
    orders : Iterable[OrderRecord]
        The entry orders without a fill.
    unsent : int
        The number of entries that were decided on and never became an order.

    """
    counts: Counter[str] = Counter()
    reasons: dict[str, str] = {}
    for order in orders:
        counts[order.status] += 1
        if order.refusal:
            reasons.setdefault(order.status, order.refusal)
    if unsent:
        counts["not sent"] = unsent
    if not counts:
        return []
    # Reasons contain prices and amounts: the first of each status represents all.
    parts = [
        f"{count} {status} ({reasons[status]})" if status in reasons else f"{count} {status}"
        for status, count in _by_count(counts).items()
    ]
    return [f"Entries without a fill: {counts.total()}: {', '.join(parts)}"]


def notice_warnings(notices: Counter[str]) -> list[str]:
    """Return the notices of the components, with the count of repeated ones."""
    return [f"{text} ({count} times)" if count > 1 else text for text, count in notices.items()]


def position_warnings(assumptions: Mapping[str, str], trades: Iterable[Trade]) -> list[str]:
    """Return a warning where funding is not charged, and where a position stayed open."""
    warnings = []
    if any(n.endswith(" funding") and text == "not charged" for n, text in assumptions.items()):
        warnings.append("Funding is not charged.")
    if any(trade.open_quantity for trade in trades):
        warnings.append(
            "A position was still open at the end: net P&L and trades are those of closed ones."
        )
    return warnings


def _by_count(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

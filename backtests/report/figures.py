"""The figures of a run as text: one wording and one number format for page and console."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from typing import Any

import pandas as pd

from backtests.results.metrics import MIN_ANNUALISED_DAYS
from catalog.layout import PROXY


MISSING = "–"
DATA_QUALITY = {
    "synthetic": "synthetic market",
    "venue side": "aggressor side from the venue",
    "inferred": "aggressor side inferred from quotes",
    "estimated from bars": "order flow estimated from bars",
    "no volume": "bars without volume: no volume profile",
}
SYNTHETIC_NOTICE = (
    "SYNTHETIC DATA: this market was generated, it never traded. "
    "The figures show that the software runs, not that the system earns."
)


@dataclass(frozen=True)
class Figure:
    """
    Represents one named figure of a run.

    Attributes
    ----------
    label : str
        What the figure is.
    text : str
        The formatted value, without its unit.
    unit : str
        The unit, empty for a pure number.
    sign : int
        -1 for a loss, 1 for a gain, 0 where the sign carries no judgement.

    """

    label: str
    text: str
    unit: str = ""
    sign: int = 0


def number(value: float | None, decimals: int = 2) -> str:
    """Return `value` with thousands separators, or a dash where it does not exist."""
    if value is None or pd.isna(value):
        return MISSING
    # Adding zero turns the "-0.00" of a tiny loss into "0.00".
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"


def percent(fraction: float | None, decimals: int = 1) -> str:
    """Return a fraction of one in percent, without the unit."""
    return number(None if fraction is None else 100.0 * fraction, decimals)


def utc(value: str | pd.Timestamp | None, unit: str = "minutes") -> str:
    """Return a time as ``2025-06-02 14:05`` UTC, down to `unit` ("minutes", "seconds", …)."""
    if value is None or pd.isna(value):
        return MISSING
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value.to_pydatetime(False)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(" ", unit)


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int, float]]:
    """Return code, count and share of the sum, the largest count first, ties by code."""
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(code, count, count / total if total else 0.0) for code, count in ordered]


def period(summary: Mapping[str, Any]) -> str:
    """Return the period of the data that the run saw."""
    return f"{utc(summary['start'])} to {utc(summary['end'])} UTC"


def quality_labels(summary: Mapping[str, Any]) -> list[str]:
    """Return the quality of the data, in words."""
    return [_quality_text(label) for label in summary["data_quality"]]


def _quality_text(label: str) -> str:
    if label.startswith(PROXY):
        return f"{label}: prices, ticks and volumes are those of another instrument"
    return DATA_QUALITY.get(label, label)


def r_note(summary: Mapping[str, Any]) -> str | None:
    """Return in which units the R of a run are, or None where it has none."""
    if summary["mean_r_price"] is None:
        return None
    return (
        "R of price and of costs: in distances to the stop. R, net: in losses planned with costs, "
        "so it is not their difference."
    )


def key_figures(summary: Mapping[str, Any]) -> dict[str, list[Figure]]:
    """Return the key figures of a run, grouped under their headings."""
    currency = summary["currency"]

    def money(label: str, value: float | None, judged: bool = False) -> Figure:
        sign = 0 if not judged or not value else (1 if value > 0 else -1)
        return _figure(label, number(value), currency, sign)

    def share(label: str, fraction: float | None, decimals: int) -> Figure:
        return _figure(label, percent(fraction, decimals), "%")

    def count(label: str, key: str) -> Figure:
        return Figure(label, number(summary[key], 0))

    start = summary["starting_balance"]
    cost, moves, day = summary["entry_cost"], summary["excursions"], summary["intraday_drawdown"]
    stops = summary["stop_costs"]
    return {
        "Result": [
            money("Net P&L", summary["net_pnl"], judged=True),
            money("Gross P&L", summary["gross_pnl"], judged=True),
            money("Fees", summary["fees"]),
            money("Funding paid", summary["funding"]),
            share("Return", summary["net_pnl"] / start if start else None, 2),
            money("Starting balance", start),
            money("Ending balance", summary["ending_balance"]),
        ],
        "Trades": [
            count("Trades", "trades"),
            share("Win rate", summary["win_rate"], 1),
            Figure("Profit factor", number(summary["profit_factor"])),
            money("Average trade", summary["average_trade"]),
            money("Average win", summary["average_win"]),
            money("Average loss", summary["average_loss"]),
            _figure("Mean R, net", number(summary["mean_r_net"]), "R"),
        ],
        "Risk": [
            money("Max drawdown", summary["max_drawdown"]),
            share("Relative drawdown", summary["max_drawdown_pct"], 2),
            money("Closed drawdown", summary["closed_drawdown"]),
            money("Worst within a day", day["max"]),
            _sharpe(summary),
            *_open_positions(summary["open_positions"]),
        ],
        "Execution": [
            _figure("Entry cost, mean", number(cost["mean"]), "half ticks"),
            _figure("Entry cost, median", number(cost["p50"], 1), "half ticks"),
            _figure("Entry cost, 90 %", number(cost["p90"], 1), "half ticks"),
            _figure("MAE, mean", number(moves["mae_r"]["mean"]), "R"),
            _figure("MFE, mean", number(moves["mfe_r"]["mean"]), "R"),
            share("Volume of unclear side", summary["ambiguous"]["mean"], 1),
            share("Minutes unclear", summary["ambiguous"]["share_above"], 1),
        ],
        "Data": [
            count("Events", "events"),
            count("Minutes closed", "minutes_closed"),
            Figure("Gaps", number(summary["gaps"]["count"], 0)),
            count("Candidate minutes", "signals"),
            count("Entries", "entries"),
            count("Entries without a fill", "entries_unfilled"),
            count("Orders", "orders"),
            Figure("Elapsed", number(summary["elapsed_seconds"], 1), "s"),
        ],
        "Costs": [
            _figure("Mean R of price", number(summary["mean_r_price"]), "R"),
            _figure("Mean R of costs", number(summary["mean_r_costs"]), "R"),
            _figure("Mean R, net", number(summary["mean_r_net"]), "R"),
            _figure("Stop distance, median", number(stops["stop_bps"], 1), "bp"),
            _figure("Round trip fees, median", number(stops["fees_bps"], 1), "bp"),
            share("Candidate stops in fees", stops["share_within_fees"], 1),
        ],
    }


def _sharpe(summary: Mapping[str, Any]) -> Figure:
    label, days = f"Sharpe, daily, √{summary['days_per_year']}", summary["sharpe_days"]
    if summary["sharpe"] is None and days < MIN_ANNUALISED_DAYS:
        return Figure(label, MISSING, f"({days} of {MIN_ANNUALISED_DAYS} days)")
    return Figure(label, number(summary["sharpe"]))


def _figure(label: str, text: str, unit: str, sign: int = 0) -> Figure:
    return Figure(label, text, "" if text == MISSING else unit, sign)


def _open_positions(positions: Sequence[Mapping[str, Any]]) -> list[Figure]:
    if not positions:
        return [Figure("Open position", "none")]
    figures = []
    for position in positions:
        name = "" if len(positions) == 1 else f" {position['instrument_id']}"
        figures += [
            Figure(f"Open position{name}", f"{position['side']} {position['quantity']:,.10g}"),
            Figure("Opened at", f"{position['entry']:,.10g}"),
        ]
    return figures

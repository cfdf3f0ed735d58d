"""The results of a batch by day and by week, and its changes of the capital tier."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from backtests.batch.days import venue_of
from backtests.batch.ranges import RangeRun
from backtests.report.run_data import POSITIONS
from backtests.report.table_files import NUMBER
from backtests.report.table_files import TEXT
from backtests.report.table_files import TIME
from backtests.report.table_files import read_table
from catalog.trading_days import trading_day_of


TIER_CHANGES = pa.schema(
    {
        "ts": TIME,
        **dict.fromkeys(("from_name", "to_name", "from_root", "to_root"), TEXT),
        "balance": NUMBER,
    }
)


def day_rows(run: RangeRun, folder: Path, start: float) -> list[dict[str, Any]]:
    """
    Return the results of each day of a range, by the day on which a trade closed.

    Parameters
    ----------
    run : RangeRun
        The run of the range.
    folder : Path
        Its folder.
    start : float
        The balance before it.

    """
    positions = read_table(folder / "positions.parquet", POSITIONS)
    closed = positions[positions["ts_close"].notna()]
    nets: dict[date, list[float]] = {day: [] for day in run.days}
    for row in closed.to_dict(orient="records"):
        day = trading_day_of(venue_of(row["instrument_id"]), row["ts_close"].value)
        nets.setdefault(day, []).append(row["net_pnl"])
    rows = []
    balance = start
    for day, values in sorted(nets.items()):
        balance += sum(values)
        rows.append(
            {
                "day": day.isoformat(),
                "run_id": run.run_id,
                "trades": len(values),
                "wins": sum(value > 0 for value in values),
                "net": sum(values),
                "balance": balance,
            }
        )
    return rows


def week_rows(days: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results of each ISO week."""
    rows = []
    for (year, week), group in groupby(days, key=lambda row: _week(row["day"])):
        held = list(group)
        nets = [row["net"] for row in held]
        rows.append(
            {
                "week": f"{year}-W{week:02}",
                "days": len(held),
                "trades": sum(row["trades"] for row in held),
                "wins": sum(row["wins"] for row in held),
                "net": sum(nets),
                "best_day": max(nets),
                "worst_day": min(nets),
                "balance": held[-1]["balance"],
            }
        )
    return rows


def tier_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the changes of the capital tier in a run; none where it has no tiers."""
    path = folder / "tier_changes.parquet"
    if not path.is_file():
        return []
    changes = read_table(path, TIER_CHANGES)
    return [
        {
            "ts": row["ts"].isoformat(),
            "from": row["from_name"],
            "to": row["to_name"],
            "contract": row["to_root"],
            "balance": row["balance"],
        }
        for row in changes.to_dict(orient="records")
    ]


def day_figures(days: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return winning, losing and flat days, their mean, the best and worst, and their streaks."""
    nets = [row["net"] for row in days]
    wins = sum(net > 0 for net in nets)
    losses = sum(net < 0 for net in nets)
    ranked = sorted(days, key=lambda row: float(row["net"]))
    return {
        "days": len(days),
        "winning_days": wins,
        "losing_days": losses,
        "flat_days": len(days) - wins - losses,
        "net": sum(nets),
        "mean_day": sum(nets) / len(nets) if nets else None,
        "best_days": [[row["day"], row["net"]] for row in ranked[::-1][:5]],
        "worst_days": [[row["day"], row["net"]] for row in ranked[:5]],
        "longest_winning_streak": _longest(net > 0 for net in nets),
        "longest_losing_streak": _longest(net < 0 for net in nets),
    }


def _longest(flags: Any) -> int:
    return max((len(list(run)) for flag, run in groupby(flags) if flag), default=0)


def _week(day: str) -> tuple[int, int]:
    year, week, _ = date.fromisoformat(day).isocalendar()
    return year, week

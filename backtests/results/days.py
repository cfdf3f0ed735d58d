"""The equity of a run by UTC day."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from backtests.results.metrics import NANOS_PER_DAY
from backtests.results.tables import DAYS
from backtests.results.tables import make_table
from backtests.results.trade import Trade


def day_table(start: float, equity: pa.Table, trades: Sequence[Trade]) -> pa.Table:
    """
    Return equity, drawdown within the day and closed trades of each UTC day.

    A day begins with the equity at the end of the day before, and its drawdown is that from the
    highest equity of the same day: a loss carried over midnight counts from there. What is booked
    at midnight belongs to the day that ends.

    Parameters
    ----------
    start : float
        The balance before the run.
    equity : pa.Table
        The equity of the run at closed minutes.
    trades : Sequence[Trade]
        The positions of the run.

    """
    times = equity["ts"].cast("int64").to_numpy()
    values = equity["equity"].to_numpy()
    days = (times - 1) // NANOS_PER_DAY
    closed: dict[int, list[Decimal]] = {}
    for trade in trades:
        if trade.ts_close is not None:
            closed.setdefault((trade.ts_close - 1) // NANOS_PER_DAY, []).append(trade.net)
    rows = []
    before = start
    for day in np.unique(days).tolist():
        path = np.concatenate(([before], values[days == day]))
        peaks = np.maximum.accumulate(path)
        falls = peaks - path
        worst = float(falls.max())
        relative = np.divide(falls, peaks, out=np.zeros(len(path)), where=peaks > 0)
        nets = closed.get(day, [])
        rows.append(
            (
                day * NANOS_PER_DAY,
                before,
                float(path[-1]),
                worst,
                float(relative.max()),
                len(nets),
                float(sum(nets, Decimal(0))),
            )
        )
        before = float(path[-1])
    return make_table(DAYS, rows)


def intraday_drawdown(days: pa.Table) -> dict[str, Any]:
    """Return the worst drawdown within one UTC day, that day, and the mean over all days."""
    if not len(days):
        return {"max": 0.0, "max_pct": 0.0, "day": None, "mean": 0.0}
    falls = days["drawdown"].to_numpy()
    worst = int(falls.argmax())
    return {
        "max": float(falls[worst]),
        "max_pct": float(days["drawdown_pct"].to_numpy().max()),
        "day": days["day"][worst].as_py().date().isoformat() if falls[worst] > 0 else None,
        "mean": float(falls.mean()),
    }

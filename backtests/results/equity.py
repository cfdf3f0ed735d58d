"""The equity of a run at every closed minute."""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from actors.order_records import as_double
from backtests.collector import Mark
from backtests.results.netted import fills_of
from backtests.results.netted import netted
from backtests.results.tables import equity_table
from backtests.results.trade import Trade


def equity_curve(
    start: float,
    trades: list[Trade],
    closes: list[Mark],
    end: int,
    marks: Mapping[str, float],
) -> pa.Table:
    """
    Return balance and equity at the close of each minute, and at the end if money moved later.

    The balance holds realised results, fees and funding as the account books them: trades that
    share a position leave it at its average price. The equity adds open positions at the mark, at
    the entry where there is none.

    Parameters
    ----------
    start : float
        The balance before the run.
    trades : list[Trade]
        The positions of the run.
    closes : list[Mark]
        The marks at the closed minutes of all instruments.
    end : int
        The end of the run (ns UTC).
    marks : Mapping[str, float]
        The last price of each instrument, by its id.

    Returns
    -------
    pa.Table
        The columns ts, balance, equity, drawdown (not above 0), drawdown_pct.

    """
    times = np.unique(np.array([mark.ts for mark in closes], dtype=np.int64))
    booked = [trade.fills[-1].ts_event for trade in trades]
    booked += [ts for trade in trades for ts, _ in trade.payments]
    last = max(booked, default=0)
    beyond = len(times) > 0 and last > times[-1]
    if beyond:
        times = np.append(times, max(end, last))
    balance = np.full(len(times), start)
    equity = np.full(len(times), start)
    for instrument_id in dict.fromkeys(trade.instrument_id for trade in trades):
        prices = _prices(times, [m for m in closes if m.instrument_id == instrument_id])
        if beyond:
            prices[-1] = marks[instrument_id]
        for group in netted([trade for trade in trades if trade.instrument_id == instrument_id]):
            _book(group, times, prices, balance, equity)
    peak = np.maximum.accumulate(np.maximum(equity, start)) if len(times) else equity
    relative = np.divide(equity - peak, peak, out=np.zeros(len(times)), where=peak > 0)
    return equity_table(
        {
            "ts": times,
            "balance": balance,
            "equity": equity,
            "drawdown": equity - peak,
            "drawdown_pct": relative,
        },
    )


def _prices(times: np.ndarray, closes: list[Mark]) -> np.ndarray:
    marks = pd.Series(
        [mark.price for mark in closes],
        index=[mark.ts for mark in closes],
        dtype=float,
    )
    return marks.ffill().reindex(times, method="ffill").to_numpy(copy=True)


def _book(
    group: Sequence[Trade],
    times: np.ndarray,
    prices: np.ndarray,
    balance: np.ndarray,
    equity: np.ndarray,
) -> None:
    trade, fills = group[0], fills_of(group)
    sign = float(trade.sign)
    for ts, paid in (payment for one in group for payment in one.payments):
        first = np.searchsorted(times, ts, side="left")
        balance[first:] -= float(paid)
        equity[first:] -= float(paid)
    multiplier = float(trade.multiplier)
    held, value = 0.0, 0.0
    for i, fill in enumerate(fills):
        quantity, price = as_double(fill.quantity), as_double(fill.price)
        realised = -as_double(fill.fee)
        if trade.opens(fill):
            held += quantity
            value += quantity * price
        else:
            average = value / held
            realised += sign * (price - average) * quantity * multiplier
            held -= quantity
            value -= quantity * average
        first = np.searchsorted(times, fill.ts_event, side="left")
        last = len(times)
        if i + 1 < len(fills):
            last = int(np.searchsorted(times, fills[i + 1].ts_event, side="left"))
        balance[first:] += realised
        equity[first:] += realised
        if held > 0:
            average = value / held
            gain = sign * (prices[first:last] - average) * held * multiplier
            equity[first:last] += np.nan_to_num(gain)

"""Bars of trades, built as Databento builds them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.databento.loopback.layout import empty_records
from adapters.databento.records import BAR_STEPS


class BarBuilder:
    """
    Builds `ohlcv` records from trades that arrive in parts.

    A bar holds the trades received from its time stamp up to the next step; a step without a trade
    has no bar, as at Databento.

    Parameters
    ----------
    schema : str
        The schema of the bars.
    number : int
        The instrument id in the records.

    """

    def __init__(self, schema: str, number: int) -> None:
        self._schema = schema
        self._number = number
        self._step = BAR_STEPS[schema]
        self._open: NDArray[Any] = empty_records(schema, 0, number)

    def add(self, trades: NDArray[Any]) -> NDArray[Any]:
        """Add trades; return the bars (shape `n`) that are complete before the last trade."""
        if not len(trades):
            return self._open[:0]
        stamps = trades["ts_recv"] // self._step * self._step
        firsts = np.flatnonzero(np.r_[True, np.diff(stamps) > 0])
        bars = empty_records(self._schema, len(firsts), self._number)
        bars["ts_event"] = stamps[firsts]
        bars["open"] = trades["price"][firsts]
        bars["high"] = np.maximum.reduceat(trades["price"], firsts)
        bars["low"] = np.minimum.reduceat(trades["price"], firsts)
        bars["close"] = trades["price"][np.r_[firsts[1:], len(trades)] - 1]
        bars["volume"] = np.add.reduceat(trades["size"].astype(np.uint64), firsts)
        if len(self._open) and self._open["ts_event"][0] == bars["ts_event"][0]:
            bars["open"][0] = self._open["open"][0]
            bars["high"][0] = max(self._open["high"][0], bars["high"][0])
            bars["low"][0] = min(self._open["low"][0], bars["low"][0])
            bars["volume"][0] += self._open["volume"][0]
            done = bars[:-1]
        else:
            done = np.concatenate((self._open, bars[:-1]))
        self._open = bars[-1:]
        return done

    def close(self) -> NDArray[Any]:
        """Return the bar of the last trades (shape 1, or 0 without a trade)."""
        return self._open

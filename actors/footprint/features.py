"""The bars of the footprint actor in one pass over arrays, without an engine."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.footprint.config import FootprintActorConfig
from actors.footprint.messages import FootprintBar
from actors.footprint.series import FootprintSeries
from indicators.core.footprint_bars import COLUMNS
from indicators.core.footprint_bars import FootprintBars


TRADE = 1
# What a venue calls a buyer and a seller, as a sign.
SIGNS = np.array([0, 1, -1], dtype=np.int8)
COUNT = COLUMNS.index("trade_count")
END = COLUMNS.index("ts_end")


class FootprintFeatures:
    """
    Computes the rows of `FootprintBar`: those that `FootprintActor` publishes, bit for bit.

    Parameters
    ----------
    config : FootprintActorConfig
        The configuration of the actor.
    tick_size, lot_size : Decimal
        The units of prices and sizes.

    Attributes
    ----------
    series : FootprintSeries
        Patterns and zones.

    """

    def __init__(self, config: FootprintActorConfig, tick_size: Decimal, lot_size: Decimal) -> None:
        self.gaps = config.gap_finder()
        self.series = FootprintSeries(
            config.thresholds(), config.zone_bars, config.warmup_bars, tick_size, lot_size
        )
        # Knows at each close what the actor's finder knows then; `gaps` runs ahead of it.
        self._silence = config.gap_finder()
        self._bars = FootprintBars(**config.bar_parameters())
        self._interval = config.interval_ns
        self._latest = 0
        self._open_trades = 0
        self._rows: list[tuple[Any, ...]] = []

    def update_many(
        self,
        kinds: NDArray[np.uint8],
        ts_event: NDArray[np.int64],
        price: NDArray[np.int64],
        ask: NDArray[np.int64],
        size: NDArray[np.int64],
        ask_size: NDArray[np.int64],
        side: NDArray[np.uint8],
    ) -> None:
        """Add quotes and prints in stream order; bars wait for `take_rows`."""
        if not len(ts_event):
            return
        known = len(self.gaps.found)
        self.gaps.update_many(kinds, ts_event)
        cuts = {int(np.searchsorted(ts_event, end)): end for _, end, _ in self.gaps.found[known:]}
        # Where the clock has passed an alert, bars close before the event.
        latest = np.maximum.accumulate(np.maximum(ts_event, self._latest))
        alerts = latest // self._interval
        before = np.concatenate(([self._latest // self._interval], alerts[:-1]))
        changes = np.flatnonzero(alerts != before).tolist()
        signs = SIGNS[side]
        edges = sorted({0, len(ts_event), *cuts, *changes})
        for begin, end in pairwise(edges):
            self.close_many(int(alerts[begin]) * self._interval)
            if begin in cuts:
                self._start_again(cuts[begin])
            part = slice(begin, end)
            self._trade(kinds[part], ts_event[part], price[part], size[part], signs[part])
        self._latest = int(latest[-1])

    def close_many(self, ts: int) -> None:
        """Close the bars that end at a time (ns UTC) or before it."""
        self._bars.close_until(ts)
        for values, levels in self._bars.take():
            self._add(values, levels)

    def take_rows(self) -> list[tuple[Any, ...]]:
        """Return the bars closed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def values(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return bars as values in the order of `FootprintBar.COLUMNS`."""
        return rows

    def _start_again(self, ts: int) -> None:
        self.close_many(ts)
        self._bars.start_again(ts)
        self.series.start_again()

    def _trade(
        self,
        kinds: NDArray[np.uint8],
        ts_event: NDArray[np.int64],
        price: NDArray[np.int64],
        size: NDArray[np.int64],
        signs: NDArray[np.int8],
    ) -> None:
        places = np.flatnonzero(kinds == TRADE)
        self._bars.update_many(ts_event[places], price[places], size[places], signs[places])
        fed, counted = 0, -self._open_trades
        for values, levels in self._bars.take():
            counted += values[COUNT]
            last = int(places[counted - 1]) + 1
            self._silence.update_many(kinds[fed:last], ts_event[fed:last])
            fed = last
            self._add(values, levels)
        self._silence.update_many(kinds[fed:], ts_event[fed:])
        self._open_trades += len(places)

    def _add(
        self,
        values: tuple[Any, ...],
        levels: tuple[list[int], list[int], list[int], list[int]],
    ) -> None:
        self._open_trades -= values[COUNT]
        is_silent = self._silence.is_silent_at(values[END])
        row = self.series.on_bar(values, levels, is_silent=is_silent).row
        self._rows.append(tuple(row[name] for name in FootprintBar.COLUMNS))

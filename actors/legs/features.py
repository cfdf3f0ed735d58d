"""The minutes of the actor of legs in one pass over arrays, without an engine."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.legs.messages import LegMinute
from actors.legs.minutes import MINUTE_NS
from actors.legs.minutes import LegMinutes
from actors.legs.params import LegParams
from indicators.core.gaps import GapFinder
from indicators.core.trade_bars import TradeBars


TRADE = 1


class LegFeatures:
    """
    Computes the rows of `LegMinute`: those that `LegsActor` publishes, bit for bit.

    Parameters
    ----------
    params : LegParams
        The rules. With `profile: bars` it takes bars (`update_bars`), with `profile: ticks` quotes
        and prints (`update_many`).
    tick_size, lot_size : Decimal
        The units of prices and sizes.
    gaps : GapFinder
        The rule for gaps, unused so far.

    Attributes
    ----------
    minutes : LegMinutes
        Legs, nodes and trend.

    """

    def __init__(
        self, params: LegParams, tick_size: Decimal, lot_size: Decimal, gaps: GapFinder
    ) -> None:
        self.gaps: GapFinder | None = gaps
        self.minutes = LegMinutes(params, tick_size, lot_size)
        self._finder = gaps
        self._bars = TradeBars(MINUTE_NS)
        self._rows: list[tuple[Any, ...]] = []

    def update_bars(self, rows: Iterable[tuple[int, ...]]) -> None:
        """Add bars: `ts_init`, `ts_event` (ns UTC), open to close (ticks), volume (lots)."""
        for _, end, open_, high, low, close, volume in rows:
            if self._finder.on_trade(end):
                self.minutes.start_again()
            self._add(end - MINUTE_NS, (open_, high, low, close), volume)

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
        """Add quotes and prints in stream order; minutes wait for `take_rows`."""
        known = len(self._finder.found)
        self._finder.update_many(kinds, ts_event)
        begin = 0
        for _, end, _ in self._finder.found[known:]:
            # A gap ends before the event that ends it counts.
            cut = max(begin, int(np.searchsorted(ts_event, end)))
            self._trade(kinds, ts_event, price, size, slice(begin, cut))
            self.close_many(end)
            self.minutes.start_again()
            begin = cut
        self._trade(kinds, ts_event, price, size, slice(begin, None))

    def close_many(self, ts: int) -> None:
        """Close the minutes that end at a time (ns UTC) or before it."""
        self._bars.close_until(ts)
        self._take()

    def take_rows(self) -> list[tuple[Any, ...]]:
        """Return the minutes closed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def values(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return minutes as values in the order of `LegMinute.COLUMNS`."""
        return rows

    def _trade(
        self,
        kinds: NDArray[np.uint8],
        ts_event: NDArray[np.int64],
        price: NDArray[np.int64],
        size: NDArray[np.int64],
        part: slice,
    ) -> None:
        is_trade = kinds[part] == TRADE
        times, ticks, lots = (of[part][is_trade] for of in (ts_event, price, size))
        # Sides change nothing here.
        self._bars.update_many(times, ticks, lots, np.zeros(len(times), dtype=np.int8))
        self._take()

    def _take(self) -> None:
        for values, prints in self._bars.take():
            ts_min, open_, high, low, close, *_ = values
            self._add(ts_min, (open_, high, low, close), sum(prints[1]), prints)

    def _add(
        self,
        ts_min: int,
        prices: tuple[int, int, int, int],
        volume: int,
        prints: tuple[list[int], list[int]] | None = None,
    ) -> None:
        minute = self.minutes.on_bar(ts_min, prices, volume, prints).minute
        self._rows.append(tuple(minute[name] for name in LegMinute.COLUMNS))

"""The excursions of the market while positions of a run were open, from the catalog."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from backtests.results.trade import Trade
from catalog.bars import read_bars
from catalog.increments import FIXED_PRECISION
from catalog.increments import read_increments
from catalog.reader import TRADE
from catalog.reader import MergedTicks
from catalog.reader import read_ticks


NANOS_PER_HOUR = 3_600_000_000_000


@dataclass(slots=True)
class _Life:
    """Represents the time of a position and the extreme prints seen in it, in ticks."""

    trade: Trade
    first: int
    last: int
    lowest: int | None = None
    highest: int | None = None

    def see(
        self,
        times: NDArray[np.int64],
        lows: NDArray[np.int64],
        highs: NDArray[np.int64],
    ) -> None:
        begin, end = np.searchsorted(times, (self.first, self.last + 1)).tolist()
        if begin == end:
            return
        low, high = int(lows[begin:end].min()), int(highs[begin:end].max())
        self.lowest = low if self.lowest is None else min(self.lowest, low)
        self.highest = high if self.highest is None else max(self.highest, high)


@dataclass(slots=True)
class _Entry:
    """Represents one entry fill and the sum of bid and ask in force at it, in ticks."""

    trade: Trade
    ts: int
    quantity: Decimal
    price: Decimal
    middle: int | None = field(default=None)


def replay_trades(
    catalog: Path,
    trades: Sequence[Trade],
    end: int,
    bar_types: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """
    Set the extreme prints and the entry cost of each position.

    Prints count from the first fill to the last, both times included, up to the end of the run
    where a position is still open. The cost of an entry is that of its fills, weighted by size. It
    is counted against the middle of the last quote whose `ts_init` is not after the fill; None
    where no quote came in the hour before the first position or since.

    In a market of bars alone the highs and lows of the bars count, those of entry and exit as a
    whole: what lies before the entry or after the exit in them is unknown. There are no quotes, so
    there is no cost of entry.

    The catalog is read once per instrument, in parts of bounded size.

    Parameters
    ----------
    catalog : Path
        The catalog of the run.
    trades : Sequence[Trade]
        The positions of the run.
    end : int
        The end of the run (ns UTC).
    bar_types : Mapping[str, str]
        By instrument, the bars that move a market of bars alone.

    Raises
    ------
    AuctionError
        If the catalog has no data of an instrument any more, or a file of it is damaged.

    """
    for instrument_id in dict.fromkeys(trade.instrument_id for trade in trades):
        own = [trade for trade in trades if trade.instrument_id == instrument_id]
        raw = read_increments(catalog, instrument_id).tick_raw
        tick = Decimal(raw).scaleb(-FIXED_PRECISION)
        lives = [_Life(t, t.ts_open, end if t.ts_close is None else t.ts_close) for t in own]
        entries = [
            _Entry(t, fill.ts_event, fill.quantity, fill.price)
            for t in own
            for fill in t.fills
            if t.opens(fill)
        ]
        first = min(life.first for life in lives) - NANOS_PER_HOUR
        last = max(life.last for life in lives)
        if instrument_id in bar_types:
            for bars in read_bars(catalog, bar_types[instrument_id], max(first, 0), last):
                for life in lives:
                    life.see(bars.ts_init, bars.low, bars.high)
        else:
            _run(read_ticks(catalog, instrument_id, max(first, 0), last), lives, entries)
        for life in lives:
            if life.lowest is not None and life.highest is not None:
                life.trade.lowest = life.lowest * tick
                life.trade.highest = life.highest * tick
        for trade in own:
            trade.entry_cost = _cost([e for e in entries if e.trade is trade], trade, tick)


def _run(parts: Iterator[MergedTicks], lives: list[_Life], entries: list[_Entry]) -> None:
    waiting = sorted(entries, key=lambda entry: entry.ts)
    coming = sorted(lives, key=lambda life: life.first)
    active: list[_Life] = []
    middle: int | None = None
    done = begun = 0
    for part in parts:
        end = int(part.ts_init[-1])
        while begun < len(coming) and coming[begun].first <= end:
            active.append(coming[begun])
            begun += 1
        prints = part.kind == TRADE
        times, prices = part.ts_init[prints], part.a[prints]
        for life in active:
            life.see(times, prices, prices)
        active = [life for life in active if life.last >= end]
        times, middles = part.ts_init[~prints], part.a[~prints] + part.b[~prints]
        while done < len(waiting) and waiting[done].ts <= end:
            at = int(np.searchsorted(times, waiting[done].ts, side="right"))
            waiting[done].middle = int(middles[at - 1]) if at else middle
            done += 1
        if len(middles):
            middle = int(middles[-1])
    for entry in waiting[done:]:
        entry.middle = middle


def _cost(entries: list[_Entry], trade: Trade, tick: Decimal) -> Decimal | None:
    total = Decimal(0)
    for entry in entries:
        if entry.middle is None:
            return None
        total += trade.sign * (2 * entry.price / tick - entry.middle) * entry.quantity
    return total / trade.quantity

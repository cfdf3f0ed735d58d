"""Turns closed minutes into the columns of messages about legs, for the actor and for features."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from actors.legs.node_lives import LiveNode
from actors.legs.node_lives import NodeEvent
from actors.legs.node_lives import NodeLives
from actors.legs.params import LegParams
from indicators.core.ema_trend import EmaTrend
from indicators.core.legs import DIRECTIONS
from indicators.core.legs import Leg
from indicators.core.legs import LegStructure
from indicators.core.zigzag import Pivot


MINUTE_NS = 60_000_000_000
SECOND_NS = 1_000_000_000
TIMEFRAME = "1m"

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClosedMinute:
    """
    Represents the facts known at the close of a minute, as columns of messages.

    Attributes
    ----------
    minute : dict[str, Any]
        Those of `LegMinute`.
    pivot, leg : dict[str, Any] or None
        Those of `LegPivot` and `PriceLeg`.
    nodes : list[dict[str, Any]]
        Those of `LegLvn`, one for each event.

    """

    minute: Columns
    pivot: Columns | None = None
    leg: Columns | None = None
    nodes: list[Columns] = field(default_factory=list)


class LegMinutes:
    """
    Follows legs, nodes and trend minute by minute.

    Parameters
    ----------
    params : LegParams
        The rules.
    tick_size, lot_size : Decimal
        The units of prices and sizes.

    Attributes
    ----------
    closed, warm : int
        The minutes so far, and those of them that were warm.
    longest : int
        The most minutes in a row without a gap.
    gaps : int
        How often it has started again.
    volume : int
        The volume so far (lots).
    nodes, short_legs : int
        The nodes so far, and the legs of fewer bars than nodes need.

    """

    def __init__(self, params: LegParams, tick_size: Decimal, lot_size: Decimal) -> None:
        self.params = params
        self.structure = LegStructure(
            tick_size,
            params.nodes(),
            params.reversal_pct,
            params.keep_opposite,
            params.is_exact,
        )
        self.trend = EmaTrend(tick_size, params.ema_fast, params.ema_slow)
        self.lives = NodeLives()
        self.closed = self.warm = self.longest = self.gaps = self.volume = 0
        self.nodes = self.short_legs = 0
        self._tick, self._lot = Fraction(tick_size), float(lot_size)
        self._tick_size = float(tick_size)
        self._ts_min: int | None = None

    def on_bar(
        self,
        ts_min: int,
        prices: tuple[int, int, int, int],
        volume: int,
        prints: tuple[Sequence[int], Sequence[int]] | None = None,
    ) -> ClosedMinute:
        """
        Handle a closed minute.

        Parameters
        ----------
        ts_min : int
            Its start (ns UTC).
        prices : tuple[int, int, int, int]
            Open, high, low, close (ticks).
        volume : int
            The traded size (lots).
        prints : tuple[Sequence[int], Sequence[int]], optional
            The traded prices (ticks) and the volume at each of them (lots), for exact profiles.

        """
        _, high, low, close = prices
        self._ts_min = ts_min
        self.closed += 1
        self.volume += volume
        trend = self.trend.update(close)
        is_warm = self.trend.count >= self.params.warmup_bars
        self.warm += is_warm
        self.longest = max(self.longest, self.trend.count)
        events = self.lives.on_bar(high, low, self._price(high), self._price(low))
        found = self.structure.update(ts_min, high, low, volume, *(prints or (None, None)))
        leg = None if found is None else found.leg
        if found is not None and leg is not None:
            self.nodes += len(found.nodes)
            self.short_legs += leg.bars < self.structure.nodes.min_bars
            events += [(NodeEvent.FOUND, self.lives.add(leg, node)) for node in found.nodes]
            # A minute may confirm a leg and trade through its start.
            events += self.lives.broken(high, low)
        minute = self._minute(ts_min, prices, volume)
        minute |= {"trend": DIRECTIONS.get(trend), "warm": is_warm}
        if found is None:
            return ClosedMinute(minute, nodes=[self._event(*event) for event in events])
        minute |= {
            "pivot_ts": found.pivot.ts,
            "pivot_price": found.pivot.tick,
            "pivot_structure": found.pivot.structure,
            "lvn_prices": [node.price for node in found.nodes],
        }
        if leg is not None:
            minute |= {
                "leg_id": leg.leg_id,
                "leg_direction": DIRECTIONS[leg.direction],
                "leg_start_ts": leg.start_ts,
                "leg_start": leg.start_tick,
                "leg_end": leg.end_tick,
                "leg_is_seeded": leg.is_seeded,
            }
        return ClosedMinute(
            minute,
            self._pivot(found.pivot),
            None if leg is None else self._leg(leg, len(found.nodes)),
            [self._event(*event) for event in events],
        )

    def start_again(self) -> list[Columns]:
        """Clear pivots, averages and nodes after a gap; return the ends of nodes (`LegLvn`)."""
        self.gaps += 1
        self.structure.start_again()
        self.trend.reset()
        return [self._event(*event) for event in self.lives.drop()]

    def _price(self, tick: int) -> float:
        # Numerators are small enough for one exact division, as in the cores.
        return tick * self._tick.numerator / self._tick.denominator

    def _minute(self, ts_min: int, prices: tuple[int, ...], volume: int) -> Columns:
        return {
            "ts_min": ts_min,
            **dict(zip(("open", "high", "low", "close"), prices, strict=True)),
            "volume": volume,
            "ema_fast": self.trend.fast,
            "ema_slow": self.trend.slow,
            "trend": None,
            "pivot_ts": None,
            "pivot_price": None,
            "pivot_structure": None,
            "leg_id": None,
            "leg_direction": None,
            "leg_start_ts": None,
            "leg_start": None,
            "leg_end": None,
            "leg_is_seeded": None,
            "lvn_prices": [],
            "is_estimated": not self.params.is_exact,
            "warm": False,
            "tick_size": self._tick_size,
            "lot_size": self._lot,
        }

    def _pivot(self, pivot: Pivot) -> Columns:
        return {
            "pivot_ts": pivot.ts,
            "pivot_price": pivot.tick,
            "pivot_type": "high" if pivot.is_high else "low",
            "structure": pivot.structure,
            "pivot_idx": pivot.bar,
            "leg_return_pct": pivot.return_pct,
            "leg_bars": pivot.bars,
            "leg_duration_sec": pivot.duration_ns // SECOND_NS,
            "is_seed": pivot.is_seed,
            "tick_size": self._tick_size,
            "confirmed_ts": pivot.confirmed_ts,
            "confirmed_idx": pivot.confirmed_bar,
        }

    def _leg(self, leg: Leg, nodes: int) -> Columns:
        return {
            "leg_id": leg.leg_id,
            "start_ts": leg.start_ts,
            "end_ts": leg.end_ts,
            "start_price": leg.start_tick,
            "end_price": leg.end_tick,
            "leg_pattern": leg.pattern,
            "leg_direction": DIRECTIONS[leg.direction],
            "leg_return_pct": leg.return_pct,
            "leg_bars": leg.bars,
            "leg_duration_sec": leg.duration_ns // SECOND_NS,
            "is_seeded": leg.is_seeded,
            "bin_size": leg.bin_size,
            "nodes": nodes,
            "is_estimated": not self.params.is_exact,
            "tick_size": self._tick_size,
            "confirmed_ts": leg.confirmed_ts,
        }

    def _event(self, event: NodeEvent, live: LiveNode) -> Columns:
        leg, node = live.leg, live.node
        return {
            "event": event.value,
            "ts_min": self._ts_min,
            "timeframe": TIMEFRAME,
            "leg_id": leg.leg_id,
            "start_ts": leg.start_ts,
            "end_ts": leg.end_ts,
            "bin_size": leg.bin_size,
            "lvn_price": node.price,
            "lvn_volume": node.volume * self._lot,
            "lvn_raw_volume": node.raw_volume * self._lot,
            "pct_of_max": node.pct_of_max,
            "depth_pct": node.depth_pct,
            "pct_of_total": node.pct_of_total,
            "within_value_area": True,
            "distance_to_poc": node.distance_to_poc,
            "poc_price": node.poc_price,
            "value_area_low": node.value_area_low,
            "value_area_high": node.value_area_high,
            "lvn_rank": node.rank,
            "leg_pattern": leg.pattern,
            "leg_direction": DIRECTIONS[leg.direction],
            "leg_return_pct": leg.return_pct,
            "leg_bars": leg.bars,
            "leg_duration_sec": leg.duration_ns // SECOND_NS,
            "zone_low": node.low,
            "zone_high": node.high,
            "leg_start": leg.start_tick,
            "leg_end": leg.end_tick,
            "is_seeded": leg.is_seeded,
            "is_estimated": not self.params.is_exact,
            "tick_size": self._tick_size,
            "confirmed_ts": leg.confirmed_ts,
        }

"""Turn closed footprint bars into the columns of messages, for the actor and for features."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import fields
from decimal import Decimal
from typing import Any

from actors.footprint.detectors import Detectors
from actors.footprint.footprint import Footprint
from actors.footprint.patterns import PatternSignal
from actors.footprint.thresholds import Thresholds
from actors.footprint.zones import Zone
from actors.footprint.zones import ZoneEvent
from actors.footprint.zones import ZoneLives


Columns = dict[str, Any]
BAR_FIELDS = tuple(field.name for field in fields(Footprint))
SIGNAL_FIELDS = tuple(field.name for field in fields(PatternSignal))
LISTS = ("prices", "volumes", "deltas")


@dataclass(frozen=True, slots=True)
class ClosedFootprint:
    """
    Represents the facts known at the close of a footprint bar, as columns of messages.

    Attributes
    ----------
    bar : Footprint
        The bar.
    row : dict[str, Any]
        The columns of `FootprintBar`.
    patterns : list[dict[str, Any]]
        Those of `FootprintPattern`, one for each pattern.
    zones : list[dict[str, Any]]
        Those of `FootprintZone`, one for each event.

    """

    bar: Footprint
    row: Columns
    patterns: list[Columns]
    zones: list[Columns]


class FootprintSeries:
    """
    Follows patterns and zones from bar to bar.

    Parameters
    ----------
    thresholds : Thresholds
        The thresholds of the detectors.
    zone_bars : int
        The bars after which a zone that is not broken expires.
    warmup_bars : int
        The bars since the start or a gap from which on a bar is warm.
    tick_size, lot_size : Decimal
        The units of prices and sizes.

    Attributes
    ----------
    closed, warm : int
        The bars so far, and those of them that were warm.
    longest : int
        The most bars in a row without a gap.
    gaps : int
        How often it has started again.

    """

    def __init__(
        self,
        thresholds: Thresholds,
        zone_bars: int,
        warmup_bars: int,
        tick_size: Decimal,
        lot_size: Decimal,
    ) -> None:
        self.detectors = Detectors(thresholds)
        self.lives = ZoneLives(zone_bars, thresholds.unfinished_memory)
        self.closed = self.warm = self.longest = self.gaps = 0
        self._warmup_bars = warmup_bars
        self._tick_size, self._lot_size = float(tick_size), float(lot_size)
        self._bars = 0
        self._ts_start: int | None = None

    def on_bar(
        self,
        values: tuple[Any, ...],
        levels: tuple[list[int], list[int], list[int], list[int]],
        *,
        is_silent: bool,
    ) -> ClosedFootprint:
        """
        Handle a closed bar.

        Parameters
        ----------
        values : tuple
            In the order of `indicators.core.footprint_bars.COLUMNS`.
        levels : tuple[list[int], list[int], list[int], list[int]]
            Its prices (ticks), and the volume of buyers, sellers and without an aggressor (lots).
        is_silent : bool
            If the quotes are silent at its end, so that it is not warm.

        """
        bar = Footprint(**dict(zip(BAR_FIELDS, (*values, *levels), strict=True)))
        self.closed += 1
        self._bars += 1
        self._ts_start = bar.ts_start
        self.longest = max(self.longest, self._bars)
        is_warm = self._bars >= self._warmup_bars and not is_silent
        self.warm += is_warm
        signals = self.detectors.on_bar(bar)
        events = self.lives.on_bar(bar, signals)
        row = {name: getattr(bar, name) for name in BAR_FIELDS}
        row |= {
            "unclear_share": bar.unclear_share,
            "patterns": [each.pattern.value for each in signals],
            "pattern_directions": [each.direction.value for each in signals],
            "pattern_strengths": [each.strength for each in signals],
            "pattern_prices": [each.price for each in signals],
            "bars": self._bars,
            "warm": is_warm,
            "tick_size": self._tick_size,
            "lot_size": self._lot_size,
        }
        patterns = [self._pattern(bar, each) for each in signals]
        return ClosedFootprint(bar, row, patterns, self._zones(events))

    def start_again(self) -> list[Columns]:
        """
        Forget earlier bars, since data were missing.

        Returns
        -------
        list[dict[str, Any]]
            The columns of `FootprintZone` for each zone that ends with it.

        """
        self.gaps += 1
        self._bars = 0
        self.detectors.start_again()
        return self._zones(self.lives.drop())

    def _pattern(self, bar: Footprint, signal: PatternSignal) -> Columns:
        columns = {name: getattr(signal, name) for name in SIGNAL_FIELDS}
        columns |= {name: list(columns[name]) for name in LISTS}
        return {
            **columns,
            "ts_start": bar.ts_start,
            "ts_end": bar.ts_end,
            "pattern": signal.pattern.value,
            "direction": signal.direction.value,
            "tick_size": self._tick_size,
            "lot_size": self._lot_size,
        }

    def _zones(self, events: Iterable[tuple[ZoneEvent, Zone]]) -> list[Columns]:
        return [
            {
                "event": event.value,
                "ts_start": self._ts_start,
                "pattern": zone.signal.pattern.value,
                "direction": zone.signal.direction.value,
                "low": zone.signal.low,
                "high": zone.signal.high,
                "price": zone.signal.price,
                "strength": zone.signal.strength,
                "created_ts": zone.created_ts,
                "bars": self.lives.age_of(zone),
                "tick_size": self._tick_size,
            }
            for event, zone in events
        ]
